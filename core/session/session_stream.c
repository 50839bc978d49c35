#include "core/session/session_private.h"

/* Of what is compressed, neither lines nor literals can be told apart. */
size_t session_missing(Transport *t G_GNUC_UNUSED, void *self)
{
	const ImapSession *s = self;
	uint64_t have, total;

	if (s->deflate)
		return SIZE_MAX;
	if (s->raw)
		return s->raw_wanted != SESSION_RAW_LINE && s->raw_wanted > s->raw->len
			       ? s->raw_wanted - s->raw->len
			       : 0;
	return framer_progress(s->framer, &have, &total) ? (size_t)(total - have) : 0;
}

ImapSession *session_open_stream(const ImapStream *stream, void *stream_self,
				 const SessionConfig *config, const SessionEvents *events,
				 void *self)
{
	ImapSession *s = session_new(config, events, self);
	TransportOptions options = session_transport_options(s, config);

	s->trusted = stream->is_secure;
	s->exposed = !stream->is_secure;
	s->transport = transport_from_stream(stream, stream_self, s->endpoint, &options,
					     &session_transport_events, s);
	session_watch_progress(s);
	return s;
}

void session_stream_ready(ImapSession *s)
{
	if (s->transport)
		transport_nudge(s->transport);
}

struct ssl_st *session_ssl(const ImapSession *s)
{
	return s->transport ? transport_ssl(s->transport) : NULL;
}

const char *session_encryption(const ImapSession *s)
{
	return s->transport ? transport_encryption(s->transport) : NULL;
}

bool session_is_compressed(const ImapSession *s)
{
	return s->deflate != NULL;
}

const char *session_protocol_version(const ImapSession *s)
{
	return capability_protocol(s->capabilities);
}
