#include "core/wire/writer.h"

#include <string.h>
#include "core/wire/utf7.h"

#define LITERAL_MINUS_MAX 4096 /* RFC 7888 5 */
#define QUOTED_MAX        1000 /* servers limit lines; literals they do not */
#define SECRET_ROOM       4096 /* so that secrets need not move, leaving copies behind */

struct Writer {
	const CommandSpec *spec;
	Capability caps;
	GPtrArray *ended; /* GString*: segments that end in a literal's announcement */
	GString *segment;
	GString *log;
	unsigned arguments;
	bool blank; /* the next argument is preceded by one */
	bool secret;
	bool alone;
	bool utf8; /* in quotes */
	const char *failure;
	UidSet *uids;
	char *mailbox;
	GArray *names;    /* Name: those that UTF-8 spells otherwise */
	uint64_t largest; /* literal, in bytes */
};

/* A mailbox name as it is written. */
typedef struct {
	unsigned segment;       /* as many have ended before it */
	size_t at, log_at, len; /* bytes */
	char *utf7, *utf8;
} Name;

typedef struct {
	char *bytes;
	size_t len;
} Secret;

static void wipe(char *bytes, size_t len)
{
	explicit_bzero(bytes, len);
	g_free(bytes);
}

static void secret_free(void *data)
{
	Secret *secret = data;
	wipe(secret->bytes, secret->len);
	g_free(secret);
}

static GBytes *take_bytes(Writer *w, GString *text)
{
	if (!w->secret)
		return g_string_free_to_bytes(text);
	Secret *secret = g_new(Secret, 1);
	secret->len = text->len;
	secret->bytes = g_string_free(text, FALSE);
	return g_bytes_new_with_free_func(secret->bytes, secret->len, secret_free, secret);
}

static GString *segment_new(const Writer *w)
{
	return g_string_sized_new(w->secret ? SECRET_ROOM : 64);
}

static void segment_free(Writer *w, GString *text)
{
	if (w->secret)
		explicit_bzero(text->str, text->allocated_len);
	g_string_free(text, TRUE);
}

static void fail(Writer *w, const char *what)
{
	if (w->failure == NULL)
		w->failure = what;
}

static void append(Writer *w, const char *text, size_t len)
{
	g_string_append_len(w->segment, text, (gssize)len);
	if (!w->secret)
		g_string_append_len(w->log, text, (gssize)len);
}

static void argument(Writer *w, const char *text, size_t len)
{
	if (w->blank)
		append(w, " ", 1);
	w->blank = true;
	w->arguments++;
	append(w, text, len);
}

static bool is_flag_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("(){\"", c) == NULL;
}

static bool is_astring_char(char c)
{
	return is_flag_char(c) && strchr("%*\\", c) == NULL;
}

static bool takes_utf8(const Writer *w)
{
	return (w->caps & (CAP(UTF8_ACCEPT) | CAP(IMAP4REV2))) != 0;
}

static bool is_quotable(const Writer *w, const char *text, size_t len)
{
	bool utf8 = takes_utf8(w) && g_utf8_validate(text, (gssize)len, NULL);

	if (len > QUOTED_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0' ||
		    (!utf8 && (unsigned char)text[i] >= 0x80))
			return false;
	}
	return true;
}

static bool is_literal_plus(const Writer *w, size_t len)
{
	if (w->caps & CAP(LITERAL_PLUS))
		return true;
	return (w->caps & CAP(LITERAL_MINUS)) != 0 && len <= LITERAL_MINUS_MAX;
}

static GString *quote(const Writer *w, const char *text, size_t len)
{
	GString *quoted = g_string_sized_new(w->secret ? SECRET_ROOM : len + 8);

	g_string_append_c(quoted, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			g_string_append_c(quoted, '\\');
		g_string_append_c(quoted, text[i]);
	}
	g_string_append_c(quoted, '"');
	return quoted;
}

