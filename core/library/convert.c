#include "core/command/internaldate.h"
#include "core/library/imap-client.h"
#include "core/wire/utf7.h"

char *imap_quote(const char *text)
{
	GString *quoted = g_string_new("\"");

	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, *text);
	}
	g_string_append_c(quoted, '"');
	return g_string_free(quoted, FALSE);
}

char *imap_decode_mailbox(const char *name)
{
	return utf7_decode(name);
}

char *imap_time2internaldate(double seconds)
{
	return internaldate_from_seconds(seconds);
}

char *imap_tm2internaldate(const struct tm *local, bool has_offset)
{
	return internaldate_from_tm(local, has_offset);
}

bool imap_internaldate2tuple(const char *text, struct tm *local)
{
	int64_t seconds;
	time_t when;

	if (!internaldate_find(text, &seconds))
		return false;
	when = (time_t)seconds;
	return localtime_r(&when, local) != NULL;
}

char *imap_int2ap(int64_t number)
{
	return internaldate_letters(number);
}

char **imap_parseflags(const char *text)
{
	return internaldate_flags(text);
}
