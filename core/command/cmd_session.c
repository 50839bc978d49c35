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