static void write_quoted(Writer *w, const char *text, size_t len)
{
	g_autoptr(GString) quoted = quote(w, text, len);

	for (size_t i = 0; i < len; i++)
		w->utf8 |= (unsigned char)text[i] >= 0x80;
	argument(w, quoted->str, quoted->len);
	if (w->secret)
		explicit_bzero(quoted->str, quoted->allocated_len);
}

static bool has_nul(const char *bytes, size_t len)
{
	return len > 0 && memchr(bytes, '\0', len) != NULL;
}

/* `mark` is "" or the "~" of a literal8 (RFC 3516 7). */
static void write_literal(Writer *w, const char *mark, const char *bytes, size_t len)
{
	bool plus = is_literal_plus(w, len);
	char announcement[32];

	if (!*mark && has_nul(bytes, len)) {
		fail(w, "a NUL byte cannot be sent");
		return;
	}
	int n = g_snprintf(announcement, sizeof(announcement), "%s{%" G_GSIZE_FORMAT "%s}", mark,
			   len, plus ? "+" : "");
	argument(w, announcement, (size_t)n);
	w->largest = MAX(w->largest, len);
	g_string_append(w->segment, "\r\n");
	if (!plus) {
		g_ptr_array_add(w->ended, w->segment);
		w->segment = segment_new(w);
	}
	g_string_append_len(w->segment, bytes, (gssize)len);
}

static void write_string(Writer *w, const char *text, size_t len)
{
	if (is_quotable(w, text, len))
		write_quoted(w, text, len);
	else
		write_literal(w, "", text, len);
}

static bool ends_in_announcement(const char *text, size_t len)
{
	if (len < 3 || text[len - 1] != '}')
		return false;
	size_t at = len - 1;
	if (text[at - 1] == '+')
		at--;
	while (at > 0 && g_ascii_isdigit(text[at - 1]))
		at--;
	return at > 0 && text[at - 1] == '{';
}

static void name_clear(void *data)
{
	Name *name = data;

	g_free(name->utf7);
	g_free(name->utf8);
}

Writer *writer_new(const CommandSpec *spec, Capability caps)
{
	Writer *w = g_new0(Writer, 1);

	w->spec = spec;
	w->caps = caps;
	w->secret = (spec->flags & COMMAND_SECRET) != 0;
	w->ended = g_ptr_array_new();
	w->names = g_array_new(FALSE, FALSE, sizeof(Name));
	g_array_set_clear_func(w->names, name_clear);
	w->segment = segment_new(w);
	w->log = g_string_new(spec->verb);
	g_string_append(w->segment, spec->verb);
	w->blank = w->segment->len > 0;
	return w;
}

void writer_free(Writer *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->ended->len; i++)
		segment_free(w, w->ended->pdata[i]);
	g_ptr_array_unref(w->ended);
	g_array_unref(w->names);
	if (w->segment != NULL)
		segment_free(w, w->segment);
	g_string_free(w->log, TRUE);
	uidset_free(w->uids);
	g_free(w->mailbox);
	g_free(w);
}

void writer_atom(Writer *w, const char *atom)
{
	size_t len = strlen(atom);

	if (len == 0)
		fail(w, "an empty word cannot be sent");
	for (size_t i = 0; i < len; i++) {
		if (!is_flag_char(atom[i]))
			fail(w, "a word holds a character that IMAP does not allow there");
	}
	if (w->failure == NULL)
		argument(w, atom, len);
}

void writer_string(Writer *w, const char *utf8)
{
	if (w->failure == NULL)
		write_string(w, utf8, strlen(utf8));
}

static bool is_atom(const char *text)
{
	size_t len = 0;

	while (is_astring_char(text[len]))
		len++;
	return len > 0 && text[len] == '\0' && len <= QUOTED_MAX &&
	       g_ascii_strcasecmp(text, "NIL") != 0;
}

