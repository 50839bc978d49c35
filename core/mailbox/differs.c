#include "core/mailbox/differs.h"

#include <string.h>

/* Headers end somewhere. */
#define HEADER_MAX ((size_t)1 << 20)

/* Without white space, which may be folding. */
static void squeeze(GString *into, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!g_ascii_isspace(text[i]))
			g_string_append_c(into, text[i]);
}

/* A server may tell less of the field than there is (comments), and no more. */
static bool is_same(const GString *told, const GString *came)
{
	return strstr(told->str, came->str) || strstr(came->str, told->str);
}

static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline + 1 : end;
}

/* The line that is not a continuation any more. */
static const char *field_end(const char *at, const char *end)
{
	do
		at = line_end(at, end);
	while (at < end && (*at == ' ' || *at == '\t'));
	return at;
}

/* Of several Message-IDs the server may have told any. */
static bool has_another_id(const MessageHead *head, const char *at, const char *end)
{
	static const char name[] = "Message-ID:";
	g_autoptr(GString) told = g_string_new(NULL);
	bool another = false;

	squeeze(told, message_id(head), strlen(message_id(head)));
	for (const char *next; told->len > 0 && at < end && *at != '\r' && *at != '\n'; at = next) {
		next = field_end(at, end);
		if ((size_t)(next - at) < strlen(name) ||
		    g_ascii_strncasecmp(at, name, strlen(name)) != 0)
			continue;
		g_autoptr(GString) came = g_string_new(NULL);
		squeeze(came, at + strlen(name), (size_t)(next - at) - strlen(name));
		if (is_same(told, came))
			return false;
		another = true;
	}
	return another;
}

static bool has_another_size(const MessageHead *head, gsize len, SizesTold *sizes)
{
	if (message_size(head) == 0)
		return false;
	if (message_size(head) == len) {
		sizes->right++;
		return false;
	}
	return sizes->wrong++ <= sizes->right;
}

char *differs_tell(const MessageHead *head, const char *section, GBytes *bytes, SizesTold *sizes)
{
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	bool whole = *section == '\0';

	if (!whole && g_ascii_strcasecmp(section, "HEADER") != 0)
		return NULL;
	if (len > 0 && has_another_id(head, data, data + MIN(len, HEADER_MAX)))
		return g_strdup("The server mixed messages up: what it sent has another Message-ID "
				"than what the list shows.");
	if (whole && has_another_size(head, len, sizes))
		return g_strdup_printf("The server sent %" G_GSIZE_FORMAT " bytes of a message "
				       "that has %" G_GUINT64_FORMAT
				       ": it may be incomplete, or another one.",
				       len, message_size(head));
	return NULL;
}
