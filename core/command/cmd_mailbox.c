#include "core/command/imap.h"

/* Verbs whose one argument is a mailbox. */
static ImapCommand *on_mailbox(ImapSession *s, Scope *scope, CommandId id, const char *mailbox,
			       ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, id);

	writer_mailbox(w, mailbox);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_select(ImapSession *s, Scope *scope, const char *mailbox, bool readonly,
			 ImapData on_data, ImapDone done, void *data)
{
	return on_mailbox(s, scope, readonly ? COMMAND_ID_EXAMINE : COMMAND_ID_SELECT, mailbox,
			  on_data, done, data);
}

ImapCommand *imap_examine(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			  ImapDone done, void *data)
{
	return imap_select(s, scope, mailbox, true, on_data, done, data);
}

ImapCommand *imap_select_since(ImapSession *s, Scope *scope, const char *mailbox, bool readonly,
			       uint32_t uidvalidity, uint64_t modseq, ImapData on_data,
			       ImapDone done, void *data)
{
	Writer *w = session_begin(s, readonly ? COMMAND_ID_EXAMINE : COMMAND_ID_SELECT);

	writer_mailbox(w, mailbox);
	writer_open(w);
	writer_atom(w, "QRESYNC");
	writer_open(w);
	writer_number(w, uidvalidity);
	writer_number(w, modseq);
	writer_close(w);
	writer_close(w);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_close(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_CLOSE), NULL, done, data);
}

ImapCommand *imap_unselect(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_UNSELECT), NULL, done, data);
}

ImapCommand *imap_create(ImapSession *s, Scope *scope, const char *mailbox, ImapDone done,
			 void *data)
{
	return imap_create_special(s, scope, mailbox, NULL, done, data);
}

ImapCommand *imap_delete(ImapSession *s, Scope *scope, const char *mailbox, ImapDone done,
			 void *data)
{
	return on_mailbox(s, scope, COMMAND_ID_DELETE, mailbox, NULL, done, data);
}

ImapCommand *imap_rename(ImapSession *s, Scope *scope, const char *from, const char *to,
			 ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_RENAME);

	writer_mailbox(w, from);
	writer_mailbox(w, to);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_subscribe(ImapSession *s, Scope *scope, const char *mailbox, bool subscribe,
			    ImapDone done, void *data)
{
	return on_mailbox(s, scope, subscribe ? COMMAND_ID_SUBSCRIBE : COMMAND_ID_UNSUBSCRIBE,
			  mailbox, NULL, done, data);
}

static void write_return(Writer *w, const char *options)
{
	if (!*options)
		return;
	writer_atom(w, "RETURN");
	writer_open(w);
	writer_raw(w, options);
	writer_close(w);
}

ImapCommand *imap_list(ImapSession *s, Scope *scope, const char *reference, const char *pattern,
		       const char *return_options, ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_LIST);

	writer_string(w, reference);
	writer_string(w, pattern);
	write_return(w, return_options);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_list_extended(ImapSession *s, Scope *scope, const char *selection,
				const char *reference, const char *const *patterns,
				const char *return_options, ImapData on_data, ImapDone done,
				void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_LIST);

	writer_open(w);
	if (*selection)
		writer_raw(w, selection);
	writer_close(w);
	writer_string(w, reference);
	writer_open(w);
	for (; *patterns; patterns++)
		writer_string(w, *patterns);
	writer_close(w);
	write_return(w, return_options);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_lsub(ImapSession *s, Scope *scope, const char *reference, const char *pattern,
		       ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_LSUB);

	writer_string(w, reference);
	writer_string(w, pattern);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_status(ImapSession *s, Scope *scope, const char *mailbox, const char *items,
			 ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_STATUS);

	writer_mailbox(w, mailbox);
	writer_open(w);
	writer_raw(w, items);
	writer_close(w);
	return session_submit(s, scope, w, on_data, done, data);
}

/* date-time of RFC 9051: the day padded with a blank, months in English whatever the locale. */
static void write_date(Writer *w, int64_t unix_seconds)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(unix_seconds);
	g_autofree char *text = NULL;

	if (!date)
		return;
	text = g_strdup_printf("%2d-%s-%04d %02d:%02d:%02d +0000",
			       g_date_time_get_day_of_month(date),
			       months[g_date_time_get_month(date) - 1], g_date_time_get_year(date),
			       g_date_time_get_hour(date), g_date_time_get_minute(date),
			       g_date_time_get_second(date));
	writer_string(w, text);
}

ImapCommand *imap_append(ImapSession *s, Scope *scope, const char *mailbox,
			 const char *const *flags, int64_t internal_date, GBytes *message,
			 ImapDone done, void *data)
{
	const ImapAppended one = {flags, internal_date, message};

	return imap_append_messages(s, scope, mailbox, &one, 1, done, data);
}

ImapCommand *imap_append_messages(ImapSession *s, Scope *scope, const char *mailbox,
				  const ImapAppended *messages, size_t n, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_APPEND);

	writer_mailbox(w, mailbox);
	for (size_t i = 0; i < n; i++) {
		if (messages[i].flags && *messages[i].flags)
			writer_list(w, messages[i].flags);
		if (messages[i].internal_date >= 0)
			write_date(w, messages[i].internal_date);
		writer_message(w, messages[i].message);
	}
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_idle(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_IDLE), NULL, done, data);
}

ImapCommand *imap_notify(ImapSession *s, Scope *scope, const char *events, ImapDone done,
			 void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_NOTIFY);

	writer_raw(w, events);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_create_special(ImapSession *s, Scope *scope, const char *mailbox, const char *use,
				 ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_CREATE);

	writer_mailbox(w, mailbox);
	if (use) {
		writer_open(w);
		writer_atom(w, "USE");
		writer_open(w);
		writer_atom(w, use);
		writer_close(w);
		writer_close(w);
	}
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_namespace(ImapSession *s, Scope *scope, ImapData on_data, ImapDone done,
			    void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_NAMESPACE), on_data, done,
			      data);
}

ImapCommand *imap_check(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_CHECK), NULL, done, data);
}
