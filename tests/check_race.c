/* Two clients on one mailbox of a real server, neither waiting for the other: ours does at random
 * to the rows that it sees what a person does, the second appends, flags, marks, removes and moves.
 * Each message carries a number, so that it is known who wanted what of which; what the server has
 * in the end, and every hundred steps, must follow from that: no wrong message was touched, nothing
 * is lost, what the second client marked as deleted is not removed by ours, and both see the same.
 * No real server tells of an EXPUNGE where it may not; one that does is in threats/race.c.
 *
 * $SHEAF_RACE_STEPS: how many steps, for all; $SHEAF_RACE_SEED: which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/client.h"
#include "tests/relay.h"
#include "tests/run.h"
#include "tests/server.h"
#include "tests/truth.h"

enum { POPULATION = 60, CHECK_EVERY = 100, SECONDS_A_HUNDRED = 60, KEPT_EVERY = 4 };

#define OURS   ((Flags)(FLAG_FLAGGED | FLAG_ANSWERED))
#define THEIRS ((Flags)(FLAG_SEEN | FLAG_DRAFT))

static const struct {
	ServerKind kind;
	const char *settings;
	unsigned steps;
	bool cuts; /* the line is reset now and then */
} variants[] = {
	{SERVER_DOVECOT, NULL, 400, false},
	/* A move is COPY, STORE, UID EXPUNGE, and nothing tells what changed before. */
	{SERVER_DOVECOT, "imap_capability = IMAP4rev1 UIDPLUS IDLE\n", 300, false},
	{SERVER_DOVECOT, NULL, 300, true},
	{SERVER_CYRUS, NULL, 200, false},
};

/* The places a message can be in. */
enum { INBOX, TRASH, ARCHIVE, OTHER, PLACES };
static const char *const places[PLACES] = {"INBOX", "Trash", "Archive", "Other"};

/* What was wanted of one message. */
typedef struct {
	Flags first;          /* as it was appended */
	Flags set, cleared;   /* wanted at any time, by either */
	Flags last;           /* wanted last */
	bool ours_to[PLACES]; /* ours wanted it to be there */
	bool ours_marked, theirs_marked;
	bool theirs_unmarked; /* since the last look */
	bool spared;          /* by theirs, at any time */
	bool ours_removed, theirs_removed, theirs_moved;
	uint32_t gone_uid;       /* ours wanted this one to leave the INBOX */
	unsigned copies[PLACES]; /* at the last look */
	Flags flags;             /* of the one in the INBOX, then */
	uint32_t uid;
	GString *log;
} Story;

typedef struct {
	GRand *chance;
	unsigned step;
	bool cuts;
	TestServer *server;
	Relay *relay;
	Probe *second, *looker;
	Client *client;
	GPtrArray *stories;  /* by number; the first is NULL */
	GHashTable *numbers; /* of each UID that the INBOX ever had */
	GArray *uids;        /* what the second client believes to be in the INBOX */
	unsigned refusals;   /* up to the last look */
	unsigned kept;       /* foreign marks that stood at a look, in all */
	unsigned acts[2];    /* ours, theirs */
} Race;

static unsigned below(Race *r, unsigned n)
{
	return (unsigned)g_rand_int_range(r->chance, 0, (gint32)n);
}

static Story *story_of(Race *r, unsigned number)
{
	ck_assert_uint_ge(number, 1);
	ck_assert_uint_lt(number, r->stories->len);
	return r->stories->pdata[number];
}

static unsigned number_of(Race *r, uint32_t uid)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(r->numbers, GUINT_TO_POINTER(uid)));
}

static void story_free(void *data)
{
	Story *s = data;

	if (s == NULL)
		return;
	g_string_free(s->log, TRUE);
	g_free(s);
}

static void note(Race *r, Story *s, const char *who, const char *what, uint32_t uid)
{
	g_string_append_printf(s->log, "%u %s %s UID %u; ", r->step, who, what, uid);
}

static void want_flags(Story *s, bool on, Flags flags)
{
	if (on) {
		s->set |= flags;
		s->last |= flags;
	} else {
		s->cleared |= flags;
		s->last &= ~flags;
	}
}

/* --- ours --- */

