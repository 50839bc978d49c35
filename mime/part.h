/* part - MimePart: the tree of a message's parts, whether read from BODYSTRUCTURE or from the
 * bytes. Filled by core/wire/fetch.c and mime/parse.c; read by render, the pager and the parts
 * panel. */
#ifndef SHEAF_MIME_PART_H
#define SHEAF_MIME_PART_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct MimePart MimePart;

struct MimePart {
	char *section; /* as in FETCH BODY[section] (RFC 9051 6.4.5); "" for a top multipart */
	char *type;    /* "text/plain": lower case, never NULL */
	char *charset; /* parameter of Content-Type as sent, or NULL */
	char *format;  /* "flowed" or NULL; `delsp` goes with it (RFC 3676) */
	bool delsp;
	char *encoding;    /* Content-Transfer-Encoding, lower case, or NULL */
	char *filename;    /* RFC 2231 and 2047 decoded, UTF-8, not yet safe as a path nor to show
			      (text_clean_name); or NULL */
	char *disposition; /* "attachment", "inline" (lower case) or NULL */
	char *content_id;  /* without <>, or NULL */
	char *description; /* decoded and clean, or NULL */
	char *protocol;    /* parameter of multipart/signed or encrypted, lower case, or NULL */
	uint64_t size;     /* octets in transfer encoding (BODYSTRUCTURE) or in the file (bytes) */
	uint64_t lines;    /* text parts, 0 where unknown */
	GBytes *content; /* the body as it stands in the message, still encoded; NULL until fetched.
			    Set by parse_message(), or by the pager for a part that was fetched. */
	GBytes *header;  /* the header block of this part; NULL until fetched.  For message/rfc822
			    the header of the inner message is in its child. */
	bool truncated;  /* `content` is only the beginning, or its structure was too deep or had
			    too many parts to be taken apart whole */
	bool header_cut; /* `header` is only the beginning */
	MimePart *parent;
	GPtrArray *parts; /* children, owned; NULL for a leaf.  message/rfc822 has its message's
			     tree as its one part. */
};

/* `type` is copied, lower-cased and made printable ASCII; `section` is copied. */
MimePart *part_new(const char *section, const char *type);

/* The tree below `part` as a tree of its own, contents and headers shared. */
MimePart *part_copy(const MimePart *part);

/* Frees the part and all below it. NULL is allowed. */
void part_free(MimePart *part);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MimePart, part_free)

/* Appends `child_take`, sets its parent. */
void part_add(MimePart *parent, MimePart *child_take);

/* True for multipart/ANY. */
bool part_is_multipart(const MimePart *part);

/* The part with that section number, or NULL. Borrowed. */
MimePart *part_find(MimePart *root, const char *section);

/* The part to show first: text/plain, or text/html where `prefer_html` or where there is nothing
 * else, or another text type; inside of multiparts, but not of a message/rfc822.  NULL where there
 * is no text that is not an attachment. */
MimePart *part_readable(MimePart *root, bool prefer_html);

/* True when a person would call it an attachment: disposition says so, or it has a file name and is
 * not the readable text, or is no text and no multipart.  Not so signatures and the pictures of a
 * multipart/related. */
bool part_is_attachment(const MimePart *part);

/* Number of attachments below and at `root` (for the index's clip mark). */
unsigned part_count_attachments(const MimePart *root);

/* Bytes of `content` with the transfer encoding undone, or NULL where content is NULL.  Broken
 * encodings are decoded as far as possible.  New reference. */
GBytes *part_decode(const MimePart *part);

/* Depth-first walk, parents before children. */
void part_foreach(MimePart *root, void (*visit)(MimePart *part, unsigned depth, void *data),
		  void *data);

/* A file name to propose: one component of 1..200 bytes, no leading '.' or '-', no control, bidi or
 * path characters; made from `filename`, else from the type. Caller frees. */
char *part_safe_filename(const MimePart *part);

#endif
