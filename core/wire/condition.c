#include "core/wire/condition.h"

#include <string.h>
#include "core/wire/fetch.h"

typedef struct {
	const char *name;
	bool (*read)(Lex *lex,
		     StatusLine *out); /* its arguments, blank included; NULL: kept as text */
} Code;

/* A sequence-set in the arena; `slice` says where it stood. */
static bool read_set(Lex *lex, UidSet **out, const char **slice, size_t *len)
{
	if (!lex_space(lex) || !lex_slice(lex, slice, len))
		return false;
	UidSet *set = uidset_parse(*slice, *len, 0);
	if (set == NULL)
		return lex_fail(lex, "a set of numbers");
	arena_own(lex->arena, set, (GDestroyNotify)uidset_free);
	*out = set;
	return true;
}

static bool read_number(Lex *lex, StatusLine *out)
{
	return lex_space(lex) && lex_number(lex, &out->number);
}

static bool read_modseq(Lex *lex, StatusLine *out)
{
	return lex_space(lex) && lex_number64(lex, &out->modseq);
}

static bool read_modified(Lex *lex, StatusLine *out)
{
	const char *slice;
	size_t len;

	return read_set(lex, &out->from, &slice, &len);
}

static bool read_appenduid(Lex *lex, StatusLine *out)
{
	const char *slice;
	size_t len;

	return read_number(lex, out) && read_set(lex, &out->to, &slice, &len);
}

static bool read_copyuid(Lex *lex, StatusLine *out)
{
	const char *from, *to;
	size_t from_len, to_len;

	if (!read_number(lex, out) || !read_set(lex, &out->from, &from, &from_len) ||
	    !read_set(lex, &out->to, &to, &to_len))
		return false;
	if (uidset_count(out->from) != uidset_count(out->to) ||
	    !uidset_text_ascends(from, from_len) || !uidset_text_ascends(to, to_len))
		out->from = out->to = NULL;
	return true;
}

static bool read_words(Lex *lex, StatusLine *out)
{
	return lex_words(lex, ']', &out->words);
}

/* "(a b)", or nothing at all. */
static bool read_list(Lex *lex, StatusLine *out)
{
	if (lex_peek(lex) == ']')
		return lex_words(lex, ']', &out->words);
	return lex_space(lex) && lex_expect(lex, '(') && lex_words(lex, ')', &out->words) &&
	       lex_expect(lex, ')');
}

static bool read_number_or_nil(Lex *lex, uint32_t *out)
{
	return lex_space(lex) && (lex_word(lex, "NIL") || lex_number(lex, out));
}

/* RFC 9585 3: nothing at all, or ("A5" 175 1000), any of which may be NIL. */
static bool read_inprogress(Lex *lex, StatusLine *out)
{
	if (lex_peek(lex) == ']')
		return true;
	return lex_space(lex) && lex_expect(lex, '(') && lex_nstring(lex, &out->tag, NULL) &&
	       read_number_or_nil(lex, &out->number) && read_number_or_nil(lex, &out->goal) &&
	       lex_expect(lex, ')');
}

