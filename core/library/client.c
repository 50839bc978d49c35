#include "core/library/imap-client.h"

#include <string.h>
#include "core/command/imap.h"
#include "core/library/client_private.h"
#include "core/wire/utf7.h"

/* --- life --- */

void client_unref(ImapClient *client)
{
	if (--client->references > 0)
		return;
	g_clear_handle_id(&client->turn, g_source_remove);
	g_clear_handle_id(&client->leaving, g_source_remove);
	caller_free(client->caller);
	session_free(client->session);
	endpoint_free(client->endpoint);
	trace_free(client->trace);
	g_clear_pointer((GPtrArray **)&client->last.data, g_ptr_array_unref);
	g_clear_error((GError **)&client->last.error);
	g_clear_error(&client->closed);
	g_free(client);
}

static void wake(ImapClient *client);

/* --- how commands end --- */

static void keep(ImapClient *client, const ImapReply *reply)
{
	g_autoptr(GPtrArray) data = (GPtrArray *)client->last.data;
	g_autoptr(GError) error = (GError *)client->last.error;

	client->last = *reply;
	client->last.data =
		reply->data ? g_ptr_array_ref((GPtrArray *)reply->data) : g_ptr_array_new();
	client->last.error = reply->error ? g_error_copy(reply->error) : NULL;
	client->last.kept = NULL;
}

static void tell(ImapClient *client, Submission *submission_take, const ImapReply *reply)
{
	client->references++;
	client->callbacks++;
	keep(client, reply);
	if (submission_take->done)
		submission_take->done(client, reply, submission_take->data);
	client->callbacks--;
	submission_free(submission_take);
	if (!client->freed)
		wake(client);
	client_unref(client);
}

static void tell_error(ImapClient *client, Submission *submission_take, const GError *error)
{
	ImapReply reply = {.error = error};

	tell(client, submission_take, &reply);
}

GError *client_cancelled(void)
{
	return g_error_new_literal(CORE_ERROR, CORE_ERROR_CANCELLED, "The command was cancelled.");
}

static void tell_cancelled(ImapClient *client, Submission *submission_take)
{
	g_autoptr(GError) error = client_cancelled();

	tell_error(client, submission_take, error);
}

void client_finish(ImapClient *client, const ImapReply *reply)
{
	tell(client, g_steal_pointer(&client->running), reply);
}

void client_finish_result(ImapClient *client, const ImapResult *result)
{
	const StatusLine *line = result->status;
	g_autoptr(GPtrArray) text = answers_one(line && line->text ? line->text : "");
	g_autoptr(GPtrArray) data =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GError) refused = NULL;
	ImapReply reply = {.type = "OK", .data = data};

	g_ptr_array_add(data, g_steal_pointer(&text));
	/* Refused is no more than that, whatever it asks of a reader (verdict.h). */
	if (result->error && line)
		refused = g_error_new_literal(CORE_ERROR, CORE_ERROR_AUTH, result->error->message);
	if (result->error)
		reply = (ImapReply){.type = call_refusal(line),
				    .error = refused ? refused : result->error};
	client_finish(client, &reply);
}

static void on_reply(const Reply *reply, void *data)
{
	client_finish(data, reply);
}

/* --- sending them --- */

/* Until commands can go: behind the greeting, a log-in, STARTTLS. */
static bool may_begin(const ImapClient *client)
{
	return !client->running && (client->closed || session_is_through(client->session));
}

static bool begin(ImapClient *client, Submission *submission, GError **error)
{
	if (submission->error) {
		g_propagate_error(error, g_error_copy(submission->error));
		return false;
	}
	/* Behind a LOGOUT it is the state that is wrong. */
	if (client->closed && !error_is_cancelled(client->closed)) {
		g_propagate_error(error, g_error_copy(client->closed));
		return false;
	}
	if (submission->begin)
		return submission->begin(client, submission, error);
	return caller_run(client->caller, submission->words, on_reply, client, error);
}

static void begin_next(ImapClient *client)
{
	g_autoptr(GError) error = NULL;

	client->running = g_queue_pop_head(&client->waiting);
	if (!begin(client, client->running, &error))
		tell_error(client, g_steal_pointer(&client->running), error);
}

static gboolean on_turn(gpointer data)
{
	ImapClient *client = data;

	client->turn = 0;
	client->references++;
	while (!client->freed && client->waiting.length && may_begin(client))
		begin_next(client);
	client_unref(client);
	return G_SOURCE_REMOVE;
}

static void wake(ImapClient *client)
{
	if (!client->turn && client->waiting.length)
		client->turn = g_idle_add_full(G_PRIORITY_DEFAULT, on_turn, client, NULL);
}

guint client_submit(ImapClient *client, Submission *submission_take, ImapReplyFunc done,
		    gpointer data)
{
	submission_take->number = ++client->last_number;
	submission_take->done = done;
	submission_take->data = data;
	g_queue_push_tail(&client->waiting, submission_take);
	imap_client_end_idle(client);
	wake(client);
	return submission_take->number;
}

