#include "mime/part.h"

#include "mime/text.h"
#include "mime/transfer.h"

#include <string.h>

#define FILENAME_MAX_BYTES 200

/* Extensions for parts without a name; the reader's system decides by them what opens a file. */
static const struct {
	const char *type, *extension;
} extensions[] = {
	{"text/plain", "txt"},
	{"text/html", "html"},
	{"text/calendar", "ics"},
	{"text/vcard", "vcf"},
	{"text/csv", "csv"},
	{"text/x-diff", "diff"},
	{"text/x-patch", "patch"},
	{"message/rfc822", "eml"},
	{"application/pdf", "pdf"},
	{"application/zip", "zip"},
	{"application/json", "json"},
	{"application/pgp-signature", "asc"},
	{"application/pkcs7-signature", "p7s"},
	{"image/jpeg", "jpg"},
	{"image/png", "png"},
	{"image/gif", "gif"},
	{"image/svg+xml", "svg"},
	{"audio/mpeg", "mp3"},
	{"video/mp4", "mp4"},
};

static bool is_type(const MimePart *part, const char *type)
{
	return strcmp(part->type, type) == 0;
}

static bool is_text(const MimePart *part)
{
	return g_str_has_prefix(part->type, "text/");
}

static bool says_attachment(const MimePart *part)
{
	return part->disposition != NULL && strcmp(part->disposition, "attachment") == 0;
}

static MimePart *child(const MimePart *part, unsigned i)
{
	return part->parts == NULL || i >= part->parts->len ? NULL : part->parts->pdata[i];
}

static MimePart *top_of(const MimePart *part)
{
	while (part->parent != NULL)
		part = part->parent;
	return (MimePart *)part;
}

static unsigned readable_rank(const MimePart *part, bool alternative, bool prefer_html)
{
	if (part == NULL)
		return 0;
	if (!is_type(part, "text/plain") && !is_type(part, "text/html"))
		return 1;
	return alternative && is_type(part, "text/html") == prefer_html ? 3 : 2;
}

/* Of alternatives the last of the best type, as later ones are richer (RFC 2046 5.1.4); of other
 * parts the first. */
static MimePart *readable_child(const MimePart *part, bool prefer_html)
{
	bool alternative = is_type(part, "multipart/alternative");
	MimePart *best = NULL;
	unsigned best_rank = 0;

	for (unsigned i = 0; child(part, i) != NULL; i++) {
		MimePart *found = part_readable(child(part, i), prefer_html);
		unsigned rank = readable_rank(found, alternative, prefer_html);
		if (rank > best_rank || (alternative && rank == best_rank)) {
			best = found;
			best_rank = rank;
		}
	}
	return best;
}

/* What belongs to the message's own make-up: signatures, and pictures that its HTML shows. */
static bool is_trimming(const MimePart *part)
{
	const MimePart *parent = part->parent;

	if (parent == NULL || says_attachment(part))
		return false;
	if (is_type(parent, "multipart/signed"))
		return part == child(parent, 1);
	return is_type(parent, "multipart/related") && part->content_id != NULL &&
	       g_str_has_prefix(part->type, "image/");
}

static bool is_attached(const MimePart *part, const MimePart *readable)
{
	if (part_is_multipart(part) || part == readable || is_trimming(part))
		return false;
	return says_attachment(part) || part->filename != NULL || !is_text(part);
}

typedef struct {
	const MimePart *readable;
	unsigned n;
} AttachmentCount;

static void count_attachment(MimePart *part, unsigned depth, void *data)
{
	AttachmentCount *count = data;

	(void)depth;
	if (is_attached(part, count->readable))
		count->n++;
}

static void walk(MimePart *part, unsigned depth,
		 void (*visit)(MimePart *part, unsigned depth, void *data), void *data)
{
	visit(part, depth, data);
	for (unsigned i = 0; child(part, i) != NULL; i++)
		walk(child(part, i), depth + 1, visit, data);
}

/* The last component, with '_' for what a shell, a path or another system gives a meaning to. */
static char *sanitise(const char *filename)
{
	g_autofree char *name = text_clean_name(filename);
	char *start = name;

	for (char *p = name; *p != '\0'; p++)
		if ((*p == '/' || *p == '\\') && p[1] != '\0')
			start = p + 1;
	while (*start != '\0' && strchr(" .-~", *start) != NULL)
		start++;
	g_strdelimit(start, "/\\:*?\"<>|", '_');
	for (size_t n = strlen(start); n > 0 && (start[n - 1] == '.' || start[n - 1] == ' ');)
		start[--n] = '\0';
	return g_strdup(start);
}

