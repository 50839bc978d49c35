/* error - the one error domain of core/, graded by how far the damage goes and who recovers.
 * imaplib's three classes are predicates here: readonly is an abort, an abort is an error. */
#ifndef SHEAF_CORE_ERROR_H
#define SHEAF_CORE_ERROR_H

#include <glib.h>
#include <stdbool.h>

#define CORE_ERROR core_error_quark()
GQuark core_error_quark(void);

typedef enum {
	CORE_ERROR_NO,    /* the server refused this; the session goes on */
	CORE_ERROR_BAD,   /* we spoke nonsense; the session goes on, it is our bug */
	CORE_ERROR_STATE, /* refused locally: wrong state, capability missing, bad argument */
	CORE_ERROR_AUTH,  /* log-in refused: ask for another password; the line may be closed */
	CORE_ERROR_ABORT, /* connection lost, BYE, timeout, unparsable stream */
	CORE_ERROR_DEAD,  /* an abort: nothing comes back from the line, or the network does not
			     lead to the server */
	CORE_ERROR_TLS,   /* an abort that repeating will not mend: certificate, policy, no STARTTLS
			   */
	CORE_ERROR_READONLY, /* the mailbox turned read-only: an abort of that selection */
	CORE_ERROR_CANCELLED /* you asked */
} CoreError;

/* True for ABORT, DEAD, TLS and READONLY: the selection or the connection is gone. */
bool error_is_abort(const GError *error);

/* True for CANCELLED, of this domain or GIO's. */
bool error_is_cancelled(const GError *error);

/* One of "error", "abort", "readonly" as imaplib would raise; NULL for CANCELLED. */
const char *error_class(const GError *error);

/* Facts that go with an error of this domain, and with its copies: an immutable block of
 * g_atomic_rc_box_…, of which `box_take` is one reference.  `release` gives one back, and says what
 * kind of facts they are. */
void error_attach(GError *error, gpointer box_take, GDestroyNotify release);

/* Those of that kind, borrowed while the error lives; NULL where it has none. */
gconstpointer error_attached(const GError *error, GDestroyNotify release);

#endif