static const Code codes[] = {
	[CODE_NONE] = {""},
	[CODE_ALERT] = {"ALERT"},
	[CODE_BADCHARSET] = {"BADCHARSET", read_list},
	[CODE_CAPABILITY] = {"CAPABILITY", read_words},
	[CODE_PARSE] = {"PARSE"},
	[CODE_PERMANENTFLAGS] = {"PERMANENTFLAGS", read_list},
	[CODE_READ_ONLY] = {"READ-ONLY"},
	[CODE_READ_WRITE] = {"READ-WRITE"},
	[CODE_TRYCREATE] = {"TRYCREATE"},
	[CODE_UIDNEXT] = {"UIDNEXT", read_number},
	[CODE_UIDVALIDITY] = {"UIDVALIDITY", read_number},
	[CODE_UNSEEN] = {"UNSEEN", read_number},
	[CODE_APPENDUID] = {"APPENDUID", read_appenduid},
	[CODE_COPYUID] = {"COPYUID", read_copyuid},
	[CODE_UIDNOTSTICKY] = {"UIDNOTSTICKY"},
	[CODE_HIGHESTMODSEQ] = {"HIGHESTMODSEQ", read_modseq},
	[CODE_NOMODSEQ] = {"NOMODSEQ"},
	[CODE_MODIFIED] = {"MODIFIED", read_modified},
	[CODE_CLOSED] = {"CLOSED"},
	[CODE_UNAVAILABLE] = {"UNAVAILABLE"},
	[CODE_AUTHENTICATIONFAILED] = {"AUTHENTICATIONFAILED"},
	[CODE_AUTHORIZATIONFAILED] = {"AUTHORIZATIONFAILED"},
	[CODE_EXPIRED] = {"EXPIRED"},
	[CODE_PRIVACYREQUIRED] = {"PRIVACYREQUIRED"},
	[CODE_CONTACTADMIN] = {"CONTACTADMIN"},
	[CODE_NOPERM] = {"NOPERM"},
	[CODE_INUSE] = {"INUSE"},
	[CODE_EXPUNGEISSUED] = {"EXPUNGEISSUED"},
	[CODE_CORRUPTION] = {"CORRUPTION"},
	[CODE_SERVERBUG] = {"SERVERBUG"},
	[CODE_CLIENTBUG] = {"CLIENTBUG"},
	[CODE_CANNOT] = {"CANNOT"},
	[CODE_LIMIT] = {"LIMIT"},
	[CODE_OVERQUOTA] = {"OVERQUOTA"},
	[CODE_ALREADYEXISTS] = {"ALREADYEXISTS"},
	[CODE_NONEXISTENT] = {"NONEXISTENT"},
	[CODE_NOTSAVED] = {"NOTSAVED"},
	[CODE_REFERRAL] = {"REFERRAL"},
	[CODE_COMPRESSIONACTIVE] = {"COMPRESSIONACTIVE"},
	[CODE_INPROGRESS] = {"INPROGRESS", read_inprogress},
	[CODE_NOTIFICATIONOVERFLOW] = {"NOTIFICATIONOVERFLOW"},
	[CODE_OTHER] = {""},
};

static ResponseCode find_code(const char *name)
{
	for (size_t i = CODE_NONE + 1; i < CODE_OTHER; i++) {
		if (g_ascii_strcasecmp(codes[i].name, name) == 0)
			return (ResponseCode)i;
	}
	return CODE_OTHER;
}

/* The ']' that ends the code at `at`: not one inside a quoted string that is closed on this line.
 */
static const char *find_bracket(const char *at)
{
	for (; *at != '\0' && *at != ']'; at++) {
		if (*at == '"') {
			const char *close = strchr(at + 1, '"');
			at = close != NULL ? close : at;
		}
	}
	return *at == ']' ? at : NULL;
}

/* Reads the arguments of `code`; the ']' behind them, or NULL where they are malformed. */
static const char *read_arguments(Lex lex, ResponseCode code, StatusLine *out)
{
	StatusLine read = *out;

	if (!codes[code].read(&lex, &read))
		return NULL;
	while (lex_take(&lex, ' ')) {}
	if (lex_peek(&lex) != ']')
		return NULL;
	*out = read;
	return lex.at;
}

static void read_code(Lex *lex, StatusLine *out)
{
	Lex before = *lex;
	const char *name, *close = NULL;

	if (!lex_take(lex, '['))
		return;
	if (!lex_atom(lex, &name)) {
		*lex = before;
		return;
	}
	ResponseCode code = find_code(name);
	if (codes[code].read != NULL) {
		close = read_arguments(*lex, code, out);
		if (close == NULL)
			code = CODE_OTHER;
	}
	if (close == NULL)
		close = find_bracket(lex->at);
	if (close == NULL) {
		/* Prose that begins with a bracket. */
		*lex = before;
		return;
	}
	out->code = code;
	out->code_name = name;
	if (*lex->at == ' ')
		out->code_text =
			arena_strndup(lex->arena, lex->at + 1, (size_t)(close - lex->at - 1));
	lex->at = close + 1;
}

bool condition_word(Lex *lex, Condition *out)
{
	static const char *const words[] = {
		[CONDITION_OK] = "OK",   [CONDITION_NO] = "NO",           [CONDITION_BAD] = "BAD",
		[CONDITION_BYE] = "BYE", [CONDITION_PREAUTH] = "PREAUTH",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (lex_word(lex, words[i])) {
			*out = (Condition)i;
			return true;
		}
	}
	return false;
}

void condition_read(Lex *lex, StatusLine *out)
{
	while (lex_take(lex, ' ')) {}
	read_code(lex, out);
	while (lex_take(lex, ' ')) {}
	out->text = lex_rest(lex);
}

const char *condition_code_name(ResponseCode code)
{
	return codes[code].name;
}
