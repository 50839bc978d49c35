#include "core/mailbox/selection_private.h"

#include "core/mailbox/uidsearch.h"

typedef struct {
	const char *criteria;
	Flags flag;
	bool with; /* else those that have it not */
} FlagSet;

/* What the index shows, and $ needs; keywords follow. */
static const FlagSet flag_sets[] = {
	{"UNSEEN", FLAG_SEEN, false},    {"FLAGGED", FLAG_FLAGGED, true},
	{"DELETED", FLAG_DELETED, true}, {"ANSWERED", FLAG_ANSWERED, true},
	{"DRAFT", FLAG_DRAFT, true},
};
/* In the place of UNSEEN, where it is the smaller one. */
static const FlagSet seen = {"SEEN", FLAG_SEEN, true};

typedef struct {
	Selection *selection;
	Flags flag;
	bool with, answered;
} FlagSearch;

static void ask_due_flags(Selection *sel);

/* Between the answer and its end the server may tell of changes that came behind it (Dovecot does
 * whenever another client is quick). */
static void on_flag_answer(void *data)
{
	FlagSearch *search = data;
	Selection *sel = search->selection;

	if (sel->answered++ == 0) {
		uidset_free(sel->told);
		sel->told = uidset_new();
	}
	search->answered = true;
}

/* The answer, but for those of which FETCH has told since. */
static UidSet *newest_answer(const Selection *sel, const UidSet *answer, const FlagSearch *search)
{
	UidSet *uids = uidset_copy(answer);

	/* What has just come is a row then. */
	if (!uidset_is_empty(sel->told))
		mailbox_commit(sel->mailbox);
	for (size_t k = 0; k < uidset_range_count(sel->told); k++) {
		UidRange range = uidset_range(sel->told, k);
		Table rows = {0};
		mailbox_rows(sel->mailbox, range.first, range.last, &rows);
		for (uint32_t i = 0; i < rows.n; i++) {
			bool has = (rows.flags[i] & search->flag) != 0;
			if (has == search->with)
				uidset_add(uids, rows.uid[i]);
			else
				uidset_remove(uids, rows.uid[i]);
		}
		table_clear(&rows);
	}
	return uids;
}

static void take_flag_set(Selection *sel, const UidSet *answer, const FlagSearch *search)
{
	g_autoptr(UidSet) newest = newest_answer(sel, answer, search);
	Flags known = mailbox_known_keywords(sel->mailbox);

	mailbox_apply_flag_set(sel->mailbox, search->flag, newest, search->with);
	mailbox_set_known_keywords(sel->mailbox, known | (search->flag & ~FLAGS_SYSTEM));
}

static void on_flag_set(const UidSet *uids, const GError *error, void *data)
{
	FlagSearch search = *(FlagSearch *)data;
	Selection *sel = search.selection;

	g_free(data);
	if (error_is_cancelled(error) || error_is_abort(error))
		return;
	sel->flag_searches--;
	if (error == NULL)
		take_flag_set(sel, uids, &search);
	else if (search.flag & FLAGS_SYSTEM)
		sel->flags_failed = true;
	sel->answered -= search.answered;
	if (sel->flag_searches > 0)
		return;
	if (sel->flags_due == 0 && sel->flags_again)
		selection_ask_flags(sel);
	else
		ask_due_flags(sel);
}

/* It need not be true any more: only the length of the answer hangs on it. */
static bool is_mostly_unseen(const Selection *sel)
{
	return (uint64_t)mailbox_expected_unseen(sel->mailbox) * 2 > msgmap_count(sel->map);
}

static void ask_flag_set(Selection *sel, const FlagSet *set)
{
	FlagSearch *search = g_new(FlagSearch, 1);

	*search = (FlagSearch){sel, set->flag, set->with, false};
	sel->flags_due &= ~set->flag;
	sel->flag_searches++;
	uidsearch_run_noting(sel->session, &sel->scope, set->criteria, on_flag_answer, on_flag_set,
			     search);
}

static void ask_keyword(Selection *sel, unsigned i)
{
	const char *name = flags_keyword(mailbox_flag_names(sel->mailbox), i);
	g_autofree char *criteria = g_strconcat("KEYWORD ", name, NULL);
	FlagSet set = {criteria, flags_keyword_bit(i), true};

	ask_flag_set(sel, &set);
}

/* Without ESEARCH one behind the other: a search that had to wait for another would hold up what a
 * key asks for. */
static bool may_ask(const Selection *sel, Flags flag)
{
	bool free = sel->flag_searches == 0 || uidsearch_is_pipelined(sel->session);

	return (sel->flags_due & flag) && free;
}

static void ask_due_flags(Selection *sel)
{
	unsigned keywords = flags_keyword_count(mailbox_flag_names(sel->mailbox));

	for (size_t i = 0; i < G_N_ELEMENTS(flag_sets); i++) {
		bool swap = flag_sets[i].flag == FLAG_SEEN && is_mostly_unseen(sel);
		if (may_ask(sel, flag_sets[i].flag))
			ask_flag_set(sel, swap ? &seen : &flag_sets[i]);
	}
	for (unsigned i = 0; i < keywords; i++)
		if (may_ask(sel, flags_keyword_bit(i)))
			ask_keyword(sel, i);
}

void selection_ask_flags(Selection *sel)
{
	sel->flags_again = sel->flag_searches > 0;
	sel->flags_failed = false;
	if (sel->flags_again)
		return;
	sel->keywords_asked = mailbox_shown_keywords(sel->mailbox);
	sel->flags_due = FLAGS_SYSTEM | sel->keywords_asked;
	ask_due_flags(sel);
}

void selection_ask_keywords(Selection *sel)
{
	Flags missing = mailbox_shown_keywords(sel->mailbox) & ~sel->keywords_asked &
			~mailbox_known_keywords(sel->mailbox);
	bool opening = sel->rest_due || sel->listing || sel->list_again || sel->changes_running;

	if (missing == 0 || opening || !sel->window_open || sel->flag_searches > 0)
		return;
	sel->keywords_asked |= missing;
	sel->flags_due = missing;
	ask_due_flags(sel);
}
