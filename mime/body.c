#include "mime/body.h"

#include "mime/calendar.h"
#include "mime/enriched.h"
#include "mime/flow.h"
#include "mime/html.h"
#include "mime/text.h"

#include <string.h>

/* Decoded to UTF-8 that is not yet clean. */
static char *decode(const MimePart *part, bool html, const char *charset)
{
	g_autoptr(GBytes) bytes = part_decode(part);
	size_t len;
	const char *raw = g_bytes_get_data(bytes, &len);
	g_autofree char *own = NULL;

	if (charset == NULL)
		charset = part->charset;
	if (charset == NULL && html && len > 0)
		charset = own = html_charset(raw, len);
	return text_to_utf8(raw, len, charset, NULL);
}

/* Cuts the empty lines off both ends, in place; returns the beginning. */
static char *trim(char *text)
{
	char *start = text + strspn(text, "\n");
	size_t len = strlen(start), end;

	while (len > 0 && strchr("\n\t ", start[len - 1]) != NULL)
		len--;
	/* The last line keeps its blanks: one may be a signature's mark, or say that it flows on.
	 */
	end = len + strcspn(start + len, "\n");
	start[end] = '\0';
	return start;
}

static void event_to_doc(const char *text, int width, MimeDoc *out)
{
	g_autofree char *summary = calendar_summary(text);

	if (summary != NULL)
		flow_to_doc(summary, false, false, width, out);
}

void body_to_doc(const MimePart *part, BodyKind kind, const char *charset, int width, MimeDoc *out)
{
	bool flowed = part->format != NULL && strcmp(part->format, "flowed") == 0;
	g_autofree char *utf8 = decode(part, kind == BODY_HTML, charset);

	if (kind == BODY_HTML) {
		html_to_doc(utf8, strlen(utf8), width, out);
		return;
	}
	g_autofree char *clean = text_clean(utf8, TEXT_LINES);
	char *text = trim(clean);
	if (kind == BODY_EVENT) {
		event_to_doc(text, width, out);
	} else if (kind == BODY_ENRICHED) {
		g_autofree char *plain =
			enriched_to_text(text, strcmp(part->type, "text/richtext") == 0);
		flow_to_doc(plain, false, false, width, out);
	} else {
		flow_to_doc(text, flowed, part->delsp, width, out);
	}
}

bool body_is_blank(const MimePart *part)
{
	g_autofree char *text = part->content == NULL ? NULL : decode(part, false, NULL);

	return text != NULL && *g_strstrip(text) == '\0';
}
