#include <string.h>
#include "core/command/imap.h"
#include "core/library/client_private.h"

/* Renewed before a server may end it (RFC 2177). */
#define IDLE_SECONDS_MAX (28 * 60)
/* It cannot be ended before the server has taken it. */
#define IDLE_LOOK_MS 20

/* --- log-ins by SASL --- */

static char *answer_challenge(const char *challenge, void *data)
{
	ImapClient *client = data;
	const Submission *submission = client->running;
	gsize len;
	guchar *bytes = g_base64_decode(challenge, &len);
	g_autoptr(GBytes) asked = g_bytes_new_take(bytes, len);
	GBytes *answer;
	char *sent;

	client->callbacks++;
	answer = submission->step(asked, submission->step_data);
	client->callbacks--;
	if (!answer)
		return NULL;
	bytes = g_bytes_unref_to_data(answer, &len);
	sent = g_base64_encode(bytes, len);
	explicit_bzero(bytes, len);
	g_free(bytes);
	return sent;
}

static void on_result(const ImapResult *result, void *data)
{
	client_finish_result(data, result);
}

static bool begin_authenticate(ImapClient *client, Submission *submission,
			       GError **error G_GNUC_UNUSED)
{
	imap_authenticate(client->session, &client->scope, submission->mechanism, NULL,
			  answer_challenge, client, on_result, client);
	return true;
}

static Submission *new_authenticate(const char *mechanism, ImapStepFunc step)
{
	Submission *submission = g_new0(Submission, 1);

	submission->begin = begin_authenticate;
	submission->mechanism = g_ascii_strup(mechanism, -1);
	submission->step = step;
	return submission;
}

guint imap_client_authenticate(ImapClient *client, const char *mechanism, ImapStepFunc step,
			       gpointer step_data, ImapReplyFunc done, gpointer data)
{
	Submission *submission = new_authenticate(mechanism, step);

	submission->step_data = step_data;
	return client_submit(client, submission, done, data);
}

/* RFC 2195 2: the user and a keyed MD5 of the challenge. */
static GBytes *answer_cram_md5(GBytes *challenge, gpointer data)
{
	const Submission *submission = data;
	gsize len;
	const guchar *bytes = g_bytes_get_data(challenge, &len);
	g_autofree char *digest =
		g_compute_hmac_for_data(G_CHECKSUM_MD5, (const guchar *)submission->password,
					strlen(submission->password), bytes, len);
	char *answer = g_strdup_printf("%s %s", submission->user, digest);

	return g_bytes_new_take(answer, strlen(answer));
}

guint imap_client_login_cram_md5(ImapClient *client, const char *user, const char *password,
				 ImapReplyFunc done, gpointer data)
{
	Submission *submission = new_authenticate("CRAM-MD5", answer_cram_md5);

	submission->step_data = submission;
	submission->user = g_strdup(user);
	submission->password = g_strdup(password);
	return client_submit(client, submission, done, data);
}

/* --- IDLE --- */

static bool is_over(const Submission *submission)
{
	return submission->idle_over ||
	       (submission->idle_until && g_get_monotonic_time() >= submission->idle_until);
}

static gboolean on_idle_time(gpointer data)
{
	session_break_idle(((ImapClient *)data)->session);
	return G_SOURCE_CONTINUE;
}

static void look_at_idle(ImapClient *client, guint after_ms)
{
	Submission *submission = client->running;

	g_clear_handle_id(&submission->idle_timer, g_source_remove);
	submission->idle_timer = g_timeout_add(after_ms, on_idle_time, client);
}

static void begin_idling(ImapClient *client);

static void on_idle(const ImapResult *result, void *data)
{
	ImapClient *client = data;

	g_clear_handle_id(&client->running->idle_timer, g_source_remove);
	if (result->error || is_over(client->running))
		client_finish_result(client, result);
	else
		begin_idling(client);
}

static void begin_idling(ImapClient *client)
{
	const Submission *submission = client->running;
	int64_t rest = IDLE_SECONDS_MAX * G_USEC_PER_SEC;

	if (submission->idle_until)
		rest = CLAMP(submission->idle_until - g_get_monotonic_time(), 0, rest);
	imap_idle(client->session, &client->scope, on_idle, client);
	/* Rounded up: a moment too early is not yet over. */
	look_at_idle(client, submission->idle_over ? IDLE_LOOK_MS : (guint)(rest / 1000 + 1));
}

/* The time begins when it is its turn. */
static bool begin_idle(ImapClient *client, Submission *submission, GError **error G_GNUC_UNUSED)
{
	if (submission->idle_until)
		submission->idle_until += g_get_monotonic_time();
	submission->idle_over = client->waiting.length > 0;
	begin_idling(client);
	return true;
}

void imap_client_end_idle(ImapClient *client)
{
	Submission *submission = client->running;

	if (!submission || submission->begin != begin_idle || submission->idle_over)
		return;
	submission->idle_over = true;
	session_break_idle(client->session);
	look_at_idle(client, IDLE_LOOK_MS);
}

guint imap_client_idle(ImapClient *client, unsigned seconds, ImapReplyFunc done, gpointer data)
{
	Submission *submission = g_new0(Submission, 1);

	submission->begin = begin_idle;
	submission->idle_until = (int64_t)seconds * G_USEC_PER_SEC;
	return client_submit(client, submission, done, data);
}

/* --- recent --- */

/* The newest alone is imaplib's measure: an empty one is none. */
static bool has_news(const GPtrArray *answers)
{
	const ImapAnswer *last = answers && answers->len ? answers->pdata[answers->len - 1] : NULL;

	return last && g_bytes_get_size(last->text) > 0;
}

static void list_free(void *list)
{
	if (list)
		g_ptr_array_unref(list);
}

static void tell_recent(ImapClient *client, GPtrArray *recent_take)
{
	g_autoptr(GPtrArray) data = g_ptr_array_new_with_free_func(list_free);
	ImapReply reply = {.type = "OK", .data = data, .kept = caller_kept(client->caller)};

	g_ptr_array_add(data, recent_take);
	client_finish(client, &reply);
}

static void on_prodded(const Reply *reply, void *data)
{
	ImapClient *client = data;

	if (!imap_reply_is_ok(reply))
		client_finish(client, reply);
	else
		tell_recent(client, caller_response(client->caller, "RECENT"));
}

static bool begin_recent(ImapClient *client, Submission *submission, GError **error)
{
	GPtrArray *stored = caller_response(client->caller, "RECENT");

	if (has_news(stored)) {
		tell_recent(client, stored);
		return true;
	}
	list_free(stored);
	return caller_run(client->caller, submission->words, on_prodded, client, error);
}

guint imap_client_recent(ImapClient *client, ImapReplyFunc done, gpointer data)
{
	Submission *submission = submission_new("NOOP");

	submission->begin = begin_recent;
	return client_submit(client, submission, done, data);
}
