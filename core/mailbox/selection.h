/* selection - one mailbox selected on one session: owns the map between sequence numbers and UIDs,
 * turns EXISTS, EXPUNGE, FETCH of the wire into calls by UID on the Mailbox.  Two selections may
 * feed one Mailbox; only the primary one decides about its total.
 *
 * The wire of a primary one: in one flight SELECT and the newest row (UID FETCH *), in the next
 * FETCH of the newest rows by number, the UIDs of all and the UIDs by flag and by keyword.  Where
 * the server's numbers do not add up (T063, T074, T078) the UIDs are listed again; nothing is
 * removed because of a number alone. */
#ifndef SHEAF_CORE_SELECTION_H
#define SHEAF_CORE_SELECTION_H

#include "core/command/imap.h"
#include "core/mailbox/mailbox.h"

typedef struct Selection Selection;

typedef struct {
	bool readonly;   /* EXAMINE */
	bool primary;    /* else only what names its UID is taken */
	uint32_t window; /* rows to fetch at once, of a primary one */
} SelectionOptions;

/* Once, from the loop: behind the answer to SELECT and, of a primary one, to the newest row (error
 * NULL), or behind SELECT's refusal. */
typedef void (*SelectionReady)(Selection *selection, const GError *error, void *data);

/* SELECTs (or EXAMINEs) `m` on `s`, which may still be logging in; both are borrowed.  Every later
 * untagged response of the session must be handed to selection_response(). */
Selection *selection_open(Mailbox *m, ImapSession *s, const SelectionOptions *options,
			  SelectionReady ready, void *data);
/* Ends without a callback.  What the mailbox knows stays. */
void selection_free(Selection *selection);

/* Every untagged response of the session, in order; then selection_batch_end() after each slice. */
void selection_response(Selection *selection, const Response *response);
void selection_batch_end(Selection *selection);

ImapSession *selection_session(const Selection *selection);
Mailbox *selection_mailbox(const Selection *selection);
/* SELECT was answered with OK; T082: nothing of the mailbox may be sent before. */
bool selection_is_ready(const Selection *selection);
bool selection_is_readonly(const Selection *selection); /* as asked for */

#endif