void writer_astring(Writer *w, const char *text)
{
	if (w->failure != NULL)
		return;
	if (is_atom(text))
		argument(w, text, strlen(text));
	else
		write_string(w, text, strlen(text));
}

/* Not as a literal, whichever way it is spelled. */
static bool is_findable(const char *utf7, const char *utf8)
{
	return strlen(utf7) <= QUOTED_MAX && strlen(utf8) <= QUOTED_MAX && !strpbrk(utf8, "\r\n");
}

static void write_name(Writer *w, const char *utf7, const char *utf8)
{
	Name name = {.segment = w->ended->len,
		     .at = w->segment->len + w->blank,
		     .log_at = w->log->len + w->blank};

	if (w->failure)
		return;
	writer_astring(w, takes_utf8(w) ? utf8 : utf7);
	name.len = w->segment->len - name.at;
	name.utf7 = g_strdup(utf7);
	name.utf8 = g_strdup(utf8);
	g_array_append_val(w->names, name);
}

void writer_mailbox(Writer *w, const char *wire_name)
{
	g_autofree char *utf8 = utf7_decode(wire_name);
	g_autofree char *again = utf8 ? utf7_encode(utf8) : NULL;
	/* A name that is no proper UTF-7 is sent as it came. */
	bool proper = g_strcmp0(again, wire_name) == 0;
	bool respelled = proper && strcmp(utf8, wire_name) != 0;

	if (!w->mailbox)
		w->mailbox = g_strdup(wire_name);
	if (respelled && is_findable(wire_name, utf8))
		write_name(w, wire_name, utf8);
	else
		writer_astring(w, proper && takes_utf8(w) ? utf8 : wire_name);
}

/* The names behind it move by as much as it grows. */
static void respell(Writer *w, unsigned index)
{
	Name *name = &g_array_index(w->names, Name, index);
	bool ended = name->segment < w->ended->len;
	GString *segment = ended ? w->ended->pdata[name->segment] : w->segment;
	const char *text = takes_utf8(w) ? name->utf8 : name->utf7;
	g_autoptr(GString) spelled =
		is_atom(text) ? g_string_new(text) : quote(w, text, strlen(text));

	g_string_erase(segment, (gssize)name->at, (gssize)name->len);
	g_string_insert(segment, (gssize)name->at, spelled->str);
	g_string_erase(w->log, (gssize)name->log_at, (gssize)name->len);
	g_string_insert(w->log, (gssize)name->log_at, spelled->str);
	for (unsigned i = index + 1; i < w->names->len; i++) {
		Name *next = &g_array_index(w->names, Name, i);
		next->log_at = next->log_at + spelled->len - name->len;
		if (next->segment == name->segment)
			next->at = next->at + spelled->len - name->len;
	}
	name->len = spelled->len;
}

bool writer_spell(Writer *w, Capability caps)
{
	const Capability utf8 = CAP(UTF8_ACCEPT) | CAP(IMAP4REV2);
	bool before = takes_utf8(w);

	w->caps = (w->caps & ~utf8) | (caps & utf8);
	if (w->failure || takes_utf8(w) == before)
		return false;
	for (unsigned i = 0; i < w->names->len; i++)
		respell(w, i);
	return w->names->len > 0;
}

void writer_number(Writer *w, uint64_t number)
{
	char text[24];

	if (w->failure != NULL)
		return;
	int len = g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, number);
	argument(w, text, (size_t)len);
}

void writer_uids(Writer *w, const UidSet *uids)
{
	if (uidset_is_empty(uids))
		fail(w, "no message was named");
	if (w->failure != NULL)
		return;
	g_autofree char *text = uidset_format(uids);
	argument(w, text, strlen(text));
	if (w->spec->id == COMMAND_ID_UID_FETCH && w->uids == NULL)
		w->uids = uidset_copy(uids);
}

