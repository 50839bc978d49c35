#include "core/net/deflate.h"

#include <zlib.h>
#include "core/base/error.h"

#define RAW_WINDOW    (-15) /* no header (RFC 4978 4) */
#define MEMORY_LEVEL  8
#define OUT_ROOM_MORE 64 /* for what Z_SYNC_FLUSH adds */

struct Deflate {
	z_stream in, out;
	GByteArray *waiting;
	size_t taken; /* of `waiting` */
	bool ended;
};

Deflate *deflate_new(void)
{
	Deflate *d = g_new0(Deflate, 1);

	d->waiting = g_byte_array_new();
	if (inflateInit2(&d->in, RAW_WINDOW) != Z_OK ||
	    deflateInit2(&d->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_WINDOW, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		g_error("zlib has no memory");
	return d;
}

void deflate_free(Deflate *d)
{
	if (!d)
		return;
	inflateEnd(&d->in);
	deflateEnd(&d->out);
	g_byte_array_unref(d->waiting);
	g_free(d);
}

bool deflate_push(Deflate *d, const char *bytes, size_t len, GError **error)
{
	if (d->waiting->len - d->taken + len > DEFLATE_WAITING_MAX) {
		g_set_error_literal(error, CORE_ERROR, CORE_ERROR_ABORT,
				    "The server's compressed data grow beyond measure.");
		return false;
	}
	if (d->taken == d->waiting->len) {
		g_byte_array_set_size(d->waiting, 0);
		d->taken = 0;
	}
	g_byte_array_append(d->waiting, (const guint8 *)bytes, (guint)len);
	return true;
}

gssize deflate_next(Deflate *d, char *out, size_t room, GError **error)
{
	int result;

	d->in.next_in = d->waiting->data + d->taken;
	d->in.avail_in = (uInt)(d->waiting->len - d->taken);
	d->in.next_out = (Bytef *)out;
	d->in.avail_out = (uInt)room;
	result = d->ended ? Z_DATA_ERROR : inflate(&d->in, Z_SYNC_FLUSH);
	d->taken = d->waiting->len - d->in.avail_in;
	d->ended = d->ended || result == Z_STREAM_END;
	if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
		return (gssize)(room - d->in.avail_out);
	if (d->waiting->len == d->taken)
		return 0;
	g_set_error_literal(error, CORE_ERROR, CORE_ERROR_ABORT,
			    "The server's compressed data cannot be read.");
	return -1;
}

GBytes *deflate_write(Deflate *d, GBytes *bytes)
{
	gsize len;
	const void *data = g_bytes_get_data(bytes, &len);
	size_t room = deflateBound(&d->out, len) + OUT_ROOM_MORE;
	g_autofree guint8 *out = g_malloc(room);

	d->out.next_in = (Bytef *)data;
	d->out.avail_in = (uInt)len;
	d->out.next_out = out;
	d->out.avail_out = (uInt)room;
	deflate(&d->out, Z_SYNC_FLUSH);
	return g_bytes_new(out, room - d->out.avail_out);
}
