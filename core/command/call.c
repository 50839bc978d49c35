#include "core/command/call.h"

#include <string.h>

struct Caller {
	ImapSession *session;
	ArgumentOptions options;
	Answers *kept;
	const CommandSpec *spec; /* of the command that runs, or NULL */
	char *name;              /* of it, as it was typed */
	bool readonly;           /* the mailbox was opened so */
	CallDone done;
	void *data;
	ImapData heard; /* where the session is shared, else NULL */
	void *heard_data;
	Scope scope;
};

Caller *caller_new(ImapSession *session, const ArgumentOptions *options)
{
	Caller *caller = g_new0(Caller, 1);

	caller->session = session;
	caller->options = *options;
	caller->kept = answers_new();
	scope_init(&caller->scope);
	return caller;
}

void caller_share(Caller *caller, ImapData heard, void *data)
{
	caller->heard = heard;
	caller->heard_data = data;
}

void caller_free(Caller *caller)
{
	if (!caller)
		return;
	caller->done = NULL;
	scope_cancel(&caller->scope);
	answers_free(caller->kept);
	g_free(caller->name);
	g_free(caller);
}

void caller_cancel(Caller *caller)
{
	scope_cancel(&caller->scope);
}

void caller_take(Caller *caller, const Response *response)
{
	/* The session asks on its own account, too. */
	if (response->kind == RESPONSE_CAPABILITY && !caller->spec)
		return;
	if (response->frame)
		answers_take(caller->kept, response->frame);
}

const Answers *caller_kept(const Caller *caller)
{
	return caller->kept;
}

GPtrArray *caller_response(Caller *caller, const char *name)
{
	g_autofree char *upper = g_ascii_strup(name, -1);

	return answers_pop(caller->kept, upper);
}

/* --- which command it is --- */

static bool has_word(const GPtrArray *words, guint i, const char *text)
{
	return i < words->len &&
	       g_ascii_strcasecmp(((const Word *)words->pdata[i])->text, text) == 0;
}

const CommandSpec *call_find(GPtrArray *words, guint *first, GError **error)
{
	bool uid = has_word(words, 0, "UID") && words->len > 1;
	const char *verb = words->len > uid ? ((const Word *)words->pdata[uid])->text : "";
	g_autofree char *name = g_strdup_printf("%s%s", uid ? "UID " : "", verb);
	const CommandSpec *spec = command_find(name);

	*first = uid ? 2 : 1;
	if (!*verb) {
		g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE,
				    "A line begins with a command: try help.");
		return NULL;
	}
	if (spec && spec->id == COMMAND_ID_SELECT && has_word(words, 2, "readonly")) {
		g_ptr_array_remove_index(words, 2);
		return &command_table[COMMAND_ID_EXAMINE];
	}
	if (spec)
		return spec;
	*first = has_word(words, 0, "xatom") ? 1 : 0;
	return &command_table[COMMAND_ID_XATOM];
}

const CommandSpec *call_meant(GPtrArray *words)
{
	g_autoptr(GPtrArray) behind = g_ptr_array_new();
	guint first;

	for (guint i = has_word(words, 0, "xatom") ? 1 : 0; i < words->len; i++)
		g_ptr_array_add(behind, words->pdata[i]);
	return call_find(behind, &first, NULL);
}

/* --- how it ended --- */

/* Of a name under which nothing came there is none. */
static void list_free(void *list)
{
	if (list)
		g_ptr_array_unref(list);
}

/* The tagged line as it was sent, behind OK, NO or BAD. */
static char *line_text(const StatusLine *line)
{
	const char *text = line->text ? line->text : "";

	if (!line->code_name)
		return g_strdup(text);
	return g_strdup_printf("[%s%s%s]%s%s", line->code_name, line->code_text ? " " : "",
			       line->code_text ? line->code_text : "", *text ? " " : "", text);
}

static void add_line(GPtrArray *lists, const StatusLine *line)
{
	g_autofree char *text = line_text(line);

	g_ptr_array_add(lists, answers_one(text));
}

static bool is_refused(const CommandSpec *spec, Condition condition)
{
	return condition == CONDITION_BAD ||
	       (condition == CONDITION_NO && (spec->flags & COMMAND_SECRET));
}

/* NO is an answer like another, but for a log-in. */
static GError *error_of(const Caller *caller, const CommandSpec *spec, const ImapResult *result)
{
	const StatusLine *line = result->status;
	g_autofree char *text = line ? line_text(line) : NULL;

	if (!line)
		return result->error ? g_error_copy(result->error) : NULL;
	if (!is_refused(spec, line->condition))
		return NULL;
	if (line->condition == CONDITION_BAD)
		return g_error_new(CORE_ERROR, CORE_ERROR_BAD, "%s command error: BAD %s",
				   caller->name, text);
	return g_error_new_literal(CORE_ERROR, CORE_ERROR_AUTH, text);
}

/* More messages no mailbox has. */
#define FOUND_MAX 10000000

/* IMAP4rev2 answers by ESEARCH where nothing else was asked for (RFC 9051 6.4.4): the numbers as
 * SEARCH lists them; NULL where it tells something else. */
static char *esearch_numbers(const char *text)
{
	const char *end = *text == '(' ? strchr(text, ')') : NULL;
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	g_autoptr(GString) list = g_string_new(NULL);

	text = end ? end + 1 : text;
	text += strspn(text, " ");
	if (g_str_has_prefix(text, "UID"))
		text += strlen("UID") + strspn(text + strlen("UID"), " ");
	if (!*text)
		return g_strdup("");
	if (!g_str_has_prefix(text, "ALL ") ||
	    !uidset_text_numbers(text + 4, strlen(text + 4), FOUND_MAX, numbers))
		return NULL;
	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(list, "%s%u", i > 0 ? " " : "",
				       g_array_index(numbers, uint32_t, i));
	return g_string_free(g_steal_pointer(&list), FALSE);
}

