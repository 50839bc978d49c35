/* reference_server - a server whose mailboxes are two References, INBOX and Target, for one
 * connection at a time.  Other clients act through it.  What it may not say at the moment (RFC 9051
 * 7.5.1: EXPUNGE) happens when it may.  Shares no source with core/. */
#ifndef SHEAF_TESTS_REFERENCE_SERVER_H
#define SHEAF_TESTS_REFERENCE_SERVER_H

#include <stdbool.h>
#include "tests/reference.h"

typedef enum { REF_STORE, REF_COPY, REF_MOVE, REF_EXPUNGE, REF_CHANGES } RefChange;

typedef struct {
	/* Our client changed that message of INBOX, or was refused it.  `flags` and `add` are of a
	 * STORE.  UID 0: it sent a change into another mailbox. */
	void (*changed)(RefChange what, uint32_t uid, unsigned flags, bool add, void *data);
	void (*refused)(RefChange what, uint32_t uid, void *data);
	/* Another client took \Deleted away from it. */
	void (*unmarked)(uint32_t uid, void *data);
} RefEvents;

typedef struct {
	Reference *inbox, *target, *selected;
	const char *capabilities;
	const RefEvents *events;
	void *data;
	GRand *chance;
	int fd, next_fd; /* -1: none; the next connection takes the place of the first */
	GString *in, *out;
	bool qresync; /* enabled */
	bool refuse;  /* the next change is answered with NO */
	bool cut;     /* the line breaks at the next command */
	unsigned expunges_due, serials;
} RefServer;

RefServer *refserver_new(GRand *chance, const char *capabilities, const RefEvents *events,
			 void *data);
void refserver_free(RefServer *s);

/* From inside anything: served from the next turn on. */
void refserver_connect(RefServer *s, int fd_take);

/* Hears and says what there is; false where there was nothing. */
bool refserver_turn(RefServer *s);
bool refserver_is_quiet(const RefServer *s);

/* What others do. */
void refserver_add(RefServer *s);
void refserver_flag(RefServer *s);
void refserver_expunge(RefServer *s);
/* The mailbox is replaced, and all connections broken. */
void refserver_replace(RefServer *s);

#endif