/* Up to three rows that are on the screen, with the message that each shows. */
static UidSet *pick(Race *r, Story *stories[], unsigned *n)
{
	UidSet *uids = uidset_new();
	size_t count = view_count(r->client->view);
	unsigned wanted = 1 + below(r, 3);
	ViewRow row;

	*n = 0;
	for (unsigned i = 0; i < wanted && count > 0; i++) {
		if (!view_row(r->client->view, below(r, (unsigned)count), &row) || row.uid == 0 ||
		    row.head == NULL || uidset_has(uids, row.uid))
			continue;
		unsigned number = truth_number(message_id(row.head));
		ck_assert_msg(number == number_of(r, row.uid),
			      "step %u: the row of UID %u shows number %u, and it is %u", r->step,
			      row.uid, number, number_of(r, row.uid));
		uidset_add(uids, row.uid);
		stories[(*n)++] = story_of(r, number);
		stories[*n - 1]->uid = row.uid;
	}
	return uids;
}

static void flag_some(Race *r, const UidSet *uids, Story *stories[], unsigned n)
{
	Flags flag = below(r, 2) ? FLAG_FLAGGED : FLAG_ANSWERED;
	bool on = below(r, 2);

	for (unsigned i = 0; i < n; i++) {
		want_flags(stories[i], on, flag);
		note(r, stories[i], "ours", on ? "flags" : "unflags", stories[i]->uid);
	}
	account_flag(r->client->account, r->client->mailbox, uids, on ? STORE_ADD : STORE_REMOVE,
		     flag);
}

static void mark_some(Race *r, const UidSet *uids, Story *stories[], unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		stories[i]->ours_marked = true;
		note(r, stories[i], "ours", "marks", stories[i]->uid);
	}
	account_flag(r->client->account, r->client->mailbox, uids, STORE_ADD, FLAG_DELETED);
}

static void move_some(Race *r, const UidSet *uids, Story *stories[], unsigned n)
{
	bool is_delete = below(r, 2);

	for (unsigned i = 0; i < n; i++) {
		stories[i]->ours_to[is_delete ? TRASH : ARCHIVE] = true;
		stories[i]->gone_uid = stories[i]->uid;
		note(r, stories[i], "ours", is_delete ? "deletes" : "moves", stories[i]->uid);
	}
	if (is_delete)
		ck_assert(account_delete(r->client->account, r->client->mailbox, uids));
	else
		account_copy(r->client->account, r->client->mailbox, uids, places[ARCHIVE], true);
}

static void mean_to_remove(Race *r, Story *s, uint32_t uid)
{
	s->ours_removed = true;
	s->gone_uid = uid;
	note(r, s, "ours", "removes", uid);
}

static void remove_some(Race *r, const UidSet *uids, Story *stories[], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		mean_to_remove(r, stories[i], stories[i]->uid);
	if (n > 0)
		account_expunge(r->client->account, r->client->mailbox, uids);
}

/* What the person sees to be marked, whoever did it, and nothing that is marked later. */
static void remove_marked(Race *r)
{
	Mailbox *m = r->client->mailbox;
	g_autoptr(UidSet) marked = mailbox_with_flag(m, FLAG_DELETED);

	for (size_t k = 0; k < uidset_range_count(marked); k++) {
		UidRange range = uidset_range(marked, k);
		for (uint32_t uid = range.first; uid <= range.last; uid++)
			mean_to_remove(r, story_of(r, number_of(r, uid)), uid);
	}
	account_expunge(r->client->account, m, marked);
}

static void act_ours(Race *r)
{
	Story *stories[3];
	unsigned n, what = below(r, 100);
	g_autoptr(UidSet) uids = pick(r, stories, &n);

	r->acts[0]++;
	/* Not just before a look: some shall stand there. */
	if (what < 4 && r->step % CHECK_EVERY < CHECK_EVERY / 4)
		remove_marked(r);
	else if (n == 0)
		return;
	else if (what < 60)
		flag_some(r, uids, stories, n);
	else if (what < 75)
		mark_some(r, uids, stories, n);
	else if (what < 90)
		move_some(r, uids, stories, n);
	else
		remove_some(r, uids, stories, n);
}

/* --- theirs --- */

static void arrived(Race *r, uint32_t uid, unsigned number)
{
	g_hash_table_insert(r->numbers, GUINT_TO_POINTER(uid), GUINT_TO_POINTER(number));
	g_array_append_val(r->uids, uid);
}

