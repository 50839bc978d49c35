#include <string.h>
#include "core/command/imap.h"
#include "core/library/client_private.h"

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

	client->references++;
	client->callbacks++;
	answer = submission->step(asked, submission->step_data);
	client->callbacks--;
	client_unref(client);
	if (!answer)
		return NULL;
	bytes = g_bytes_unref_to_data(answer, &len);
	sent = g_base64_encode(bytes, len);
	if (len)
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

static void on_idle(const ImapResult *result, void *data)
{
	ImapClient *client = data;

	client->running->idle = NULL;
	client_finish_result(client, result);
}

/* The time begins when it is its turn. */
static bool begin_idle(ImapClient *client, Submission *submission, GError **error G_GNUC_UNUSED)
{
	submission->idle = idle_start(client->session, &client->scope, submission->idle_seconds, 0,
				      on_idle, client);
	if (client->waiting.length > 0)
		idle_end(submission->idle);
	return true;
}

void imap_client_end_idle(ImapClient *client)
{
	if (client->running && client->running->idle)
		idle_end(client->running->idle);
}

guint imap_client_idle(ImapClient *client, unsigned seconds, ImapReplyFunc done, gpointer data)
{
	Submission *submission = g_new0(Submission, 1);

	submission->begin = begin_idle;
	submission->idle_seconds = seconds;
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
