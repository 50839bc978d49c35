#include "ui/show.h"

#include "mime/header.h"
#include "mime/parse.h"
#include "mime/render.h"
#include "mime/split.h"
#include "mime/text.h"
#include "ui/json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define READ_SIZE 65536
#define WIDTH_MAX 100 /* longer lines are hard to read */

typedef enum { SHOW_TEXT, SHOW_PARTS, SHOW_PART, SHOW_HEADERS } ShowWhat;

typedef struct {
	ShowWhat what;
	bool json;
	const char *section;
	const char *path;
} ShowArgs;

typedef enum { EXIT_SHOWN, EXIT_UNREADABLE, EXIT_USAGE } ShowExit;

static const char usage[] = "Usage: sheaf show [--parts | --part N | --headers] [--json] FILE\n"
			    "\n"
			    "Renders the mail in FILE (- for standard input).\n"
			    "  --parts    prints its MIME tree\n"
			    "  --part N   writes the decoded bytes of part N\n"
			    "  --headers  prints its decoded header\n"
			    "  --json     prints the tree, or the header, as JSON\n";

/* SGR parameters on a terminal; everything here also reads well without them. */
static const char *const attributes[DOC_STYLE_COUNT] = {
	[DOC_HEADER_NAME] = "1", [DOC_SUBJECT] = "1", [DOC_QUOTE] = "36",   [DOC_SIGNATURE] = "2",
	[DOC_HEADING] = "1",     [DOC_BOLD] = "1",    [DOC_EMPHASIS] = "3", [DOC_UNDERLINE] = "4",
	[DOC_LINK] = "4",        [DOC_PART] = "1",    [DOC_NOTICE] = "2",
};

/* The words may come from outside: a file's name, a part's type. */
static ShowExit G_GNUC_PRINTF(1, 2) complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_autofree char *valid = text_to_utf8(text, strlen(text), NULL, NULL);
	g_autofree char *clean = text_clean_name(valid);
	fprintf(stderr, "sheaf show: %s\n", clean);
	return EXIT_UNREADABLE;
}

static ShowExit wrong_usage(const char *why)
{
	fprintf(stderr, "sheaf show: %s\n\n%s", why, usage);
	return EXIT_USAGE;
}

/* NULL where the arguments are right, else what is wrong with them. */
static const char *read_args(int argc, char **argv, ShowArgs *args)
{
	bool options = true;
	unsigned modes = 0;

	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		if (!options || *arg != '-' || strcmp(arg, "-") == 0) {
			if (args->path != NULL)
				return "there can be only one FILE.";
			args->path = arg;
		} else if (strcmp(arg, "--") == 0) {
			options = false;
		} else if (strcmp(arg, "--json") == 0) {
			args->json = true;
		} else if (strcmp(arg, "--parts") == 0) {
			args->what = SHOW_PARTS;
			modes++;
		} else if (strcmp(arg, "--headers") == 0) {
			args->what = SHOW_HEADERS;
			modes++;
		} else if (strcmp(arg, "--part") == 0 && i + 1 < argc) {
			args->what = SHOW_PART;
			args->section = argv[++i];
			modes++;
		} else if (strcmp(arg, "--part") == 0) {
			return "--part needs the number of a part.";
		} else {
			return "this option is not known.";
		}
	}
	if (modes > 1)
		return "--parts, --part and --headers exclude each other.";
	if (args->json && args->what == SHOW_PART)
		return "--part writes bytes and cannot write --json.";
	return args->path == NULL ? "FILE is missing." : NULL;
}

static GBytes *read_stream(FILE *stream, GError **error)
{
	GByteArray *bytes = g_byte_array_new();
	guint8 buffer[READ_SIZE];
	size_t n;

	while ((n = fread(buffer, 1, sizeof buffer, stream)) > 0)
		g_byte_array_append(bytes, buffer, (guint)n);
	if (ferror(stream)) {
		int why = errno;
		g_set_error_literal(error, G_FILE_ERROR, g_file_error_from_errno(why),
				    g_strerror(why));
		g_byte_array_unref(bytes);
		return NULL;
	}
	return g_byte_array_free_to_bytes(bytes);
}

static GBytes *read_file(const char *path, GError **error)
{
	char *text;
	size_t len;

	if (strcmp(path, "-") == 0)
		return read_stream(stdin, error);
	if (!g_file_get_contents(path, &text, &len, error))
		return NULL;
	return g_bytes_new_take(text, len);
}

/* False where standard output did not take everything. */
static bool write_out(const char *text, size_t len)
{
	return fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0;
}

static void append_leaf(GString *out, const MimePart *part)
{
	g_autoptr(GBytes) bytes = part_decode(part);
	g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);

	json_append_key(out, "size");
	g_string_append_printf(out, "%zu", g_bytes_get_size(bytes));
	json_append_key(out, "sha256");
	json_append_string(out, sum);
}

static void append_part(GString *out, const MimePart *part)
{
	const struct {
		const char *key, *value;
	} fields[] = {
		{"section", part->section},   {"type", part->type},
		{"charset", part->charset},   {"encoding", part->encoding},
		{"filename", part->filename}, {"disposition", part->disposition},
	};

	g_string_append_c(out, '{');
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		json_append_key(out, fields[i].key);
		json_append_string(out, fields[i].value);
	}
	if (part->parts == NULL)
		append_leaf(out, part);
	json_append_key(out, "parts");
	g_string_append_c(out, '[');
	for (guint i = 0; part->parts != NULL && i < part->parts->len; i++) {
		if (i > 0)
			g_string_append(out, ", ");
		append_part(out, part->parts->pdata[i]);
	}
	g_string_append(out, "]}");
}

