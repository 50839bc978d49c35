#include "core/session/pipeline.h"

#include <string.h>
#include "core/base/error.h"
#include "core/session/verdict.h"

struct ImapCommand {
	QueueEntry entry; /* first: in_flight is a list of these */
	ScopeItem item;
	Pipeline *pipeline;
	Writer *writer; /* until sent */
	bool first;
	GPtrArray *segments; /* GBytes*; those from `next` on are not written yet */
	unsigned next;
	uint64_t end; /* of what is written of it, in bytes of the stream */
	bool blind;   /* was sent while the log-in was not answered */
	char *tag, *line, *mailbox;
	UidSet *uids;
	GError *refusal; /* in `refused` */
	ImapData on_data;
	ImapDone done;
	void *data;
	bool ended; /* done was told; a sent one stays in flight as an orphan */
};

struct Pipeline {
	const char *peer;
	const PipelineHooks *hooks;
	void *self;
	GQueue queue, in_flight, refused; /* ImapCommand* */
	unsigned last_tag;
	uint64_t written;
	ImapCommand *chunks_to; /* the one that was given chunks of the response under way */
	PipelineHold hold;
	GError *over; /* why nothing is accepted any more */
};

static void command_free(ImapCommand *command)
{
	if (command->pipeline->chunks_to == command)
		command->pipeline->chunks_to = NULL;
	scope_remove(&command->item);
	writer_free(command->writer);
	g_clear_pointer(&command->segments, g_ptr_array_unref);
	g_free(command->tag);
	g_free(command->line);
	g_free(command->mailbox);
	uidset_free(command->uids);
	g_clear_error(&command->refusal);
	g_free(command);
}

/* The one place that calls `done`.  The callback may cancel, submit or free anything. */
static void tell(ImapCommand *command, const StatusLine *status, const GError *error)
{
	ImapResult result = {.status = status, .error = error};

	if (command->ended)
		return;
	command->ended = true;
	command->on_data = NULL;
	scope_remove(&command->item);
	if (command->done)
		command->done(&result, command->data);
}

static void cancel_item(ScopeItem *item)
{
	imap_cancel((ImapCommand *)((char *)item - offsetof(ImapCommand, item)));
}

static void write_bytes(Pipeline *p, GBytes *bytes)
{
	p->written += g_bytes_get_size(bytes);
	p->hooks->write(bytes, p->self);
}

static ImapCommand *running(const Pipeline *p, CommandId id)
{
	for (const GList *link = p->in_flight.head; link; link = link->next) {
		ImapCommand *command = link->data;
		if (command->entry.spec->id == id)
			return command;
	}
	return NULL;
}

static ImapCommand *running_idle(const Pipeline *p)
{
	return running(p, COMMAND_ID_IDLE);
}

static void write_done(ImapCommand *idle)
{
	g_autoptr(GBytes) done = g_bytes_new_static("DONE\r\n", 6);

	if (idle->entry.ending || idle->entry.waits_literal)
		return;
	idle->entry.ending = true;
	idle->pipeline->hooks->said("DONE", idle->pipeline->self);
	write_bytes(idle->pipeline, done);
	idle->end = idle->pipeline->written;
	/* An answer is due from now on. */
	idle->pipeline->hooks->wake(idle->pipeline->self);
}

static void write_segment(ImapCommand *command)
{
	Pipeline *p = command->pipeline;

	write_bytes(p, command->segments->pdata[command->next++]);
	command->end = p->written;
	command->entry.waits_literal = command->next < command->segments->len ||
				       command->entry.spec->id == COMMAND_ID_IDLE ||
				       command->entry.spec->id == COMMAND_ID_AUTHENTICATE;
}

static void say(const ImapCommand *command)
{
	const Pipeline *p = command->pipeline;
	g_autofree char *line = g_strdup_printf("%s %s", command->tag, command->line);

	p->hooks->said(line, p->self);
}