static void append(Race *r)
{
	Story *s = g_new0(Story, 1);
	unsigned number = r->stories->len;
	uint32_t uid;

	s->first = s->last = (below(r, 2) ? FLAG_SEEN : 0) | (below(r, 4) ? 0 : FLAG_FLAGGED);
	s->log = g_string_new(NULL);
	g_ptr_array_add(r->stories, s);
	s->theirs_marked = number % KEPT_EVERY == 0 && below(r, 2);
	g_autofree char *words = truth_flag_words(s->first | (s->theirs_marked ? FLAG_DELETED : 0));
	g_autofree char *message = truth_message(number);
	g_autofree char *command =
		g_strdup_printf("append APPEND INBOX (%s) {%zu}\r\n", words, strlen(message));
	probe_send(r->second, command, -1);
	g_free(probe_read_until(r->second, "+ "));
	probe_send(r->second, message, -1);
	probe_send(r->second, "\r\n", -1);
	g_autofree char *answer = probe_read_until(r->second, "append ");
	ck_assert_msg(sscanf(strstr(answer, "append "), "append OK [APPENDUID %*u %u]", &uid) == 1,
		      "%s", answer);
	arrived(r, uid, number);
	note(r, s, "theirs", "appended", uid);
}

/* What it hears makes no difference: it may be wrong about what is there. */
static void look_around(Race *r)
{
	g_autofree char *answer = probe_expect(r->second, "UID SEARCH ALL");
	char *at = strstr(answer, "* SEARCH");

	g_array_set_size(r->uids, 0);
	for (at += strlen("* SEARCH"); *at == ' ';) {
		uint32_t uid = (uint32_t)strtoul(at, &at, 10);
		g_array_append_val(r->uids, uid);
	}
}

/* NO: ours was quicker. */
static void second_says(Race *r, const char *verb, uint32_t uid, const char *rest)
{
	g_autofree char *command = g_strdup_printf("%s %u%s", verb, uid, rest);

	g_free(probe_command(r->second, command));
}

static void flag_theirs(Race *r, Story *s, uint32_t uid)
{
	Flags flag = below(r, 2) ? FLAG_SEEN : FLAG_DRAFT;
	bool on = below(r, 2);
	g_autofree char *words = truth_flag_words(flag);
	g_autofree char *rest = g_strdup_printf(" %cFLAGS (%s)", on ? '+' : '-', words);

	want_flags(s, on, flag);
	note(r, s, "theirs", rest, uid);
	second_says(r, "UID STORE", uid, rest);
}

static void mark_theirs(Race *r, Story *s, uint32_t uid, bool on)
{
	if (on)
		s->theirs_marked = true;
	else
		s->theirs_unmarked = s->spared = true;
	note(r, s, "theirs", on ? "marks" : "unmarks", uid);
	second_says(r, "UID STORE", uid, on ? " +FLAGS (\\Deleted)" : " -FLAGS (\\Deleted)");
}

static void remove_theirs(Race *r, Story *s, uint32_t uid)
{
	mark_theirs(r, s, uid, true);
	s->theirs_removed = true;
	note(r, s, "theirs", "removes", uid);
	second_says(r, "UID EXPUNGE", uid, "");
}

static void move_theirs(Race *r, Story *s, uint32_t uid)
{
	s->theirs_moved = true;
	note(r, s, "theirs", "moves", uid);
	second_says(r, "UID MOVE", uid, " Other");
}

/* Back into the INBOX, where it has another UID then. */
static void return_one(Race *r)
{
	GArray *rows = truth_rows(r->looker, places[OTHER]);
	uint32_t uid;

	if (rows->len > 0) {
		unsigned number = g_array_index(rows, TruthRow, 0).number;
		g_free(probe_expectf(r->looker, "SELECT %s", places[OTHER]));
		g_autofree char *answer = probe_expectf(r->looker, "UID MOVE %u INBOX",
							g_array_index(rows, TruthRow, 0).uid);
		const char *code = strstr(answer, "[COPYUID ");
		ck_assert_msg(code && sscanf(code, "[COPYUID %*u %*u %u]", &uid) == 1, "%s",
			      answer);
		arrived(r, uid, number);
		note(r, story_of(r, number), "theirs", "returns", uid);
	}
	g_array_unref(rows);
}

static void act_theirs(Race *r)
{
	unsigned what = below(r, 100);

	r->acts[1]++;
	if (below(r, 8) == 0)
		look_around(r);
	if (r->uids->len < POPULATION ? what < 60 : what < 10) {
		append(r);
		return;
	}
	uint32_t uid = g_array_index(r->uids, uint32_t, below(r, r->uids->len));
	unsigned number = number_of(r, uid);
	Story *s = story_of(r, number);
	/* Of some it only wants that they be marked. */
	bool keeps = number % KEPT_EVERY == 0;

	what = below(r, 100);
	if (what < 50)
		flag_theirs(r, s, uid);
	else if (what < 65 || keeps)
		mark_theirs(r, s, uid, keeps || what < 60);
	else if (what < 80)
		remove_theirs(r, s, uid);
	else if (what < 94)
		move_theirs(r, s, uid);
	else
		return_one(r);
}

