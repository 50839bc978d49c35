/* command - the table of IMAP verbs (command.def): where legal, what answers it wants. Pure data.
 */
#ifndef SHEAF_CORE_COMMAND_H
#define SHEAF_CORE_COMMAND_H

#include "core/wire/response.h"

/* The states of RFC 9051 3, and CONNECTING before the greeting. */
typedef enum {
	SESSION_CONNECTING,
	SESSION_NONAUTH,
	SESSION_AUTH,
	SESSION_SELECTED,
	SESSION_LOGOUT
} SessionState;

enum {
	IN_NONAUTH = 1 << SESSION_NONAUTH,
	IN_AUTH = 1 << SESSION_AUTH,
	IN_SELECTED = 1 << SESSION_SELECTED,
	IN_ANY = IN_NONAUTH | IN_AUTH | IN_SELECTED
};

#define WANTS(kind) (1u << RESPONSE_##kind)

enum {
	COMMAND_ALONE = 1 << 0,       /* nothing else in flight, before or behind */
	COMMAND_SEQ = 1 << 1,         /* speaks sequence numbers: waits for all that may expunge */
	COMMAND_MAY_EXPUNGE = 1 << 2, /* the server may send EXPUNGE while it runs */
	COMMAND_CHANGES =
		1 << 3, /* changes something: not behind a log-in or SELECT not yet answered */
	COMMAND_SECRET = 1 << 4,      /* its arguments are never logged */
	COMMAND_TO_AUTH = 1 << 5,     /* OK leads to AUTH */
	COMMAND_TO_SELECTED = 1 << 6, /* OK leads to SELECTED, NO to AUTH */
	COMMAND_FETCHES =
		1 << 7, /* FETCH responses belong to it when its uid set and items cover them */
	COMMAND_BLIND = 1 << 8, /* may follow a log-in that is not answered yet: every server of RFC
				   3501 knows it, and it changes nothing */
	COMMAND_UNSHARED = 1 << 9 /* changes what the connection is for all that follows: not on one
				     that others use, too */
};

typedef enum {
#define COMMAND(id, verb, states, wants, flags, arguments, answers, help) COMMAND_ID_##id,
#include "core/wire/command.def"
#undef COMMAND
	COMMAND_COUNT
} CommandId;

typedef struct {
	CommandId id;
	const char *verb;
	unsigned states, wants, flags;
	const char *arguments, *answers, *help; /* see command.def; each may be "" */
} CommandSpec;

extern const CommandSpec command_table[COMMAND_COUNT];

/* By verb without case ("uid fetch" with one blank), or NULL. */
const CommandSpec *command_find(const char *verb);

/* "NONAUTH" and so on, for the log and for people. */
const char *command_state_name(SessionState state);

#endif