static void cancel_running(ImapClient *client)
{
	session_set_step(client->session, NULL, NULL);
	caller_cancel(client->caller);
	scope_cancel(&client->scope);
}

void imap_client_cancel(ImapClient *client, guint command)
{
	client->references++;
	if (client->running && client->running->number == command)
		cancel_running(client);
	for (GList *at = client->waiting.head; at; at = at->next) {
		Submission *submission = at->data;
		if (submission->number != command)
			continue;
		g_queue_delete_link(&client->waiting, at);
		tell_cancelled(client, submission);
		break;
	}
	client_unref(client);
}

/* --- events of the session --- */

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *response, void *self)
{
	ImapClient *client = self;

	if (!client->stands || client->freed || !response->frame)
		return;
	caller_take(client->caller, response);
	trace_item(client->trace, response->frame->text + 2);
	client->references++;
	client->callbacks++;
	if (client->listener.untagged)
		client->listener.untagged(client, response->frame->text + 2, client->data);
	client->callbacks--;
	client_unref(client);
}

static void on_batch_end(ImapSession *s, void *self)
{
	ImapClient *client = self;

	if (session_is_through(s))
		client->stands = true;
	if (!client->freed)
		wake(client);
}

static void on_state(ImapSession *s G_GNUC_UNUSED, SessionState state, void *self)
{
	ImapClient *client = self;
	g_autofree char *change = g_strdup_printf("%s -> %s", command_state_name(client->state),
						  command_state_name(state));

	if (state != client->state)
		trace_state(client->trace, change);
	client->state = state;
}

static void on_line(ImapSession *s G_GNUC_UNUSED, bool sent, const char *line, void *self)
{
	const ImapClient *client = self;

	trace_line(client->trace, sent, line);
}

static void note_closed(ImapClient *client, const GError *error)
{
	ImapReply reply = {.error = error};

	client->closed = g_error_copy(error);
	/* Nobody has asked for anything yet: it is the log-in that failed. */
	if (client->last_number == 0)
		keep(client, &reply);
	client->callbacks++;
	if (client->listener.closed)
		client->listener.closed(client, error, client->data);
	client->callbacks--;
	if (!client->freed)
		wake(client);
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	ImapClient *client = self;

	if (client->leaving) {
		g_clear_handle_id(&client->leaving, g_source_remove);
		client_unref(client);
		return;
	}
	client->references++;
	if (!client->freed)
		note_closed(client, error);
	client_unref(client);
}

static const SessionEvents events = {.state = on_state,
				     .response = on_response,
				     .batch_end = on_batch_end,
				     .closed = on_closed,
				     .line = on_line};

/* --- opening --- */

static GBytes *read_file(const char *path, void *data, GError **error)
{
	const ImapClient *client = data;
	char *bytes;
	gsize len;

	if (!client->reads_files) {
		g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE, "No file is read here.");
		return NULL;
	}
	return g_file_get_contents(path, &bytes, &len, error) ? g_bytes_new_take(bytes, len) : NULL;
}

/* Everything is kept whole, as imaplib does: who asks for a message wants it. */
static FramerLimits limits_of(const ImapOptions *options)
{
	uint64_t most = options->max_response ? options->max_response : UINT64_MAX;
	size_t line = (size_t)MIN(most, SIZE_MAX / 2);

	return (FramerLimits){.max_line = line,
			      .max_number_line = line,
			      .max_piece = line,
			      .max_literal = MIN(most, UINT32_MAX),
			      .max_whole = UINT64_MAX,
			      .max_response = most,
			      .max_other = most};
}

static void start_session(ImapClient *client, const ImapOptions *options)
{
	FramerLimits limits = limits_of(options);
	const Endpoint *to = client->endpoint;
	const char *user = options->user ? options->user : to->user;
	const char *known = options->password ? options->password : to->password;
	bool wants = user && !known && !options->client_cert;
	char *asked = wants && client->listener.password
			      ? client->listener.password(user, to->host ? to->host : to->label,
							  client->data)
			      : NULL;
	bool logs_in = (user && (known || asked)) || options->client_cert || options->mechanism;
	SessionConfig config = {.endpoint = to,
				.user = user,
				.password = known ? known : asked,
				.is_token = options->is_token,
				.sasl = options->mechanism,
				.ca_file = options->ca_file,
				.client_cert = options->client_cert,
				.client_key = options->client_key,
				.pin = options->pin,
				.allow_clear = options->allow_clear,
				.manual = !logs_in,
				.unchecked = true,
				.connect_seconds = options->connect_seconds,
				.stall_seconds = options->answer_seconds,
				.limits = &limits};

	client->session = options->stream
				  ? session_open_stream(options->stream, options->stream_self,
							&config, &events, client)
				  : session_open(&config, &events, client);
	submission_wipe(asked);
}

