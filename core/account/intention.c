#include "core/account/intention.h"

#include <string.h>

#include "core/wire/utf7.h"
#include "mime/text.h"

#define NOWHERE -1

static const int8_t states[][INTENTION_END + 1] = {
	[INTENTION_NEW] = {[INTENTION_COMMITTED] = INTENTION_WRITTEN,
			   [INTENTION_SEND] = NOWHERE,
			   [INTENTION_STEPPED] = NOWHERE,
			   [INTENTION_CUT] = NOWHERE,
			   [INTENTION_HOLD] = INTENTION_HELD,
			   [INTENTION_RETRY] = NOWHERE,
			   [INTENTION_END] = INTENTION_ENDED},
	[INTENTION_WRITTEN] = {[INTENTION_COMMITTED] = NOWHERE,
			       [INTENTION_SEND] = INTENTION_SENT,
			       [INTENTION_STEPPED] = INTENTION_WRITTEN,
			       [INTENTION_CUT] = INTENTION_WRITTEN,
			       [INTENTION_HOLD] = INTENTION_HELD,
			       [INTENTION_RETRY] = NOWHERE,
			       [INTENTION_END] = INTENTION_ENDED},
	[INTENTION_SENT] = {[INTENTION_COMMITTED] = NOWHERE,
			    [INTENTION_SEND] = NOWHERE,
			    [INTENTION_STEPPED] = INTENTION_WRITTEN,
			    [INTENTION_CUT] = INTENTION_UNKNOWN,
			    [INTENTION_HOLD] = INTENTION_HELD,
			    [INTENTION_RETRY] = NOWHERE,
			    [INTENTION_END] = INTENTION_ENDED},
	[INTENTION_UNKNOWN] = {[INTENTION_COMMITTED] = NOWHERE,
			       [INTENTION_SEND] = INTENTION_SENT,
			       [INTENTION_STEPPED] = INTENTION_WRITTEN,
			       [INTENTION_CUT] = INTENTION_UNKNOWN,
			       [INTENTION_HOLD] = INTENTION_HELD,
			       [INTENTION_RETRY] = NOWHERE,
			       [INTENTION_END] = INTENTION_ENDED},
	/* What was held may have been sent before. */
	[INTENTION_HELD] = {[INTENTION_COMMITTED] = NOWHERE,
			    [INTENTION_SEND] = NOWHERE,
			    [INTENTION_STEPPED] = NOWHERE,
			    [INTENTION_CUT] = NOWHERE,
			    [INTENTION_HOLD] = INTENTION_HELD,
			    [INTENTION_RETRY] = INTENTION_UNKNOWN,
			    [INTENTION_END] = INTENTION_ENDED},
	[INTENTION_ENDED] = {NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE},
};

static const struct {
	const char *name;
	bool recorded;
	IntentionStep when_cut; /* where it goes on with another connection */
} steps[] = {
	[STEP_BEGIN] = {"begin", false, STEP_BEGIN},
	[STEP_STORE] = {"store", false, STEP_STORE},
	[STEP_MOVE] = {"move", false, STEP_MOVE},
	[STEP_NOTE] = {"note", false, STEP_NOTE},
	[STEP_COPY] = {"copy", true, STEP_LOOK},
	[STEP_LOOK] = {"look", false, STEP_LOOK},
	[STEP_MARK] = {"mark", false, STEP_MARK},
	/* STORE and EXPUNGE by UID pass over what is gone by now (RFC 9051 6.4.9). */
	[STEP_CHECK] = {"check", false, STEP_MARK},
	[STEP_EXPUNGE] = {"expunge", false, STEP_MARK},
	[STEP_DONE] = {"done", false, STEP_DONE},
};

static const char *const kinds[] = {
	[INTENTION_STORE] = "store",
	[INTENTION_COPY] = "copy",
	[INTENTION_MOVE] = "move",
	[INTENTION_EXPUNGE] = "expunge",
};

static const struct {
	const char *nothing, *some;
} failures[] = {
	[INTENTION_STORE] = {"Nothing was marked:", "Not all messages could be marked:"},
	[INTENTION_COPY] = {"Nothing was copied:", "Not all messages were copied:"},
	[INTENTION_MOVE] = {"Nothing was moved:", "Not all messages were moved:"},
	[INTENTION_EXPUNGE] = {"Nothing was removed:", "Not all messages were removed:"},
};

Intention *intention_new(IntentionKind kind, const char *mailbox, uint32_t uidvalidity,
			 const UidSet *uids, const char *what)
{
	Intention *i = g_new0(Intention, 1);

	i->kind = kind;
	i->mailbox = g_strdup(mailbox);
	i->uidvalidity = uidvalidity;
	i->uids = uidset_copy(uids);
	i->count = uidset_count(uids);
	i->what = g_strdup(what);
	i->made = g_get_real_time() / G_USEC_PER_SEC;
	return i;
}