/* Cuts in front of the extension, at a character's boundary. */
static char *shorten(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t tail = dot == NULL || strlen(dot) > 20 ? 0 : strlen(dot);
	size_t head = MIN(strlen(name), FILENAME_MAX_BYTES) - tail;

	if (strlen(name) <= FILENAME_MAX_BYTES)
		return g_strdup(name);
	while (head > 0 && ((unsigned char)name[head] & 0xC0) == 0x80)
		head--;
	return g_strdup_printf("%.*s%s", (int)head, name, tail > 0 ? dot : "");
}

MimePart *part_new(const char *section, const char *type)
{
	MimePart *part = g_new0(MimePart, 1);

	part->section = g_strdup(section);
	part->type = g_ascii_strdown(type, -1);
	for (char *p = part->type; *p != '\0'; p++)
		if (!g_ascii_isgraph(*p))
			*p = '_';
	return part;
}

void part_free(MimePart *part)
{
	if (part == NULL)
		return;
	g_free(part->section);
	g_free(part->type);
	g_free(part->charset);
	g_free(part->format);
	g_free(part->encoding);
	g_free(part->filename);
	g_free(part->disposition);
	g_free(part->content_id);
	g_free(part->description);
	g_free(part->protocol);
	g_clear_pointer(&part->content, g_bytes_unref);
	g_clear_pointer(&part->header, g_bytes_unref);
	g_clear_pointer(&part->parts, g_ptr_array_unref);
	g_free(part);
}

void part_add(MimePart *parent, MimePart *child_take)
{
	if (parent->parts == NULL)
		parent->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
	child_take->parent = parent;
	g_ptr_array_add(parent->parts, child_take);
}

MimePart *part_copy(const MimePart *part)
{
	MimePart *copy = part_new(part->section, part->type);

	copy->charset = g_strdup(part->charset);
	copy->format = g_strdup(part->format);
	copy->delsp = part->delsp;
	copy->encoding = g_strdup(part->encoding);
	copy->filename = g_strdup(part->filename);
	copy->disposition = g_strdup(part->disposition);
	copy->content_id = g_strdup(part->content_id);
	copy->description = g_strdup(part->description);
	copy->protocol = g_strdup(part->protocol);
	copy->size = part->size;
	copy->lines = part->lines;
	copy->content = part->content ? g_bytes_ref(part->content) : NULL;
	copy->header = part->header ? g_bytes_ref(part->header) : NULL;
	copy->truncated = part->truncated;
	for (unsigned i = 0; part->parts && i < part->parts->len; i++)
		part_add(copy, part_copy(g_ptr_array_index(part->parts, i)));
	return copy;
}

bool part_is_multipart(const MimePart *part)
{
	return g_str_has_prefix(part->type, "multipart/");
}

MimePart *part_find(MimePart *root, const char *section)
{
	if (strcmp(root->section, section) == 0)
		return root;
	for (unsigned i = 0; child(root, i) != NULL; i++) {
		MimePart *found = part_find(child(root, i), section);
		if (found != NULL)
			return found;
	}
	return NULL;
}

MimePart *part_readable(MimePart *root, bool prefer_html)
{
	if (says_attachment(root))
		return NULL;
	if (is_text(root))
		return root;
	return part_is_multipart(root) ? readable_child(root, prefer_html) : NULL;
}

bool part_is_attachment(const MimePart *part)
{
	return is_attached(part, part_readable(top_of(part), false));
}

unsigned part_count_attachments(const MimePart *root)
{
	AttachmentCount count = {.readable = part_readable(top_of(root), false)};

	walk((MimePart *)root, 0, count_attachment, &count);
	return count.n;
}

GBytes *part_decode(const MimePart *part)
{
	return part->content == NULL ? NULL : transfer_decode(part->content, part->encoding);
}

void part_foreach(MimePart *root, void (*visit)(MimePart *part, unsigned depth, void *data),
		  void *data)
{
	walk(root, 0, visit, data);
}

char *part_safe_filename(const MimePart *part)
{
	const char *extension = NULL;

	if (part->filename != NULL) {
		g_autofree char *name = sanitise(part->filename);
		if (*name != '\0')
			return shorten(name);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(extensions) && extension == NULL; i++)
		if (is_type(part, extensions[i].type))
			extension = extensions[i].extension;
	return g_strdup_printf("part%s%.100s.%s", *part->section == '\0' ? "" : "-", part->section,
			       extension == NULL ? "bin" : extension);
}
