#include "core/command/imap.h"

#include <string.h>

static ImapCommand *of_mailbox(ImapSession *s, Scope *scope, CommandId id, const char *mailbox,
			       const char *user, const char *rights, ImapData on_data,
			       ImapDone done, void *data)
{
	Writer *w = session_begin(s, id);

	writer_mailbox(w, mailbox);
	if (user)
		writer_astring(w, user);
	if (rights)
		writer_astring(w, rights);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_getacl(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			 ImapDone done, void *data)
{
	return of_mailbox(s, scope, COMMAND_ID_GETACL, mailbox, NULL, NULL, on_data, done, data);
}

ImapCommand *imap_setacl(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			 const char *rights, ImapDone done, void *data)
{
	return of_mailbox(s, scope, COMMAND_ID_SETACL, mailbox, user, rights, NULL, done, data);
}

ImapCommand *imap_deleteacl(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			    ImapDone done, void *data)
{
	return of_mailbox(s, scope, COMMAND_ID_DELETEACL, mailbox, user, NULL, NULL, done, data);
}

ImapCommand *imap_listrights(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			     ImapData on_data, ImapDone done, void *data)
{
	return of_mailbox(s, scope, COMMAND_ID_LISTRIGHTS, mailbox, user, NULL, on_data, done,
			  data);
}

ImapCommand *imap_myrights(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			   ImapDone done, void *data)
{
	return of_mailbox(s, scope, COMMAND_ID_MYRIGHTS, mailbox, NULL, NULL, on_data, done, data);
}

ImapCommand *imap_getquota(ImapSession *s, Scope *scope, const char *root, ImapData on_data,
			   ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_GETQUOTA);

	writer_astring(w, root);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_getquotaroot(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			       ImapDone done, void *data)
{
	return of_mailbox(s, scope, COMMAND_ID_GETQUOTAROOT, mailbox, NULL, NULL, on_data, done,
			  data);
}

ImapCommand *imap_setquota(ImapSession *s, Scope *scope, const char *root, const char *limits,
			   ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_SETQUOTA);

	writer_astring(w, root);
	writer_open(w);
	if (*limits)
		writer_raw(w, limits);
	writer_close(w);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_getmetadata(ImapSession *s, Scope *scope, const char *mailbox,
			      const char *options, const char *const *entries, ImapData on_data,
			      ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_GETMETADATA);

	if (*options) {
		writer_open(w);
		writer_raw(w, options);
		writer_close(w);
	}
	writer_mailbox(w, mailbox);
	writer_open(w);
	for (; *entries; entries++)
		writer_astring(w, *entries);
	writer_close(w);
	return session_submit(s, scope, w, on_data, done, data);
}

static void write_value(Writer *w, const char *value)
{
	if (value)
		writer_string(w, value);
	else
		writer_atom(w, "NIL");
}

ImapCommand *imap_setmetadata(ImapSession *s, Scope *scope, const char *mailbox,
			      const ImapAnnotation *annotations, size_t n, ImapDone done,
			      void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_SETMETADATA);

	writer_mailbox(w, mailbox);
	writer_open(w);
	for (size_t i = 0; i < n; i++) {
		writer_astring(w, annotations[i].entry);
		write_value(w, annotations[i].value);
	}
	writer_close(w);
	return session_submit(s, scope, w, NULL, done, data);
}

/* One, or several in parentheses. */
static void write_strings(Writer *w, const char *const *strings)
{
	bool several = strings[0] && strings[1];

	if (several)
		writer_open(w);
	for (; *strings; strings++)
		writer_string(w, *strings);
	if (several)
		writer_close(w);
}

ImapCommand *imap_getannotation(ImapSession *s, Scope *scope, const char *mailbox,
				const char *const *entries, const char *const *attributes,
				ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_GETANNOTATION);

	writer_mailbox(w, mailbox);
	write_strings(w, entries);
	write_strings(w, attributes);
	return session_submit(s, scope, w, on_data, done, data);
}

/* How many from the first on are of its entry. */
static size_t count_of_entry(const ImapAnnotation *annotations, size_t n)
{
	size_t same = 0;

	while (same < n && strcmp(annotations[same].entry, annotations[0].entry) == 0)
		same++;
	return same;
}

static void write_entry(Writer *w, const ImapAnnotation *annotations, size_t n)
{
	writer_string(w, annotations[0].entry);
	writer_open(w);
	for (size_t i = 0; i < n; i++) {
		writer_string(w, annotations[i].attribute);
		write_value(w, annotations[i].value);
	}
	writer_close(w);
}

ImapCommand *imap_setannotation(ImapSession *s, Scope *scope, const char *mailbox,
				const ImapAnnotation *annotations, size_t n, ImapDone done,
				void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_SETANNOTATION);
	bool several = count_of_entry(annotations, n) < n;

	writer_mailbox(w, mailbox);
	if (several)
		writer_open(w);
	for (size_t at = 0, same; at < n; at += same) {
		same = count_of_entry(annotations + at, n - at);
		write_entry(w, annotations + at, same);
	}
	if (several)
		writer_close(w);
	return session_submit(s, scope, w, NULL, done, data);
}
