#include "mime/date.h"

#include "mime/header.h"

#include <gmime/gmime.h>

#define DATE_MAX 200

/* Obsolete dates have comments between all their words. */
static char *without_comments(const char *raw, size_t len)
{
	GString *out = g_string_sized_new(len);

	for (const char *p = raw, *end = raw + len; p < end;) {
		const char *close = *p == '(' ? header_comment_end(p, end) : NULL;
		if (close == NULL)
			g_string_append_c(out, g_ascii_isspace(*p) ? ' ' : *p);
		p = close == NULL ? p + 1 : close;
	}
	return g_string_free(out, FALSE);
}

bool date_read(const char *raw, size_t len, int64_t *unix_seconds, int *zone_minutes)
{
	size_t n = MIN(len, DATE_MAX);
	g_autofree char *line = without_comments(raw, n);
	g_autoptr(GDateTime) date = g_mime_utils_header_decode_date(line);

	int64_t seconds = date != NULL ? g_date_time_to_unix(date) : -1;

	if (seconds < 0 || seconds >= DATE_END)
		return false;
	*unix_seconds = seconds;
	*zone_minutes = (int)(g_date_time_get_utc_offset(date) / G_TIME_SPAN_MINUTE);
	return true;
}
