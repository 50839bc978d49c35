#include "mime/address.h"

#include "mime/header.h"
#include "mime/text.h"

#include <string.h>

typedef struct {
	const char *at, *end;
	GPtrArray *list;
	GString *phrase; /* display name, or the address where there are no angle brackets */
	GString *comment;
	char *angle;           /* what stood in angle brackets, or NULL */
	bool blank;            /* white space or a comment since the last word */
	bool has_at;           /* there is an "@" in the phrase's atoms */
	bool quotes_run_out;   /* a quote without its end was seen: they are letters from then on */
	bool comments_run_out; /* the same for "(" */
} AddressReader;

/* Appends the blank that stood in front of a word, but for the "@" of an obsolete address. */
static void separate(AddressReader *reader, char next)
{
	GString *phrase = reader->phrase;

	if (reader->blank && phrase->len > 0 && next != '@' && phrase->str[phrase->len - 1] != '@')
		g_string_append_c(phrase, ' ');
	reader->blank = false;
}

/* The end of a quoted string that begins at `at`, or NULL. */
static const char *quoted_end(const char *at, const char *end)
{
	for (const char *p = at + 1; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '"')
			return p + 1;
	}
	return NULL;
}

/* Appends what stands between the delimiters, without the backslashes. */
static void append_unquoted(GString *out, const char *at, const char *close)
{
	for (const char *p = at + 1; p < close - 1; p++) {
		if (*p == '\\' && p + 1 < close - 1)
			p++;
		g_string_append_c(out, *p);
	}
}

static char *address_text(const char *raw, size_t len)
{
	g_autofree char *utf8 = text_to_utf8(raw, len, NULL, NULL);

	return text_clean_name(g_strstrip(utf8));
}

static void add_entry(AddressReader *reader, const char *name, size_t name_len, char *address_take)
{
	Address *entry = g_new0(Address, 1);
	g_autofree char *text = header_decode(name, name_len);

	if (*text != '\0')
		entry->name = g_steal_pointer(&text);
	entry->address = address_take;
	g_ptr_array_add(reader->list, entry);
}

/* Without angle brackets: the last word with an "@" is the address, what stands before it a name;
 * the name may also be in a comment. */
static void add_bare(AddressReader *reader)
{
	const char *text = reader->phrase->str;
	size_t len = reader->phrase->len;
	const char *at = text + len, *start, *stop;

	if (!reader->has_at && memchr(text, ' ', len) != NULL) {
		add_entry(reader, text, len, NULL);
		return;
	}
	while (reader->has_at && *at != '@')
		at--;
	start = reader->has_at ? at : text;
	while (start > text && start[-1] != ' ')
		start--;
	if (at > text && at[-1] == '"')
		start = text; /* a quoted local part may hold blanks */
	for (stop = at; stop < text + len && *stop != ' ';)
		stop++;
	char *address = address_text(start, (size_t)(stop - start));
	if (start > text)
		add_entry(reader, text, (size_t)(start - text), address);
	else
		add_entry(reader, reader->comment->str, reader->comment->len, address);
}

static void forget_entry(AddressReader *reader)
{
	g_clear_pointer(&reader->angle, g_free);
	g_string_truncate(reader->phrase, 0);
	g_string_truncate(reader->comment, 0);
	reader->has_at = false;
}

static void finish_entry(AddressReader *reader)
{
	const GString *name = reader->phrase->len > 0 ? reader->phrase : reader->comment;

	if (reader->angle != NULL && (*reader->angle != '\0' || name->len > 0))
		add_entry(reader, name->str, name->len, g_steal_pointer(&reader->angle));
	else if (reader->phrase->len > 0)
		add_bare(reader);
	forget_entry(reader);
}

/* Reads "<@route:local@domain>".  Where the bracket is not closed the next comma ends it. */
static void read_angle(AddressReader *reader)
{
	g_autoptr(GString) address = g_string_new(NULL);
	const char *p = reader->at + 1;
	bool route = false;

	for (; p < reader->end && *p != '>' && *p != '<'; p++) {
		const char *quoted =
			*p == '"' && !reader->quotes_run_out ? quoted_end(p, reader->end) : NULL;
		if (*p == '"' && quoted == NULL)
			reader->quotes_run_out = true;
		route = route || (*p == '@' && address->len == 0);
		if (quoted != NULL) {
			g_string_append_len(address, p, quoted - p);
			p = quoted - 1;
		} else if (route && *p == ':') {
			route = false;
			g_string_truncate(address, 0);
		} else if (*p == ',' && !route) {
			break;
		} else if (!g_ascii_isspace(*p)) {
			g_string_append_c(address, *p);
		}
	}
	reader->at = p < reader->end && *p == '>' ? p + 1 : p;
	reader->angle = address_text(address->str, address->len);
}

