#include "mime/render.h"

#include "mime/body.h"
#include "mime/card.h"
#include "mime/text.h"
#include "mime/transfer.h"
#include "mime/wrap.h"

#include <string.h>

typedef enum {
	WAY_TEXT,
	WAY_HTML,
	WAY_ENRICHED,
	WAY_EVENT,       /* as a line that names it, and in short */
	WAY_LISTED,      /* as a line that names it */
	WAY_EACH,        /* all its parts */
	WAY_FIRST,       /* its first part, the others listed */
	WAY_ALTERNATIVE, /* the best of its parts */
	WAY_ENCRYPTED,
	WAY_MESSAGE,
	WAY_SOURCE, /* a multipart that came to pieces */
} Way;

typedef struct {
	MimeDoc *out;
	const RenderOptions *options;
	void (*missing)(MimePart *part, void *data); /* not NULL: only looks what is not there */
	void *data;
	const MimePart *said; /* it was said that this one is shown */
} Render;

/* Types that are not shown as their kind is, and text that is for programs. */
static const struct {
	const char *type;
	Way way;
} ways[] = {
	{"multipart/alternative", WAY_ALTERNATIVE},
	{"multipart/signed", WAY_FIRST},
	{"multipart/related", WAY_FIRST},
	{"multipart/encrypted", WAY_ENCRYPTED},
	{"message/rfc822", WAY_MESSAGE},
	{"message/global", WAY_MESSAGE},
	{"message/delivery-status", WAY_TEXT},
	{"message/global-delivery-status", WAY_TEXT},
	{"message/disposition-notification", WAY_TEXT},
	{"message/feedback-report", WAY_TEXT},
	{"text/html", WAY_HTML},
	{"text/enriched", WAY_ENRICHED},
	{"text/richtext", WAY_ENRICHED},
	{"text/calendar", WAY_EVENT},
	{"text/vcard", WAY_LISTED},
	{"text/x-vcard", WAY_LISTED},
	{"text/directory", WAY_LISTED},
	{"text/csv", WAY_LISTED},
	{"text/css", WAY_LISTED},
	{"text/rtf", WAY_LISTED},
	{"text/javascript", WAY_LISTED},
};

static void show_part(Render *render, MimePart *part);

static MimePart *child(const MimePart *part, guint i)
{
	return part->parts == NULL || i >= part->parts->len ? NULL : part->parts->pdata[i];
}

static Way way_of(const MimePart *part)
{
	bool multipart = part_is_multipart(part);
	bool message = g_str_has_prefix(part->type, "message/");

	if (multipart && part->parts == NULL)
		return part->content == NULL ? WAY_LISTED : WAY_SOURCE;
	if (!multipart && !message && strcmp(part->type, "text/calendar") != 0 &&
	    part->disposition != NULL && strcmp(part->disposition, "attachment") == 0)
		return WAY_LISTED;
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		if (strcmp(part->type, ways[i].type) != 0)
			continue;
		if (ways[i].way != WAY_MESSAGE || part->parts != NULL)
			return ways[i].way;
		return part->truncated && part->content != NULL ? WAY_SOURCE : WAY_LISTED;
	}
	if (multipart)
		return WAY_EACH;
	return g_str_has_prefix(part->type, "text/") ? WAY_TEXT : WAY_LISTED;
}

/* An empty line between two blocks; lines of style `joined` stay together. */
static void separate_unless(Render *render, DocStyle joined)
{
	const DocSpan *spans = NULL;
	size_t n = 0, lines;

	doc_finish_line(render->out);
	lines = doc_line_count(render->out);
	if (lines > 0)
		spans = doc_line(render->out, lines - 1, &n);
	if (n > 0 && (joined == DOC_NORMAL || spans[0].style != joined))
		doc_end_line(render->out);
}

static void separate(Render *render)
{
	separate_unless(render, DOC_NORMAL);
}

static void add_line(Render *render, DocStyle style, const char *text)
{
	g_autoptr(Wrap) wrap = wrap_new(render->out, render->options->width);

	doc_finish_line(render->out);
	wrap_set_prefix(wrap, style, 0, "", style == DOC_PART ? "    " : "");
	wrap_add(wrap, style, text, strlen(text));
	wrap_end(wrap);
}

