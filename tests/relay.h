/* relay - a line between the program and a server on 127.0.0.1 that is slow, records what passes,
 * and can be cut or go dead.  A process of its own, so that it works while the test waits; it ends
 * with the test that started it. */
#ifndef SHEAF_TESTS_RELAY_H
#define SHEAF_TESTS_RELAY_H

#include <glib.h>
#include <stdbool.h>

typedef struct Relay Relay;

typedef enum {
	RELAY_PASS, /* as it starts */
	RELAY_HOLD, /* takes what comes and passes nothing on, as a busy server does; afterwards
		       all */
	RELAY_CUT,  /* resets every connection there is, once; new ones pass */
	RELAY_DEAD  /* nothing of the program arrives or is acknowledged, and no new connection
		       comes to be; what passes afterwards is what is sent again */
} RelayMode;

/* What passed one way without a byte the other way in between. */
typedef struct {
	unsigned connection; /* 0, 1, … in the order they came */
	bool from_client;
	GString *bytes;
} RelayFlight;

/* Every byte is passed on `delay_ms` after it came. */
Relay *relay_start(int target_port, unsigned delay_ms);
void relay_stop(Relay *relay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Relay, relay_stop)

int relay_port(const Relay *relay);
void relay_set(Relay *relay, RelayMode mode);

/* Ends each connection behind a byte that the client, or the server, sends from now on: those that
 * are there behind the `now`-th, those to come behind their `later`-th, `times` times in all; what
 * was sent up to there arrives. */
void relay_cut_behind(Relay *relay, bool from_client, unsigned now, unsigned later, unsigned times);
/* How often that was done since. */
unsigned relay_cuts(const Relay *relay);

/* All of a connection so far, or of all with `connection` -1, oldest first: RelayFlight*, owned by
 * the array. */
GPtrArray *relay_flights(const Relay *relay, int connection);

/* How often the clients have sent the text, on all connections; what is held counts, too. */
unsigned relay_times_said(const Relay *relay, const char *text);

#endif
