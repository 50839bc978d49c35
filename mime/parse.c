#include "mime/parse.h"

#include "mime/header.h"
#include "mime/param.h"
#include "mime/split.h"
#include "mime/text.h"
#include "mime/transfer.h"

#include <string.h>

#define BOUNDARY_MAX 998 /* a longer one could not stand on a line (RFC 5322 2.1.1) */

/* One run over one sequence of bytes; a message inside that is encoded has another. */
typedef struct {
	GBytes *bytes;
	const char *base;
	Splitter split;
	unsigned *parts; /* so far, in all runs */
} Run;

/* Where an entity stands. */
typedef struct {
	const char *prefix;       /* of its section number: "" or "2." */
	unsigned number;          /* among its multipart's parts, or 0 for a message */
	const char *default_type; /* RFC 2046 5.1.5 */
	unsigned depth;
} Place;

static MimePart *read_entity(Run *run, const Place *place, SplitEnd *end);

G_DEFINE_QUARK(sheaf - parse - error - quark, parse_error)

/* As g_bytes_get_data(), which has no pointer for no bytes. */
static const char *bytes_text(GBytes *bytes, size_t *len)
{
	const char *text = g_bytes_get_data(bytes, len);

	return text == NULL ? "" : text;
}

static GBytes *slice(const Run *run, const char *start, const char *end)
{
	return g_bytes_new_from_bytes(run->bytes, (gsize)(start - run->base),
				      end > start ? (gsize)(end - start) : 0);
}

static bool is_message(const char *type)
{
	return strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0;
}

/* "type/subtype", both of them there. */
static bool is_type(const char *type)
{
	const char *slash = strchr(type, '/');

	return slash != NULL && slash > type && slash[1] != '\0';
}

static char *lower_param(const ParamList *params, const char *name)
{
	g_autofree char *value = param_list_get(params, name);

	return value == NULL ? NULL : g_ascii_strdown(value, -1);
}

static void read_type(MimePart *part, const ParamList *params)
{
	g_autofree char *charset = param_list_get(params, "charset");
	part->charset = charset == NULL ? NULL : text_clean_name(charset);
	part->format = lower_param(params, "format");
	part->protocol = lower_param(params, "protocol");
	g_autofree char *delsp = lower_param(params, "delsp");
	part->delsp = delsp != NULL && strcmp(delsp, "yes") == 0;
	if (part->filename == NULL)
		part->filename = param_list_get(params, "name");
}

static void read_disposition(MimePart *part, GBytes *header)
{
	SplitField field;

	if (!split_find_field(header, "Content-Disposition", &field, NULL))
		return;
	g_autofree char *disposition = NULL;
	g_autoptr(ParamList) params = param_list_parse(field.value, field.value_len, &disposition);
	if (*disposition != '\0')
		part->disposition = text_clean_name(disposition);
	part->filename = param_list_get(params, "filename");
}

static void read_encoding(MimePart *part, GBytes *header)
{
	SplitField field;
	g_autofree char *encoding = NULL;

	if (!split_find_field(header, "Content-Transfer-Encoding", &field, NULL))
		return;
	param_list_free(param_list_parse(field.value, field.value_len, &encoding));
	if (*encoding != '\0')
		part->encoding = text_clean_name(encoding);
}

static void read_id(MimePart *part, GBytes *header)
{
	g_autofree char *id = parse_header_field(header, "Content-ID");

	if (id == NULL)
		return;
	char *start = *id == '<' ? id + 1 : id;
	start[strcspn(start, ">")] = '\0';
	part->content_id = g_strdup(start);
}

/* Makes the part that a header describes; `params` become those of its Content-Type. */
static MimePart *describe(GBytes *header, const Place *place, ParamList **params)
{
	SplitField field = {.value = "", .value_len = 0};
	g_autofree char *type = NULL;

	split_find_field(header, "Content-Type", &field, NULL);
	*params = param_list_parse(field.value, field.value_len, &type);
	if (field.value_len == 0 || !is_type(type)) {
		g_free(type);
		type = g_strdup(field.name == NULL ? place->default_type : "text/plain");
	}
	MimePart *part = part_new("", type);
	read_disposition(part, header);
	read_type(part, *params);
	read_encoding(part, header);
	read_id(part, header);
	part->description = parse_header_field(header, "Content-Description");
	return part;
}

/* The section number of an entity and the prefix of those below it. */
static void number_part(MimePart *part, const Place *place, char **below)
{
	bool multipart = part_is_multipart(part);

	g_free(part->section);
	if (place->number > 0)
		part->section = g_strdup_printf("%s%u", place->prefix, place->number);
	else if (multipart)
		part->section = g_strconcat(place->prefix, *place->prefix ? "TEXT" : "", NULL);
	else
		part->section = g_strconcat(place->prefix, "1", NULL);
	*below = place->number == 0 && multipart ? g_strdup(place->prefix)
						 : g_strconcat(part->section, ".", NULL);
}

