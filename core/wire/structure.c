#include "core/wire/structure.h"

#include <string.h>
#include "mime/header.h"
#include "mime/param.h"

typedef struct {
	Lex *lex;
	unsigned depth;
	unsigned n_parts;
} Reader;

/* Section numbers depend on what turns up: a message's text that is one part is "1" of it, the
 * children of a multipart count from there. */
typedef struct {
	const char *single;    /* of a part that is no multipart */
	const char *multipart; /* of one that is */
	const char *prefix;    /* of the children of a multipart */
} Place;

static MimePart *read_body(Reader *reader, const Place *place);

static char *join_section(const char *prefix, size_t index)
{
	char digits[24], *at = digits + sizeof(digits) - 1;

	for (*at = '\0'; at == digits + sizeof(digits) - 1 || index > 0; index /= 10)
		*--at = (char)('0' + index % 10);
	return g_strconcat(prefix, *prefix == '\0' ? "" : ".", at, NULL);
}

static char *lower(const char *text)
{
	return text != NULL ? g_ascii_strdown(text, -1) : NULL;
}

static bool is_digit(const Lex *lex)
{
	return g_ascii_isdigit(lex_peek(lex));
}

/* A field that is there or not, and a string or NIL where it is. */
static bool read_text(Lex *lex, const char **out)
{
	*out = NULL;
	if (!lex_more(lex))
		return true;
	return lex_peek(lex) == '(' ? lex_skip_value(lex) : lex_nstring(lex, out, NULL);
}

static bool read_size(Lex *lex, uint64_t *out)
{
	if (!lex_more(lex))
		return true;
	return is_digit(lex) ? lex_number64(lex, out) : lex_skip_value(lex);
}

static void set_type(MimePart *part, const char *type, const char *subtype)
{
	g_free(part->type);
	part->type = g_strconcat(type, "/", subtype, NULL);
	for (char *at = part->type; *at != '\0'; at++)
		*at = g_ascii_tolower(*at);
}

/* "(name value …)"; anything else is skipped and adds nothing. */
static bool read_list(Lex *lex, ParamList *params)
{
	const char *name, *value;
	size_t len;

	if (!lex_more(lex))
		return true;
	if (!lex_take(lex, '('))
		return lex_skip_value(lex);
	while (lex_more(lex)) {
		if (!lex_nstring(lex, &name, NULL))
			return false;
		if (!lex_more(lex))
			break;
		if (!lex_nstring(lex, &value, &len))
			return false;
		if (name != NULL && value != NULL)
			param_list_add(params, name, value, len);
	}
	return lex_expect(lex, ')');
}

static void take_lower(char **field, char *text_take)
{
	g_autofree char *text = text_take;

	*field = lower(text);
}

static bool read_parameters(Lex *lex, MimePart *part)
{
	g_autofree char *delsp = NULL;

	if (lex_more(lex) && lex_peek(lex) != '(')
		return lex_skip_value(lex);
	g_autoptr(ParamList) params = param_list_new();
	if (!read_list(lex, params))
		return false;
	delsp = param_list_get(params, "delsp");
	part->delsp = delsp != NULL && g_ascii_strcasecmp(delsp, "yes") == 0;
	part->charset = param_list_get(params, "charset");
	part->filename = param_list_get(params, "name");
	take_lower(&part->format, param_list_get(params, "format"));
	take_lower(&part->protocol, param_list_get(params, "protocol"));
	return true;
}

/* ("attachment" ("filename" "x")), NIL, or the bare word, which some servers send. */
static bool read_disposition(Lex *lex, MimePart *part)
{
	const char *kind;

	if (!lex_more(lex))
		return true;
	if (!lex_take(lex, '(')) {
		if (!read_text(lex, &kind))
			return false;
		part->disposition = lower(kind);
		return true;
	}
	g_autoptr(ParamList) params = param_list_new();
	if (!read_text(lex, &kind) || !read_list(lex, params))
		return false;
	part->disposition = lower(kind);
	char *filename = param_list_get(params, "filename");
	if (filename != NULL) {
		g_free(part->filename);
		part->filename = filename;
	}
	return lex_close(lex);
}

static void set_content_id(MimePart *part, const char *id)
{
	if (id == NULL || *id == '\0')
		return;
	size_t len = strlen(id);
	if (len >= 2 && id[0] == '<' && id[len - 1] == '>')
		part->content_id = g_strndup(id + 1, len - 2);
	else
		part->content_id = g_strdup(id);
}

/* Adds the body that begins here, or leaves it out where there are too many or too deep. */
static bool add_body(Reader *reader, MimePart *parent, const Place *place)
{
	if (reader->depth >= STRUCTURE_MAX_DEPTH || reader->n_parts >= STRUCTURE_MAX_PARTS) {
		parent->truncated = true;
		return lex_skip_value(reader->lex);
	}
	MimePart *child = read_body(reader, place);
	if (child != NULL)
		part_add(parent, child);
	return child != NULL;
}