/* --- what came of it --- */

static void complain(Race *r, unsigned number, const char *what)
{
	const Story *s = story_of(r, number);
	g_autofree char *flags = truth_flag_words(s->flags);
	g_autofree char *first = truth_flag_words(s->first);
	size_t len = s->log->len;

	ck_abort_msg("step %u, number %u: %s. It is UID %u (%s), was appended with (%s); places %u "
		     "%u %u %u; …%s",
		     r->step, number, what, s->uid, flags, first, s->copies[INBOX],
		     s->copies[TRASH], s->copies[ARCHIVE], s->copies[OTHER],
		     s->log->str + (len > 1500 ? len - 1500 : 0));
}

static void check_flags(Race *r, unsigned number, Flags flags)
{
	const Story *s = story_of(r, number);
	Flags wrong = (flags & ~(s->first | s->set)) | (~flags & s->first & ~s->cleared);
	bool marked = s->ours_marked || s->theirs_marked || s->ours_removed || s->ours_to[TRASH] ||
		      s->ours_to[ARCHIVE];

	if (wrong & (OURS | THEIRS))
		complain(r, number, "nobody wanted these flags");
	if ((flags & FLAG_DELETED) && !marked)
		complain(r, number, "nobody wanted it to be marked as deleted");
}

static bool was_moved(const Story *s)
{
	return s->theirs_moved || s->ours_to[TRASH] || s->ours_to[ARCHIVE];
}

static void check_place(Race *r, unsigned number, bool refused)
{
	Story *s = story_of(r, number);
	unsigned all = 0;

	for (unsigned i = 0; i < PLACES; i++)
		all += s->copies[i];
	if (all == 0 && !s->ours_removed && !s->theirs_removed)
		complain(r, number,
			 s->theirs_marked ? "what the other client marked was removed"
					  : "it is lost");
	if ((s->copies[TRASH] && !s->ours_to[TRASH]) ||
	    (s->copies[ARCHIVE] && !s->ours_to[ARCHIVE]) || (s->copies[OTHER] && !s->theirs_moved))
		complain(r, number, "nobody wanted it to be there");
	/* Two may move it at the same time; and where a move has to mark and remove what it copied,
	 * the mark may be taken back. */
	if (all > 1 &&
	    !((s->theirs_moved || s->spared) && (s->ours_to[TRASH] || s->ours_to[ARCHIVE])))
		complain(r, number, "there are more of it");
	if (s->copies[INBOX] == 0)
		return;
	if (s->gone_uid == s->uid && !s->theirs_unmarked && !refused)
		complain(r, number, "ours wanted it to go");
	if (!was_moved(s) && !refused && (s->flags & (OURS | THEIRS)) != s->last)
		complain(r, number, "these flags were not the last wish");
	if ((s->flags & FLAG_DELETED) && s->theirs_marked && !s->ours_marked)
		r->kept++;
}

static void take_stock(Race *r, unsigned place)
{
	GArray *rows = truth_rows(r->looker, places[place]);

	for (guint i = 0; i < rows->len; i++) {
		const TruthRow *row = &g_array_index(rows, TruthRow, i);
		Story *s = story_of(r, row->number);
		s->copies[place]++;
		if (place == INBOX) {
			s->uid = row->uid;
			s->flags = row->flags;
			if (number_of(r, row->uid) != row->number)
				complain(r, row->number, "its UID was another's");
		}
		check_flags(r, row->number, row->flags);
	}
	g_array_unref(rows);
}

/* A refusal takes back what was wanted: what is there now is the wish. */
static void begin_again(Race *r, bool refused)
{
	for (guint number = 1; number < r->stories->len; number++) {
		Story *s = r->stories->pdata[number];
		s->theirs_unmarked = false;
		s->gone_uid = 0;
		if (refused && s->copies[INBOX])
			s->last = s->flags & (OURS | THEIRS);
	}
	r->refusals = r->client->refusals;
}

/* The difference may be one of a message, whose story is told then. */
static void disagree(Race *r, const GArray *rows)
{
	g_autofree char *difference = truth_difference(r->client->mailbox, rows);
	uint32_t uid = 0;

	ck_assert(difference != NULL);
	sscanf(difference, "UID %u", &uid);
	if (number_of(r, uid))
		complain(r, number_of(r, uid), difference);
	ck_abort_msg("step %u: %s", r->step, difference);
}

