/* imap - one function for each IMAP command.  All take the session, a scope (or NULL), the
 * arguments, `on_data` where untagged data is the point, `done` and `data`; see session_submit().
 * Mailbox names are wire names (as LIST gave them, or utf7_encode()).
 *
 * Of each is said, in parentheses: the section of RFC 9051, or of another; the states in which it
 * is legal, those of RFC 9051 3: NA (not authenticated), A (authenticated), S (selected), as
 * command.def has them; and the capability that it needs.  "Tells" is what `on_data` gets.
 *
 * Errors, in `done`: CORE_ERROR_STATE in a wrong state, or where the server lacks a capability that
 * queue_missing_capability() has for it, and nothing is sent; CORE_ERROR_NO and _BAD where it
 * refuses, _AUTH of a log-in; _ABORT and its kin where the line is lost (error.h). */
#ifndef SHEAF_CORE_IMAP_H
#define SHEAF_CORE_IMAP_H

#include "core/session/session.h"

/* SILENT: the server does not tell the flags as they are then. */
typedef enum {
	STORE_ADD,
	STORE_REMOVE,
	STORE_REPLACE,
	STORE_ADD_SILENT,
	STORE_REMOVE_SILENT,
	STORE_REPLACE_SILENT
} StoreOp;

/* cmd_session.c */

