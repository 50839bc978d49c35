#include "core/command/imap.h"

ImapCommand *imap_capability(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_CAPABILITY), NULL, done, data);
}

ImapCommand *imap_noop(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_NOOP), NULL, done, data);
}

ImapCommand *imap_logout(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_LOGOUT), NULL, done, data);
}

ImapCommand *imap_login(ImapSession *s, Scope *scope, const char *user, const char *password,
			ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_LOGIN);

	writer_string(w, user);
	writer_string(w, password);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_xatom(ImapSession *s, Scope *scope, const char *line, ImapData on_data,
			ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_XATOM);

	writer_raw(w, line);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_authenticate(ImapSession *s, Scope *scope, const char *mechanism,
			       const char *initial, SessionStep step, void *step_data,
			       ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_AUTHENTICATE);

	session_set_step(s, step, step_data);
	writer_atom(w, mechanism);
	if (initial && (session_capabilities(s) & CAP(SASL_IR)))
		writer_atom(w, *initial ? initial : "=");
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_starttls(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_STARTTLS), NULL, done, data);
}

ImapCommand *imap_compress(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_COMPRESS);

	writer_atom(w, "DEFLATE");
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_enable(ImapSession *s, Scope *scope, const char *names, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_ENABLE);

	writer_raw(w, names);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_id(ImapSession *s, Scope *scope, const char *const *fields, ImapData on_data,
		     ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_ID);

	if (!fields) {
		writer_atom(w, "NIL");
		return session_submit(s, scope, w, on_data, done, data);
	}
	writer_open(w);
	for (; fields[0] && fields[1]; fields += 2) {
		writer_string(w, fields[0]);
		writer_string(w, fields[1]);
	}
	writer_close(w);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_proxyauth(ImapSession *s, Scope *scope, const char *user, ImapDone done,
			    void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_PROXYAUTH);

	writer_astring(w, user);
	return session_submit(s, scope, w, NULL, done, data);
}
