#include "core/mailbox/threadanswer.h"

struct ThreadAnswer {
	GArray *entries; /* of ThreadEntry */
	/* For each open parenthesis the parent of what begins in it. */
	uint32_t outer[THREAD_DEPTH_MAX];
	unsigned depth;
	bool opened;   /* the last was opened and holds no number yet */
	uint32_t last; /* what the next number answers */
	const char *fault;
	bool by_subject;
};

static uint32_t add_entry(ThreadAnswer *answer, uint32_t uid, uint32_t parent)
{
	ThreadEntry entry = {uid, parent};

	g_array_append_val(answer->entries, entry);
	return answer->entries->len - 1;
}

/* "((3)(5))": what opens within a parenthesis without a number has a parent that is not there.  It
 * is one entry, however many open. */
static void open_one(ThreadAnswer *answer)
{
	if (answer->depth == THREAD_DEPTH_MAX) {
		answer->fault = "The server's threads nest too deep.";
		return;
	}
	if (answer->depth == 0)
		answer->last = THREADANSWER_NONE;
	else if (answer->opened && answer->last == THREADANSWER_NONE)
		answer->last = add_entry(answer, 0, THREADANSWER_NONE);
	answer->outer[answer->depth++] = answer->last;
	answer->opened = true;
}

static void close_one(ThreadAnswer *answer)
{
	if (answer->depth == 0) {
		answer->fault = "The server's threads are not well formed.";
		return;
	}
	answer->last = answer->outer[--answer->depth];
	answer->opened = false;
}

static void take_number(ThreadAnswer *answer, uint32_t uid)
{
	if (answer->depth == 0) {
		answer->fault = "The server's threads are not well formed.";
		return;
	}
	answer->last = add_entry(answer, uid, answer->last);
	answer->opened = false;
}

ThreadAnswer *threadanswer_new(void)
{
	ThreadAnswer *answer = g_new0(ThreadAnswer, 1);

	answer->entries = g_array_new(FALSE, FALSE, sizeof(ThreadEntry));
	answer->last = THREADANSWER_NONE;
	return answer;
}

void threadanswer_free(ThreadAnswer *answer)
{
	if (answer == NULL)
		return;
	g_array_unref(answer->entries);
	g_free(answer);
}

void threadanswer_set_by_subject(ThreadAnswer *answer)
{
	answer->by_subject = true;
}

bool threadanswer_is_by_subject(const ThreadAnswer *answer)
{
	return answer->by_subject;
}

void threadanswer_take(ThreadAnswer *answer, const ThreadData *piece)
{
	for (size_t i = 0; i < piece->n && answer->fault == NULL; i++) {
		const ThreadStep *step = &piece->steps[i];
		for (unsigned k = 0; k < step->closed && answer->fault == NULL; k++)
			close_one(answer);
		for (unsigned k = 0; k < step->opened && answer->fault == NULL; k++)
			open_one(answer);
		if (step->uid != 0 && answer->fault == NULL)
			take_number(answer, step->uid);
		if (answer->entries->len > THREADANSWER_MAX)
			answer->fault = "The server's threads are too many.";
	}
	if (answer->fault != NULL)
		g_array_set_size(answer->entries, 0);
}

const char *threadanswer_fault(const ThreadAnswer *answer)
{
	if (answer->fault == NULL && answer->depth > 0)
		return "The server's threads are not well formed.";
	return answer->fault;
}

const ThreadEntry *threadanswer_entries(const ThreadAnswer *answer, size_t *n)
{
	*n = answer->entries->len;
	return (const ThreadEntry *)(const void *)answer->entries->data;
}
