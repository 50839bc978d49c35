/* check_pool - plays the conversations of tests/wire/notify, tests/wire/extensions and
 * tests/threats/pool against a pool, its watch and what is read through it, over TCP.  The client's
 * marks (those of the server are in player.h):
 *
 *   set: stall 2                limits in seconds: stall, done, idle (renewed after), poll, or
 *                               in ms: dead; idle-off 1: the option idle is off;
 *                               compress 1: where the server can; polled 2: so many folders
 *                               a round; send-id 1: tell who we are
 *   open: INBOX                 connects, as alice with one connection; also: watch, two; later:
 *                               before the password is known
 *   password: secret            it is known; password: never
 *   download: 7                 the text of that message
 *   part: Hello                 until it came, beginning so; also: part: ! words (of the error)
 *   search: subject:x           in the mailbox; search: cached subject:x (its heads are)
 *   found: 7:8                  until that is found; found: nothing, so far
 *   head: 7                     until its head is there
 *   rows: 7s 8 of 2             until the mailbox is so (rows.h)
 *   state: WAITING              until the pool is so
 *   lists: 2                    so many LIST were told that nobody asked for
 *   folder: Lists 2 of 5        until that one has so many unseen messages, of so many
 *   told: words                 until a state's text had them
 *   idle: yes                   until nothing is under way
 *   rounds: 2                   of the interval, at once
 *   retry: now, network: changed, key: pressed
 *   within: 1500                no longer than so many ms since the last "since:" line
 *   passed: 2500                until so many have
 *   since: now */
#include "config.h"

#include <string.h>

#include "core/account/download.h"
#include "core/account/question.h"
#include "core/account/watch.h"
#include "tests/conversations.h"
#include "tests/listener.h"
#include "tests/place.h"
#include "tests/player.h"
#include "tests/rows.h"
#include "tests/run.h"

typedef struct {
	Endpoint endpoint;
	SessionConfig config;
	WatchOptions options;
	bool compress;
	Pool *pool;
	Watch *watch;
	Folder *folders;
	Mailbox *mailbox;
	JobList jobs;
	Scope scope;
	GString *told;
	unsigned told_lists; /* LIST that nobody asked for */
	char *part, *found;
	int64_t since;
} Client;

static void on_state(Pool *p, PoolState state, const char *text, void *self)
{
	Client *client = self;

	(void)p;
	g_string_append_printf(client->told, "%s\n", text);
	if (client->watch && state != POOL_ONLINE)
		watch_disconnected(client->watch);
}

static void on_selected(Pool *p, Selection *selection, const GError *error, void *self)
{
	Client *client = self;

	(void)p;
	(void)selection;
	if (!error && client->watch)
		watch_restart(client->watch);
}

static void on_response(Pool *p, ImapSession *s, const Response *r, void *self)
{
	Client *client = self;

	(void)p;
	if (client->watch && watch_response(client->watch, s, r))
		client->told_lists++;
	folder_apply(client->folders, r);
}

static const PoolEvents events = {
	.state = on_state, .selected = on_selected, .response = on_response};

static void limit(Client *client, char **words)
{
	unsigned value = (unsigned)atoi(words[1]);

	if (g_str_equal(words[0], "stall"))
		client->config.stall_seconds = value;
	else if (g_str_equal(words[0], "done"))
		client->config.done_seconds = value;
	else if (g_str_equal(words[0], "dead"))
		client->config.dead_ms = value;
	else if (g_str_equal(words[0], "idle"))
		client->options.idle_seconds = value;
	else if (g_str_equal(words[0], "idle-off"))
		client->options.idle = !value;
	else if (g_str_equal(words[0], "compress"))
		client->compress = value;
	else if (g_str_equal(words[0], "send-id"))
		client->config.introduce = value;
	else if (g_str_equal(words[0], "poll"))
		client->options.poll_seconds = value;
	else if (g_str_equal(words[0], "polled"))
		client->options.polled_max = value;
	else
		g_error("set: %s?", words[0]);
}

static void open_mailbox(Client *client, char **words)
{
	const char *const *all = (const char *const *)words;

	client->mailbox = mailbox_new(words[0]);
	client->pool =
		pool_new(&client->config, g_strv_contains(all, "two") ? 2 : 1, &events, client);
	pool_set_compress(client->pool, client->compress);
	if (g_strv_contains(all, "watch"))
		client->watch = watch_new(client->pool, client->folders, &client->options);
	pool_select(client->pool, client->mailbox, false);
	if (g_strv_contains(all, "later"))
		pool_expect_password(client->pool, true);
	else
		pool_open(client->pool);
}