ImapClient *imap_client_open(const char *url, const ImapOptions *options, GError **error)
{
	static const ImapOptions standard;
	g_autofree char *dovecot = endpoint_find_dovecot("");
	Endpoint *endpoint = endpoint_parse(url ? url : "imap+plain://localhost", dovecot, error);
	ImapClient *client;

	if (!endpoint)
		return NULL;
	options = options ? options : &standard;
	client = g_new0(ImapClient, 1);
	client->references = 1;
	client->listener = options->listener;
	client->data = options->data;
	client->endpoint = endpoint;
	client->trace = trace_new(options->debug, options->listener.trace, options->data);
	client->reads_files = options->reads_files;
	client->last = (ImapReply){.type = "OK", .data = g_ptr_array_new()};
	scope_init(&client->scope);
	g_queue_init(&client->waiting);
	start_session(client, options);
	ArgumentOptions arguments = {.raw = options->raw_names,
				     .keep_eol = options->keeps_line_ends,
				     .read_file = read_file,
				     .data = client};
	client->caller = caller_new(client->session, &arguments);
	return client;
}

/* --- leaving --- */

static void cancel_all(ImapClient *client)
{
	if (client->running)
		cancel_running(client);
	while (client->waiting.length)
		tell_cancelled(client, g_queue_pop_tail(&client->waiting));
	client_cancel_read(client);
}

static gboolean on_late(gpointer data)
{
	ImapClient *client = data;

	client->leaving = 0;
	client_unref(client);
	return G_SOURCE_REMOVE;
}

/* The client stays until the server has answered, or not. */
static void log_out(ImapClient *client)
{
	client->references++;
	client->leaving = g_timeout_add_seconds(IMAP_LOGOUT_SECONDS, on_late, client);
	imap_logout(client->session, NULL, NULL, NULL);
	/* Inside a callback the loop goes on by itself. */
	if (g_main_depth() > 0)
		return;
	client->references++;
	while (client->leaving)
		g_main_context_iteration(NULL, TRUE);
	client_unref(client);
}

void imap_client_free(ImapClient *client)
{
	if (!client || client->freed)
		return;
	client->freed = true;
	cancel_all(client);
	if (!client->closed && session_is_through(client->session))
		log_out(client);
	client_unref(client);
}

void imap_client_shutdown(ImapClient *client)
{
	if (!client->closed)
		session_shut(client->session);
}

const ImapReply *imap_client_wait(ImapClient *client)
{
	g_return_val_if_fail(client->callbacks == 0, NULL);
	while (client->waiting.length || !may_begin(client))
		g_main_context_iteration(NULL, TRUE);
	client->last.kept = caller_kept(client->caller);
	return &client->last;
}

/* --- where it stands --- */

ImapState imap_client_state(const ImapClient *client)
{
	static const ImapState states[] = {[SESSION_CONNECTING] = IMAP_STATE_CONNECTING,
					   [SESSION_NONAUTH] = IMAP_STATE_NONAUTH,
					   [SESSION_AUTH] = IMAP_STATE_AUTH,
					   [SESSION_SELECTED] = IMAP_STATE_SELECTED,
					   [SESSION_LOGOUT] = IMAP_STATE_LOGOUT};

	return states[client->state];
}

char *imap_client_mailbox(const ImapClient *client)
{
	const char *name = session_mailbox(client->session);

	return name ? utf7_decode(name) : NULL;
}

bool imap_client_is_readonly(const ImapClient *client)
{
	return session_is_readonly(client->session);
}

char *imap_client_capabilities(const ImapClient *client)
{
	return capability_format(session_capabilities(client->session));
}

bool imap_client_has(const ImapClient *client, const char *capability)
{
	const char *const words[] = {capability, NULL};
	Capability asked = capability_parse(words) & ~CAP_KNOWN;

	return asked && (session_capabilities(client->session) & asked) == asked;
}

bool imap_client_is_secure(const ImapClient *client)
{
	return session_is_secure(client->session);
}

const char *imap_client_protocol_version(const ImapClient *client)
{
	return session_protocol_version(client->session);
}

struct ssl_st *imap_client_ssl(const ImapClient *client)
{
	return client->closed ? NULL : session_ssl(client->session);
}

void imap_client_stream_ready(ImapClient *client)
{
	session_stream_ready(client->session);
}

int imap_client_socket(const ImapClient *client)
{
	return client->closed ? -1 : session_descriptor(client->session);
}

bool imap_client_progress(const ImapClient *client, uint64_t *have, uint64_t *total)
{
	return session_progress(client->session, have, total);
}

uint64_t imap_client_unsent(const ImapClient *client)
{
	return session_unsent(client->session);
}

GPtrArray *imap_client_response(ImapClient *client, const char *name)
{
	return caller_response(client->caller, name);
}

char *imap_client_print_log(const ImapClient *client)
{
	return trace_last(client->trace);
}
