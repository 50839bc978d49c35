/* doc - MimeDoc: a rendered message as lines of styled spans.  No colours, no terminal: the pager
 * maps DocStyle to its theme, `sheaf show` to plain text.  Built once, then read-only; built by
 * flow, html and render, read by the pager on the main thread. */
#ifndef SHEAF_MIME_DOC_H
#define SHEAF_MIME_DOC_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
	DOC_NORMAL,
	DOC_HEADER_NAME,
	DOC_HEADER_VALUE,
	DOC_SUBJECT,
	DOC_QUOTE, /* depth in DocSpan.depth, 1 for the first '>' */
	DOC_SIGNATURE,
	DOC_HEADING,
	DOC_BOLD,
	DOC_EMPHASIS,
	DOC_UNDERLINE,
	DOC_CODE,
	DOC_LINK, /* DocSpan.link is the index into the link table */
	DOC_RULE,
	DOC_PART,   /* the line that names a part or attachment */
	DOC_NOTICE, /* words of Sheaf's own: "html shown as text", "part cut" */
	DOC_STYLE_COUNT
} DocStyle;

typedef struct {
	const char *text; /* clean UTF-8 (text_clean), no newline, not NUL-terminated */
	size_t len;
	DocStyle style;
	unsigned depth; /* quote depth of this span's line */
	int link;       /* -1, or index for doc_link() */
} DocSpan;

typedef struct MimeDoc MimeDoc;

MimeDoc *doc_new(void);
void doc_free(MimeDoc *doc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimeDoc, doc_free)

/* Appends text to the current line; a '\n' in it ends the line.  `text` is copied and must already
 * be clean.  Bidi controls that are open at the end of a line are closed there. */
void doc_add(MimeDoc *doc, DocStyle style, unsigned depth, const char *text, size_t len);

/* Enters a target (cleaned by the caller with text_clean_name) in the link table and returns its
 * index.  `listed`: doc_to_text() lists it, because the text does not show where it goes. */
int doc_new_link(MimeDoc *doc, const char *target, bool listed);
void doc_list_link(MimeDoc *doc, int link);
bool doc_link_is_listed(const MimeDoc *doc, size_t index);

/* As doc_add() for the text of that link, or for one of its pieces. */
void doc_add_link(MimeDoc *doc, unsigned depth, const char *text, size_t len, int link);

/* Ends the current line even if it is empty. */
void doc_end_line(MimeDoc *doc);

/* Ends the current line unless nothing was added to it. */
void doc_finish_line(MimeDoc *doc);

/* Appends all lines of `from` (its links renumbered, but not the numbers that html writes into the
 * text: let it write into one doc from the start). */
void doc_append(MimeDoc *doc, const MimeDoc *from);

/* Lines that have ended, and the one being built where it is not empty. */
size_t doc_line_count(const MimeDoc *doc);

/* The spans of a line, borrowed until the doc is freed; `*n` may be 0. */
const DocSpan *doc_line(const MimeDoc *doc, size_t line, size_t *n);

/* Columns of the line; quote depth at its start. */
int doc_line_width(const MimeDoc *doc, size_t line);
unsigned doc_line_depth(const MimeDoc *doc, size_t line);

size_t doc_link_count(const MimeDoc *doc);
const char *doc_link(const MimeDoc *doc, size_t index);

/* All lines as plain text, '\n' behind each; where `links`, then "[index + 1] target" for each link
 * that is listed.  Caller frees. */
char *doc_to_text(const MimeDoc *doc, bool links);

#endif