/* Behind the subtype: parameters, disposition, and what may still come. */
static bool read_multipart_rest(Lex *lex, MimePart *part)
{
	return read_parameters(lex, part) && read_disposition(lex, part) && lex_close(lex);
}

/* Behind "(", with another "(" next. */
static bool read_multipart(Reader *reader, MimePart *part, const char *prefix)
{
	Lex *lex = reader->lex;
	const char *subtype;

	for (size_t index = 1; lex_more(lex) && lex_peek(lex) == '('; index++) {
		g_autofree char *section = join_section(prefix, index);
		Place place = {section, section, section};
		if (!add_body(reader, part, &place))
			return false;
	}
	if (!read_text(lex, &subtype))
		return false;
	set_type(part, "multipart", subtype != NULL ? subtype : "mixed");
	return read_multipart_rest(lex, part);
}

/* Envelope, body and lines of a message/rfc822; servers that treat it as any other part leave them
 * out. */
static bool read_message(Reader *reader, MimePart *part)
{
	Lex *lex = reader->lex;

	if (!lex_more(lex) || lex_peek(lex) != '(')
		return true;
	if (!lex_skip_value(lex) || !lex_more(lex))
		return lex->failed == NULL;
	if (lex_peek(lex) == '(') {
		g_autofree char *single = join_section(part->section, 1);
		g_autofree char *text = g_strconcat(part->section, ".TEXT", NULL);
		Place place = {single, text, part->section};
		if (!add_body(reader, part, &place))
			return false;
	} else if (!lex_skip_value(lex)) {
		return false;
	}
	return read_size(lex, &part->lines);
}

static bool is_empty(const char *text)
{
	return text == NULL || *text == '\0';
}

/* Unreadable types come as NIL or ""; RFC 2045 5.2 has them as plain text. */
static void set_single_type(MimePart *part, const char *type, const char *subtype)
{
	bool text = is_empty(type) || g_ascii_strcasecmp(type, "text") == 0;

	if (!is_empty(type) && !is_empty(subtype))
		set_type(part, type, subtype);
	else if (text)
		set_type(part, "text", "plain");
	else
		set_type(part, "application", "octet-stream");
}

/* Behind the type of a part that is no multipart. */
static bool read_single(Reader *reader, MimePart *part, const char *type)
{
	Lex *lex = reader->lex;
	const char *subtype, *id, *description, *encoding, *md5;

	if (!read_text(lex, &subtype))
		return false;
	set_single_type(part, type, subtype);
	if (!read_parameters(lex, part) || !read_text(lex, &id) || !read_text(lex, &description) ||
	    !read_text(lex, &encoding) || !read_size(lex, &part->size))
		return false;
	set_content_id(part, id);
	if (description != NULL)
		part->description = header_decode(description, strlen(description));
	part->encoding = lower(encoding);
	if (g_str_has_prefix(part->type, "text/") && lex_more(lex) && is_digit(lex) &&
	    !read_size(lex, &part->lines))
		return false;
	if ((strcmp(part->type, "message/rfc822") == 0 ||
	     strcmp(part->type, "message/global") == 0) &&
	    !read_message(reader, part))
		return false;
	return read_text(lex, &md5) && read_disposition(lex, part) && lex_close(lex);
}

/* Behind "(", with no "(" next. */
static bool read_named(Reader *reader, MimePart *part, const Place *place)
{
	Lex *lex = reader->lex;
	const char *type;

	if (!read_text(lex, &type))
		return false;
	/* Parameters in place of a subtype: a multipart without parts, so the word was its subtype.
	 */
	if (type != NULL && lex_more(lex) && lex_peek(lex) == '(') {
		set_type(part, "multipart", type);
		g_free(part->section);
		part->section = g_strdup(place->multipart);
		return read_multipart_rest(lex, part);
	}
	return read_single(reader, part, type);
}

static MimePart *read_body(Reader *reader, const Place *place)
{
	Lex *lex = reader->lex;
	g_autoptr(MimePart) part = NULL;
	bool read;

	if (!lex_expect(lex, '('))
		return NULL;
	reader->depth++;
	reader->n_parts++;
	bool named = lex_more(lex) && lex_peek(lex) != '(';
	if (lex_peek(lex) == '(') {
		part = part_new(place->multipart, "multipart/mixed");
		read = read_multipart(reader, part, place->prefix);
	} else {
		part = part_new(place->single, "application/octet-stream");
		read = named ? read_named(reader, part, place) : lex_expect(lex, ')');
	}
	reader->depth--;
	return read ? g_steal_pointer(&part) : NULL;
}

bool structure_read(Lex *lex, MimePart **out)
{
	Reader reader = {lex, 0, 0};
	Place top = {"1", "", ""};
	MimePart *root = read_body(&reader, &top);

	if (root == NULL)
		return false;
	arena_own(lex->arena, root, (GDestroyNotify)part_free);
	*out = root;
	return true;
}