static void G_GNUC_PRINTF(2, 3) notice(Render *render, const char *format, ...)
{
	va_list arguments;

	if (render->missing != NULL)
		return;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	add_line(render, DOC_NOTICE, text);
}

/* The size of what is decoded, nearly: base64 has four for three and line ends. */
static uint64_t decoded_size(const MimePart *part)
{
	bool base64 = part->encoding != NULL && strcmp(part->encoding, "base64") == 0;

	return base64 ? part->size / 78 * 57 + part->size % 78 * 3 / 4 : part->size;
}

static void list_part(Render *render, const MimePart *part)
{
	char size[8];
	g_autofree char *name = part->filename == NULL ? g_strdup(part->description)
						       : text_clean_name(part->filename);

	if (render->missing != NULL)
		return;
	if (name == NULL && g_str_has_prefix(part->type, "message/") && part->parts != NULL)
		name = g_strdup("message");
	g_autofree char *line = g_strdup_printf("[%s] %s%s%s  %s", part->section,
						name == NULL ? "" : name, name == NULL ? "" : "  ",
						part->type, render_size(decoded_size(part), size));
	separate_unless(render, DOC_PART);
	add_line(render, DOC_PART, line);
}

static void list_all(Render *render, const MimePart *part)
{
	for (guint i = 0; child(part, i) != NULL; i++) {
		if (part_is_multipart(child(part, i)) && child(part, i)->parts != NULL)
			list_all(render, child(part, i));
		else
			list_part(render, child(part, i));
	}
}

static void say_what_lacks(Render *render, const MimePart *part)
{
	char size[8];

	if (!transfer_is_known(part->encoding))
		notice(render, "[The encoding %s is not known; this is shown as it was sent.]",
		       part->encoding);
	if (part->truncated && !part_is_multipart(part))
		notice(render, "[Only the first %s of this part are here.]",
		       render_size(g_bytes_get_size(part->content), size));
}

static BodyKind body_kind(Way way)
{
	switch (way) {
	case WAY_HTML:
		return BODY_HTML;
	case WAY_ENRICHED:
		return BODY_ENRICHED;
	case WAY_EVENT:
		return BODY_EVENT;
	default:
		return BODY_PLAIN;
	}
}

static bool is_prose(const MimePart *part)
{
	Way way = part == NULL ? WAY_LISTED : way_of(part);

	return way == WAY_TEXT || way == WAY_HTML || way == WAY_ENRICHED;
}

static void add_body(Render *render, const MimePart *part, Way way)
{
	body_to_doc(part, body_kind(way), render->options->charset, render->options->width,
		    render->out);
	doc_finish_line(render->out);
	say_what_lacks(render, part);
}

static void show_text(Render *render, MimePart *part, Way way)
{
	bool listed = way == WAY_EVENT || part->filename != NULL || part->description != NULL;
	char size[8];

	if (render->missing != NULL) {
		if (part->content == NULL)
			render->missing(part, render->data);
		return;
	}
	separate(render);
	if (listed)
		list_part(render, part);
	if (part->content == NULL) {
		notice(render, "[Part %s, %s, %s, has not been fetched.]", part->section,
		       part->type, render_size(part->size, size));
		return;
	}
	if (listed && way != WAY_EVENT)
		separate(render);
	add_body(render, part, way);
}

/* The alternative that holds `readable`. */
static MimePart *branch_of(const MimePart *alternative, MimePart *readable)
{
	while (readable != NULL && readable->parent != alternative)
		readable = readable->parent;
	return readable;
}

/* What is no other version of the text: an invitation beside it, pictures. */
static void show_alternatives(Render *render, const MimePart *part, const MimePart *shown)
{
	for (guint i = 0; child(part, i) != NULL; i++) {
		if (child(part, i) != shown && !is_prose(part_readable(child(part, i), true)))
			show_part(render, child(part, i));
	}
}

/* Says which alternative is shown, because they may differ, and where the other is. */
static void say_alternatives(Render *render, const MimePart *part, const MimePart *shown,
			     const MimePart *readable)
{
	g_autoptr(GString) others = g_string_new(NULL);

	for (guint i = 0; child(part, i) != NULL; i++) {
		const MimePart *other = part_readable(child(part, i), true);
		if (child(part, i) == shown || !is_prose(other))
			continue;
		g_string_append_printf(others, "%s part %s has it as %s",
				       others->len > 0 ? "," : "", other->section, other->type);
	}
	if (others->len == 0)
		return;
	notice(render, "[Part %s, %s, is shown;%s.]", readable->section, readable->type,
	       others->str);
	render->said = readable;
}