static void append_part_line(MimePart *part, unsigned depth, void *data)
{
	GString *out = data;
	char size[8];

	g_string_append_printf(out, "%*s[%s]  %s", (int)depth * 2, "", part->section, part->type);
	if (part->filename != NULL) {
		g_autofree char *name = text_clean_name(part->filename);
		g_string_append_printf(out, "  %s", name);
	}
	if (part->charset != NULL)
		g_string_append_printf(out, "  %s", part->charset);
	if (part->encoding != NULL)
		g_string_append_printf(out, "  %s", part->encoding);
	if (part->disposition != NULL)
		g_string_append_printf(out, "  %s", part->disposition);
	g_string_append_printf(out, "  %s%s\n", render_size(part->size, size),
			       part->truncated ? "  (not all of its parts are listed)" : "");
}

static void append_header(const char *name, const char *value, void *data)
{
	g_string_append_printf(data, "%s: %s\n", name, value);
}

/* Values as they were sent, unlike what is shown: for programs that check the decoding. */
static void append_headers_json(GString *out, GBytes *header)
{
	SplitField field;
	const char *at = NULL;

	g_string_append_c(out, '[');
	while (split_next_field(header, &at, &field)) {
		g_autofree char *name = text_to_utf8(field.name, field.name_len, NULL, NULL);
		g_autofree char *value = header_decode_exact(field.value, field.value_len);
		g_string_append(out, out->len > 1 ? ",\n [" : "[");
		json_append_string(out, name);
		g_string_append(out, ", ");
		json_append_string(out, value);
		g_string_append_c(out, ']');
	}
	g_string_append(out, "]\n");
}

static int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return 80;
	return MIN(size.ws_col, WIDTH_MAX);
}

static void append_line(GString *out, const MimeDoc *doc, size_t line)
{
	size_t n;
	const DocSpan *spans = doc_line(doc, line, &n);

	for (size_t i = 0; i < n; i++) {
		const char *attribute = attributes[spans[i].style];
		if (attribute != NULL)
			g_string_append_printf(out, "\033[%sm", attribute);
		g_string_append_len(out, spans[i].text, (gssize)spans[i].len);
		if (attribute != NULL)
			g_string_append(out, "\033[0m");
	}
	g_string_append_c(out, '\n');
}

static void append_links(GString *out, const MimeDoc *doc)
{
	bool any = false;

	for (size_t i = 0; i < doc_link_count(doc); i++) {
		if (!doc_link_is_listed(doc, i))
			continue;
		g_string_append_printf(out, "%s[%zu] %s\n", any ? "" : "\n", i + 1,
				       doc_link(doc, i));
		any = true;
	}
}

static void append_text(GString *out, MimePart *root)
{
	bool terminal = isatty(STDOUT_FILENO);
	const char *no_color = g_getenv("NO_COLOR");
	RenderOptions options = {.width = terminal ? terminal_width() : 0};
	g_autoptr(MimeDoc) doc = render_part(root, &options);
	bool plain = !terminal || (no_color != NULL && *no_color != '\0');

	if (plain) {
		g_autofree char *text = doc_to_text(doc, true);
		g_string_append(out, text);
		return;
	}
	for (size_t line = 0; line < doc_line_count(doc); line++)
		append_line(out, doc, line);
	append_links(out, doc);
}

/* Bytes from outside go to a terminal only where they are text, and then cleaned. */
static ShowExit write_part(const MimePart *part, const char *section)
{
	if (part->content == NULL)
		return complain("part %s has no content.", section);
	g_autoptr(GBytes) bytes = part_decode(part);
	size_t len;
	const char *data = g_bytes_get_data(bytes, &len);

	if (!isatty(STDOUT_FILENO))
		return write_out(data, len) ? EXIT_SHOWN : EXIT_UNREADABLE;
	if (!g_str_has_prefix(part->type, "text/"))
		return complain(
			"part %s is %s and not for a terminal; send it to a file or a pipe.",
			section, part->type);
	g_autofree char *utf8 = text_to_utf8(data, len, part->charset, NULL);
	g_autofree char *text = text_clean(utf8, TEXT_LINES);
	return write_out(text, strlen(text)) ? EXIT_SHOWN : EXIT_UNREADABLE;
}

static ShowExit show(MimePart *root, const ShowArgs *args)
{
	g_autoptr(GString) out = g_string_new(NULL);

	if (args->what == SHOW_PART) {
		const MimePart *part = part_find(root, args->section);
		if (part != NULL)
			return write_part(part, args->section);
		return complain("there is no part %s in %s; --parts lists them.", args->section,
				args->path);
	}
	if (args->what == SHOW_HEADERS && args->json) {
		append_headers_json(out, root->header);
	} else if (args->what == SHOW_HEADERS) {
		parse_header_foreach(root->header, append_header, out);
	} else if (args->json) {
		append_part(out, root);
		g_string_append_c(out, '\n');
	} else if (args->what == SHOW_PARTS) {
		part_foreach(root, append_part_line, out);
	} else {
		append_text(out, root);
	}
	return write_out(out->str, out->len) ? EXIT_SHOWN : EXIT_UNREADABLE;
}

int show_run(int argc, char **argv)
{
	ShowArgs args = {.what = SHOW_TEXT};
	g_autoptr(GError) error = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return write_out(usage, strlen(usage)) ? EXIT_SHOWN : EXIT_UNREADABLE;
	}
	const char *wrong = read_args(argc, argv, &args);
	if (wrong != NULL)
		return wrong_usage(wrong);
	g_autoptr(GBytes) raw = read_file(args.path, &error);
	if (raw == NULL)
		return complain("%s cannot be read: %s", args.path, error->message);
	g_autoptr(MimePart) root = parse_message(raw, &error);
	if (root == NULL)
		return complain("%s: %s.", args.path, error->message);
	return show(root, &args);
}
