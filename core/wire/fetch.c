#include "core/wire/fetch.h"

#include <string.h>
#include "core/wire/envelope.h"
#include "core/wire/structure.h"
#include "mime/date.h"

#define MAX_KEYWORD_LEN 255

/* Takes a system flag behind its backslash; the bit of an unknown one is 0. */
static unsigned take_system_flag(Lex *lex)
{
#define FLAG(word, bit)                                                                            \
	{                                                                                          \
		word, sizeof(word) - 1, bit                                                        \
	}
	static const struct {
		const char *word;
		size_t len;
		unsigned bit;
	} flags[] = {
		FLAG("Seen", FLAG_SEEN),       FLAG("Answered", FLAG_ANSWERED),
		FLAG("Flagged", FLAG_FLAGGED), FLAG("Deleted", FLAG_DELETED),
		FLAG("Draft", FLAG_DRAFT),     FLAG("Recent", FLAG_RECENT),
		FLAG("*", FLAG_WILDCARD),
	};
#undef FLAG

	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
		if (lex_is(lex->at, flags[i].word, flags[i].len, LEX_FLAG)) {
			lex->at += flags[i].len;
			return flags[i].bit;
		}
	}
	lex->at += lex_span(lex->at, LEX_FLAG);
	return 0;
}

/* flag-keyword of RFC 9051: what a STORE could send back. */
static bool is_keyword(const char *at, size_t len)
{
	if (len > MAX_KEYWORD_LEN)
		return false;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)at[i] <= ' ' || (unsigned char)at[i] >= 0x7f ||
		    strchr("{%*\"\\", at[i]) != NULL)
			return false;
	}
	return true;
}

static bool read_uid(Lex *lex, FetchData *out)
{
	return lex_nz_number(lex, &out->uid);
}

static bool read_flags(Lex *lex, FetchData *out)
{
	return fetch_read_flags(lex, &out->flags);
}

static bool read_size(Lex *lex, FetchData *out)
{
	return lex_number64(lex, &out->size);
}

static bool read_preview(Lex *lex, FetchData *out)
{
	return lex_nstring(lex, &out->preview, NULL);
}

static bool read_modseq(Lex *lex, FetchData *out)
{
	return lex_expect(lex, '(') && lex_number64(lex, &out->modseq) && lex_expect(lex, ')');
}

static bool read_envelope(Lex *lex, FetchData *out)
{
	return envelope_read(lex, &out->envelope);
}

static bool read_structure(Lex *lex, FetchData *out)
{
	return structure_read(lex, &out->structure);
}

/* Exactly `n` digits. */
static bool read_digits(const char **at, unsigned n, unsigned *out)
{
	*out = 0;
	for (; n > 0; n--, (*at)++) {
		if (!g_ascii_isdigit(**at))
			return false;
		*out = *out * 10 + (unsigned)(**at - '0');
	}
	return true;
}

static bool read_char(const char **at, char c)
{
	return *(*at)++ == c;
}

static bool read_month(const char **at, unsigned *out)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (*out = 1; *out <= 12; (*out)++) {
		if (g_ascii_strncasecmp(*at, &names[3 * (*out - 1)], 3) == 0) {
			*at += 3;
			return true;
		}
	}
	return false;
}

/* Days since 1970-01-01 in the Gregorian calendar. */
static int64_t days_since_epoch(unsigned year, unsigned month, unsigned day)
{
	static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	/* 29 February belongs to the year that begins in March. */
	unsigned leaps = month > 2 ? year : year - 1;

	return (int64_t)year * 365 + leaps / 4 - leaps / 100 + leaps / 400 + before[month - 1] +
	       day - 719528;
}

static bool is_date(unsigned year, unsigned month, unsigned day)
{
	static const unsigned days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return year > 0 && day > 0 && day <= days[month - 1] && (month != 2 || day < 29 || leap);
}