static void show_alternative(Render *render, MimePart *part)
{
	bool html = render->options->prefer_html;
	MimePart *readable = part_readable(part, html);

	if (readable != NULL && body_is_blank(readable))
		readable = part_readable(part, !html);
	MimePart *shown = branch_of(part, readable);
	if (shown == NULL) {
		list_all(render, part);
		return;
	}
	separate(render);
	say_alternatives(render, part, shown, readable);
	show_part(render, shown);
	show_alternatives(render, part, shown);
}

static void show_message(Render *render, MimePart *part)
{
	MimePart *inner = child(part, 0);

	if (render->missing == NULL) {
		separate(render);
		list_part(render, part);
		card_to_doc(inner->header, render->options->headers == RENDER_HEADERS_ALL,
			    render->options->width, render->out);
	}
	show_part(render, inner);
}

static void show_source(Render *render, MimePart *part)
{
	separate(render);
	if (part->truncated)
		notice(render,
		       "[Part %s is nested too deep to be taken apart; its source follows.]",
		       part->section);
	else
		notice(render, "[This %s has no parts that can be found; its source follows.]",
		       part->type);
	if (render->missing == NULL)
		add_body(render, part, WAY_TEXT);
}

static void show_each(Render *render, MimePart *part, guint first, bool listed)
{
	for (guint i = first; child(part, i) != NULL; i++) {
		if (listed && !part_is_multipart(child(part, i)))
			list_part(render, child(part, i));
		else
			show_part(render, child(part, i));
	}
	if (part->truncated)
		notice(render, "[There are more parts than the %u that are listed here.]",
		       part->parts->len);
}

static void show_part(Render *render, MimePart *part)
{
	switch (way_of(part)) {
	case WAY_HTML:
		if (render->said != part) {
			separate(render);
			notice(render, "[Part %s, text/html, is shown as text.]", part->section);
		}
		show_text(render, part, WAY_HTML);
		break;
	case WAY_TEXT:
	case WAY_ENRICHED:
	case WAY_EVENT:
		show_text(render, part, way_of(part));
		break;
	case WAY_LISTED:
		list_part(render, part);
		break;
	case WAY_EACH:
		show_each(render, part, 0, false);
		break;
	case WAY_FIRST:
		show_part(render, child(part, 0));
		show_each(render, part, 1, true);
		break;
	case WAY_ALTERNATIVE:
		show_alternative(render, part);
		break;
	case WAY_ENCRYPTED:
		notice(render, "[This part is encrypted and is not decrypted here.]");
		list_all(render, part);
		break;
	case WAY_MESSAGE:
		show_message(render, part);
		break;
	case WAY_SOURCE:
		show_source(render, part);
		break;
	}
}

MimeDoc *render_part(MimePart *root, const RenderOptions *options)
{
	Render render = {.out = doc_new(), .options = options};

	if (options->headers != RENDER_HEADERS_NONE)
		card_to_doc(root->header, options->headers == RENDER_HEADERS_ALL, options->width,
			    render.out);
	if (root->header_cut)
		notice(&render, "[The header is too long; its end is not shown.]");
	separate(&render);
	show_part(&render, root);
	doc_finish_line(render.out);
	return render.out;
}

void render_missing(MimePart *root, const RenderOptions *options,
		    void (*each)(MimePart *part, void *data), void *data)
{
	g_autoptr(MimeDoc) nothing = doc_new();
	Render render = {.out = nothing, .options = options, .missing = each, .data = data};

	show_part(&render, root);
}

const char *render_size(uint64_t bytes, char buf[8])
{
	static const char units[] = "KMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	if (bytes < 1000) {
		g_snprintf(buf, 8, "%u", (unsigned)bytes);
		return buf;
	}
	for (value /= 1024; value >= 999.5 && unit < sizeof units - 2; unit++)
		value /= 1024;
	g_snprintf(buf, 8, value < 9.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	return buf;
}