static GPtrArray *searched(Caller *caller)
{
	const GPtrArray *list = answers_peek(caller->kept, "ESEARCH");
	const Answer *answer = list ? list->pdata[list->len - 1] : NULL;
	gsize len = 0;
	const char *text = answer ? g_bytes_get_data(answer->text, &len) : "";
	g_autofree char *line = g_strndup(text, len);
	g_autofree char *numbers = answer ? esearch_numbers(line) : NULL;

	if (!numbers)
		return NULL;
	g_ptr_array_unref(answers_pop(caller->kept, "ESEARCH"));
	return answers_one(numbers);
}

static void collect(Caller *caller, const CommandSpec *spec, const StatusLine *line,
		    GPtrArray *lists)
{
	g_auto(GStrv) names = g_strsplit(spec->answers, " ", -1);

	if (line && line->condition == CONDITION_NO) {
		add_line(lists, line);
		return;
	}
	for (char **name = names; *name; name++)
		g_ptr_array_add(lists, answers_pop(caller->kept, *name));
	if ((spec->wants & WANTS(SEARCH)) && !lists->pdata[0])
		lists->pdata[0] = searched(caller);
	/* imaplib leaves it to be asked for again. */
	if (spec->flags & COMMAND_TO_SELECTED)
		answers_put(caller->kept, *names, lists->pdata[0]);
	if (!*names && line)
		add_line(lists, line);
}

const char *call_refusal(const StatusLine *line)
{
	if (!line || (line->condition != CONDITION_NO && line->condition != CONDITION_BAD))
		return NULL;
	return line->condition == CONDITION_NO ? "NO" : "BAD";
}

static const char *type_of(const CommandSpec *spec, const StatusLine *line, const GError *error)
{
	const char *refusal = call_refusal(line);

	if (refusal || error)
		return refusal;
	return spec->id == COMMAND_ID_LOGOUT ? "BYE" : "OK";
}

static GError *not_writable(const Caller *caller)
{
	if (caller->readonly || !answers_peek(caller->kept, "READ-ONLY"))
		return NULL;
	return g_error_new_literal(CORE_ERROR, CORE_ERROR_READONLY,
				   "mailbox status changed to READ-ONLY");
}

static void on_data(const Response *response, void *data)
{
	const Caller *caller = data;

	caller->heard(response, caller->heard_data);
}

static void on_done(const ImapResult *result, void *data)
{
	Caller *caller = data;
	const CommandSpec *spec = g_steal_pointer(&caller->spec);
	CallDone done = g_steal_pointer(&caller->done);
	g_autoptr(GError) error = error_of(caller, spec, result);
	g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func(list_free);
	if (result->status)
		answers_take_code(caller->kept, result->status);
	if (!error && spec->id == COMMAND_ID_SELECT && result->status &&
	    result->status->condition == CONDITION_OK)
		error = not_writable(caller);
	if (!error)
		collect(caller, spec, result->status, lists);
	if (done) {
		Reply reply = {type_of(spec, result->status, error), lists, caller->kept, error};
		done(&reply, caller->data);
	}
}

/* --- sending it --- */

static bool may_run(Caller *caller, const CommandSpec *spec, GError **error)
{
	SessionState state = session_state(caller->session);
	GError *readonly = spec->flags & COMMAND_TO_SELECTED ? NULL : not_writable(caller);

	if (caller->spec) {
		g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE,
				    "Another command still runs.");
		g_clear_error(&readonly);
		return false;
	}
	if (!(spec->states & (1u << state)) && !readonly)
		readonly =
			g_error_new(CORE_ERROR, CORE_ERROR_STATE, "command %s illegal in state %s",
				    spec->verb, command_state_name(state));
	if (!readonly)
		return true;
	g_propagate_error(error, readonly);
	return false;
}

static void forget_conditions(Caller *caller)
{
	static const char *const names[] = {"OK", "NO", "BAD"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		g_clear_pointer(&(GPtrArray *){answers_pop(caller->kept, names[i])},
				g_ptr_array_unref);
}

static Writer *write_command(Caller *caller, const CommandSpec *spec, const GPtrArray *words,
			     guint first, GError **error)
{
	g_autoptr(Writer) w = session_begin(caller->session, spec->id);

	caller->options.utf8 = session_enabled(caller->session) & CAP(UTF8_ACCEPT);
	if (!argument_write(w, words, first, &caller->options, error))
		return NULL;
	if (writer_failure(w)) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "This cannot be sent: %s.",
			    writer_failure(w));
		return NULL;
	}
	return g_steal_pointer(&w);
}

bool caller_run(Caller *caller, GPtrArray *words, CallDone done, void *data, GError **error)
{
	guint first;
	const CommandSpec *spec = call_find(words, &first, error);
	Writer *w;

	if (!spec || !may_run(caller, spec, error))
		return false;
	w = write_command(caller, spec, words, first, error);
	if (!w)
		return false;
	forget_conditions(caller);
	if (spec->flags & COMMAND_TO_SELECTED) {
		answers_clear(caller->kept);
		caller->readonly = spec->id == COMMAND_ID_EXAMINE;
	}
	caller->spec = spec;
	g_free(caller->name);
	caller->name = g_ascii_strup(((const Word *)words->pdata[first ? first - 1 : 0])->text, -1);
	caller->done = done;
	caller->data = data;
	if (caller->heard)
		writer_set_alone(w);
	session_submit(caller->session, &caller->scope, w, caller->heard ? on_data : NULL, on_done,
		       caller);
	return true;
}