void writer_list(Writer *w, const char *const *atoms)
{
	writer_open(w);
	for (size_t i = 0; atoms != NULL && atoms[i] != NULL; i++)
		writer_atom(w, atoms[i]);
	writer_close(w);
}

void writer_open(Writer *w)
{
	if (w->failure != NULL)
		return;
	argument(w, "(", 1);
	w->blank = false;
}

void writer_close(Writer *w)
{
	if (w->failure != NULL)
		return;
	append(w, ")", 1);
	w->blank = true;
}

void writer_literal(Writer *w, GBytes *data)
{
	gsize len;
	const char *bytes = g_bytes_get_data(data, &len);

	if (w->failure == NULL)
		write_literal(w, "", bytes, len);
}

void writer_message(Writer *w, GBytes *message)
{
	gsize len;
	const char *bytes = g_bytes_get_data(message, &len);

	if (w->failure != NULL)
		return;
	if (!(w->caps & CAP(UTF8_ACCEPT))) {
		bool nul = has_nul(bytes, len);
		if (nul && !(w->caps & CAP(BINARY)))
			fail(w, "a NUL byte cannot be sent to this server");
		else
			write_literal(w, nul ? "~" : "", bytes, len);
		return;
	}
	/* Courier looks for UTF8 only behind flags or a date. */
	if (w->arguments == 1)
		writer_list(w, NULL);
	writer_atom(w, "UTF8");
	writer_open(w);
	write_literal(w, "~", bytes, len);
	writer_close(w);
}

void writer_raw(Writer *w, const char *text)
{
	size_t len = strlen(text);

	if (strpbrk(text, "\r\n") != NULL)
		fail(w, "a line end cannot be part of a command");
	if (ends_in_announcement(text, len))
		fail(w, "a literal cannot be announced by hand");
	if (w->failure != NULL)
		return;
	/* What a person types may be a log-in, too. */
	const char *verb = text + (*text == '"');
	if (w->spec->id == COMMAND_ID_XATOM && (g_ascii_strncasecmp(verb, "LOGIN", 5) == 0 ||
						g_ascii_strncasecmp(verb, "AUTHENTICATE", 12) == 0))
		w->secret = true;
	argument(w, text, len);
}

uint64_t writer_largest_literal(const Writer *w)
{
	return w->largest;
}

const char *writer_failure(const Writer *w)
{
	return w->failure;
}

void writer_set_alone(Writer *w)
{
	w->alone = true;
}

bool writer_is_alone(const Writer *w)
{
	return w->alone;
}

bool writer_is_utf8(const Writer *w)
{
	return w->utf8 || w->names->len > 0;
}

const CommandSpec *writer_spec(const Writer *w)
{
	return w->spec;
}

GPtrArray *writer_segments(Writer *w, const char *tag)
{
	GPtrArray *segments = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	g_return_val_if_fail(w->failure == NULL && w->segment != NULL, segments);
	g_string_append(w->segment, "\r\n");
	g_ptr_array_add(w->ended, g_steal_pointer(&w->segment));
	g_string_prepend_c(w->ended->pdata[0], ' ');
	g_string_prepend(w->ended->pdata[0], tag);
	for (size_t i = 0; i < w->ended->len; i++)
		g_ptr_array_add(segments, take_bytes(w, w->ended->pdata[i]));
	g_ptr_array_set_size(w->ended, 0);
	return segments;
}

char *writer_log(const Writer *w)
{
	GString *line = g_string_new(w->log->str);

	for (size_t i = 0; i < line->len; i++) {
		if (g_ascii_iscntrl(line->str[i]))
			line->str[i] = '?';
	}
	if (w->secret)
		g_string_append(line, line->len > 0 ? " …" : "…");
	return g_string_free(line, FALSE);
}

const UidSet *writer_uid_argument(const Writer *w)
{
	return w->uids;
}

const char *writer_mailbox_argument(const Writer *w)
{
	return w->mailbox;
}
