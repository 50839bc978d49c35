#include "core/session/verdict.h"

#include <stdbool.h>
#include <string.h>
#include "core/base/error.h"
#include "mime/text.h"

static void cut(char *text, int columns)
{
	char *at = text;

	while (*at) {
		columns -= text_width_char(g_utf8_get_char(at));
		if (columns < 0)
			break;
		at = g_utf8_next_char(at);
	}
	*at = '\0';
}

char *verdict_words(const char *peer, const char *raw)
{
	g_autofree char *utf8 = text_to_utf8(raw, strlen(raw), NULL, NULL);
	g_autofree char *clean = text_clean(utf8, TEXT_ONE_LINE);
	char *words = g_strdup_printf("%s says: %s", peer, g_strstrip(clean));

	cut(words, VERDICT_COLUMNS_MAX);
	return words;
}

/* Only the codes that blame name or password ask for another one (RFC 5530 3).  No code at all is
 * what servers older than that say of a wrong password. */
static CoreError login_grade(ResponseCode code)
{
	switch (code) {
	case CODE_NONE:
	case CODE_ALERT:
	case CODE_AUTHENTICATIONFAILED:
	case CODE_AUTHORIZATIONFAILED:
	case CODE_EXPIRED:
		return CORE_ERROR_AUTH;
	case CODE_PRIVACYREQUIRED:
	case CODE_CONTACTADMIN:
	case CODE_NOPERM:
	case CODE_CANNOT:
		return CORE_ERROR_TLS;
	default:
		return CORE_ERROR_ABORT;
	}
}

static const char *wordless(Condition condition)
{
	return condition == CONDITION_BAD ? "(BAD, without a reason)" : "(NO, without a reason)";
}

GError *verdict_error(const char *peer, const CommandSpec *spec, const StatusLine *line)
{
	bool login = (spec->flags & COMMAND_SECRET) && (spec->flags & COMMAND_TO_AUTH);
	bool blank = !line->text || !*line->text;
	g_autofree char *words = NULL;
	CoreError code = CORE_ERROR_NO;

	if (line->condition == CONDITION_OK)
		return NULL;
	if (line->condition == CONDITION_BAD)
		code = CORE_ERROR_BAD;
	else if (login)
		code = login_grade(line->code);
	words = verdict_words(peer, blank ? wordless(line->condition) : line->text);
	return g_error_new_literal(CORE_ERROR, code, words);
}
