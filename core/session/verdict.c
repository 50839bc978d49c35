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

/* What a refused log-in means (RFC 5530 3): only what blames name or password asks for another one,
 * and no code at all is what servers older than that say of a wrong password.  The words stand for
 * the server's where it has none. */
static const struct {
	ResponseCode code;
	CoreError grade;
	const char *words;
} login_refusals[] = {
	{CODE_NONE, CORE_ERROR_AUTH, NULL},
	{CODE_ALERT, CORE_ERROR_AUTH, NULL},
	{CODE_AUTHENTICATIONFAILED, CORE_ERROR_AUTH, "(wrong user name or password)"},
	{CODE_AUTHORIZATIONFAILED, CORE_ERROR_AUTH, "(this user may not log in as that one)"},
	{CODE_EXPIRED, CORE_ERROR_AUTH, "(the password has expired)"},
	{CODE_PRIVACYREQUIRED, CORE_ERROR_TLS, "(only over an encrypted connection)"},
	{CODE_CONTACTADMIN, CORE_ERROR_NO, "(only its administrator can help)"},
	{CODE_NOPERM, CORE_ERROR_NO, "(this user may not)"},
	{CODE_CANNOT, CORE_ERROR_NO, "(it never will)"},
	{CODE_UNAVAILABLE, CORE_ERROR_ABORT, "(something that it needs is down for now)"},
	{CODE_LIMIT, CORE_ERROR_ABORT, "(too many connections or attempts)"},
	{CODE_INUSE, CORE_ERROR_ABORT, "(in use by somebody else for now)"},
	{CODE_OTHER, CORE_ERROR_ABORT, NULL}, /* and all others */
};

static size_t find_refusal(const StatusLine *line)
{
	size_t i = 0, last = G_N_ELEMENTS(login_refusals) - 1;

	/* Cyrus has no code for too many connections (T038). */
	if (line->code == CODE_NONE && line->text &&
	    g_ascii_strncasecmp(line->text, "Too many ", 9) == 0)
		return last;
	while (i < last && login_refusals[i].code != line->code)
		i++;
	return i;
}

static const char *wordless(Condition condition)
{
	return condition == CONDITION_BAD ? "(BAD, without a reason)" : "(NO, without a reason)";
}

GError *verdict_error(const char *peer, const CommandSpec *spec, const StatusLine *line)
{
	bool login = (spec->flags & COMMAND_SECRET) && (spec->flags & COMMAND_TO_AUTH);
	bool blank = !line->text || !*line->text;
	const char *instead = NULL;
	g_autofree char *words = NULL;
	CoreError code = line->condition == CONDITION_BAD ? CORE_ERROR_BAD : CORE_ERROR_NO;

	if (line->condition == CONDITION_OK)
		return NULL;
	if (login && line->condition == CONDITION_NO) {
		size_t refusal = find_refusal(line);
		code = login_refusals[refusal].grade;
		instead = login_refusals[refusal].words;
	}
	if (!instead)
		instead = wordless(line->condition);
	words = verdict_words(peer, blank ? instead : line->text);
	return g_error_new_literal(CORE_ERROR, code, words);
}