/* date-time of RFC 9051: " 1-Jul-1996 02:44:25 -0700". */
static bool parse_date_time(const char *at, int64_t *out)
{
	unsigned day, month, year, hour, minute, second, zone_hour, zone_minute;

	at += *at == ' ';
	if (!read_digits(&at, g_ascii_isdigit(*at) && g_ascii_isdigit(at[1]) ? 2 : 1, &day) ||
	    !read_char(&at, '-') || !read_month(&at, &month) || !read_char(&at, '-') ||
	    !read_digits(&at, 4, &year) || !read_char(&at, ' ') || !read_digits(&at, 2, &hour) ||
	    !read_char(&at, ':') || !read_digits(&at, 2, &minute) || !read_char(&at, ':') ||
	    !read_digits(&at, 2, &second) || !read_char(&at, ' '))
		return false;
	int sign = *at == '-' ? -1 : *at == '+' ? 1 : 0;
	if (sign == 0)
		return false;
	at++;
	if (!read_digits(&at, 2, &zone_hour) || !read_digits(&at, 2, &zone_minute) || *at != '\0')
		return false;
	if (!is_date(year, month, day) || hour > 23 || minute > 59 || second > 60 ||
	    zone_hour > 23 || zone_minute > 59)
		return false;
	*out = days_since_epoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second -
	       sign * (int64_t)(zone_hour * 3600 + zone_minute * 60);
	/* The zone may lead out of the last year. */
	return *out < DATE_END;
}

static bool read_date(Lex *lex, FetchData *out)
{
	const char *text;

	if (!lex_nstring(lex, &text, NULL))
		return false;
	if (text != NULL && parse_date_time(text, &out->internal_date))
		out->has |= FETCH_INTERNALDATE;
	return true;
}

static void copy_upper(char *to, const char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = g_ascii_toupper(from[i]);
}

typedef struct {
	const char *at;
	size_t len;
} Piece;

/* "KEYWORD (A B)" out of the keyword and the field names. */
static const char *join_section(Arena *arena, Piece keyword, const Piece *names, size_t n)
{
	size_t len = keyword.len + 3;

	for (size_t i = 0; i < n; i++)
		len += names[i].len + 1;
	char *section = arena_alloc(arena, len + 1), *at = section + keyword.len;
	copy_upper(section, keyword.at, keyword.len);
	for (size_t i = 0; i < n; i++) {
		*at++ = ' ';
		if (i == 0)
			*at++ = '(';
		copy_upper(at, names[i].at, names[i].len);
		at += names[i].len;
	}
	if (n > 0)
		*at = ')';
	return section;
}

/* "[…]": servers differ in case and in how they quote the field names. */
static bool read_section(Lex *lex, const char **out)
{
	Piece keyword, *names = NULL;
	size_t n = 0;

	if (!lex_expect(lex, '['))
		return false;
	keyword = (Piece){lex->at, strcspn(lex->at, " ]")};
	lex->at += keyword.len;
	if (lex_more(lex) && lex_take(lex, '(')) {
		for (; lex_more(lex); n++) {
			names = arena_append(lex->arena, names, n, sizeof(*names));
			if (!lex_astring(lex, &names[n].at, &names[n].len))
				return false;
		}
		if (!lex_expect(lex, ')'))
			return false;
	}
	*out = join_section(lex->arena, keyword, names, n);
	return lex_expect(lex, ']');
}

/* "<0>"; some servers echo "<0.500>" as asked. */
static bool read_origin(Lex *lex, FetchBody *body)
{
	uint32_t count;

	if (!lex_take(lex, '<'))
		return true;
	body->partial = true;
	if (!lex_number(lex, &body->origin))
		return false;
	if (lex_take(lex, '.') && !lex_number(lex, &count))
		return false;
	return lex_expect(lex, '>');
}

static bool add_body(Lex *lex, FetchData *out, const FetchBody *body)
{
	FetchBody *bodies =
		arena_append(lex->arena, (void *)out->bodies, out->n_bodies, sizeof(*bodies));
	bodies[out->n_bodies++] = *body;
	out->bodies = bodies;
	out->has |= FETCH_BODY;
	return true;
}

static bool read_section_data(Lex *lex, FetchData *out, bool binary)
{
	FetchBody body = {.binary = binary};

	return read_section(lex, &body.section) && read_origin(lex, &body) && lex_space(lex) &&
	       lex_nbytes(lex, &body.data, &body.chunked) && add_body(lex, out, &body);
}

static bool read_body(Lex *lex, FetchData *out)
{
	return read_section_data(lex, out, false);
}

static bool read_binary(Lex *lex, FetchData *out)
{
	return read_section_data(lex, out, true);
}

static bool read_rfc822(Lex *lex, FetchData *out, const char *section)
{
	FetchBody body = {.section = section};

	return lex_nbytes(lex, &body.data, &body.chunked) && add_body(lex, out, &body);
}

static bool read_rfc822_all(Lex *lex, FetchData *out)
{
	return read_rfc822(lex, out, "");
}