static void tell_password(Client *client, const char *text)
{
	if (strcmp(text, "never") == 0)
		pool_expect_password(client->pool, false);
	else
		pool_set_password(client->pool, text);
}

static void part_progressed(uint64_t have, uint64_t total, void *data)
{
	(void)have;
	(void)total;
	(void)data;
}

static void part_came(GBytes *bytes, const GError *error, void *data)
{
	Client *client = data;
	gsize len = 0;
	const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;

	g_free(client->part);
	client->part = error ? g_strdup_printf("! %s", error->message) : g_strndup(text, len);
}

static void was_found(const UidSet *uids, const GError *error, void *data)
{
	Client *client = data;

	g_free(client->found);
	client->found = error ? g_strdup_printf("! %s", error->message) : uidset_format(uids);
}

static void search(Client *client, const char *text)
{
	g_autoptr(GError) error = NULL;
	bool cached = g_str_has_prefix(text, "cached ");
	Query *query = query_parse(cached ? strchr(text, ' ') : text, 0, &error);

	ck_assert_msg(query != NULL, "%s", error ? error->message : "");
	g_clear_pointer(&client->found, g_free);
	question_search(client->pool, &client->jobs, &client->scope, client->mailbox, query,
			!cached, was_found, client);
	query_free(query);
}

static void was_sorted(const uint32_t *uids, size_t n, const GError *error, void *data)
{
	Client *client = data;
	GString *order = g_string_new(error ? error->message : NULL);

	for (size_t i = 0; i < n; i++)
		g_string_append_printf(order, "%s%u", i ? " " : "", uids[i]);
	g_free(client->found);
	client->found = g_string_free(order, FALSE);
}