/* What the server can (6.1.1; NA, A, S): CAPABILITY goes to the session and its listener. */
ImapCommand *imap_capability(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* Nothing but a chance for the server to tell what is new (6.1.2; NA, A, S). */
ImapCommand *imap_noop(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* Says goodbye (6.1.3; NA, A, S): BYE comes, and the connection is closed. */
ImapCommand *imap_logout(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* Logs in by name and password (6.2.3; NA; not with LOGINDISABLED). */
ImapCommand *imap_login(ImapSession *s, Scope *scope, const char *user, const char *password,
			ImapDone done, void *data);
/* 6.2.2 (NA; AUTH=…): by any mechanism, also one that nobody here knows; `step` answers its
 * challenges (session.h).  `initial` is base64 and sent along where the server takes it (SASL-IR,
 * RFC 4959), else NULL. */
ImapCommand *imap_authenticate(ImapSession *s, Scope *scope, const char *mechanism,
			       const char *initial, SessionStep step, void *step_data,
			       ImapDone done, void *data);
/* 6.2.1 (NA; STARTTLS): what is submitted behind it waits for the handshake. */
ImapCommand *imap_starttls(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* RFC 4978 (A, S; COMPRESS=DEFLATE): all that is sent and received behind its OK is compressed. Not
 * twice. */
ImapCommand *imap_compress(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* Turns on extensions (6.3.1; A; ENABLE); `names` is "CONDSTORE UTF8=ACCEPT".  ENABLED goes to the
 * session. */
ImapCommand *imap_enable(ImapSession *s, Scope *scope, const char *names, ImapDone done,
			 void *data);
/* RFC 2971 (NA, A, S; ID): `fields` is name, value, name, …, NULL; NULL tells nothing.  (A value
 * NIL, which RFC 2971 allows, kills Cyrus 3.6.)  Tells OTHER, "ID (…)". */
ImapCommand *imap_id(ImapSession *s, Scope *scope, const char *const *fields, ImapData on_data,
		     ImapDone done, void *data);
/* For administrators (A; no RFC; PROXYAUTH): all that follows is done as `user`. */
ImapCommand *imap_proxyauth(ImapSession *s, Scope *scope, const char *user, ImapDone done,
			    void *data);
/* Any command by its own words (6.5; NA, A, S); `line` is "VERB ARGS" without CR and LF. */
ImapCommand *imap_xatom(ImapSession *s, Scope *scope, const char *line, ImapData on_data,
			ImapDone done, void *data);

/* cmd_mailbox.c */

/* Opens a mailbox (6.3.2), to read only by EXAMINE (6.3.3; A, S).  Tells FLAGS, EXISTS, RECENT.
 * Refused, none is open. */
ImapCommand *imap_select(ImapSession *s, Scope *scope, const char *mailbox, bool readonly,
			 ImapData on_data, ImapDone done, void *data);
/* The same to read only (6.3.3; A, S). */
ImapCommand *imap_examine(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			  ImapDone done, void *data);
/* SELECT or EXAMINE that also tells what happened since `modseq` (QRESYNC, which must be enabled:
 * RFC 7162 3.2.5; A, S), as VANISHED (EARLIER) and FETCH in front of its OK. */
ImapCommand *imap_select_since(ImapSession *s, Scope *scope, const char *mailbox, bool readonly,
			       uint32_t uidvalidity, uint64_t modseq, ImapData on_data,
			       ImapDone done, void *data);
/* Closes the mailbox, removing what is deleted (6.4.1; S). */
ImapCommand *imap_close(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* Closes it as it is (6.4.2; S; UNSELECT). */
ImapCommand *imap_unselect(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* Creates a mailbox (6.3.4; A, S). */
ImapCommand *imap_create(ImapSession *s, Scope *scope, const char *mailbox, ImapDone done,
			 void *data);
/* Deletes one (6.3.5; A, S). */
ImapCommand *imap_delete(ImapSession *s, Scope *scope, const char *mailbox, ImapDone done,
			 void *data);
/* Renames one, with all below it (6.3.6; A, S). */
ImapCommand *imap_rename(ImapSession *s, Scope *scope, const char *from, const char *to,
			 ImapDone done, void *data);
/* SUBSCRIBE (6.3.7), or UNSUBSCRIBE (6.3.8; A, S). */
ImapCommand *imap_subscribe(ImapSession *s, Scope *scope, const char *mailbox, bool subscribe,
			    ImapDone done, void *data);
/* Mailboxes below `reference` that match `pattern` (6.3.9; A, S).  Tells LIST.  `return_options` is
 * "" or what stands in RETURN (…), where LIST-EXTENDED or SPECIAL-USE allow it.
 */
ImapCommand *imap_list(ImapSession *s, Scope *scope, const char *reference, const char *pattern,
		       const char *return_options, ImapData on_data, ImapDone done, void *data);
/* The same with `selection`, what stands in front ("SUBSCRIBED REMOTE"; RFC 5258 3; A, S;
 * LIST-EXTENDED), and several patterns, NULL-terminated.  Tells LIST. */
ImapCommand *imap_list_extended(ImapSession *s, Scope *scope, const char *selection,
				const char *reference, const char *const *patterns,
				const char *return_options, ImapData on_data, ImapDone done,
				void *data);
/* The same of those subscribed to (RFC 3501 6.3.9; A, S).  Tells LSUB. */
ImapCommand *imap_lsub(ImapSession *s, Scope *scope, const char *reference, const char *pattern,
		       ImapData on_data, ImapDone done, void *data);
/* Counts of a mailbox that need not be open (6.3.11; A, S); `items` is "MESSAGES UNSEEN …".  Tells
 * STATUS. */
ImapCommand *imap_status(ImapSession *s, Scope *scope, const char *mailbox, const char *items,
			 ImapData on_data, ImapDone done, void *data);
/* Stores a message (6.3.12; A, S); `flags` NULL-terminated or NULL; `internal_date` unix seconds or
 * -1. */
ImapCommand *imap_append(ImapSession *s, Scope *scope, const char *mailbox,
			 const char *const *flags, int64_t internal_date, GBytes *message,
			 ImapDone done, void *data);
/* One of several messages; its fields as imap_append() has them. */
typedef struct {
	const char *const *flags;
	int64_t internal_date;
	GBytes *message;
} ImapAppended;

/* Stores all `n` or none (RFC 3502 6.3.11; A, S; MULTIAPPEND). */
ImapCommand *imap_append_messages(ImapSession *s, Scope *scope, const char *mailbox,
				  const ImapAppended *messages, size_t n, ImapDone done,
				  void *data);
/* Hears what is new (6.3.13; A, S; IDLE) until session_break_idle() or any other command; one that
 * lasts is idle_start(). */
ImapCommand *imap_idle(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* RFC 5465 3 (A, S; NOTIFY): of which events the server tells by itself; `events` is what stands
 * behind NOTIFY
 * ("SET STATUS (…) (…)").  Refused (NO, BAD), everything stays as it was. */
ImapCommand *imap_notify(ImapSession *s, Scope *scope, const char *events, ImapDone done,
			 void *data);

/* 6.3.4 (A, S); `use` is "\\Sent" or the like (RFC 6154 5; CREATE-SPECIAL-USE), or NULL. */
ImapCommand *imap_create_special(ImapSession *s, Scope *scope, const char *mailbox, const char *use,
				 ImapDone done, void *data);
/* 6.3.10 (A, S; NAMESPACE).  Tells OTHER, "NAMESPACE …". */
ImapCommand *imap_namespace(ImapSession *s, Scope *scope, ImapData on_data, ImapDone done,
			    void *data);
/* Has the mailbox written out (RFC 3501 6.4.1; S). */
ImapCommand *imap_check(ImapSession *s, Scope *scope, ImapDone done, void *data);

/* cmd_access.c: who may, and how much (A, S); those that ask tell OTHER, under the names given.  A
 * server that does not offer ACL (RFC 4314), QUOTA (RFC 9208), METADATA (RFC 5464) or ANNOTATEMORE
 * refuses them. */

/* Who may do what: "ACL mailbox user rights …" (RFC 4314 3.3). */
ImapCommand *imap_getacl(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			 ImapDone done, void *data);
/* Gives rights: `rights` is "lrs", "+w" or "-w" (3.1). */
ImapCommand *imap_setacl(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			 const char *rights, ImapDone done, void *data);
/* Takes all of them away (3.2). */
ImapCommand *imap_deleteacl(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			    ImapDone done, void *data);
/* What can be given: "LISTRIGHTS mailbox user always optional …" (3.4). */
ImapCommand *imap_listrights(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			     ImapData on_data, ImapDone done, void *data);
/* What we may: "MYRIGHTS mailbox rights" (3.5). */
ImapCommand *imap_myrights(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			   ImapDone done, void *data);
/* "QUOTA root (resource usage limit …)" (RFC 9208 4.2.1). */
ImapCommand *imap_getquota(ImapSession *s, Scope *scope, const char *root, ImapData on_data,
			   ImapDone done, void *data);
/* "QUOTAROOT mailbox root …" and a QUOTA for each (4.2.2). */
ImapCommand *imap_getquotaroot(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			       ImapDone done, void *data);
/* `limits` is "STORAGE 1024 …", "" for none (4.2.3). */
ImapCommand *imap_setquota(ImapSession *s, Scope *scope, const char *root, const char *limits,
			   ImapData on_data, ImapDone done, void *data);
/* RFC 5464 4.2; `mailbox` "" is the server, `options` is "DEPTH 1 …" or "", `entries`
 * NULL-terminated.  "METADATA mailbox (entry value …)". */
ImapCommand *imap_getmetadata(ImapSession *s, Scope *scope, const char *mailbox,
			      const char *options, const char *const *entries, ImapData on_data,
			      ImapDone done, void *data);
/* A value under a name; `value` NULL is NIL, which removes it. */
typedef struct {
	const char *entry;     /* "/shared/comment"; of ANNOTATEMORE "/comment" */
	const char *attribute; /* of ANNOTATEMORE, "value.shared"; else NULL */
	const char *value;
} ImapAnnotation;

/* RFC 5464 4.3, all `n` or none. */
ImapCommand *imap_setmetadata(ImapSession *s, Scope *scope, const char *mailbox,
			      const ImapAnnotation *annotations, size_t n, ImapDone done,
			      void *data);
/* As they were before RFC 5464 (draft-daboo-imap-annotatemore): each of `attributes` of each of
 * `entries`, both NULL-terminated; "*" and "%" in them, and in `mailbox`, match as in LIST.
 * "ANNOTATION mailbox entry (attribute value …)". */
ImapCommand *imap_getannotation(ImapSession *s, Scope *scope, const char *mailbox,
				const char *const *entries, const char *const *attributes,
				ImapData on_data, ImapDone done, void *data);
/* All `n`; those of one entry stand together. */
ImapCommand *imap_setannotation(ImapSession *s, Scope *scope, const char *mailbox,
				const ImapAnnotation *annotations, size_t n, ImapDone done,
				void *data);

/* cmd_message.c; `uids` are UIDs for the uid_ forms (6.4.9), sequence numbers for the others. */

/* Messages that match (6.4.4; S).  Tells SEARCH or ESEARCH.  `criteria` is what query_to_imap()
 * made; `charset` is NULL or "UTF-8". */
ImapCommand *imap_uid_search(ImapSession *s, Scope *scope, const char *charset,
			     const char *criteria, ImapData on_data, ImapDone done, void *data);
/* The same in an order (RFC 5256 3; S; SORT); `keys` is "REVERSE DATE".  Tells SORT. */
ImapCommand *imap_uid_sort(ImapSession *s, Scope *scope, const char *keys, const char *charset,
			   const char *criteria, ImapData on_data, ImapDone done, void *data);
/* The same as a set whose ranges stand in that order (RFC 5267 3.1; S; ESORT): all of them in a few
 * bytes where they ascend.  Tells ESEARCH. */
ImapCommand *imap_uid_esort(ImapSession *s, Scope *scope, const char *keys, const char *charset,
			    const char *criteria, ImapData on_data, ImapDone done, void *data);
/* The same by thread (RFC 5256 3; S; THREAD=…).  Tells THREAD.  `algorithm` is "REFS", "REFERENCES"
 * or "ORDEREDSUBJECT"; the others as above. */
ImapCommand *imap_uid_thread(ImapSession *s, Scope *scope, const char *algorithm,
			     const char *charset, const char *criteria, ImapData on_data,
			     ImapDone done, void *data);
/* Data of messages (6.4.5; S).  Tells FETCH.  `items` is "(UID FLAGS …)"; `uids` NULL is "*", the
 * newest message. */
ImapCommand *imap_uid_fetch(ImapSession *s, Scope *scope, const UidSet *uids, const char *items,
			    ImapData on_data, ImapDone done, void *data);
/* The same by sequence number (S).  Tells FETCH. */
ImapCommand *imap_fetch(ImapSession *s, Scope *scope, const UidSet *seqs, const char *items,
			ImapData on_data, ImapDone done, void *data);
/* Changes flags (6.4.6; S); `flags` is NULL-terminated.  Its FETCH go to the session's listener. */
ImapCommand *imap_uid_store(ImapSession *s, Scope *scope, const UidSet *uids, StoreOp op,
			    const char *const *flags, ImapDone done, void *data);
/* The same where nothing has changed since `modseq` (RFC 7162 3.1.3; S; CONDSTORE); those that had
 * are in the result's code MODIFIED. */
ImapCommand *imap_uid_store_unchanged(ImapSession *s, Scope *scope, const UidSet *uids,
				      uint64_t modseq, StoreOp op, const char *const *flags,
				      ImapDone done, void *data);
/* Copies to a mailbox (6.4.7; S).  COPYUID is in its result where there is UIDPLUS. */
ImapCommand *imap_uid_copy(ImapSession *s, Scope *scope, const UidSet *uids, const char *mailbox,
			   ImapDone done, void *data);
/* Moves to a mailbox (6.4.8; S; MOVE).  EXPUNGE or VANISHED go to the listener. */
ImapCommand *imap_uid_move(ImapSession *s, Scope *scope, const UidSet *uids, const char *mailbox,
			   ImapDone done, void *data);
/* Removes those of them that are deleted (6.4.9; S; UIDPLUS). */
ImapCommand *imap_uid_expunge(ImapSession *s, Scope *scope, const UidSet *uids, ImapDone done,
			      void *data);
/* Removes all that is deleted (6.4.3; S).  EXPUNGE or VANISHED go to the listener. */
ImapCommand *imap_expunge(ImapSession *s, Scope *scope, ImapDone done, void *data);

/* The same by sequence number, which hold only until something is expunged: they wait for whatever
 * may do that.  `set` is a sequence set as RFC 9051 9 has it: "1", "2:4",
 * "1:3,6:9", "3:*", "$". */

/* (6.4.4; S) Tells SEARCH or ESEARCH. */
ImapCommand *imap_search(ImapSession *s, Scope *scope, const char *charset, const char *criteria,
			 ImapData on_data, ImapDone done, void *data);
/* (RFC 5256 3; S; SORT) Tells SORT. */
ImapCommand *imap_sort(ImapSession *s, Scope *scope, const char *keys, const char *charset,
		       const char *criteria, ImapData on_data, ImapDone done, void *data);
/* (RFC 5256 3; S; THREAD=…) Tells THREAD. */
ImapCommand *imap_thread(ImapSession *s, Scope *scope, const char *algorithm, const char *charset,
			 const char *criteria, ImapData on_data, ImapDone done, void *data);
/* (6.4.6; S) Answers are FETCH responses, which go to the session's listener. */
ImapCommand *imap_store(ImapSession *s, Scope *scope, const char *set, StoreOp op,
			const char *const *flags, ImapDone done, void *data);
/* The same as imap_uid_store_unchanged() by sequence number (S; CONDSTORE). */
ImapCommand *imap_store_unchanged(ImapSession *s, Scope *scope, const char *set, uint64_t modseq,
				  StoreOp op, const char *const *flags, ImapDone done, void *data);
/* (6.4.7; S) */
ImapCommand *imap_copy(ImapSession *s, Scope *scope, const char *set, const char *mailbox,
		       ImapDone done, void *data);
/* (6.4.8; S; MOVE) */
ImapCommand *imap_move(ImapSession *s, Scope *scope, const char *set, const char *mailbox,
		       ImapDone done, void *data);
/* RFC 1730 6.4.6 (S; IMAP4, not IMAP4rev1).  Tells FETCH.  `length` octets of `item` (RFC822.TEXT,
 * BODY[1]) from octet `start` (1 is the first) on. */
ImapCommand *imap_partial(ImapSession *s, Scope *scope, uint32_t seq, const char *item,
			  uint32_t start, uint32_t length, ImapData on_data, ImapDone done,
			  void *data);

#endif
