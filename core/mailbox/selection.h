/* selection - one mailbox selected on one session: owns the map between sequence numbers and UIDs,
 * turns EXISTS, EXPUNGE, FETCH of the wire into calls by UID on the Mailbox.  Two selections may
 * feed one Mailbox; only the primary one decides about its total. */
#ifndef SHEAF_CORE_SELECTION_H
#define SHEAF_CORE_SELECTION_H

#include "core/command/imap.h"
#include "core/mailbox/mailbox.h"

typedef struct Selection Selection;

typedef void (*SelectionReady)(Selection *selection, const GError *error, void *data);

/* SELECTs (or EXAMINEs) `m` on `s` and, in the same flight where the state allows it, fetches the
 * newest `window` rows and then the UID set and the unseen set.  `ready` comes once: behind
 * SELECT's answer (error NULL) or its refusal.  Untagged data must be handed to
 * selection_response(). */
Selection *selection_open(Mailbox *m, ImapSession *s, bool readonly, bool primary, uint32_t window,
			  SelectionReady ready, void *data);
void selection_free(Selection *selection);

/* Every untagged response of the session, in order; then selection_batch_end() after each slice. */
void selection_response(Selection *selection, const Response *response);
void selection_batch_end(Selection *selection);

ImapSession *selection_session(const Selection *selection);
Mailbox *selection_mailbox(const Selection *selection);
bool selection_is_ready(const Selection *selection);

#endif