static void sort(Client *client, const char *keys)
{
	g_clear_pointer(&client->found, g_free);
	question_sort(client->pool, &client->jobs, &client->scope, client->mailbox, keys,
		      was_sorted, client);
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

/* Once it came. */
static CueResult compare(const char *came, bool as_expected)
{
	if (!came)
		return CUE_LATER;
	if (!as_expected)
		g_printerr("what came: %s\n", came);
	return as_expected ? CUE_DONE : CUE_WRONG;
}

static CueResult check_part(Client *client, const char *text)
{
	g_autofree char *expected = g_strcompress(text);

	return compare(client->part, client->part && g_str_has_prefix(client->part, expected));
}

static CueResult check_within(Client *client, const char *text)
{
	int64_t ms = (g_get_monotonic_time() - client->since) / 1000;

	if (ms <= atoi(text))
		return CUE_DONE;
	g_printerr("it took %d ms\n", (int)ms);
	return CUE_WRONG;
}

static CueResult check_folder(Client *client, char **words)
{
	const Folder *f = folder_find(client->folders, words[0]);

	return later_unless(f && f->unseen == (uint32_t)atoi(words[1]) &&
			    f->messages == (uint32_t)atoi(words[3]));
}

static const char *const states[] = {"OFFLINE", "CONNECTING", "ONLINE", "WAITING",
				     "REFUSED", "UNTRUSTED",  "DENIED", "RECONNECTING"};

static CueResult act(Client *client, const char *mark, const char *text, char **words)
{
	if (strcmp(mark, "set") == 0)
		limit(client, words);
	else if (strcmp(mark, "open") == 0)
		open_mailbox(client, words);
	else if (strcmp(mark, "password") == 0)
		tell_password(client, text);
	else if (strcmp(mark, "download") == 0)
		download_start(client->pool, &client->jobs, &client->scope, client->mailbox,
			       (uint32_t)atoi(text), "", words[1] ? (uint64_t)atoi(words[1]) : 0,
			       part_progressed, NULL, part_came, client);
	else if (strcmp(mark, "search") == 0)
		search(client, text);
	else if (strcmp(mark, "sort") == 0)
		sort(client, text);
	else if (strcmp(mark, "retry") == 0)
		pool_retry(client->pool);
	else if (strcmp(mark, "network") == 0)
		pool_network(client->pool, strcmp(text, "gone") != 0);
	else if (strcmp(mark, "key") == 0)
		pool_person(client->pool);
	else if (strcmp(mark, "rounds") == 0)
		for (int i = atoi(text); i > 0; i--)
			watch_round(client->watch);
	else if (strcmp(mark, "since") == 0)
		client->since = g_get_monotonic_time();
	else
		return CUE_WRONG;
	return CUE_DONE;
}

static CueResult cue(const char *mark, const char *text, void *data)
{
	Client *client = data;
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	if (strcmp(mark, "rows") == 0)
		return check_rows(client, text);
	if (strcmp(mark, "state") == 0)
		return later_unless(strcmp(states[pool_state(client->pool)], text) == 0);
	if (strcmp(mark, "told") == 0)
		return later_unless(strstr(client->told->str, text) != NULL);
	if (strcmp(mark, "folder") == 0)
		return check_folder(client, words);
	if (strcmp(mark, "idle") == 0)
		return later_unless(session_is_idle(pool_session(client->pool)));
	if (strcmp(mark, "lists") == 0)
		return later_unless(client->told_lists == (unsigned)atoi(text));
	if (strcmp(mark, "part") == 0)
		return check_part(client, text);
	if (strcmp(mark, "found") == 0 && strcmp(text, "nothing") == 0)
		return client->found ? CUE_WRONG : CUE_DONE;
	if (strcmp(mark, "head") == 0)
		return later_unless(mailbox_head(client->mailbox, (uint32_t)atoi(text)) != NULL);
	if (strcmp(mark, "found") == 0)
		return compare(client->found, g_strcmp0(client->found, text) == 0);
	if (strcmp(mark, "within") == 0)
		return check_within(client, text);
	if (strcmp(mark, "passed") == 0)
		return later_unless(g_get_monotonic_time() - client->since >= 1000L * atoi(text));
	return act(client, mark, text, words);
}

static void client_clear(Client *client)
{
	job_list_clear(&client->jobs);
	scope_cancel(&client->scope);
	watch_free(client->watch);
	pool_free(client->pool);
	mailbox_free(client->mailbox);
	folder_free(client->folders);
	g_string_free(client->told, TRUE);
	g_free(client->part);
	g_free(client->found);
}

static char *play_with(const char *name, char *const *lines, bool bytewise)
{
	Client client = {.options = {.idle = true, .poll_seconds = 3600},
			 .folders = folder_new_root(),
			 .told = g_string_new(NULL)};
	int fd = listener_open(&client.endpoint);

	client.config = (SessionConfig){
		.endpoint = &client.endpoint, .user = "alice", .password = "secret"};
	scope_init(&client.scope);
	job_list_init(&client.jobs, NULL, NULL);
	PlayerOptions options = {.bytewise = bytewise};
	char *wrong = lines ? player_play_lines(name, (const char *const *)lines, fd, &options, cue,
						&client)
			    : player_play(name, fd, bytewise, cue, &client);
	client_clear(&client);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	return wrong;
}

/* T090: the first connection is cut at each byte of what the server says, and where it has said
 * nothing yet to what the program said; SHEAF_EVERY_BYTE=1 for each, else every seventh. */

static const char *const whole[] = {
	"S: * OK [CAPABILITY IMAP4rev1 UIDPLUS] hello",
	"C: A1 LOGIN \"alice\" \"secret\"",
	"C: A2 CAPABILITY",
	"C: A3 SELECT INBOX",
	"C: A4 UID FETCH * (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE "
	"BODY.PEEK[HEADER.FIELDS (REFERENCES)])",
	"S: A1 OK [CAPABILITY IMAP4rev1 UIDPLUS] welcome",
	"S: A2 OK Done",
	"S: * 3 EXISTS",
	"S: * OK [UIDVALIDITY 1] UIDs valid",
	"S: A3 OK [READ-WRITE] Done",
	"S: * 3 FETCH (UID 30 FLAGS (\\Seen))",
	"S: A4 OK Done",
	"A5", /* depends on what is known already */
	"S: * 1 FETCH (UID 10 FLAGS ())",
	"S: * 2 FETCH (UID 20 FLAGS ())",
	"S: * 3 FETCH (UID 30 FLAGS (\\Seen))",
	"S: A5 OK Done",
	"rows: 10 20 30s of 3",
	"download: 20",
	"C: A6 UID FETCH 20 (UID BODY.PEEK[])",
	"S: * 2 FETCH (UID 20 BODY[] {10}",
	"S: Hello",
	"S: you)",
	"S: A6 OK Done",
	"part: Hello\\r\\nyou",
};

/* When that line was heard the list is known; when that one, the text. */
enum { KNOWN_BEHIND = 14, DOWNLOAD = 18, READ_BEHIND = 23 };

static void add_line(GPtrArray *lines, size_t i, bool known)
{
	static const char all[] = "C: A5 FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE "
				  "BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (REFERENCES)])",
			  flags[] = "C: A5 FETCH 1:3 (UID FLAGS)";

	g_ptr_array_add(lines, g_strdup(*whole[i] == 'A' ? known ? flags : all : whole[i]));
}

/* Cut in line `at`, of which `n` bytes are said; what the program asked for is not asked again. */
static char **cut_script(size_t at, size_t n)
{
	GPtrArray *lines = g_ptr_array_new();

	g_ptr_array_add(lines, g_strdup("open: INBOX"));
	for (size_t i = 0; i < at; i++)
		add_line(lines, i, false);
	if (n > 0)
		g_ptr_array_add(lines, g_strdup_printf("S-: %.*s", (int)n, whole[at] + 3));
	g_ptr_array_add(lines, g_strdup("close:"));
	g_ptr_array_add(lines, g_strdup("retry: now"));
	for (size_t i = 0; i < G_N_ELEMENTS(whole); i++) {
		bool again = at <= READ_BEHIND || i < DOWNLOAD || i > READ_BEHIND;
		if (again && (i >= at || i != DOWNLOAD))
			add_line(lines, i, at > KNOWN_BEHIND);
	}
	g_ptr_array_add(lines, NULL);
	return (char **)g_ptr_array_free(lines, FALSE);
}

static char *play_lines(const char *name, char *const *lines);

START_TEST(cut_at_every_byte)
{
	size_t step = g_getenv("SHEAF_EVERY_BYTE") ? 1 : 7;
	size_t at = (size_t)_i;
	size_t len = g_str_has_prefix(whole[at], "S:") ? strlen(whole[at]) - 3 : 0;

	for (size_t n = len ? at % step : 0; n <= len; n += step) {
		g_auto(GStrv) lines = cut_script(at, n);
		g_autofree char *name = g_strdup_printf("cut in line %zu behind %zu", at, n);
		g_autofree char *wrong = play_lines(name, lines);
		ck_assert_msg(!wrong, "%s", wrong ? wrong : "");
	}
}
END_TEST

static GPtrArray *conversations;

static char *play(const char *path, bool bytewise)
{
	return play_with(path, NULL, bytewise);
}

static char *play_lines(const char *name, char *const *lines)
{
	return play_with(name, lines, false);
}

/* Those set limits, or look at it. */
static bool waits_by_the_clock(const char *path)
{
	g_autofree char *script = NULL;

	ck_assert(g_file_get_contents(path, &script, NULL, NULL));
	return strstr(script, "\nset:") || strstr(script, "\nwithin:");
}

/* Each twice: lines in one piece, and in single bytes, which where it waits would only take as long
 * again. */
START_TEST(a_conversation_goes_as_written)
{
	const char *path = conversations->pdata[_i / 2];

	if (_i % 2 && waits_by_the_clock(path))
		return;
	g_autofree char *wrong = play(path, _i % 2);

	ck_assert_msg(!wrong, "%s%s", wrong ? wrong : "", _i % 2 ? " (in single bytes)" : "");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("pool", &tcase);
	static const char *const more[] = {EXTENSIONS_DIR, THREATS_DIR};
	g_autofree char *state = place_temporary();

	g_setenv("XDG_STATE_HOME", state, TRUE);
	conversations = conversations_find(WIRE_DIR);
	for (size_t i = 0; i < G_N_ELEMENTS(more); i++) {
		g_autoptr(GPtrArray) found = conversations_find(more[i]);
		g_ptr_array_extend(conversations, found, NULL, NULL);
		g_ptr_array_set_free_func(found, NULL);
	}
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, a_conversation_goes_as_written, 0, (int)conversations->len * 2);
	tcase_add_loop_test(tcase, cut_at_every_byte, 0, (int)G_N_ELEMENTS(whole));
	int status = conversations->len > 0 ? run_suite(suite) : EXIT_FAILURE;
	g_ptr_array_unref(conversations);
	place_remove(state);
	return status;
}
