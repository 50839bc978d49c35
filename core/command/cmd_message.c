#include "core/command/imap.h"

static ImapCommand *search(ImapSession *s, Scope *scope, CommandId id, const char *charset,
			   const char *criteria, ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, id);

	if (charset) {
		writer_atom(w, "CHARSET");
		writer_atom(w, charset);
	}
	writer_raw(w, criteria);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_uid_search(ImapSession *s, Scope *scope, const char *charset,
			     const char *criteria, ImapData on_data, ImapDone done, void *data)
{
	return search(s, scope, COMMAND_ID_UID_SEARCH, charset, criteria, on_data, done, data);
}

ImapCommand *imap_search(ImapSession *s, Scope *scope, const char *charset, const char *criteria,
			 ImapData on_data, ImapDone done, void *data)
{
	return search(s, scope, COMMAND_ID_SEARCH, charset, criteria, on_data, done, data);
}

static ImapCommand *sort(ImapSession *s, Scope *scope, CommandId id, const char *returns,
			 const char *keys, const char *charset, const char *criteria,
			 ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, id);

	if (returns) {
		writer_atom(w, "RETURN");
		writer_raw(w, returns);
	}
	writer_open(w);
	writer_raw(w, keys);
	writer_close(w);
	writer_atom(w, charset ? charset : "UTF-8");
	writer_raw(w, criteria);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_uid_sort(ImapSession *s, Scope *scope, const char *keys, const char *charset,
			   const char *criteria, ImapData on_data, ImapDone done, void *data)
{
	return sort(s, scope, COMMAND_ID_UID_SORT, NULL, keys, charset, criteria, on_data, done,
		    data);
}

ImapCommand *imap_uid_esort(ImapSession *s, Scope *scope, const char *keys, const char *charset,
			    const char *criteria, ImapData on_data, ImapDone done, void *data)
{
	return sort(s, scope, COMMAND_ID_UID_SORT, "(ALL)", keys, charset, criteria, on_data, done,
		    data);
}

ImapCommand *imap_sort(ImapSession *s, Scope *scope, const char *keys, const char *charset,
		       const char *criteria, ImapData on_data, ImapDone done, void *data)
{
	return sort(s, scope, COMMAND_ID_SORT, NULL, keys, charset, criteria, on_data, done, data);
}

static ImapCommand *thread(ImapSession *s, Scope *scope, CommandId id, const char *algorithm,
			   const char *charset, const char *criteria, ImapData on_data,
			   ImapDone done, void *data)
{
	Writer *w = session_begin(s, id);

	writer_atom(w, algorithm);
	writer_atom(w, charset ? charset : "UTF-8");
	writer_raw(w, criteria);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_uid_thread(ImapSession *s, Scope *scope, const char *algorithm,
			     const char *charset, const char *criteria, ImapData on_data,
			     ImapDone done, void *data)
{
	return thread(s, scope, COMMAND_ID_UID_THREAD, algorithm, charset, criteria, on_data, done,
		      data);
}

ImapCommand *imap_thread(ImapSession *s, Scope *scope, const char *algorithm, const char *charset,
			 const char *criteria, ImapData on_data, ImapDone done, void *data)
{
	return thread(s, scope, COMMAND_ID_THREAD, algorithm, charset, criteria, on_data, done,
		      data);
}

static ImapCommand *fetch(ImapSession *s, Scope *scope, CommandId id, const UidSet *set,
			  const char *items, ImapData on_data, ImapDone done, void *data)
{
	Writer *w = session_begin(s, id);

	if (set)
		writer_uids(w, set);
	else
		writer_raw(w, "*");
	writer_raw(w, items);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_uid_fetch(ImapSession *s, Scope *scope, const UidSet *uids, const char *items,
			    ImapData on_data, ImapDone done, void *data)
{
	return fetch(s, scope, COMMAND_ID_UID_FETCH, uids, items, on_data, done, data);
}

ImapCommand *imap_fetch(ImapSession *s, Scope *scope, const UidSet *seqs, const char *items,
			ImapData on_data, ImapDone done, void *data)
{
	return fetch(s, scope, COMMAND_ID_FETCH, seqs, items, on_data, done, data);
}

static void write_change(Writer *w, StoreOp op, const char *const *flags)
{
	static const char *const item[] = {
		[STORE_ADD] = "+FLAGS",
		[STORE_REMOVE] = "-FLAGS",
		[STORE_REPLACE] = "FLAGS",
		[STORE_ADD_SILENT] = "+FLAGS.SILENT",
		[STORE_REMOVE_SILENT] = "-FLAGS.SILENT",
		[STORE_REPLACE_SILENT] = "FLAGS.SILENT",
	};

	writer_atom(w, item[op]);
	writer_list(w, flags);
}

ImapCommand *imap_uid_store(ImapSession *s, Scope *scope, const UidSet *uids, StoreOp op,
			    const char *const *flags, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_UID_STORE);

	writer_uids(w, uids);
	write_change(w, op, flags);
	return session_submit(s, scope, w, NULL, done, data);
}

/* RFC 7162 3.1.3. */
static void write_condition(Writer *w, uint64_t modseq)
{
	writer_open(w);
	writer_atom(w, "UNCHANGEDSINCE");
	writer_number(w, modseq);
	writer_close(w);
}

ImapCommand *imap_uid_store_unchanged(ImapSession *s, Scope *scope, const UidSet *uids,
				      uint64_t modseq, StoreOp op, const char *const *flags,
				      ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_UID_STORE);

	writer_uids(w, uids);
	write_condition(w, modseq);
	write_change(w, op, flags);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_store(ImapSession *s, Scope *scope, const char *set, StoreOp op,
			const char *const *flags, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_STORE);

	writer_atom(w, set);
	write_change(w, op, flags);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_store_unchanged(ImapSession *s, Scope *scope, const char *set, uint64_t modseq,
				  StoreOp op, const char *const *flags, ImapDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_STORE);

	writer_atom(w, set);
	write_condition(w, modseq);
	write_change(w, op, flags);
	return session_submit(s, scope, w, NULL, done, data);
}

