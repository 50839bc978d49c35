/* check_selection - plays the conversations of tests/wire/selection and of tests/threats/selection
 * against a selection.  The client's marks (those of the server are in player.h):
 *
 *   open: INBOX window 3        selects it, as the primary selection; also: readonly, secondary,
 *                               unseen 4 (as STATUS told)
 *   again: INBOX window 3       another selection in its place; the mailbox is kept by its name
 *   ready: OK                   how SELECT ended: OK, or a word of the refusal
 *   rows: 7s 8 9fd of 12        until the mailbox is so: UIDs with s f d a (seen, flagged, deleted,
 *                               answered) or ? (flags not known), and how many there are in all;
 *                               behind it also: loading, readonly
 *   head: 7 Hello               the subject of a message
 *   show: work $Junk=junk *     the keywords that the index shows from here on, in every mailbox
 *   words: 7 work junk          what it shows of them in the row of that message
 *   move: 7:8                   hides these, as a MOVE under way does
 *   memory: from here           memory: below 64 MiB: most that was asked for, above what was then
 */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "core/mailbox/selection.h"
#include "tests/conversations.h"
#include "tests/player.h"
#include "tests/rows.h"
#include "tests/run.h"

typedef struct {
	ImapSession *session;
	Selection *selection;
	GHashTable *mailboxes;
	Mailbox *mailbox;
	Keywords *keywords; /* or NULL */
	char *ready;
	bool closed;
	uint64_t memory; /* KiB */
} Client;

static void on_response(ImapSession *s, const Response *r, void *self)
{
	Client *client = self;

	(void)s;
	if (client->selection)
		selection_response(client->selection, r);
}

static void on_batch_end(ImapSession *s, void *self)
{
	Client *client = self;

	(void)s;
	if (client->selection)
		selection_batch_end(client->selection);
}

static void on_closed(ImapSession *s, const GError *error, void *self)
{
	(void)s;
	(void)error;
	((Client *)self)->closed = true;
}

static const SessionEvents events = {
	.response = on_response, .batch_end = on_batch_end, .closed = on_closed};

static void on_ready(Selection *selection, const GError *error, void *data)
{
	Client *client = data;

	ck_assert_ptr_eq(selection, client->selection);
	ck_assert_ptr_null(client->ready);
	client->ready = g_strdup(error ? error->message : "OK");
	if (error)
		g_clear_pointer(&client->selection, selection_free);
}

static void open_mailbox(Client *client, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	SelectionOptions options = {
		.readonly = g_strv_contains((const char *const *)words, "readonly"),
		.primary = !g_strv_contains((const char *const *)words, "secondary")};
	const char *window = strstr(text, "window "), *unseen = strstr(text, "unseen ");

	options.window = window ? (uint32_t)atoi(window + 7) : 0;
	client->mailbox = g_hash_table_lookup(client->mailboxes, words[0]);
	if (!client->mailbox) {
		client->mailbox = mailbox_new(words[0]);
		g_hash_table_insert(client->mailboxes, g_strdup(words[0]), client->mailbox);
	}
	if (client->keywords)
		mailbox_show_keywords(client->mailbox, client->keywords);
	if (unseen)
		mailbox_expect_unseen(client->mailbox, (uint32_t)atoi(unseen + 7));
	g_clear_pointer(&client->ready, g_free);
	g_clear_pointer(&client->selection, selection_free);
	client->selection =
		selection_open(client->mailbox, client->session, &options, on_ready, client);
}

static CueResult later_unless(bool so)
{
	return so ? CUE_DONE : CUE_LATER;
}

static CueResult check_rows(Client *client, const char *text)
{
	g_autofree char *rows = rows_format(client->mailbox);

	return later_unless(strcmp(rows, text) == 0);
}

static CueResult check_head(Client *client, const char *text)
{
	const MessageHead *head = mailbox_head(client->mailbox, (uint32_t)atoi(text));

	return later_unless(head && strcmp(message_subject(head), strchr(text, ' ') + 1) == 0);
}

