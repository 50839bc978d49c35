/* check_download - plays the conversations of tests/wire/download against pool and download over
 * TCP.  The client's marks (those of the server are in player.h):
 *
 *   open: INBOX                 connects, as alice with one connection
 *   fetch: 7 1.2 300000         UID, section, size hint; the bytes come in one piece
 *   pieces: 7 1.2 300000        the same to a sink
 *   full: yes, full: no         what the sink says of itself
 *   cancel: all
 *   has: 65536                  until so many octets came, by the progress told
 *   result: 3a 2b               until it is done, with "aaabb"; "! text" where that is part of the
 *                               error */
#include "config.h"

#include <string.h>

#include "core/account/download.h"
#include "tests/conversations.h"
#include "tests/listener.h"
#include "tests/place.h"
#include "tests/player.h"
#include "tests/run.h"

typedef struct {
	Endpoint endpoint;
	Pool *pool;
	JobList jobs;
	Scope scope;
	Mailbox *mailbox;
	GByteArray *pieces;
	bool full;
	uint64_t have;
	unsigned done;
	char *result; /* NULL until done */
} Client;

static void on_response(Pool *p, ImapSession *s, const Response *r, void *self)
{
	(void)p;
	(void)s;
	(void)self;
	ck_assert_int_ne(r->kind, RESPONSE_CHUNK);
}

static const PoolEvents events = {.response = on_response};

static void open_mailbox(Client *client, const char *name)
{
	SessionConfig config = {
		.endpoint = &client->endpoint, .user = "alice", .password = "secret"};

	client->mailbox = mailbox_new(name);
	client->pool = pool_new(&config, 1, &events, client);
	pool_select(client->pool, client->mailbox, false);
	pool_open(client->pool);
}

static void take(GBytes *bytes, void *data)
{
	Client *client = data;
	gsize len;
	const guint8 *octets = g_bytes_get_data(bytes, &len);

	ck_assert_uint_gt(len, 0);
	g_byte_array_append(client->pieces, octets, (guint)len);
}

static bool is_full(void *data)
{
	return ((Client *)data)->full;
}

/* Seen in the result as one D in front. */
static void decoded(void *data)
{
	g_byte_array_append(((Client *)data)->pieces, (const guint8 *)"D", 1);
}

static const DownloadSink sink = {take, is_full, NULL}, decoding_sink = {take, is_full, decoded};

static void on_progress(uint64_t have, uint64_t total, void *data)
{
	ck_assert_uint_le(have, total);
	((Client *)data)->have = have;
}

/* "aaabb" as "3a 2b". */
static char *runs(const char *bytes, size_t len)
{
	GString *out = g_string_new(NULL);

	for (size_t at = 0, n; at < len; at += n) {
		for (n = 1; at + n < len && bytes[at + n] == bytes[at]; n++)
			continue;
		g_string_append_printf(out, "%s%zu%c", at ? " " : "", n, bytes[at]);
	}
	return g_string_free(out, FALSE);
}

static void on_done(GBytes *bytes, const GError *error, void *data)
{
	Client *client = data;

	ck_assert_uint_eq(client->done++, 0);
	if (error)
		client->result = g_strconcat("! ", error->message, NULL);
	else if (bytes)
		client->result = runs(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	else
		client->result = runs((const char *)client->pieces->data, client->pieces->len);
}

static void fetch(Client *client, const char *text, const DownloadSink *into)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 3);

	client->have = 0;
	client->done = 0;
	g_clear_pointer(&client->result, g_free);
	g_byte_array_set_size(client->pieces, 0);
	download_start(client->pool, &client->jobs, &client->scope, client->mailbox,
		       (uint32_t)atoi(words[0]), words[1], g_ascii_strtoull(words[2], NULL, 10),
		       on_progress, into, on_done, client);
}

static CueResult check_result(const Client *client, const char *text)
{
	if (!client->result)
		return CUE_LATER;
	if (*text == '!' ? strstr(client->result, text + 2) && *client->result == '!'
			 : strcmp(client->result, text) == 0)
		return CUE_DONE;
	g_printerr("result: %s\n", client->result);
	return CUE_WRONG;
}

static CueResult cue(const char *mark, const char *text, void *data)
{
	Client *client = data;

	if (strcmp(mark, "result") == 0)
		return check_result(client, text);
	if (strcmp(mark, "has") == 0)
		return client->have >= g_ascii_strtoull(text, NULL, 10) ? CUE_DONE : CUE_LATER;
	if (strcmp(mark, "open") == 0)
		open_mailbox(client, text);
	else if (strcmp(mark, "fetch") == 0)
		fetch(client, text, NULL);
	else if (strcmp(mark, "pieces") == 0)
		fetch(client, text, &sink);
	else if (strcmp(mark, "base64") == 0)
		fetch(client, text, &decoding_sink);
	else if (strcmp(mark, "full") == 0)
		client->full = strcmp(text, "yes") == 0;
	else if (strcmp(mark, "cancel") == 0)
		scope_cancel(&client->scope);
	else
		return CUE_WRONG;
	return CUE_DONE;
}

static GPtrArray *conversations;

START_TEST(a_conversation_goes_as_written)
{
	Client client = {.pieces = g_byte_array_new()};
	int fd = listener_open(&client.endpoint);

	job_list_init(&client.jobs, NULL, NULL);
	scope_init(&client.scope);
	g_autofree char *wrong = player_play(conversations->pdata[_i], fd, false, cue, &client);
	ck_assert_msg(!wrong, "%s", wrong);
	scope_cancel(&client.scope);
	job_list_clear(&client.jobs);
	pool_free(client.pool);
	mailbox_free(client.mailbox);
	g_byte_array_unref(client.pieces);
	g_free(client.result);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("download", &tcase);
	g_autofree char *state = place_temporary();

	g_setenv("XDG_STATE_HOME", state, TRUE);
	conversations = conversations_find(WIRE_DIR);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, a_conversation_goes_as_written, 0, (int)conversations->len);
	int status = conversations->len > 0 ? run_suite(suite) : EXIT_FAILURE;
	g_ptr_array_unref(conversations);
	place_remove(state);
	return status;
}
