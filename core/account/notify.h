/* notify - lets the server tell of the other folders by itself (NOTIFY, RFC 5465), on the session
 * that has the open mailbox.  What it tells comes as STATUS and LIST to whoever hears all
 * responses. */
#ifndef SHEAF_CORE_NOTIFY_H
#define SHEAF_CORE_NOTIFY_H

#include "core/command/imap.h"

typedef enum {
	NOTIFY_UNASKED, /* of this connection, as all that follow */
	NOTIFY_ASKED,
	NOTIFY_ON,     /* the personal folders and the open mailbox are told of */
	NOTIFY_REFUSED /* not told, or only of the open mailbox: the folders are asked for */
} NotifyState;

typedef struct {
	ImapSession *session; /* that it was asked of; only compared */
	Scope scope;
	NotifyState state;
	void (*settled)(void *data); /* answered, either way, but not where the line was lost */
	void *data;
} Notify;

/* `settled` comes from the loop, for every notify_ask(). */
void notify_init(Notify *notify, void (*settled)(void *data), void *data);
void notify_clear(Notify *notify);
/* The session is gone: what it answered is forgotten. */
void notify_reset(Notify *notify);

/* Whether it is to be asked of `s` (which may be NULL): it is offered and was not asked for there.
 */
bool notify_is_due(const Notify *notify, const ImapSession *s);
/* Asks of `s`, for which notify_is_due(). */
void notify_ask(Notify *notify, ImapSession *s);
/* Whether `s` tells of the folders by itself. */
bool notify_is_on(const Notify *notify, const ImapSession *s);

/* Every untagged response of `s`; true where the server has just given up telling
 * (NOTIFICATIONOVERFLOW, RFC 5465 5.8): something was missed. */
bool notify_response(Notify *notify, ImapSession *s, const Response *r);

#endif
