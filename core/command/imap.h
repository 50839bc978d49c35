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
/* RFC 9051 6.2.2: by any mechanism, also one that nobody here knows; `step` answers its challenges
 * (session.h).  `initial` is base64 and sent along where the server takes it (SASL-IR, RFC 4959),
 * else NULL. */
ImapCommand *imap_authenticate(ImapSession *s, Scope *scope, const char *mechanism,
			       const char *initial, SessionStep step, void *step_data,
			       ImapDone done, void *data);
/* RFC 9051 6.2.1: what is submitted behind it waits for the handshake. */
ImapCommand *imap_starttls(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* RFC 4978: all that is sent and received behind its OK is compressed.  Not twice. */
ImapCommand *imap_compress(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* RFC 9051 6.3.1; `names` is "CONDSTORE UTF8=ACCEPT". */
ImapCommand *imap_enable(ImapSession *s, Scope *scope, const char *names, ImapDone done,
			 void *data);
/* RFC 2971: `fields` is name, value, name, …, NULL; NULL tells nothing.  (A value
 * NIL, which RFC 2971 allows, kills Cyrus 3.6.)  Tells OTHER, "ID (…)". */
ImapCommand *imap_id(ImapSession *s, Scope *scope, const char *const *fields, ImapData on_data,
		     ImapDone done, void *data);
/* For administrators: all that follows is done as `user`. */
ImapCommand *imap_proxyauth(ImapSession *s, Scope *scope, const char *user, ImapDone done,
			    void *data);
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
/* Until session_break_idle() or any other command; one that lasts is idle_start(). */
ImapCommand *imap_idle(ImapSession *s, Scope *scope, ImapDone done, void *data);
/* RFC 5465 3: of which events the server tells by itself; `events` is what stands behind NOTIFY
 * ("SET STATUS (…) (…)").  Refused (NO, BAD), everything stays as it was. */
ImapCommand *imap_notify(ImapSession *s, Scope *scope, const char *events, ImapDone done,
			 void *data);

/* RFC 9051 6.3.4; `use` is "\\Sent" or the like (RFC 6154 5), or NULL. */
ImapCommand *imap_create_special(ImapSession *s, Scope *scope, const char *mailbox, const char *use,
				 ImapDone done, void *data);
/* RFC 9051 6.3.10: tells OTHER, "NAMESPACE …". */
ImapCommand *imap_namespace(ImapSession *s, Scope *scope, ImapData on_data, ImapDone done,
			    void *data);
/* RFC 3501 6.4.1. */
ImapCommand *imap_check(ImapSession *s, Scope *scope, ImapDone done, void *data);

/* cmd_access.c: who may, and how much; all of them tell OTHER, under the names given.  A server
 * that does not offer ACL (RFC 4314) or QUOTA (RFC 9208) refuses them. */

/* "ACL mailbox user rights …" (RFC 4314 3.3). */
ImapCommand *imap_getacl(ImapSession *s, Scope *scope, const char *mailbox, ImapData on_data,
			 ImapDone done, void *data);
/* `rights` is "lrs", "+w" or "-w" (3.1). */
ImapCommand *imap_setacl(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			 const char *rights, ImapDone done, void *data);
ImapCommand *imap_deleteacl(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			    ImapDone done, void *data);
/* "LISTRIGHTS mailbox user always optional …" (3.4). */
ImapCommand *imap_listrights(ImapSession *s, Scope *scope, const char *mailbox, const char *user,
			     ImapData on_data, ImapDone done, void *data);
/* "MYRIGHTS mailbox rights" (3.5). */
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

/* The same by sequence number, which hold only until something is expunged: they wait for whatever
 * may do that.  `set` is a sequence set as RFC 9051 9 has it: "1", "2:4",
 * "1:3,6:9", "3:*", "$". */
ImapCommand *imap_search(ImapSession *s, Scope *scope, const char *charset, const char *criteria,
			 ImapData on_data, ImapDone done, void *data);
ImapCommand *imap_sort(ImapSession *s, Scope *scope, const char *keys, const char *charset,
		       const char *criteria, ImapData on_data, ImapDone done, void *data);
ImapCommand *imap_thread(ImapSession *s, Scope *scope, const char *algorithm, const char *charset,
			 const char *criteria, ImapData on_data, ImapDone done, void *data);
/* Answers are FETCH responses, which go to the session's listener. */
ImapCommand *imap_store(ImapSession *s, Scope *scope, const char *set, StoreOp op,
			const char *const *flags, ImapDone done, void *data);
ImapCommand *imap_copy(ImapSession *s, Scope *scope, const char *set, const char *mailbox,
		       ImapDone done, void *data);
ImapCommand *imap_move(ImapSession *s, Scope *scope, const char *set, const char *mailbox,
		       ImapDone done, void *data);
/* RFC 1730 6.4.6: `length` octets of `item` (RFC822.TEXT, BODY[1]) from octet `start` (1 is the
 * first) on. */
ImapCommand *imap_partial(ImapSession *s, Scope *scope, uint32_t seq, const char *item,
			  uint32_t start, uint32_t length, ImapData on_data, ImapDone done,
			  void *data);

#endif
