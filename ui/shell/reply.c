#include "ui/shell/reply.h"

#include <string.h>

#include "mime/text.h"
#include "ui/json.h"

/* A session that was ended, by LOGOUT or otherwise, takes no command: "error". */
static const char *class_of(const GError *error)
{
	return error_is_cancelled(error) ? "error" : error_class(error);
}

/* --- for people --- */

static void append_line(GString *out, GBytes *bytes, bool clean)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	gsize before = out->len;

	if (clean) {
		g_autofree char *utf8 = text_to_utf8(text, len, NULL, NULL);
		g_autofree char *shown = text_clean(utf8, TEXT_LINES);
		g_string_append(out, shown);
	} else {
		g_string_append_len(out, text, (gssize)len);
	}
	if (out->len == before || out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
}

static void append_answers(GString *out, const GPtrArray *answers, bool clean)
{
	for (guint i = 0; answers && i < answers->len; i++) {
		const Answer *answer = answers->pdata[i];
		append_line(out, answer->text, clean);
		if (answer->literal)
			append_line(out, answer->literal, clean);
	}
}

void reply_append_text(GString *out, const Reply *reply, bool clean)
{
	if (reply->type)
		g_string_append_printf(out, "%s\n", reply->type);
	if (reply->error) {
		g_autofree char *shown = text_clean(reply->error->message, TEXT_ONE_LINE);
		g_string_append_printf(out, "%s: %s\n", class_of(reply->error), shown);
		return;
	}
	for (guint i = 0; reply->data && i < reply->data->len; i++)
		append_answers(out, reply->data->pdata[i], clean);
}

/* A code that stands in a line which is told is not told again. */
static bool is_told(const GString *out, const char *name, GBytes *text)
{
	gsize len;
	const char *arguments = g_bytes_get_data(text, &len);
	g_autofree char *code = g_strdup_printf("[%s%s%.*s]", name, len ? " " : "", (int)len,
						arguments ? arguments : "");

	return strstr(out->str, code) != NULL;
}

static void append_named(GString *out, const char *name, const GPtrArray *answers, bool clean)
{
	for (guint i = 0; i < answers->len; i++) {
		const Answer *answer = answers->pdata[i];
		if (is_told(out, name, answer->text))
			continue;
		g_string_append_printf(out, "%s%s", name,
				       g_bytes_get_size(answer->text) ? " " : "");
		append_line(out, answer->text, clean);
		if (answer->literal)
			append_line(out, answer->literal, clean);
	}
}

void reply_append_beside(GString *out, const Reply *reply, bool clean)
{
	static const char heading[] = "\nWhat else came:\n";
	g_autoptr(GList) names = reply->kept ? answers_names(reply->kept) : NULL;
	gsize before = out->len;

	g_string_append(out, heading);
	for (const GList *name = names; name; name = name->next)
		append_named(out, name->data, answers_peek(reply->kept, name->data), clean);
	if (out->len == before + strlen(heading))
		g_string_truncate(out, before);
}

/* --- for programs --- */

static void append_bytes(GString *out, GBytes *bytes)
{
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);

	if (len == 0) {
		json_append_string(out, "");
	} else if (g_utf8_validate(text, (gssize)len, NULL)) {
		g_autofree char *string = g_strndup(text, len);
		json_append_string(out, string);
	} else {
		g_autofree char *base64 = g_base64_encode((const guchar *)text, len);
		g_string_append_printf(out, "{\"base64\": \"%s\"}", base64);
	}
}

static void append_list(GString *out, const GPtrArray *answers)
{
	g_string_append_c(out, '[');
	if (!answers)
		g_string_append(out, "null");
	for (guint i = 0; answers && i < answers->len; i++) {
		const Answer *answer = answers->pdata[i];

		if (i)
			g_string_append(out, ", ");
		if (answer->literal)
			g_string_append_c(out, '[');
		append_bytes(out, answer->text);
		if (answer->literal) {
			g_string_append(out, ", ");
			append_bytes(out, answer->literal);
			g_string_append_c(out, ']');
		}
	}
	g_string_append_c(out, ']');
}

static void append_data(GString *out, const GPtrArray *lists)
{
	bool several = lists->len > 1;

	json_append_key(out, "data");
	if (several)
		g_string_append_c(out, '[');
	for (guint i = 0; i < lists->len; i++) {
		if (i)
			g_string_append(out, ", ");
		append_list(out, lists->pdata[i]);
	}
	if (several)
		g_string_append_c(out, ']');
}

static void append_untagged(GString *out, const Answers *kept)
{
	g_autoptr(GList) names = kept ? answers_names(kept) : NULL;

	json_append_key(out, "untagged");
	g_string_append_c(out, '{');
	for (const GList *name = names; name; name = name->next) {
		json_append_key(out, name->data);
		append_list(out, answers_peek(kept, name->data));
	}
	g_string_append_c(out, '}');
}

void reply_append_json(GString *out, const Reply *reply)
{
	g_string_append_c(out, '{');
	json_append_key(out, "type");
	json_append_string(out, reply->type);
	if (reply->error) {
		json_append_key(out, "error");
		json_append_string(out, class_of(reply->error));
		json_append_key(out, "reason");
		json_append_string(out, reply->error->message);
	} else {
		append_data(out, reply->data);
	}
	append_untagged(out, reply->kept);
	g_string_append(out, "}\n");
}
