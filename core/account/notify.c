#include "core/account/notify.h"

#include "core/mailbox/message.h"

/* Without the open mailbox among them Dovecot is silent about it (RFC 5465 6.1).  Delayed: EXPUNGE
 * comes where it came before, so that sequence numbers stay what they are. */
#define OPEN_MAILBOX                                                                               \
	"(selected-delayed (MessageNew " MESSAGE_FETCH_ITEMS " MessageExpunge FlagChange))"
#define FOLDERS "(personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))"

void notify_init(Notify *notify, void (*settled)(void *data), void *data)
{
	*notify = (Notify){.settled = settled, .data = data};
	scope_init(&notify->scope);
}

void notify_clear(Notify *notify)
{
	scope_cancel(&notify->scope);
}

void notify_reset(Notify *notify)
{
	notify->state = NOTIFY_UNASKED;
	notify->session = NULL;
}

static bool is_asked(const Notify *notify, const ImapSession *s)
{
	return notify->state != NOTIFY_UNASKED && notify->session == s;
}

bool notify_is_due(const Notify *notify, const ImapSession *s)
{
	return s && (session_capabilities(s) & CAP(NOTIFY)) && !is_asked(notify, s);
}

static void answered(const ImapResult *result, void *data)
{
	Notify *notify = data;

	if (error_is_cancelled(result->error) || error_is_abort(result->error))
		return;
	if (result->error)
		g_info("The server does not tell of other folders: %s", result->error->message);
	if (notify->state == NOTIFY_ASKED)
		notify->state = result->error ? NOTIFY_REFUSED : NOTIFY_ON;
	notify->settled(notify->data);
}

void notify_ask(Notify *notify, ImapSession *s)
{
	notify->session = s;
	notify->state = NOTIFY_ASKED;
	imap_notify(s, &notify->scope, "SET STATUS " OPEN_MAILBOX " " FOLDERS, answered, notify);
}

bool notify_is_on(const Notify *notify, const ImapSession *s)
{
	return notify->state == NOTIFY_ON && notify->session == s;
}

bool notify_response(Notify *notify, ImapSession *s, const Response *r)
{
	if (r->kind != RESPONSE_CONDITION || r->status.code != CODE_NOTIFICATIONOVERFLOW ||
	    !is_asked(notify, s) || notify->state == NOTIFY_REFUSED)
		return false;
	/* It is as after NOTIFY NONE now: of the open mailbox, too, it would tell nothing. */
	notify->state = NOTIFY_REFUSED;
	imap_notify(s, &notify->scope, "SET " OPEN_MAILBOX, NULL, NULL);
	return true;
}