Intention *intention_copy(const Intention *i)
{
	Intention *copy = g_new(Intention, 1);

	*copy = *i;
	copy->mailbox = g_strdup(i->mailbox);
	copy->uids = uidset_copy(i->uids);
	copy->words = g_strdupv(i->words);
	copy->target = g_strdup(i->target);
	copy->what = g_strdup(i->what);
	copy->reason = g_strdup(i->reason);
	return copy;
}

void intention_free(Intention *i)
{
	if (i == NULL)
		return;
	g_free(i->mailbox);
	uidset_free(i->uids);
	g_strfreev(i->words);
	g_free(i->target);
	g_free(i->what);
	g_free(i->reason);
	g_free(i);
}

void intention_happen(Intention *i, IntentionEvent event)
{
	int next = states[i->state][event];

	g_assert(next != NOWHERE);
	i->state = (IntentionState)next;
	if (event == INTENTION_CUT || event == INTENTION_HOLD)
		i->step = steps[i->step].when_cut;
}

bool intention_is_recorded(IntentionStep step)
{
	return steps[step].recorded;
}

static IntentionStep first_step(const Intention *i, bool move)
{
	switch (i->kind) {
	case INTENTION_STORE:
		return STEP_STORE;
	case INTENTION_COPY:
		return STEP_NOTE;
	case INTENTION_MOVE:
		return move ? STEP_MOVE : STEP_NOTE;
	case INTENTION_EXPUNGE:
		return STEP_MARK;
	}
	g_assert_not_reached();
}

IntentionStep intention_next(const Intention *i, bool move, bool uidplus)
{
	switch (i->step) {
	case STEP_BEGIN:
		return first_step(i, move);
	case STEP_NOTE:
		return STEP_COPY;
	case STEP_COPY:
		return i->kind == INTENTION_MOVE ? STEP_MARK : STEP_DONE;
	case STEP_LOOK:
		return STEP_COPY;
	case STEP_MARK:
		return uidplus ? STEP_EXPUNGE : STEP_CHECK;
	case STEP_CHECK:
		return STEP_EXPUNGE;
	default:
		return STEP_DONE;
	}
}

bool intention_touches(const Intention *i, const Intention *other)
{
	return i->uidvalidity == other->uidvalidity && g_str_equal(i->mailbox, other->mailbox) &&
	       uidset_overlaps(i->uids, other->uids);
}

const char *intention_kind_name(IntentionKind kind)
{
	return kinds[kind];
}

const char *intention_step_name(IntentionStep step)
{
	return steps[step].name;
}

bool intention_kind_find(const char *name, IntentionKind *kind)
{
	for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
		if (g_strcmp0(name, kinds[k]) == 0) {
			*kind = (IntentionKind)k;
			return true;
		}
	return false;
}

bool intention_step_find(const char *name, IntentionStep *step)
{
	for (size_t k = 0; k < G_N_ELEMENTS(steps); k++)
		if (g_strcmp0(name, steps[k].name) == 0) {
			*step = (IntentionStep)k;
			return true;
		}
	return false;
}

static char *title(const char *wire_name)
{
	g_autofree char *decoded = utf7_decode(wire_name);

	return text_clean_name(decoded);
}

char *intention_describe(const Intention *i)
{
	g_autofree char *from = title(i->mailbox);
	g_autofree char *to = i->target ? title(i->target) : NULL;
	g_autofree char *words = i->words ? g_strjoinv(" ", i->words) : NULL;
	g_autofree char *messages = g_strdup_printf("%" G_GUINT64_FORMAT " message%s", i->count,
						    i->count == 1 ? "" : "s");

	switch (i->kind) {
	case INTENTION_STORE:
		return g_strdup_printf("%s %s on %s in %s",
				       i->op == STORE_REMOVE ? "take away" : "set", words, messages,
				       from);
	case INTENTION_COPY:
		return g_strdup_printf("copy %s from %s to %s", messages, from, to);
	case INTENTION_MOVE:
		return g_strdup_printf("move %s from %s to %s", messages, from, to);
	case INTENTION_EXPUNGE:
		return g_strdup_printf("remove %s from %s for ever", messages, from);
	}
	g_assert_not_reached();
}

/* The row of one message shows by itself that its mark changed. */
char *intention_outcome(const Intention *i, const GError *refusal, bool some, uint64_t gone)
{
	if (refusal)
		return g_strconcat(some ? failures[i->kind].some : failures[i->kind].nothing, " ",
				   refusal->message, NULL);
	if (gone > 0)
		return g_strdup_printf("%s %" G_GUINT64_FORMAT " %s not there any more.", i->what,
				       gone, gone == 1 ? "was" : "were");
	return i->kind == INTENTION_STORE && i->count == 1 ? NULL : g_strdup(i->what);
}
