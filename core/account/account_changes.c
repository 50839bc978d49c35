#include "core/account/account_private.h"

#include "core/session/verdict.h"
#include "mime/text.h"

/* --- events of the journal --- */

/* Where there was no room, and that much is known; it goes in front, for the server's words may be
 * long. */
static char *fullness(Account *a, const GError *error)
{
	const QuotaUse *use = quotawatch_fullest(a->quotas);

	if (verdict_code(error) != CODE_OVERQUOTA)
		return g_strdup("");
	quotawatch_overquota(a->quotas);
	g_autofree char *text = use ? quota_text(use) : NULL;
	return text ? g_strdup_printf("No room, %s used.  ", text) : g_strdup("");
}

static void journal_told(Journal *j, const char *text, const char *target, const GError *error,
			 void *data)
{
	Account *a = data;
	g_autofree char *full = fullness(a, error);

	(void)j;
	if (text)
		account_notice(a, error != NULL, "%s%s", full, text);
	if (target && !error)
		account_recount(a, target);
}

static Mailbox *journal_mailbox(Journal *j, const char *wire_name, void *data)
{
	(void)j;
	return account_keep_mailbox(data, wire_name);
}

static void journal_changed(Journal *j, void *data)
{
	Account *a = data;

	(void)j;
	a->events->changes(a, a->self);
}

static const JournalEvents journal_events = {
	.outcome = journal_told,
	.mailbox = journal_mailbox,
	.changed = journal_changed,
};

void account_make_journal(Account *a)
{
	g_autofree char *state = g_build_filename(g_get_user_state_dir(), "sheaf", NULL);

	a->worker = worker_new("journal");
	a->journal = journal_new(a->pool, a->worker, state, &journal_events, a);
}

/* --- what the person changes --- */

static char *counted(const char *verb, const UidSet *uids)
{
	uint64_t n = uidset_count(uids);

	return g_strdup_printf("%s %" G_GUINT64_FORMAT " message%s", verb, n, n == 1 ? "" : "s");
}

static const struct {
	Flags flag;
	const char *added, *removed;
} flag_words[] = {
	{FLAG_SEEN, "as read", "as unread"},
	{FLAG_FLAGGED, "with a flag", "as not flagged"},
	{FLAG_DELETED, "as deleted", "as not deleted"},
	{FLAG_ANSWERED, "as answered", "as not answered"},
	{FLAG_DRAFT, "as draft", "as no draft"},
};

/* " with the keywords work, home" */
static void add_keyword_words(GString *sentence, Mailbox *m, StoreOp op, Flags flags)
{
	g_auto(GStrv) words = flags_to_words(mailbox_flag_names(m), flags & ~FLAGS_SYSTEM);
	g_autofree char *list = g_strjoinv(", ", words);
	g_autofree char *clean = text_clean_name(list);

	if (*words)
		g_string_append_printf(sentence, " %s the keyword%s %s",
				       op == STORE_REMOVE ? "without" : "with", words[1] ? "s" : "",
				       clean);
}

void account_flag(Account *a, Mailbox *m, const UidSet *uids, StoreOp op, Flags flags)
{
	g_autofree char *what = counted("Marked", uids);
	GString *sentence = g_string_new(what);

	for (size_t i = 0; i < G_N_ELEMENTS(flag_words); i++)
		if (flags & flag_words[i].flag)
			g_string_append_printf(sentence, " %s",
					       op == STORE_REMOVE ? flag_words[i].removed
								  : flag_words[i].added);
	add_keyword_words(sentence, m, op, flags);
	g_string_append_c(sentence, '.');
	journal_store(a->journal, m, uids, op, flags, sentence->str);
	g_string_free(sentence, TRUE);
}

void account_copy(Account *a, Mailbox *m, const UidSet *uids, const char *target, bool move)
{
	g_autofree char *what = counted(move ? "Moved" : "Copied", uids);
	g_autofree char *title = account_title_of(a, target);
	g_autofree char *sentence = g_strdup_printf("%s to %s.", what, title);

	journal_copy(a->journal, m, uids, target, move, sentence);
}

bool account_delete(Account *a, Mailbox *m, const UidSet *uids)
{
	Folder *trash = folder_find_role(a->folders, FOLDER_ROLE_TRASH);

	if (trash && folder_is_selectable(trash) && strcmp(trash->name, mailbox_name(m)) != 0) {
		account_copy(a, m, uids, trash->name, true);
		return true;
	}
	account_flag(a, m, uids, STORE_ADD, FLAG_DELETED);
	return false;
}

void account_expunge(Account *a, Mailbox *m, const UidSet *uids)
{
	g_autofree char *what = counted("Removed", uids);
	g_autofree char *sentence = g_strconcat(what, " for ever.", NULL);

	if (!uidset_is_empty(uids))
		journal_expunge(a->journal, m, uids, sentence);
}

/* --- what is not confirmed --- */

unsigned account_pending(const Account *a)
{
	return journal_pending(a->journal);
}

unsigned account_unsaved(const Account *a)
{
	return journal_unsaved(a->journal);
}

unsigned account_overdue(const Account *a)
{
	return journal_overdue(a->journal);
}

unsigned account_held(const Account *a)
{
	return journal_held(a->journal);
}

GPtrArray *account_changes(const Account *a)
{
	return journal_list(a->journal);
}

bool account_drop_change(Account *a, unsigned number)
{
	return journal_drop(a->journal, number);
}

bool account_retry_change(Account *a, unsigned number)
{
	return journal_retry(a->journal, number);
}
