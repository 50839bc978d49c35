/* transfer - Content-Transfer-Encoding undone (RFC 2045 6, and uuencode).  Never fails: what is
 * broken is decoded as far as it goes.  Pure, linear; any thread. */
#ifndef SHEAF_MIME_TRANSFER_H
#define SHEAF_MIME_TRANSFER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Decodes "base64", "quoted-printable", "x-uuencode" and their other spellings (any case).  Base64
 * skips foreign characters and ends at its padding, as what list servers append there is no base64;
 * quoted-printable keeps an "=" that begins no escape.  7bit, 8bit, binary, NULL and unknown names
 * give a new reference to `encoded` itself. */
GBytes *transfer_decode(GBytes *encoded, const char *encoding);

/* The same for what comes in pieces, whatever their lengths; one thread at a time. */
typedef struct TransferStream TransferStream;

TransferStream *transfer_stream_new(const char *encoding);
void transfer_stream_free(TransferStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TransferStream, transfer_stream_free)

/* Appends to `out` what is certain so far: of uuencode nothing.  Of quoted-printable an "=" that
 * 4 KiB of blanks follow is taken for a soft line break. */
void transfer_stream_add(TransferStream *stream, const char *bytes, size_t len, GByteArray *out);

/* Appends the rest; nothing may be added behind it. */
void transfer_stream_end(TransferStream *stream, GByteArray *out);

/* True for the names that transfer_decode() knows, the identities and NULL included. */
bool transfer_is_known(const char *encoding);

/* True where decoding changes nothing: 7bit and its like, NULL, unknown names. */
bool transfer_is_identity(const char *encoding);

/* One RFC 2047 encoded text, `encoding` being 'B' or 'Q' (where '_' is a blank), to bytes that are
 * appended to `out`. */
void transfer_decode_word(char encoding, const char *text, size_t len, GByteArray *out);

#endif