static void show_keywords(Client *client, const char *list)
{
	keywords_unref(client->keywords);
	client->keywords = keywords_new(list);
	if (client->mailbox)
		mailbox_show_keywords(client->mailbox, client->keywords);
}

/* "7 work junk", or "7" where the row has none. */
static CueResult check_words(Client *client, const char *text)
{
	uint32_t uid = (uint32_t)atoi(text);
	bool pending;
	g_auto(GStrv) signs = mailbox_keyword_signs(client->mailbox,
						    mailbox_flags(client->mailbox, uid, &pending));
	g_autofree char *words = g_strjoinv(" ", signs);
	g_autofree char *row = g_strdup_printf("%u%s%s", uid, *words ? " " : "", words);

	return later_unless(strcmp(row, text) == 0);
}

static void move_away(Client *client, const char *text)
{
	g_autoptr(UidSet) uids = uidset_parse(text, strlen(text), 0);

	mailbox_overlay(client->mailbox, uids, 0, 0, true);
	mailbox_commit(client->mailbox);
}

/* KiB of address space, touched or not, at its most. */
static uint64_t most_memory(void)
{
	g_autofree char *status = NULL;

	ck_assert(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
	return g_ascii_strtoull(strstr(status, "VmPeak:") + strlen("VmPeak:"), NULL, 10);
}

static CueResult check_memory(Client *client, const char *text)
{
	if (!g_str_has_prefix(text, "below "))
		client->memory = most_memory();
	else if (most_memory() - client->memory >= (uint64_t)atoi(text + 6) * 1024)
		return CUE_WRONG;
	return CUE_DONE;
}

static CueResult cue(const char *mark, const char *text, void *data)
{
	Client *client = data;

	if (strcmp(mark, "rows") == 0)
		return check_rows(client, text);
	if (strcmp(mark, "head") == 0)
		return check_head(client, text);
	if (strcmp(mark, "ready") == 0)
		return later_unless(client->ready && strstr(client->ready, text));
	if (strcmp(mark, "memory") == 0)
		return check_memory(client, text);
	if (strcmp(mark, "words") == 0)
		return check_words(client, text);
	if (strcmp(mark, "open") == 0)
		open_mailbox(client, text);
	else if (strcmp(mark, "move") == 0)
		move_away(client, text);
	else if (strcmp(mark, "show") == 0)
		show_keywords(client, text);
	else
		return CUE_WRONG;
	return CUE_DONE;
}

static char *play(const char *path, bool bytewise)
{
	static const SessionConfig config = {.enable = SESSION_ENABLES};
	Client client = {0};
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	client.mailboxes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						 (GDestroyNotify)mailbox_free);
	client.session = session_open_fd(ends[0], true, &config, &events, &client);
	char *wrong = player_play(path, ends[1], bytewise, cue, &client);
	selection_free(client.selection);
	session_free(client.session);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	g_hash_table_unref(client.mailboxes);
	keywords_unref(client.keywords);
	g_free(client.ready);
	return wrong;
}

static GPtrArray *conversations;

/* Each twice: lines in one piece, and in single bytes. */
START_TEST(a_conversation_goes_as_written)
{
	g_autofree char *wrong = play(conversations->pdata[_i / 2], _i % 2);

	ck_assert_msg(!wrong, "%s%s", wrong ? wrong : "", _i % 2 ? " (in single bytes)" : "");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("selection", &tcase);
	g_autoptr(GPtrArray) threats = NULL;

	conversations = conversations_find(WIRE_DIR);
	threats = conversations_find(THREATS_DIR);
	g_ptr_array_extend(conversations, threats, NULL, NULL);
	g_ptr_array_set_free_func(threats, NULL);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, a_conversation_goes_as_written, 0, (int)conversations->len * 2);
	int status = conversations->len > 0 ? run_suite(suite) : EXIT_FAILURE;
	g_ptr_array_unref(conversations);
	return status;
}
