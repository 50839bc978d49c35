#include "core/account/account_private.h"

#include <string.h>

#include "core/account/download.h"
#include "core/account/inquiry.h"
#include "core/account/question.h"
#include "core/base/error.h"
#include "core/mailbox/differs.h"

typedef struct {
	Account *account;
	AccountFound found;
	AccountSorted sorted;
	AccountDone threaded;
	AccountReply reply;
	const AccountInquiry *inquiry;
	AccountPart part;
	AccountPartProgress progress;
	const AccountPartSink *sink;
	char *section;
	MessageHead *head; /* as the list has it, or NULL */
	void *data;
} Asked;

static Asked *asked_new(Account *a, void *data)
{
	Asked *asked = g_new0(Asked, 1);

	asked->account = a;
	asked->data = data;
	return asked;
}

/* --- of the mailbox --- */

static void was_found(const UidSet *uids, const GError *error, void *data)
{
	Asked *asked = data;

	asked->found(asked->account, uids, error, asked->data);
	g_free(asked);
}

void account_search(Account *a, Scope *scope, Mailbox *m, Query *query, AccountFound found,
		    void *data)
{
	Asked *asked = asked_new(a, data);

	asked->found = found;
	/* Where the cache has all heads, none need come along. */
	bool with_heads = !backfill_has_all(a->backfill);
	question_search(a->pool, &a->jobs, scope, m, query, with_heads, was_found, asked);
}

static void was_sorted(const uint32_t *uids, size_t n, const GError *error, void *data)
{
	Asked *asked = data;

	asked->sorted(asked->account, uids, n, error, asked->data);
	g_free(asked);
}

void account_sort(Account *a, Scope *scope, Mailbox *m, const char *keys, AccountSorted sorted,
		  void *data)
{
	Asked *asked = asked_new(a, data);

	asked->sorted = sorted;
	question_sort(a->pool, &a->jobs, scope, m, keys, was_sorted, asked);
}

static void was_threaded(const GError *error, void *data)
{
	Asked *asked = data;

	asked->threaded(asked->account, error, asked->data);
	g_free(asked);
}

void account_thread(Account *a, Scope *scope, Mailbox *m, bool by_subject, AccountDone done,
		    void *data)
{
	Asked *asked = asked_new(a, data);

	asked->threaded = done;
	question_thread(a->pool, &a->jobs, scope, m, by_subject, was_threaded, asked);
}

/* --- as it is typed --- */

/* What it did to the folders is not told by itself everywhere. */
static bool concerns_folders(const CommandSpec *spec)
{
	return (spec->flags & COMMAND_CHANGES) && strstr(spec->arguments, "mailbox");
}

static void was_called(const Called *called, void *data)
{
	Asked *asked = data;

	if (!called->reply->error && concerns_folders(called->spec))
		account_refresh(asked->account);
	asked->reply(asked->account, called, asked->data);
	g_free(asked);
}

bool account_call(Account *a, Scope *scope, const char *line, bool readonly, AccountReply reply,
		  void *data, GError **error)
{
	g_autoptr(GPtrArray) words = words_split(line, error);
	Asked *asked;

	if (!words)
		return false;
	asked = asked_new(a, data);
	asked->reply = reply;
	if (call_job_start(a->pool, &a->jobs, scope, account_selected(a), readonly, words,
			   was_called, asked, error))
		return true;
	g_free(asked);
	return false;
}

/* --- of a folder --- */

static void facts_changed(void *data)
{
	Asked *asked = data;

	asked->inquiry->changed(asked->account, asked->data);
}

static void facts_told(const GError *error, void *data)
{
	Asked *asked = data;

	asked->inquiry->done(asked->account, error, asked->data);
	g_free(asked);
}

/* Of the open one the list tells the counts (RFC 9051 6.3.11). */
static const char *counts_of(Account *a, const char *wire_name)
{
	const Folder *folder = folder_find(a->folders, wire_name);
	Mailbox *open = account_selected(a);

	if (folder && !folder_is_selectable(folder))
		return NULL;
	if (open && strcmp(mailbox_name(open), wire_name) == 0)
		return "";
	return folder_status_items(account_capabilities(a));
}

void account_inquire(Account *a, Scope *scope, Facts *facts, const AccountInquiry *events,
		     void *data)
{
	static const InquiryEvents inquiry_events = {facts_changed, facts_told};
	g_autofree char *title = account_title_of(a, facts->mailbox);
	Asked *asked = asked_new(a, data);

	asked->inquiry = events;
	inquiry_start(a->pool, &a->jobs, scope, facts, counts_of(a, facts->mailbox),
		      g_strdup_printf("Asking about %s", title), &inquiry_events, asked);
}

/* --- of a message --- */

static void part_came(GBytes *bytes, const GError *error, void *data)
{
	Asked *asked = data;
	g_autofree char *differs =
		bytes && asked->head
			? differs_tell(asked->head, asked->section, bytes, &asked->account->sizes)
			: NULL;

	if (differs)
		account_notice(asked->account, true, "%s", differs);
	asked->part(asked->account, bytes, error, asked->data);
	g_clear_pointer(&asked->head, message_unref);
	g_free(asked->section);
	g_free(asked);
}

static void part_progressed(uint64_t have, uint64_t total, void *data)
{
	Asked *asked = data;

	if (asked->progress)
		asked->progress(asked->account, have, total, asked->data);
}

static void piece_came(GBytes *bytes, void *data)
{
	const Asked *asked = data;

	asked->sink->take(bytes, asked->data);
}

static bool sink_is_full(void *data)
{
	const Asked *asked = data;

	return asked->sink->is_full(asked->data);
}

static void comes_decoded(void *data)
{
	const Asked *asked = data;

	asked->sink->decoded(asked->data);
}

static void fetch_part(Account *a, Scope *scope, Mailbox *m, uint32_t uid, const char *section,
		       uint64_t size_hint, Asked *asked_take)
{
	static const DownloadSink as_sent = {piece_came, sink_is_full, NULL},
				  decoded = {piece_came, sink_is_full, comes_decoded};
	const AccountPartSink *sink = asked_take->sink;
	MessageHead *head = mailbox_head(m, uid);

	asked_take->head = head ? message_ref(head) : NULL;
	asked_take->section = g_strdup(section);
	download_start(a->pool, &a->jobs, scope, m, uid, section, size_hint, part_progressed,
		       !sink           ? NULL
		       : sink->decoded ? &decoded
				       : &as_sent,
		       part_came, asked_take);
}

void account_fetch_part(Account *a, Scope *scope, Mailbox *m, uint32_t uid, const char *section,
			uint64_t size_hint, AccountPartProgress progress, AccountPart part,
			void *data)
{
	Asked *asked = asked_new(a, data);

	asked->part = part;
	asked->progress = progress;
	fetch_part(a, scope, m, uid, section, size_hint, asked);
}

void account_fetch_pieces(Account *a, Scope *scope, Mailbox *m, uint32_t uid, const char *section,
			  uint64_t size_hint, const AccountPartSink *sink, AccountPart part,
			  void *data)
{
	Asked *asked = asked_new(a, data);

	asked->part = part;
	asked->sink = sink;
	fetch_part(a, scope, m, uid, section, size_hint, asked);
}

/* --- how far they are --- */

bool account_progress(const Account *a, JobProgress *out)
{
	return job_show_newest(&a->jobs, out);
}

char *account_cancel(Account *a)
{
	char *text = job_cancel_newest(&a->jobs);

	if (text && job_list_is_empty(&a->jobs))
		pool_cancelled(a->pool);
	return text;
}
