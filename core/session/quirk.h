/* quirk - what a server's greeting tells of habits that no capability names; the evidence is in
 * doc/quirks.md.  Anyone may forge it: it only ever makes us more careful, or tell what program
 * this is.  Pure. */
#ifndef SHEAF_CORE_QUIRK_H
#define SHEAF_CORE_QUIRK_H

#include <stdbool.h>

enum {
	QUIRK_DROPS_BEHIND_LOGIN = 1 << 0, /* forgets what came before the log-in's answer */
	QUIRK_REREADS_BEHIND_AUTHENTICATE =
		1 << 1,                /* AUTHENTICATE, and what came with it, once more */
	QUIRK_MUTE_IN_IDLE = 1 << 2,   /* tells what is new only once IDLE is over */
	QUIRK_GARBLES_STATUS = 1 << 3, /* tells any bytes as MAILBOXID of STATUS */
	QUIRK_WANTS_ID = 1 << 4        /* opens nothing before it knows the program */
};

/* The quirks of a greeting with this text and these capabilities (NULL-terminated, or NULL). */
unsigned quirk_of_greeting(const char *text, const char *const *capabilities);

/* A SELECT was refused in these words because the server does not know the program. */
bool quirk_wants_id(const char *refusal);

#endif