static bool read_rfc822_header(Lex *lex, FetchData *out)
{
	return read_rfc822(lex, out, "HEADER");
}

static bool read_rfc822_text(Lex *lex, FetchData *out)
{
	return read_rfc822(lex, out, "TEXT");
}

typedef struct {
	const char *name;
	size_t len;
	char next;    /* what follows the name */
	bool alone;   /* where malformed, left out alone and not with the whole response */
	unsigned bit; /* set where it was read */
	bool (*read)(Lex *lex, FetchData *out);
} Item;

#define ITEM(name, next, alone, bit, read)                                                         \
	{                                                                                          \
		name, sizeof(name) - 1, next, alone, bit, read                                     \
	}
static const Item items[] = {
	ITEM("UID", ' ', false, FETCH_UID, read_uid),
	ITEM("FLAGS", ' ', false, FETCH_FLAGS, read_flags),
	ITEM("MODSEQ", ' ', false, FETCH_MODSEQ, read_modseq),
	ITEM("INTERNALDATE", ' ', false, 0, read_date),
	ITEM("RFC822.SIZE", ' ', false, FETCH_SIZE, read_size),
	ITEM("PREVIEW", ' ', true, FETCH_PREVIEW, read_preview),
	ITEM("ENVELOPE", ' ', true, FETCH_ENVELOPE, read_envelope),
	ITEM("BODYSTRUCTURE", ' ', true, FETCH_STRUCTURE, read_structure),
	ITEM("BODY", ' ', true, FETCH_STRUCTURE, read_structure),
	ITEM("BODY", '[', false, 0, read_body),
	ITEM("BINARY", '[', false, 0, read_binary),
	ITEM("RFC822", ' ', false, 0, read_rfc822_all),
	ITEM("RFC822.HEADER", ' ', false, 0, read_rfc822_header),
	ITEM("RFC822.TEXT", ' ', false, 0, read_rfc822_text),
};
#undef ITEM

static bool read_item_value(Lex *lex, const Item *item, FetchData *out)
{
	Lex before = *lex;

	if (!item->read(lex, out)) {
		if (!item->alone)
			return false;
		*lex = before;
		return lex_skip_value(lex);
	}
	out->has |= item->bit;
	return true;
}

static bool skip_item(Lex *lex)
{
	const char *section;
	FetchBody body;
	size_t len = lex_span(lex->at, LEX_ITEM);

	if (len == 0)
		return lex_fail(lex, "the name of a FETCH item");
	lex->at += len;
	if (lex_peek(lex) == '[' && !(read_section(lex, &section) && read_origin(lex, &body)))
		return false;
	return lex_space(lex) && lex_skip_value(lex);
}

static bool read_item(Lex *lex, FetchData *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
		const Item *item = &items[i];
		if (lex_is(lex->at, item->name, item->len, LEX_ITEM) &&
		    lex->at[item->len] == item->next) {
			lex->at += item->len;
			return (item->next != ' ' || lex_space(lex)) &&
			       read_item_value(lex, item, out);
		}
	}
	return skip_item(lex);
}

bool fetch_read(Lex *lex, FetchData *out)
{
	size_t before = 0;

	if (!lex_expect(lex, '('))
		return false;
	while (lex_more(lex)) {
		before = out->n_bodies;
		if (!read_item(lex, out))
			return false;
	}
	if (lex_is_cut(lex))
		return out->n_bodies > before || lex_fail(lex, "a body");
	return lex_expect(lex, ')');
}

bool fetch_read_flags(Lex *lex, FlagList *out)
{
	const char **keywords = NULL;
	size_t n = 0;

	out->system = 0;
	out->keywords = NULL;
	if (!lex_expect(lex, '('))
		return false;
	while (lex_more(lex)) {
		if (lex_take(lex, '\\')) {
			out->system |= take_system_flag(lex);
			continue;
		}
		const char *at = lex->at;
		size_t len = lex_span(at, LEX_FLAG);
		if (len == 0)
			return lex_fail(lex, "a flag");
		lex->at += len;
		if (n < FETCH_MAX_KEYWORDS && is_keyword(at, len)) {
			keywords = arena_append(lex->arena, keywords, n, sizeof(*keywords));
			keywords[n++] = arena_strndup(lex->arena, at, len);
		}
	}
	if (n > 0)
		out->keywords = arena_append(lex->arena, keywords, n, sizeof(*keywords));
	return lex_expect(lex, ')');
}