static ImapCommand *to_mailbox(ImapSession *s, Scope *scope, CommandId id, const UidSet *uids,
			       const char *mailbox, ImapDone done, void *data)
{
	Writer *w = session_begin(s, id);

	writer_uids(w, uids);
	writer_mailbox(w, mailbox);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_uid_copy(ImapSession *s, Scope *scope, const UidSet *uids, const char *mailbox,
			   ImapDone done, void *data)
{
	return to_mailbox(s, scope, COMMAND_ID_UID_COPY, uids, mailbox, done, data);
}

ImapCommand *imap_uid_move(ImapSession *s, Scope *scope, const UidSet *uids, const char *mailbox,
			   ImapDone done, void *data)
{
	return to_mailbox(s, scope, COMMAND_ID_UID_MOVE, uids, mailbox, done, data);
}

static ImapCommand *set_to_mailbox(ImapSession *s, Scope *scope, CommandId id, const char *set,
				   const char *mailbox, ImapDone done, void *data)
{
	Writer *w = session_begin(s, id);

	writer_atom(w, set);
	writer_mailbox(w, mailbox);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_copy(ImapSession *s, Scope *scope, const char *set, const char *mailbox,
		       ImapDone done, void *data)
{
	return set_to_mailbox(s, scope, COMMAND_ID_COPY, set, mailbox, done, data);
}

ImapCommand *imap_move(ImapSession *s, Scope *scope, const char *set, const char *mailbox,
		       ImapDone done, void *data)
{
	return set_to_mailbox(s, scope, COMMAND_ID_MOVE, set, mailbox, done, data);
}

ImapCommand *imap_partial(ImapSession *s, Scope *scope, uint32_t seq, const char *item,
			  uint32_t start, uint32_t length, ImapData on_data, ImapDone done,
			  void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_PARTIAL);

	writer_number(w, seq);
	writer_raw(w, item);
	writer_number(w, start);
	writer_number(w, length);
	return session_submit(s, scope, w, on_data, done, data);
}

ImapCommand *imap_uid_expunge(ImapSession *s, Scope *scope, const UidSet *uids, ImapDone done,
			      void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_UID_EXPUNGE);

	writer_uids(w, uids);
	return session_submit(s, scope, w, NULL, done, data);
}

ImapCommand *imap_expunge(ImapSession *s, Scope *scope, ImapDone done, void *data)
{
	return session_submit(s, scope, session_begin(s, COMMAND_ID_EXPUNGE), NULL, done, data);
}
