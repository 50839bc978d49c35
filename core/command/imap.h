/* imap - one function for each IMAP command.  All take the session, a scope (or NULL), the
 * arguments, `on_data` where untagged data is the point, `done` and `data`; see session_submit().
 * Mailbox names are wire names (as LIST gave them, or utf7_encode()).  Legal states are in
 * command.def; in a wrong one `done` gets CORE_ERROR_STATE. */
#ifndef SHEAF_CORE_IMAP_H
#define SHEAF_CORE_IMAP_H

#include "core/session/session.h"

typedef enum { STORE_ADD, STORE_REMOVE, STORE_REPLACE } StoreOp;

/* cmd_session.c */
ImapCommand *imap_capability(ImapSession *s, Scope *scope, ImapDone done, void *data);
ImapCommand *imap_noop(ImapSession *s, Scope *scope, ImapDone done, void *data);
ImapCommand *imap_logout(ImapSession *s, Scope *scope, ImapDone done, void *data);
ImapCommand *imap_login(ImapSession *s, Scope *scope, const char *user, const char *password,
			ImapDone done, void *data);
/* Any command by its own words; `line` is "VERB ARGS" without CR and LF. */
ImapCommand *imap_xatom(ImapSession *s, Scope *scope, const char *line, ImapData on_data,
			ImapDone done, void *data);

/* cmd_mailbox.c */
ImapCommand *imap_select(ImapSession *s, Scope *scope, const char *mailbox, bool readonly,
			 ImapData on_data, ImapDone done, void *data);
/* SELECT or EXAMINE that also tells what happened since `modseq` (QRESYNC, which must be enabled:
 * RFC 7162 3.2.5), as VANISHED (EARLIER) and FETCH in front of its OK. */
ImapCommand *imap_select_since(ImapSession *s, Scope *scope, const char *mailbox, bool readonly,
			       uint32_t uidvalidity, uint64_t modseq, ImapData on_data,
			       ImapDone done, void *data);
ImapCommand *imap_close(ImapSession *s, Scope *scope, ImapDone done, void *data);
ImapCommand *imap_unselect(ImapSession *s, Scope *scope, ImapDone done, void *data);
ImapCommand *imap_create(ImapSession *s, Scope *scope, const char *mailbox, ImapDone done,
			 void *data);
ImapCommand *imap_delete(ImapSession *s, Scope *scope, const char *mailbox, ImapDone done,
			 void *data);
ImapCommand *imap_rename(ImapSession *s, Scope *scope, const char *from, const char *to,
			 ImapDone done, void *data);
ImapCommand *imap_subscribe(ImapSession *s, Scope *scope, const char *mailbox, bool subscribe,
			    ImapDone done, void *data);
/* `return_options` is "" or what stands in RETURN (…), where LIST-EXTENDED or SPECIAL-USE allow it.
 */
ImapCommand *imap_list(ImapSession *s, Scope *scope, const char *reference, const char *pattern,
		       const char *return_options, ImapData on_data, ImapDone done, void *data);
ImapCommand *imap_lsub(ImapSession *s, Scope *scope, const char *reference, const char *pattern,
		       ImapData on_data, ImapDone done, void *data);
/* `items` is "MESSAGES UNSEEN …". */
ImapCommand *imap_status(ImapSession *s, Scope *scope, const char *mailbox, const char *items,
			 ImapData on_data, ImapDone done, void *data);
/* `flags` NULL-terminated or NULL; `internal_date` unix seconds or -1. */
ImapCommand *imap_append(ImapSession *s, Scope *scope, const char *mailbox,
			 const char *const *flags, int64_t internal_date, GBytes *message,
			 ImapDone done, void *data);
/* Until session_break_idle() or any other command; renewed by the caller before 29 minutes. */
ImapCommand *imap_idle(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* RFC 5465 3: of which events the server tells by itself; `events` is what stands behind NOTIFY
 * ("SET STATUS (…) (…)").  Refused (NO, BAD), everything stays as it was. */
ImapCommand *imap_notify(ImapSession *s, Scope *scope, const char *events, ImapDone done,
			 void *data);

/* cmd_message.c; `uids` are UIDs for the uid_ forms, sequence numbers for the others. */
/* `criteria` is what query_to_imap() made; `charset` is NULL or "UTF-8". */
ImapCommand *imap_uid_search(ImapSession *s, Scope *scope, const char *charset,
			     const char *criteria, ImapData on_data, ImapDone done, void *data);
ImapCommand *imap_uid_sort(ImapSession *s, Scope *scope, const char *keys, const char *charset,
			   const char *criteria, ImapData on_data, ImapDone done, void *data);
/* `algorithm` is "REFS", "REFERENCES" or "ORDEREDSUBJECT" (RFC 5256); the others as above. */
ImapCommand *imap_uid_thread(ImapSession *s, Scope *scope, const char *algorithm,
			     const char *charset, const char *criteria, ImapData on_data,
			     ImapDone done, void *data);
/* `items` is "(UID FLAGS …)"; `uids` NULL is "*", the newest message. */
ImapCommand *imap_uid_fetch(ImapSession *s, Scope *scope, const UidSet *uids, const char *items,
			    ImapData on_data, ImapDone done, void *data);
ImapCommand *imap_fetch(ImapSession *s, Scope *scope, const UidSet *seqs, const char *items,
			ImapData on_data, ImapDone done, void *data);
ImapCommand *imap_uid_store(ImapSession *s, Scope *scope, const UidSet *uids, StoreOp op,
			    const char *const *flags, ImapDone done, void *data);
ImapCommand *imap_uid_copy(ImapSession *s, Scope *scope, const UidSet *uids, const char *mailbox,
			   ImapDone done, void *data);
ImapCommand *imap_uid_move(ImapSession *s, Scope *scope, const UidSet *uids, const char *mailbox,
			   ImapDone done, void *data);
ImapCommand *imap_uid_expunge(ImapSession *s, Scope *scope, const UidSet *uids, ImapDone done,
			      void *data);
ImapCommand *imap_expunge(ImapSession *s, Scope *scope, ImapDone done, void *data);

#endif
