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

/* What a refused log-in means and asks of the person (RFC 5530 3): only what blames name or
 * password asks for another one, and no code at all is what servers older than that say of a wrong
 * password. */
typedef struct {
	ResponseCode code;
	CoreError grade;
	const char *words; /* for the server's where it has none */
	const char *advice;
} Refusal;

#define AGAIN "Type name and password again."
#define MANY  "Too many connections: close another mail program."
#define SHUT  "This account is shut: ask those who run the server."

static const Refusal refusals[] = {
	{CODE_NONE, CORE_ERROR_AUTH, NULL, AGAIN},
	{CODE_ALERT, CORE_ERROR_AUTH, NULL, AGAIN},
	{CODE_AUTHENTICATIONFAILED, CORE_ERROR_AUTH, "(wrong user name or password)", AGAIN},
	{CODE_AUTHORIZATIONFAILED, CORE_ERROR_AUTH, "(this user may not log in as that one)",
	 "This name may not read that mail: type another."},
	{CODE_EXPIRED, CORE_ERROR_AUTH, "(the password has expired)",
	 "The password has expired: set a new one, and type it."},
	{CODE_PRIVACYREQUIRED, CORE_ERROR_TLS, "(only over an encrypted connection)",
	 "The server wants encryption: use imaps://."},
	{CODE_CONTACTADMIN, CORE_ERROR_NO, "(only its administrator can help)", SHUT},
	{CODE_NOPERM, CORE_ERROR_NO, "(this user may not)", SHUT},
	{CODE_CANNOT, CORE_ERROR_NO, "(it never will)", "The server does not let this account in."},
	{CODE_UNAVAILABLE, CORE_ERROR_ABORT, "(something that it needs is down for now)",
	 "The server cannot check passwords now."},
	{CODE_LIMIT, CORE_ERROR_ABORT, "(too many connections or attempts)", MANY},
	{CODE_INUSE, CORE_ERROR_ABORT, "(in use by somebody else for now)", MANY},
	{CODE_OTHER, CORE_ERROR_ABORT, NULL, NULL}, /* and all others */
};

static const Refusal not_spoken = {
	CODE_NONE, CORE_ERROR_BAD, NULL,
	"The server does not know this way to log in: name another with sasl =."};

/* Too many connections, without the code for it (T038): of Cyrus, of a Dovecot of Debian 12. */
static const struct {
	ResponseCode code;
	const char *text; /* begins so */
} many[] = {
	{CODE_NONE, "Too many "},
	{CODE_UNAVAILABLE, "Maximum number of connections "},
};

static bool is_of_many(const StatusLine *line)
{
	for (size_t i = 0; line->text && i < G_N_ELEMENTS(many); i++)
		if (line->code == many[i].code &&
		    g_ascii_strncasecmp(line->text, many[i].text, strlen(many[i].text)) == 0)
			return true;
	return false;
}

static const Refusal *find_refusal(const StatusLine *line)
{
	ResponseCode code = is_of_many(line) ? CODE_LIMIT : line->code;
	size_t i = 0;

	if (line->condition == CONDITION_BAD)
		return &not_spoken;
	while (i + 1 < G_N_ELEMENTS(refusals) && refusals[i].code != code)
		i++;
	return &refusals[i];
}

static void advice_release(void *box)
{
	g_atomic_rc_box_release(box);
}

static void advise(GError *error, const char *advice)
{
	const char **box = g_atomic_rc_box_new(const char *);

	*box = advice;
	error_attach(error, box, advice_release);
}

const char *verdict_advice(const GError *error)
{
	const char *const *advice = error_attached(error, advice_release);

	return advice ? *advice : NULL;
}

static void code_release(void *box)
{
	g_atomic_rc_box_release(box);
}

static void attach_code(GError *error, ResponseCode code)
{
	ResponseCode *box = g_atomic_rc_box_new(ResponseCode);

	*box = code;
	error_attach(error, box, code_release);
}

ResponseCode verdict_code(const GError *error)
{
	const ResponseCode *code = error ? error_attached(error, code_release) : NULL;

	return code ? *code : CODE_NONE;
}

/* What a refusal of anything else means (RFC 5530 3, RFC 9051 7.1), behind the server's own words.
 */
static const struct {
	ResponseCode code;
	const char *meaning;
} meanings[] = {
	{CODE_OVERQUOTA, "your space there is full: remove something first"},
	{CODE_NOPERM, "you have no right to do that"},
	{CODE_ALREADYEXISTS, "there is one of that name already"},
	{CODE_NONEXISTENT, "there is none of that name"},
	{CODE_TRYCREATE, "there is no folder of that name: create it first"},
	{CODE_INUSE, "somebody else is at it: try again later"},
	{CODE_LIMIT, "that is more than the server allows"},
	{CODE_CANNOT, "this server never will"},
	{CODE_UNAVAILABLE, "something that it needs is down: try again later"},
	{CODE_CORRUPTION, "it is damaged: ask those who run the server"},
	{CODE_SERVERBUG, "a fault of the server: ask those who run it"},
	{CODE_CLIENTBUG, "a fault of Sheaf"},
	{CODE_CONTACTADMIN, "only its administrator can help"},
	{CODE_PRIVACYREQUIRED, "only over an encrypted connection: use imaps://"},
	{CODE_EXPUNGEISSUED, "some of the messages were removed meanwhile"},
	{CODE_BADCHARSET, "it does not know this character set"},
};

static const char *meaning_of(ResponseCode code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(meanings); i++)
		if (meanings[i].code == code)
			return meanings[i].meaning;
	return NULL;
}

static const char *wordless(Condition condition)
{
	return condition == CONDITION_BAD ? "(BAD, without a reason)" : "(NO, without a reason)";
}

GError *verdict_error(const char *peer, const CommandSpec *spec, const StatusLine *line)
{
	bool login = (spec->flags & COMMAND_SECRET) && (spec->flags & COMMAND_TO_AUTH);
	bool blank = !line->text || !*line->text;
	const Refusal *refusal = login ? find_refusal(line) : NULL;
	CoreError code = line->condition == CONDITION_BAD ? CORE_ERROR_BAD : CORE_ERROR_NO;
	const char *instead = refusal ? refusal->words : NULL;
	g_autofree char *words = NULL;
	const char *meaning;
	GError *error;

	if (line->condition == CONDITION_OK)
		return NULL;
	if (!instead)
		instead = wordless(line->condition);
	words = verdict_words(peer, blank ? instead : line->text);
	meaning = login ? NULL : meaning_of(line->code);
	error = g_error_new(CORE_ERROR, refusal ? refusal->grade : code, "%s%s%s%s", words,
			    meaning ? " (" : "", meaning ? meaning : "", meaning ? ")" : "");
	if (refusal && refusal->advice)
		advise(error, refusal->advice);
	else if (!login)
		attach_code(error, line->code);
	return error;
}