static void look(Race *r)
{
	client_until(r->client, client_is_quiet, NULL, "all changes reach the server");
	ck_assert_uint_eq(account_held(r->client->account), 0);

	bool refused = r->client->refusals != r->refusals;
	for (guint number = 1; number < r->stories->len; number++)
		memset(((Story *)r->stories->pdata[number])->copies, 0, sizeof(unsigned[PLACES]));
	for (unsigned place = 0; place < PLACES; place++)
		take_stock(r, place);
	for (guint number = 1; number < r->stories->len; number++)
		check_place(r, number, refused);
	begin_again(r, refused);

	GArray *rows = truth_rows(r->looker, places[INBOX]);
	if (!client_wait(r->client, client_agrees, rows))
		disagree(r, rows);
	g_array_unref(rows);
}

/* --- the race --- */

static unsigned number_from(const char *variable, unsigned otherwise)
{
	const char *text = g_getenv(variable);

	return text && *text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static bool knows_the_trash(Client *c, void *data)
{
	(void)data;
	return client_is_quiet(c, NULL) && c->selected > 0 &&
	       folder_find_role(account_folders(c->account), FOLDER_ROLE_TRASH) != NULL;
}

static Race *race_new(int i, unsigned seed)
{
	Race *r = g_new0(Race, 1);
	ServerOptions options = {.settings = variants[i].settings};

	r->chance = g_rand_new_with_seed(seed);
	r->cuts = variants[i].cuts;
	r->server = server_start(variants[i].kind, &options);
	r->relay = relay_start(r->server->port, 0);
	r->second = server_probe(r->server, r->server->user);
	r->looker = server_probe(r->server, r->server->user);
	r->stories = g_ptr_array_new_with_free_func(story_free);
	g_ptr_array_add(r->stories, NULL);
	r->numbers = g_hash_table_new(NULL, NULL);
	r->uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	for (unsigned place = TRASH; place < PLACES; place++) {
		g_autofree char *create = g_strdup_printf("CREATE %s", places[place]);
		g_free(probe_command(r->second, create));
	}
	g_free(probe_expect(r->second, "SELECT INBOX"));
	for (unsigned k = 0; k < POPULATION; k++)
		append(r);
	r->client = client_new(relay_port(r->relay));
	client_open(r->client, places[INBOX]);
	client_until(r->client, knows_the_trash, NULL, "the mailbox is open");
	return r;
}

static void race_free(Race *r)
{
	client_free(r->client);
	probe_close(r->second);
	probe_close(r->looker);
	relay_stop(r->relay);
	server_stop(r->server);
	g_ptr_array_unref(r->stories);
	g_hash_table_unref(r->numbers);
	g_array_unref(r->uids);
	g_rand_free(r->chance);
	g_free(r);
}

static void step(Race *r)
{
	r->step++;
	if (below(r, 2))
		act_ours(r);
	else
		act_theirs(r);
	/* How far our commands have come when the next thing happens is chance, too. */
	for (unsigned turns = below(r, 4) ? below(r, 6) : 0; turns > 0; turns--)
		client_run(r->client, below(r, 8) ? 0 : 1);
	if (r->cuts && below(r, 40) == 0)
		relay_set(r->relay, RELAY_CUT);
	if (r->step % CHECK_EVERY == 0)
		look(r);
}

START_TEST(no_message_is_touched_that_was_not_meant)
{
	unsigned seed = number_from("SHEAF_RACE_SEED", g_random_int());
	unsigned steps = number_from("SHEAF_RACE_STEPS", variants[_i].steps);
	Race *r = race_new(_i, seed);

	printf("race %d: seed %u, %u steps\n", _i, seed, steps);
	fflush(stdout);
	while (r->step < steps)
		step(r);
	look(r);
	printf("race %d: %u by ours, %u by the other, %u messages, %u refusals, %u foreign marks "
	       "stood\n",
	       _i, r->acts[0], r->acts[1], r->stories->len - 1, r->client->refusals, r->kept);
	ck_assert_uint_gt(r->kept, 0);
	race_free(r);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = one_case("race", &tests);
	unsigned steps = number_from("SHEAF_RACE_STEPS", 400);

	tcase_add_checked_fixture(tests, client_make_state, client_remove_state);
	tcase_set_timeout(tests, 60 + steps / 100.0 * SECONDS_A_HUNDRED);
	tcase_add_loop_test(tests, no_message_is_touched_that_was_not_meant, 0,
			    G_N_ELEMENTS(variants));
	return run_suite(suite);
}
