/* certificate - a pop-up that says why a server's certificate is not trusted, and asks whether its
 * key is to be, all the same.  What comes from outside stands only behind labels of ours.  Nothing
 * but a whole word that is typed says yes: Enter, Esc, pasted text and single keys do not. */
#ifndef SHEAF_UI_CERTIFICATE_H
#define SHEAF_UI_CERTIFICATE_H

#include "core/net/certificate.h"
#include "ui/widget/screen.h"

typedef enum { TRUST_NOT, TRUST_ONCE, TRUST_FOR_EVER } TrustAnswer;

/* Comes once, the pop-up being closed already; not at all where something else closes it. */
typedef void (*TrustDone)(TrustAnswer answer, const Certificate *certificate, void *data);

typedef struct {
	const Certificate *certificate;
	const char *user; /* of the account, or NULL */
	unsigned port;
	bool pinned; /* by the account: TRUST_FOR_EVER is not for this pop-up to say */
} TrustQuestion;

/* What `question` points to is copied. */
void certificate_ask(Screen *s, const TrustQuestion *question, TrustDone done, void *data);

#endif
