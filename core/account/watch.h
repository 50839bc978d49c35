/* watch - notices what happens on the server: IDLE on the open mailbox after 2 s of quiet, NOOP
 * where IDLE is not offered; of the other folders NOTIFY, and STATUS at an interval where that is
 * not offered. */
#ifndef SHEAF_CORE_WATCH_H
#define SHEAF_CORE_WATCH_H

#include "core/account/folder.h"
#include "core/account/pool.h"

typedef struct Watch Watch;

typedef struct {
	bool idle;             /* option idle: IDLE and NOTIFY */
	unsigned poll_seconds; /* option poll-interval */
	unsigned idle_seconds; /* after so many IDLE is renewed; 0: 9 min */
	unsigned polled_max;   /* folders asked one by one in a round; 0: 200 */
} WatchOptions;

/* `folders` is borrowed: which to poll. */
Watch *watch_new(Pool *pool, Folder *folders, const WatchOptions *options);
void watch_free(Watch *w);
/* The interactive session became ready, or its mailbox changed. */
void watch_restart(Watch *w);
/* The interactive session is gone: what its server refused is forgotten. */
void watch_disconnected(Watch *w);
/* Every untagged response of any session.  True where the server has told of a folder that was not
 * asked about: one came, went or has another name, and they are to be listed again (RFC 5465 5.4,
 * 5.5).  Of the caller's own LIST it cannot know. */
bool watch_response(Watch *w, ImapSession *s, const Response *r);
/* What is done at each interval: asks for what the server does not tell by itself. */
void watch_round(Watch *w);
/* Ask for everything now (the refresh key). */
void watch_poll(Watch *w);

#endif