/* What was enabled may have changed since it was written.  No FETCH, whose entry has the line,
 * names a mailbox. */
static void spell(const Pipeline *p, ImapCommand *command)
{
	if (!writer_is_utf8(command->writer) ||
	    !writer_spell(command->writer, p->hooks->spelling(command->entry.spec, p->self)))
		return;
	g_free(command->line);
	command->line = writer_log(command->writer);
}

static void send(Pipeline *p, ImapCommand *command)
{
	spell(p, command);
	command->tag = g_strdup_printf("A%u", ++p->last_tag);
	command->entry.tag = command->tag;
	command->blind = p->hold == PIPELINE_HOLDS_OTHERS && !command->first;
	say(command);
	command->segments = writer_segments(command->writer, command->tag);
	g_clear_pointer(&command->writer, writer_free);
	g_queue_push_tail(&p->in_flight, command);
	write_segment(command);
	if (p->in_flight.length == 1)
		p->hooks->working(&command->entry, p->self);
}

static void refuse(Pipeline *p, ImapCommand *command, GError *error_take)
{
	command->refusal = error_take;
	g_queue_push_tail(&p->refused, command);
	p->hooks->wake(p->self);
}

/* Those that the callbacks add wait for the next turn. */
static void tell_refused(Pipeline *p)
{
	ImapCommand *command;

	for (guint n = p->refused.length; n && (command = g_queue_pop_head(&p->refused)); n--) {
		tell(command, NULL, command->refusal);
		command_free(command);
	}
}

/* An IDLE that others wait behind would be broken at once: it is over before it began. */
static bool skip_idle(Pipeline *p, ImapCommand *command)
{
	if (command->entry.spec->id != COMMAND_ID_IDLE || p->queue.length < 2)
		return false;
	g_queue_pop_head(&p->queue);
	tell(command, NULL, NULL);
	command_free(command);
	return true;
}

/* Why it can never be sent as things are, or NULL. */
static GError *objection(const Pipeline *p, const ImapCommand *command, SessionState state,
			 Capability capabilities, const char *why)
{
	const CommandSpec *spec = command->entry.spec;
	const char *missing = queue_missing_capability(spec, capabilities);

	if (missing && !why)
		return g_error_new(CORE_ERROR, CORE_ERROR_STATE, "%s does not offer %s.", p->peer,
				   missing);
	if (why && !p->in_flight.length)
		return g_error_new(CORE_ERROR, CORE_ERROR_STATE,
				   "%s is not possible now: the session is in state %s.",
				   spec->verb, command_state_name(state));
	return NULL;
}

static bool is_held(const Pipeline *p, const ImapCommand *command)
{
	bool blind = command->entry.spec->flags & COMMAND_BLIND;

	return !command->first &&
	       (p->hold == PIPELINE_HOLDS_ALL || (p->hold == PIPELINE_HOLDS_OTHERS && !blind));
}

static bool pump_head(Pipeline *p, SessionState state, Capability capabilities)
{
	ImapCommand *command = g_queue_peek_head(&p->queue);
	ImapCommand *idle = running_idle(p);
	const char *why = NULL;
	GError *error;

	if (!command || is_held(p, command))
		return false;
	if (skip_idle(p, command))
		return true;
	if (idle)
		write_done(idle);
	queue_may_send(&command->entry, &p->in_flight, state, &why);
	error = objection(p, command, state, capabilities, why);
	if (why && !error)
		return false;
	g_queue_pop_head(&p->queue);
	if (error)
		refuse(p, command, error);
	else
		send(p, command);
	return true;
}

void pipeline_pump(Pipeline *p, SessionState state, Capability capabilities)
{
	while (!p->over && pump_head(p, state, capabilities))
		continue;
	tell_refused(p);
}

Pipeline *pipeline_new(const char *peer, const PipelineHooks *hooks, void *self)
{
	Pipeline *p = g_new0(Pipeline, 1);

	p->peer = peer;
	p->hooks = hooks;
	p->self = self;
	p->hold = PIPELINE_HOLDS_ALL;
	g_queue_init(&p->queue);
	g_queue_init(&p->in_flight);
	g_queue_init(&p->refused);
	return p;
}

