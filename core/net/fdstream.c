#include "core/net/fdstream.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/base/error.h"

struct FdStream {
	int in, out;
	const char *peer;
};

FdStream *fdstream_new(int in_take, int out_take, const char *peer)
{
	FdStream *stream = g_new(FdStream, 1);

	*stream = (FdStream){in_take, out_take, peer};
	return stream;
}

GError *fdstream_dead(const char *peer)
{
	return g_error_new(CORE_ERROR, CORE_ERROR_DEAD,
			   "The line to %s is dead: nothing comes back.", peer);
}

/* What `got` of read() or send() means; waiting is for `want`. */
static ImapStreamResult outcome(const FdStream *stream, ssize_t got, ImapStreamResult want,
				size_t *n, GError **error)
{
	if (got >= 0) {
		*n = (size_t)got;
		return IMAP_STREAM_DONE;
	}
	if (errno == EAGAIN || errno == EINTR)
		return want;
	if (errno == ETIMEDOUT)
		g_propagate_error(error, fdstream_dead(stream->peer));
	else
		g_set_error(error, CORE_ERROR, CORE_ERROR_ABORT, "The connection to %s broke: %s.",
			    stream->peer, g_strerror(errno));
	return IMAP_STREAM_FAILED;
}

static ImapStreamResult fd_read(void *self, char *buf, size_t len, size_t *n, GError **error)
{
	const FdStream *stream = self;
	ssize_t got = read(stream->in, buf, len);

	return got == 0 ? IMAP_STREAM_CLOSED
			: outcome(stream, got, IMAP_STREAM_WANT_READ, n, error);
}

/* Only send() can keep a dead peer from raising SIGPIPE. */
static ImapStreamResult fd_send(void *self, const char *buf, size_t len, size_t *n, GError **error)
{
	const FdStream *stream = self;

	return outcome(stream, send(stream->out, buf, len, MSG_NOSIGNAL), IMAP_STREAM_WANT_WRITE, n,
		       error);
}

static void fd_shutdown(void *self)
{
	FdStream *stream = self;

	close(stream->in);
	if (stream->out != stream->in)
		close(stream->out);
	g_free(stream);
}

static int fd_descriptor(void *self, bool writing)
{
	const FdStream *stream = self;

	return writing ? stream->out : stream->in;
}

const ImapStream fdstream_functions = {
	.read = fd_read, .send = fd_send, .shutdown = fd_shutdown, .descriptor = fd_descriptor};
