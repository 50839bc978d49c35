#include "core/mailbox/uidsearch.h"

typedef struct {
	UidSet *found;
	UidSearchAnswered answered; /* NULL: not of interest, or has been called */
	UidSearchDone done;
	void *data;
} UidSearch;

static void on_data(const Response *r, void *data)
{
	UidSearch *search = data;

	if (r->kind != RESPONSE_ESEARCH && r->kind != RESPONSE_SEARCH)
		return;
	if (search->answered)
		search->answered(search->data);
	search->answered = NULL;
	if (r->kind == RESPONSE_ESEARCH && r->esearch.uid && r->esearch.all != NULL) {
		uidset_add_set(search->found, r->esearch.all);
	} else if (r->kind == RESPONSE_SEARCH) {
		g_autoptr(UidSet) uids = uidset_new_numbers(r->numbers.items, r->numbers.n);
		uidset_add_set(search->found, uids);
	}
}

static void on_done(const ImapResult *result, void *data)
{
	UidSearch *search = data;
	g_autoptr(GError) too_many = NULL;
	const GError *error = result->error;

	if (error == NULL && uidset_count(search->found) > UIDSEARCH_MAX) {
		too_many = g_error_new(CORE_ERROR, CORE_ERROR_NO,
				       "the server named more than %d messages", UIDSEARCH_MAX);
		error = too_many;
	}
	search->done(error != NULL ? NULL : search->found, error, search->data);
	uidset_free(search->found);
	g_free(search);
}

void uidsearch_run(ImapSession *s, Scope *scope, const char *criteria, UidSearchDone done,
		   void *data)
{
	uidsearch_run_noting(s, scope, criteria, NULL, done, data);
}

void uidsearch_run_noting(ImapSession *s, Scope *scope, const char *criteria,
			  UidSearchAnswered answered, UidSearchDone done, void *data)
{
	Writer *w = session_begin(s, COMMAND_ID_UID_SEARCH);
	UidSearch *search = g_new0(UidSearch, 1);

	search->found = uidset_new();
	search->answered = answered;
	search->done = done;
	search->data = data;
	if (uidsearch_is_pipelined(s))
		writer_raw(w, "RETURN (ALL)");
	writer_raw(w, criteria);
	session_submit(s, scope, w, on_data, on_done, search);
}

bool uidsearch_is_pipelined(const ImapSession *s)
{
	return (session_capabilities(s) & CAP(ESEARCH)) != 0;
}