void pipeline_free(Pipeline *p)
{
	if (!p)
		return;
	g_queue_clear_full(&p->queue, (GDestroyNotify)command_free);
	g_queue_clear_full(&p->in_flight, (GDestroyNotify)command_free);
	g_queue_clear_full(&p->refused, (GDestroyNotify)command_free);
	g_clear_error(&p->over);
	g_free(p);
}

static ImapCommand *command_new(Pipeline *p, Writer *w_take)
{
	ImapCommand *command = g_new0(ImapCommand, 1);
	const UidSet *uids = writer_uid_argument(w_take);

	command->pipeline = p;
	command->writer = w_take;
	command->line = writer_log(w_take);
	command->mailbox = g_strdup(writer_mailbox_argument(w_take));
	command->uids = uids ? uidset_copy(uids) : NULL;
	command->entry.spec = writer_spec(w_take);
	command->entry.uids = command->uids;
	command->entry.mailbox = command->mailbox;
	command->entry.alone = writer_is_alone(w_take);
	command->entry.names_tag = (command->entry.spec->wants & WANTS(SEARCH)) &&
				   strstr(command->line, " RETURN (") != NULL;
	if (command->entry.spec->flags & COMMAND_FETCHES) {
		command->entry.line = command->line;
		command->entry.items = queue_items(command->line);
	}
	return command;
}

static void queue_up(Pipeline *p, ImapCommand *command)
{
	GList *behind = command->first ? p->queue.head : NULL;

	while (behind && ((const ImapCommand *)behind->data)->first)
		behind = behind->next;
	g_queue_insert_before(&p->queue, behind, command);
}

ImapCommand *pipeline_submit(Pipeline *p, Scope *scope, Writer *w_take, bool first,
			     GError *refusal_take, ImapData on_data, ImapDone done, void *data)
{
	ImapCommand *command = command_new(p, w_take);
	const char *failure = writer_failure(w_take);

	command->first = first;
	command->on_data = on_data;
	command->done = done;
	command->data = data;
	scope_add(scope, &command->item, cancel_item);
	if (!refusal_take && p->over)
		refusal_take = g_error_copy(p->over);
	if (!refusal_take && failure)
		refusal_take = g_error_new(CORE_ERROR, CORE_ERROR_STATE, "%s cannot be sent: %s.",
					   command->entry.spec->verb, failure);
	if (refusal_take) {
		refuse(p, command, refusal_take);
		return command;
	}
	queue_up(p, command);
	p->hooks->wake(p->self);
	return command;
}

void pipeline_hold(Pipeline *p, PipelineHold hold)
{
	p->hold = hold;
	p->hooks->wake(p->self);
}

bool pipeline_continue(Pipeline *p, const char *text, GError **error)
{
	static const Response plus = {.kind = RESPONSE_CONTINUE};
	ImapCommand *command = (ImapCommand *)queue_owner(&p->in_flight, &plus);

	if (!command) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_ABORT,
			    "%s asked for more where nothing is to follow.", p->peer);
		return false;
	}
	if (command->next < command->segments->len) {
		write_segment(command);
		return true;
	}
	if (command->entry.spec->id == COMMAND_ID_AUTHENTICATE) {
		p->hooks->challenged(text, p->self);
		return true;
	}
	command->entry.waits_literal = false;
	if (command->ended || p->queue.length)
		write_done(command);
	return true;
}

static void free_secret(void *line)
{
	explicit_bzero(line, strlen(line));
	g_free(line);
}

void pipeline_respond(Pipeline *p, const char *line)
{
	ImapCommand *command = running(p, COMMAND_ID_AUTHENTICATE);
	char *text = g_strconcat(line, "\r\n", NULL);
	g_autoptr(GBytes) bytes = g_bytes_new_with_free_func(text, strlen(text), free_secret, text);

	if (!command)
		return;
	p->hooks->said("…", p->self);
	write_bytes(p, bytes);
	command->end = p->written;
}

