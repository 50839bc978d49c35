#include "core/session/verdict.h"

#include <stdbool.h>
#include <string.h>
#include "core/base/error.h"
#include "mime/text.h"

#define MAX_COLUMNS 500

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

	cut(words, MAX_COLUMNS);
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

typedef struct {
	ResponseCode code;
	const char *sentence;
} Advice;

/* What each code asks of the person (RFC 5530 3). */
static const Advice advices[] = {
	{CODE_NONE, "Type name and password again."},
	{CODE_ALERT, "Type name and password again."},
	{CODE_AUTHENTICATIONFAILED, "Type name and password again."},
	{CODE_AUTHORIZATIONFAILED, "This name may not read that mail: type another."},
	{CODE_EXPIRED, "The password has expired: set a new one, and type it."},
	{CODE_UNAVAILABLE, "The server cannot check passwords now."},
	{CODE_LIMIT, "Too many connections: close another mail program."},
	{CODE_INUSE, "Too many connections: close another mail program."},
	{CODE_PRIVACYREQUIRED, "The server wants encryption: use imaps://."},
	{CODE_CONTACTADMIN, "This account is shut: ask those who run the server."},
	{CODE_NOPERM, "This account is shut: ask those who run the server."},
	{CODE_CANNOT, "The server does not let this account in."},
};

static const Advice bad_advice = {
	CODE_NONE, "The server does not know this way to log in: name another with sasl =."};

static void advice_release(void *box)
{
	g_atomic_rc_box_release(box);
}

static void advise(GError *error, const StatusLine *line)
{
	const Advice *found = line->condition == CONDITION_BAD ? &bad_advice : NULL;

	for (size_t i = 0; !found && i < G_N_ELEMENTS(advices); i++)
		if (advices[i].code == line->code)
			found = &advices[i];
	if (!found)
		return;
	Advice *box = g_atomic_rc_box_new(Advice);
	*box = *found;
	error_attach(error, box, advice_release);
}

const char *verdict_advice(const GError *error)
{
	const Advice *advice = error_attached(error, advice_release);

	return advice ? advice->sentence : NULL;
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
	GError *error;

	if (line->condition == CONDITION_OK)
		return NULL;
	if (line->condition == CONDITION_BAD)
		code = CORE_ERROR_BAD;
	else if (login)
		code = login_grade(line->code);
	words = verdict_words(peer, blank ? wordless(line->condition) : line->text);
	error = g_error_new_literal(CORE_ERROR, code, words);
	if (login)
		advise(error, line);
	return error;
}