static void read_multipart(Run *run, MimePart *part, const char *boundary, const Place *below,
			   SplitEnd *end)
{
	SplitBoundary own = {.text = boundary, .len = strlen(boundary), .outer = run->split.open};
	Place place = *below;
	bool digest = strcmp(part->type, "multipart/digest") == 0;

	place.default_type = digest ? "message/rfc822" : "text/plain";
	run->split.open = &own;
	splitter_skip_body(&run->split, end);
	while (end->boundary == &own && !end->closing) {
		if (*run->parts >= PARSE_PARTS_MAX) {
			part->truncated = true;
			splitter_skip_body(&run->split, end);
			continue;
		}
		place.number++;
		part_add(part, read_entity(run, &place, end));
	}
	run->split.open = own.outer;
	if (end->boundary == &own)
		splitter_skip_body(&run->split, end);
}

/* An encoded message/rfc822 is forbidden (RFC 2046 5.2.1) and sent all the same. */
static void read_encoded_message(Run *run, MimePart *part, const Place *below)
{
	g_autoptr(GBytes) decoded = part_decode(part);
	size_t len;
	const char *text = bytes_text(decoded, &len);
	Run inner = {.bytes = decoded,
		     .base = text,
		     .split = splitter_new(text, len),
		     .parts = run->parts};
	SplitEnd end;

	part_add(part, read_entity(&inner, below, &end));
}

static void read_content(Run *run, MimePart *part, const ParamList *params, const Place *below,
			 SplitEnd *end)
{
	const char *start = run->split.at;
	g_autofree char *boundary = param_list_get(params, "boundary");
	bool multipart = part_is_multipart(part), message = is_message(part->type);
	bool usable = boundary != NULL && *g_strchomp(boundary) != '\0' &&
		      strlen(boundary) <= BOUNDARY_MAX;
	bool encoded = message && !transfer_is_identity(part->encoding);

	if ((multipart || message) && below->depth > PARSE_DEPTH_MAX) {
		part->truncated = true;
		multipart = message = false;
	}
	if (multipart && usable)
		read_multipart(run, part, boundary, below, end);
	else if (message && !encoded)
		part_add(part, read_entity(run, below, end));
	else
		splitter_skip_body(&run->split, end);
	part->content = slice(run, start, end->body_end);
	if (message && encoded)
		read_encoded_message(run, part, below);
}

static uint64_t count_lines(GBytes *content)
{
	size_t len;
	const char *p = bytes_text(content, &len), *end = p + len;
	uint64_t lines = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		p++;
	}
	return lines;
}

static MimePart *read_entity(Run *run, const Place *place, SplitEnd *end)
{
	const char *start = run->split.at, *cut;
	const char *header_end = splitter_skip_header(&run->split, &cut);
	g_autoptr(GBytes) header = slice(run, start, cut);
	g_autoptr(ParamList) params = NULL;
	g_autofree char *prefix = NULL;

	(*run->parts)++;
	MimePart *part = describe(header, place, &params);
	part->header = g_steal_pointer(&header);
	part->header_cut = cut < header_end;
	number_part(part, place, &prefix);
	Place below = {.prefix = prefix, .default_type = "text/plain", .depth = place->depth + 1};
	read_content(run, part, params, &below, end);
	part->size = g_bytes_get_size(part->content);
	if (g_str_has_prefix(part->type, "text/"))
		part->lines = count_lines(part->content);
	return part;
}

/* Skips the "From " line of an mbox. */
static void skip_envelope(Splitter *s)
{
	size_t len = (size_t)(s->end - s->at);
	const char *line_end = len < 6 ? NULL : memchr(s->at, s->newline, len);

	if (line_end != NULL && memcmp(s->at, "From ", 5) == 0)
		s->at = line_end + 1;
}

/* A message without a header is still one, if it is text. */
static bool is_mail(const MimePart *part)
{
	size_t len, odd = 0;
	const unsigned char *text = g_bytes_get_data(part->content, &len);
	SplitField field;
	const char *at = NULL;
	bool blank = true;

	if (split_next_field(part->header, &at, &field))
		return true;
	for (size_t i = 0; i < MIN(len, 4096); i++) {
		odd += text[i] < ' ' && !g_ascii_isspace(text[i]) && text[i] != 0x1B;
		blank = blank && g_ascii_isspace(text[i]);
	}
	return !blank && odd <= MIN(len, 4096) / 10;
}

MimePart *parse_message(GBytes *raw, GError **error)
{
	size_t len;
	const char *text = bytes_text(raw, &len);
	unsigned parts = 0;
	Run run = {.bytes = raw, .base = text, .split = splitter_new(text, len), .parts = &parts};
	Place top = {.prefix = "", .default_type = "text/plain"};
	SplitEnd end;

	skip_envelope(&run.split);
	g_autoptr(MimePart) root = read_entity(&run, &top, &end);
	if (is_mail(root))
		return g_steal_pointer(&root);
	g_set_error(error, PARSE_ERROR, PARSE_ERROR_NOT_MAIL,
		    "this is no mail: it has neither a header nor text");
	return NULL;
}

char *parse_header_field(GBytes *header, const char *name)
{
	SplitField field;

	if (!split_find_field(header, name, &field, NULL))
		return NULL;
	return header_decode(field.value, field.value_len);
}

void parse_header_foreach(GBytes *header,
			  void (*each)(const char *name, const char *value, void *data), void *data)
{
	SplitField field;
	const char *at = NULL;

	while (split_next_field(header, &at, &field)) {
		g_autofree char *raw_name = text_to_utf8(field.name, field.name_len, NULL, NULL);
		g_autofree char *name = text_clean_name(raw_name);
		g_autofree char *value = header_decode(field.value, field.value_len);
		each(name, value, data);
	}
}