void pipeline_end_authenticate(Pipeline *p)
{
	ImapCommand *command = running(p, COMMAND_ID_AUTHENTICATE);

	if (!command)
		command = g_queue_peek_head(&p->queue);
	if (command && command->entry.spec->id == COMMAND_ID_AUTHENTICATE)
		command->entry.ending = true;
	p->hooks->wake(p->self);
}

/* A literal may be refused while it is awaited, and one that needs no continuation even while it
 * flows (RFC 7888 4); nothing else can be answered before it was sent. */
static bool has_left(const Pipeline *p, const ImapCommand *command, Condition condition)
{
	bool whole = command->next == command->segments->len;
	bool gone = command->end <= p->written - p->hooks->unsent(p->self);

	if (condition != CONDITION_OK && command->entry.spec->id == COMMAND_ID_APPEND)
		return true;
	return gone && (whole || condition != CONDITION_OK);
}

static bool depends(const ImapCommand *command, SessionState state)
{
	unsigned states = command->entry.spec->states;

	return states == IN_SELECTED || !(states & (1u << state));
}

/* What was sent behind a log-in or SELECT that is refused was meant for what did not come to be,
 * and so was what is queued behind a SELECT; another log-in may follow. */
static void drop_dependents(Pipeline *p, const ImapCommand *failed, SessionState state)
{
	const CommandSpec *spec = failed->entry.spec;
	g_autoptr(GError) error = g_error_new(CORE_ERROR, CORE_ERROR_CANCELLED,
					      "not done, because %s was refused", spec->verb);
	g_autoptr(GPtrArray) doomed = g_ptr_array_new();

	for (const GList *link = p->in_flight.head; link; link = link->next) {
		const ImapCommand *command = link->data;
		if (command->end > failed->end && depends(command, state))
			g_ptr_array_add(doomed, link->data);
	}
	for (const GList *link = spec->flags & COMMAND_TO_SELECTED ? p->queue.head : NULL;
	     link && depends(link->data, state); link = link->next)
		g_ptr_array_add(doomed, link->data);
	for (guint i = 0; i < doomed->len; i++) {
		ImapCommand *command = doomed->pdata[i];
		bool queued = g_queue_remove(&p->queue, command);

		/* An earlier one's done may have cancelled and freed it. */
		if (!queued && !g_queue_find(&p->in_flight, command))
			continue;
		tell(command, NULL, error);
		if (queued)
			command_free(command);
	}
}

bool pipeline_tagged(Pipeline *p, const Response *response, GError **error)
{
	ImapCommand *command = (ImapCommand *)queue_owner(&p->in_flight, response);
	const StatusLine *line = &response->status;
	g_autoptr(GError) failure = NULL;
	SessionState state;

	if (!command || !has_left(p, command, line->condition)) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_ABORT,
			    command ? "%s answered a command before it was sent."
				    : "%s answered a command that was never sent.",
			    p->peer);
		return false;
	}
	failure = verdict_error(p->peer, command->entry.spec, line);
	g_queue_remove(&p->in_flight, command);
	state = p->hooks->answered(&command->entry, line, failure, p->self);
	if (failure && (command->entry.spec->flags & (COMMAND_TO_AUTH | COMMAND_TO_SELECTED)))
		drop_dependents(p, command, state);
	tell(command, line, failure);
	command_free(command);
	command = g_queue_peek_head(&p->in_flight);
	if (command && !p->over)
		p->hooks->working(&command->entry, p->self);
	return true;
}

const QueueEntry *pipeline_owner(const Pipeline *p, const Response *response)
{
	return queue_owner(&p->in_flight, response);
}

static void hand(const ImapCommand *owner, const Response *response)
{
	if (owner && owner->on_data)
		owner->on_data(response, owner->data);
}

