/* T075 and T165: two clients at one mailbox.  The server is a model of it, which lets the other one
 * act between any two commands of ours, and within an answer too, where RFC 9051 7.5.1 forbids it;
 * and it knows which messages the person meant.  Servers that keep to it, and what a mailbox is
 * like in the end, are check_race's. */
#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/account/journal.h"
#include "tests/listener.h"
#include "tests/place.h"
#include "tests/run.h"
#include "tests/threats/threats.h"

/* --- the mailbox --- */

typedef struct {
	uint32_t uid;
	bool flagged, answered, deleted;
} Message;

typedef enum { MEANT_FLAG = 1, MEANT_REMOVE = 2 } Meant;

typedef struct {
	int listener, fd;
	Endpoint endpoint;
	GString *in, *out;
	GArray *messages; /* of Message */
	uint32_t uidnext;
	GHashTable *meant; /* UID to Meant, what the person did */
	unsigned steps, by_number, wrong;
	bool racing, expunges_only;
	GRand *chance;
	Pool *pool;
	Worker *worker;
	Journal *journal;
	Mailbox *mailbox;
	char *directory;
} World;

static Message *message_at(World *w, unsigned i)
{
	return &g_array_index(w->messages, Message, i);
}

static void say(World *w, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static void say(World *w, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	g_string_append_vprintf(w->out, fmt, args);
	va_end(args);
}

static void say_flags(World *w, unsigned i, bool uid)
{
	const Message *m = message_at(w, i);

	say(w, "* %u FETCH (", i + 1);
	if (uid)
		say(w, "UID %u ", m->uid);
	say(w, "FLAGS (%s%s%s))\r\n", m->flagged ? " \\Flagged" : "",
	    m->answered ? " \\Answered" : "", m->deleted ? " \\Deleted" : "");
}

static void add_message(World *w)
{
	Message m = {.uid = w->uidnext};

	w->uidnext += 1 + (uint32_t)g_rand_int_range(w->chance, 0, 3);
	g_array_append_val(w->messages, m);
}

static void expunge(World *w, unsigned i)
{
	g_array_remove_index(w->messages, i);
	say(w, "* %u EXPUNGE\r\n", i + 1);
}

/* --- the other client --- */

static void other_acts(World *w)
{
	unsigned what = w->expunges_only ? 0 : (unsigned)g_rand_int_range(w->chance, 0, 4);

	if (!w->racing || w->messages->len == 0)
		return;
	unsigned i = (unsigned)g_rand_int_range(w->chance, 0, (gint32)w->messages->len);
	w->steps++;
	if (what == 0) {
		expunge(w, i);
	} else if (what == 1 || w->messages->len < 100) {
		add_message(w);
		say(w, "* %u EXISTS\r\n", w->messages->len);
	} else {
		message_at(w, i)->answered ^= true;
		say_flags(w, i, what == 2);
	}
}

/* --- what it hears from ours --- */

static bool has(const char *set, uint32_t number, uint32_t last)
{
	g_auto(GStrv) parts = g_strsplit(set, ",", -1);

	for (size_t k = 0; parts[k]; k++) {
		const char *colon = strchr(parts[k], ':');
		uint32_t from = *parts[k] == '*' ? last : (uint32_t)strtoul(parts[k], NULL, 10);
		uint32_t to = !colon            ? from
			      : colon[1] == '*' ? MAX(last, from)
						: (uint32_t)strtoul(colon + 1, NULL, 10);
		if (number >= from && number <= to)
			return true;
	}
	return false;
}

static bool is_in(World *w, const char *set, unsigned i, bool uid)
{
	uint32_t last = w->messages->len ? message_at(w, w->messages->len - 1)->uid : 0;

	return uid ? has(set, message_at(w, i)->uid, last) : has(set, i + 1, w->messages->len);
}

static void fetch(World *w, const char *set, const char *items, bool uid)
{
	for (unsigned i = 0; i < w->messages->len; i++) {
		if (!is_in(w, set, i, uid))
			continue;
		if (!strstr(items, "ENVELOPE")) {
			say_flags(w, i, true);
			continue;
		}
		const Message *m = message_at(w, i);
		say(w,
		    "* %u FETCH (UID %u FLAGS (%s%s%s) RFC822.SIZE 9 ENVELOPE (NIL \"%u\" NIL NIL "
		    "NIL NIL NIL NIL NIL NIL))\r\n",
		    i + 1, m->uid, m->flagged ? " \\Flagged" : "", m->answered ? " \\Answered" : "",
		    m->deleted ? " \\Deleted" : "", m->uid);
	}
}

static void search(World *w, const char *key)
{
	say(w, "* SEARCH");
	for (unsigned i = 0; i < w->messages->len; i++) {
		const Message *m = message_at(w, i);
		if (strcmp(key, "ALL") == 0 || strcmp(key, "UNSEEN") == 0 ||
		    (strcmp(key, "FLAGGED") == 0 && m->flagged) ||
		    (strcmp(key, "ANSWERED") == 0 && m->answered) ||
		    (strcmp(key, "DELETED") == 0 && m->deleted))
			say(w, " %u", m->uid);
	}
	say(w, "\r\n");
}

/* The person meant that message, and this with it. */
static void note(World *w, uint32_t uid, Meant what)
{
	unsigned meant = GPOINTER_TO_UINT(g_hash_table_lookup(w->meant, GUINT_TO_POINTER(uid)));

	w->steps++;
	if (!(meant & what))
		w->wrong++;
}

static void store(World *w, const char *set, const char *flags, bool uid)
{
	bool deleted = strstr(flags, "\\Deleted") != NULL;

	for (unsigned i = 0; i < w->messages->len; i++) {
		if (!is_in(w, set, i, uid))
			continue;
		Message *m = message_at(w, i);
		note(w, m->uid, deleted ? MEANT_REMOVE : MEANT_FLAG);
		m->deleted |= deleted;
		m->flagged |= !deleted;
		say_flags(w, i, false);
	}
}

static void remove_set(World *w, const char *set, bool uid, bool marked)
{
	for (unsigned i = w->messages->len; i-- > 0;) {
		if (!is_in(w, set, i, uid) || (marked && !message_at(w, i)->deleted))
			continue;
		note(w, message_at(w, i)->uid, MEANT_REMOVE);
		expunge(w, i);
	}
}

static void change(World *w, const char *verb, char **words, bool uid)
{
	w->by_number += !uid;
	if (strcmp(verb, "STORE") == 0)
		store(w, words[0], words[2], uid);
	else
		remove_set(w, words[0], uid, strcmp(verb, "EXPUNGE") == 0);
}

static void hear(World *w, char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	bool uid = strcmp(words[1], "UID") == 0;
	char **rest = words + (uid ? 3 : 2);
	const char *verb = rest[-1], *code = "";

	other_acts(w);
	if (strcmp(verb, "LOGIN") == 0)
		code = "[CAPABILITY IMAP4rev1 UIDPLUS MOVE] ";
	else if (strcmp(verb, "SELECT") == 0)
		say(w, "* %u EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n", w->messages->len);
	else if (strcmp(verb, "FETCH") == 0)
		fetch(w, rest[0], line, uid);
	else if (strcmp(verb, "SEARCH") == 0)
		search(w, rest[0]);
	else if (strcmp(verb, "CAPABILITY") != 0)
		change(w, verb, rest, uid);
	other_acts(w);
	say(w, "%s OK %sdone\r\n", words[0], code);
}

static void serve(World *w)
{
	char buf[4096];
	ssize_t n;

	if (w->fd < 0 && (w->fd = accept(w->listener, NULL, NULL)) >= 0) {
		fcntl(w->fd, F_SETFL, O_NONBLOCK);
		say(w, "* OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE] hello\r\n");
	}
	while (w->fd >= 0 && (n = recv(w->fd, buf, sizeof(buf), 0)) > 0)
		g_string_append_len(w->in, buf, n);
	for (char *end; (end = strstr(w->in->str, "\r\n")) != NULL;) {
		g_autofree char *line = g_strndup(w->in->str, (size_t)(end - w->in->str));
		g_string_erase(w->in, 0, (gssize)strlen(line) + 2);
		hear(w, line);
	}
	if (w->out->len > 0 && w->fd >= 0 &&
	    (n = send(w->fd, w->out->str, w->out->len, MSG_NOSIGNAL)) > 0)
		g_string_erase(w->out, 0, n);
}

/* --- ours --- */

static void on_selected(Pool *p, Selection *selection, const GError *error, void *self)
{
	(void)p;
	(void)selection;
	if (!error)
		journal_resume(((World *)self)->journal);
}

static const PoolEvents pool_events = {.selected = on_selected};

static Mailbox *on_mailbox(Journal *j, const char *wire_name, void *data)
{
	(void)j;
	(void)wire_name;
	return ((World *)data)->mailbox;
}

static const JournalEvents journal_events = {.mailbox = on_mailbox};

static void turn(World *w)
{
	serve(w);
	while (g_main_context_iteration(NULL, FALSE))
		continue;
	g_usleep(50);
}

/* What stands in a row is what the person means, whatever its number has become meanwhile. */
static void wish(World *w)
{
	uint32_t known = mailbox_known(w->mailbox);
	uint32_t uid = known ? mailbox_uid_at(w->mailbox, g_rand_int(w->chance) % known) : 0;
	const MessageHead *head = uid ? mailbox_head(w->mailbox, uid) : NULL;

	if (!head) {
		mailbox_want(w->mailbox, &uid, 1);
		return;
	}
	uint32_t seen = (uint32_t)atoi(message_subject(head));
	Meant what = g_rand_boolean(w->chance) ? MEANT_FLAG : MEANT_REMOVE;
	unsigned meant = GPOINTER_TO_UINT(g_hash_table_lookup(w->meant, GUINT_TO_POINTER(seen)));
	g_autoptr(UidSet) one = uidset_new_range(uid, uid);

	g_hash_table_insert(w->meant, GUINT_TO_POINTER(seen), GUINT_TO_POINTER(meant | what));
	if (what == MEANT_FLAG)
		journal_store(w->journal, w->mailbox, one, STORE_ADD, FLAG_FLAGGED, "Marked.");
	else if (g_rand_boolean(w->chance))
		journal_expunge(w->journal, w->mailbox, one, "Removed.");
	else
		journal_copy(w->journal, w->mailbox, one, "Trash", true, "Moved.");
}

static void on_wanted(Mailbox *m, const UidSet *urgent, const UidSet *ahead, void *data)
{
	World *w = data;

	(void)ahead;
	if (pool_session(w->pool))
		imap_uid_fetch(pool_session(w->pool), NULL, urgent, MESSAGE_FETCH_ITEMS, NULL, NULL,
			       NULL);
	mailbox_want_done(m, urgent);
}

static bool is_as_the_server_has_it(World *w)
{
	if (mailbox_known(w->mailbox) != w->messages->len)
		return false;
	for (unsigned i = 0; i < w->messages->len; i++) {
		const Message *m = message_at(w, i);
		Flags flags = mailbox_flags(w->mailbox, m->uid, NULL);
		if (mailbox_uid_at(w->mailbox, i) != m->uid ||
		    ((flags & FLAG_FLAGGED) != 0) != m->flagged ||
		    ((flags & FLAG_ANSWERED) != 0) != m->answered)
			return false;
	}
	return true;
}

static World *open_world(unsigned messages)
{
	World *w = g_new0(World, 1);
	SessionConfig config = {.endpoint = &w->endpoint, .user = "alice", .password = "secret"};

	w->listener = listener_open(&w->endpoint);
	w->fd = -1;
	w->in = g_string_new(NULL);
	w->out = g_string_new(NULL);
	w->chance = g_rand_new_with_seed(165);
	w->messages = g_array_new(FALSE, FALSE, sizeof(Message));
	w->meant = g_hash_table_new(NULL, NULL);
	w->uidnext = 1000;
	for (unsigned i = 0; i < messages; i++)
		add_message(w);
	w->directory = place_temporary();
	w->mailbox = mailbox_new("INBOX");
	mailbox_set_fetcher(w->mailbox, on_wanted, w);
	w->pool = pool_new(&config, 1, &pool_events, w);
	w->worker = worker_new("journal");
	w->journal = journal_new(w->pool, w->worker, w->directory, &journal_events, w);
	journal_set_account(w->journal, "alice@test");
	pool_select(w->pool, w->mailbox, false);
	pool_open(w->pool);
	return w;
}

static void close_world(World *w)
{
	journal_free(w->journal);
	ck_assert(worker_free(w->worker, 10000));
	pool_free(w->pool);
	mailbox_free(w->mailbox);
	close(w->listener);
	close(w->fd);
	g_string_free(w->in, TRUE);
	g_string_free(w->out, TRUE);
	g_array_unref(w->messages);
	g_hash_table_unref(w->meant);
	g_rand_free(w->chance);
	place_remove(w->directory);
	g_free(w->directory);
	g_free(w);
}

/* Both act at once; then the other one rests. */
static void race(World *w, unsigned steps)
{
	while (!mailbox_is_complete(w->mailbox))
		turn(w);
	w->racing = true;
	while (w->steps < steps) {
		if (journal_pending(w->journal) < 16)
			wish(w);
		turn(w);
	}
	w->racing = false;
	while (journal_pending(w->journal) > 0 || !is_as_the_server_has_it(w))
		turn(w);
	ck_assert_uint_eq(w->by_number, 0);
	ck_assert_uint_eq(w->wrong, 0);
}

START_TEST(test_expunged_between)
{
	World *w = open_world(1500);

	w->expunges_only = true;
	race(w, 1200);
	close_world(w);
}
END_TEST

START_TEST(test_two_clients)
{
	World *w = open_world(200);

	race(w, 10000);
	close_world(w);
}
END_TEST

const Threat threats_race[] = {
	{"T075", &test_expunged_between, 0},
	{"T165", &test_two_clients, 0},
	{NULL, NULL, 0},
};