static void read_quoted(AddressReader *reader)
{
	const char *close = quoted_end(reader->at, reader->end);

	reader->quotes_run_out = close == NULL;
	if (close == NULL)
		return;
	separate(reader, '"');
	if (close < reader->end && *close == '@')
		g_string_append_len(reader->phrase, reader->at, close - reader->at);
	else
		append_unquoted(reader->phrase, reader->at, close);
	reader->at = close;
}

static void read_comment(AddressReader *reader)
{
	const char *close = header_comment_end(reader->at, reader->end);

	reader->comments_run_out = close == NULL;
	if (close == NULL)
		return;
	g_string_truncate(reader->comment, 0);
	append_unquoted(reader->comment, reader->at, close);
	reader->blank = true;
	reader->at = close;
}

/* Behind an "@" a colon belongs to a domain literal. */
static bool ends_atom(const AddressReader *reader, char c)
{
	return g_ascii_isspace(c) || (c == ':' && !reader->has_at) ||
	       (c != '\0' && strchr(",;<(\"", c) != NULL);
}

/* An encoded word is one atom, whatever specials its mailer forgot to encode. */
static void read_atom(AddressReader *reader, bool *no_word_left)
{
	const char *start = reader->at;
	size_t word = header_word_length(start, reader->end, no_word_left);

	separate(reader, *start);
	if (word > 0) {
		reader->at += word;
	} else {
		do {
			reader->has_at = reader->has_at || *reader->at == '@';
			reader->at++;
		} while (reader->at < reader->end && !ends_atom(reader, *reader->at));
	}
	g_string_append_len(reader->phrase, start, reader->at - start);
}

static void read_group(AddressReader *reader)
{
	if (reader->phrase->len > 0 && reader->angle == NULL)
		add_entry(reader, reader->phrase->str, reader->phrase->len, NULL);
	forget_entry(reader);
}

GPtrArray *address_parse(const char *raw, size_t len)
{
	g_autoptr(GString) phrase = g_string_new(NULL);
	g_autoptr(GString) comment = g_string_new(NULL);
	AddressReader reader = {
		.at = raw,
		.end = raw + len,
		.list = g_ptr_array_new_with_free_func((GDestroyNotify)address_free),
		.phrase = phrase,
		.comment = comment,
	};
	bool no_word_left = false;

	while (reader.at < reader.end) {
		char c = *reader.at;
		if (g_ascii_isspace(c)) {
			reader.blank = true;
			reader.at++;
		} else if (c == ',' || c == ';') {
			finish_entry(&reader);
			reader.at++;
		} else if (c == ':' && !reader.has_at) {
			read_group(&reader);
			reader.at++;
		} else if (c == '<') {
			if (reader.angle != NULL)
				finish_entry(&reader);
			read_angle(&reader);
		} else if (c == '"' && !reader.quotes_run_out) {
			read_quoted(&reader);
		} else if (c == '(' && !reader.comments_run_out) {
			read_comment(&reader);
		} else {
			read_atom(&reader, &no_word_left);
		}
	}
	finish_entry(&reader);
	return reader.list;
}

void address_free(Address *address)
{
	if (address == NULL)
		return;
	g_free(address->name);
	g_free(address->address);
	g_free(address);
}

char *address_format(const Address *address)
{
	if (address->address == NULL)
		return g_strdup(address->name != NULL ? address->name : "");
	if (address->name == NULL)
		return g_strdup(address->address);
	return g_strdup_printf("%s <%s>", address->name, address->address);
}

char *address_mixed_domain(const Address *address)
{
	const char *at = address->address == NULL ? NULL : strrchr(address->address, '@');
	bool latin = false, other = false;

	for (const char *p = at == NULL ? "" : at + 1; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		bool is_latin = g_unichar_get_script(c) == G_UNICODE_SCRIPT_LATIN;
		latin = latin || is_latin;
		other = other || (!is_latin && g_unichar_isalpha(c));
	}
	return latin && other ? g_hostname_to_ascii(at + 1) : NULL;
}