void pipeline_void_chunks(Pipeline *p)
{
	static const Response none = {.kind = RESPONSE_CHUNK};

	hand(g_steal_pointer(&p->chunks_to), &none);
}

void pipeline_data(Pipeline *p, const Response *response)
{
	bool chunk = response->kind == RESPONSE_CHUNK;
	ImapCommand *owner;

	if (chunk && response->chunk.offset > 0) {
		hand(p->chunks_to, response);
		return;
	}
	if (p->chunks_to && p->chunks_to != (ImapCommand *)queue_owner(&p->in_flight, response))
		pipeline_void_chunks(p);
	/* Looked for again: what is told may end commands. */
	owner = (ImapCommand *)queue_owner(&p->in_flight, response);
	p->chunks_to = chunk ? owner : NULL;
	hand(owner, response);
}

static void end_list(GQueue *list, const GError *error)
{
	ImapCommand *command;

	for (guint n = list->length; n && (command = g_queue_pop_head(list)); n--) {
		tell(command, NULL, command->refusal ? command->refusal : error);
		command_free(command);
	}
}

void pipeline_end(Pipeline *p, const GError *error)
{
	if (!p->over)
		p->over = g_error_copy(error);
	end_list(&p->in_flight, error);
	end_list(&p->queue, error);
	end_list(&p->refused, error);
}

void pipeline_break_idle(Pipeline *p)
{
	ImapCommand *idle = running_idle(p);

	if (idle)
		write_done(idle);
}

bool pipeline_is_idle(const Pipeline *p)
{
	const ImapCommand *idle = running_idle(p);

	return !p->queue.length && !p->refused.length &&
	       (!p->in_flight.length || (idle && !idle->entry.ending && p->in_flight.length == 1));
}

bool pipeline_is_waiting(const Pipeline *p)
{
	for (const GList *link = p->in_flight.head; link; link = link->next) {
		const QueueEntry *entry = link->data;
		if (entry->spec->id != COMMAND_ID_IDLE || entry->waits_literal || entry->ending)
			return true;
	}
	return false;
}

bool pipeline_is_leaving_idle(const Pipeline *p)
{
	const ImapCommand *idle = running_idle(p);

	return idle && idle->entry.ending;
}

static bool is_change(const ImapCommand *command)
{
	return !command->ended && (command->entry.spec->flags & COMMAND_CHANGES);
}

bool pipeline_is_stuck(const Pipeline *p)
{
	bool cancelled = false;

	for (const GList *link = p->in_flight.head; link; link = link->next) {
		const ImapCommand *command = link->data;
		cancelled |= command->ended;
		if (is_change(command))
			return false;
	}
	for (const GList *link = p->queue.head; link; link = link->next)
		if (is_change(link->data))
			return false;
	return cancelled;
}

bool pipeline_runs(const Pipeline *p, CommandId id)
{
	return running(p, id) != NULL;
}

bool pipeline_will_leave(const Pipeline *p)
{
	const unsigned leaving = COMMAND_TO_SELECTED | COMMAND_TO_AUTH;

	for (const GList *link = p->queue.head; link; link = link->next)
		if (((const ImapCommand *)link->data)->entry.spec->flags & leaving)
			return true;
	return false;
}

bool pipeline_runs_blind(const Pipeline *p)
{
	for (const GList *link = p->in_flight.head; link; link = link->next)
		if (((const ImapCommand *)link->data)->blind)
			return true;
	return false;
}

void imap_cancel(ImapCommand *command)
{
	Pipeline *p = command->pipeline;
	g_autoptr(GError) error =
		g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "cancelled");
	bool unsent = g_queue_remove(&p->queue, command) || g_queue_remove(&p->refused, command);

	if (command->entry.spec->id == COMMAND_ID_IDLE && !unsent)
		write_done(command);
	tell(command, NULL, error);
	if (unsent)
		command_free(command);
}
