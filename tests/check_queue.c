#include "core/session/queue.h"

#include <string.h>
#include "core/wire/command.h"
#include "tests/run.h"

/* A command as a test writes it: "UID FETCH 1:3 (FLAGS)", "STATUS INBOX", "IDLE+" (awaits its
 * continuation), "IDLE." (DONE is written), "NOOP!" (wants to be alone). */
typedef struct {
	QueueEntry entry;
	char *verb, *argument, *tag;
	UidSet *uids;
} Command;

static void command_free(void *data)
{
	Command *command = data;

	g_free(command->verb);
	g_free(command->argument);
	g_free(command->tag);
	uidset_free(command->uids);
	g_free(command);
}

static Command *command_new(const char *text, unsigned number)
{
	Command *command = g_new0(Command, 1);
	bool uid = g_str_has_prefix(text, "UID ");
	g_auto(GStrv) words = g_strsplit(text, " ", uid ? 3 : 2);
	char *last;

	command->verb = uid ? g_strconcat("UID ", words[1], NULL) : g_strdup(words[0]);
	last = command->verb + strlen(command->verb) - 1;
	command->entry.waits_literal = *last == '+';
	command->entry.ending = *last == '.';
	command->entry.alone = *last == '!';
	if (strchr("+.!", *last))
		*last = '\0';
	command->entry.spec = strcmp(command->verb, "XATOM") == 0 ? &command_table[COMMAND_ID_XATOM]
								  : command_find(command->verb);
	ck_assert_msg(command->entry.spec != NULL, "%s", command->verb);
	command->argument = g_strdup(uid ? words[2] : words[1]);
	command->entry.mailbox = command->argument;
	if (command->entry.spec->flags & COMMAND_FETCHES) {
		g_auto(GStrv) halves = g_strsplit(command->argument, " ", 2);
		command->uids = uidset_parse(halves[0], strlen(halves[0]), 0);
		command->entry.uids = uid ? command->uids : NULL;
		command->entry.line = strchr(command->argument, '(') ? command->argument : NULL;
		if (command->entry.line)
			command->entry.items = queue_items(command->entry.line);
	}
	command->entry.names_tag =
		command->argument && g_str_has_prefix(command->argument, "RETURN (");
	command->entry.tag = command->tag = g_strdup_printf("A%u", number);
	return command;
}

/* Commands separated by ';', oldest first. */
static GQueue *flight_new(const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, "; ", -1);
	GQueue *queue = g_queue_new();

	for (unsigned i = 0; parts[i] && *parts[i]; i++)
		g_queue_push_tail(queue, command_new(parts[i], i + 1));
	return queue;
}

static const struct {
	const char *next, *in_flight;
	SessionState state;
	const char *why; /* a word of the reason, NULL: it may go */
} sending[] = {
	{"NOOP", "", SESSION_AUTH, NULL},
	{"NOOP", "NOOP; LIST", SESSION_AUTH, NULL},
	{"LIST", "LIST", SESSION_AUTH, "mistaken"},
	{"LIST", "LSUB; STATUS INBOX", SESSION_AUTH, NULL},
	{"CAPABILITY", "CAPABILITY", SESSION_AUTH, "mistaken"},
	{"STATUS INBOX", "STATUS Sent", SESSION_AUTH, NULL},
	{"STATUS INBOX", "STATUS inbox", SESSION_AUTH, "mistaken"},
	{"UID SEARCH", "UID SEARCH", SESSION_SELECTED, "mistaken"},
	{"UID SEARCH RETURN (ALL)", "UID SEARCH RETURN (ALL)", SESSION_SELECTED, NULL},
	{"UID SEARCH RETURN (ALL)", "UID SEARCH", SESSION_SELECTED, "mistaken"},
	{"UID SEARCH", "UID SORT", SESSION_SELECTED, NULL},
	{"UID THREAD", "UID SORT; UID SEARCH", SESSION_SELECTED, NULL},
	{"UID THREAD", "UID THREAD", SESSION_SELECTED, "mistaken"},
	{"NOOP", "APPEND+ INBOX", SESSION_AUTH, "continuation"},
	{"LOGOUT", "NOOP", SESSION_AUTH, "alone"},
	{"LOGOUT", "", SESSION_AUTH, NULL},
	{"NOOP", "LOGOUT", SESSION_AUTH, "alone"},
	{"NOOP", "STARTTLS", SESSION_NONAUTH, "alone"},
	{"NOOP", "IDLE", SESSION_SELECTED, "alone"},
	{"NOOP", "IDLE+", SESSION_SELECTED, "continuation"},
	{"NOOP", "IDLE.", SESSION_SELECTED, NULL},
	{"SELECT x", "IDLE.", SESSION_SELECTED, NULL},
	{"IDLE", "IDLE.", SESSION_SELECTED, NULL},
	{"FETCH 1 (UID)", "IDLE.", SESSION_SELECTED, "sequence"},
	{"XATOM", "NOOP", SESSION_AUTH, "alone"},
	{"NOOP!", "LIST", SESSION_AUTH, "alone"},
	{"NOOP!", "IDLE.", SESSION_SELECTED, NULL},
	{"LIST", "NOOP!", SESSION_AUTH, "alone"},
	{"FETCH 1 (UID)", "UID FETCH 1 (UID)", SESSION_SELECTED, "sequence"},
	{"FETCH 1 (UID)", "NOOP", SESSION_SELECTED, "sequence"},
	{"FETCH 1 (UID)", "FETCH 1 (FLAGS)", SESSION_SELECTED, NULL},
	{"FETCH 1 (UID)", "FETCH 2 (UID)", SESSION_SELECTED, "mistaken"},
	{"UID FETCH 1 (UID)", "FETCH 1 (UID)", SESSION_SELECTED, "mistaken"},
	{"UID FETCH 1:3 (UID)", "UID FETCH 4:9 (UID)", SESSION_SELECTED, NULL},
	{"UID FETCH 1:3,9 (UID)", "UID FETCH 4,9 (UID)", SESSION_SELECTED, "mistaken"},
	{"UID FETCH 1:3 (UID)", "UID FETCH 1:3 (UID FLAGS)", SESSION_SELECTED, NULL},
	{"UID FETCH 2:9 (UID ENVELOPE)", "UID FETCH 1:3 (UID ENVELOPE)", SESSION_SELECTED,
	 "mistaken"},
	{"UID FETCH 2:9 (UID ENVELOPE)", "UID FETCH 1:3 (UID ENVELOPE BODY.PEEK[1])",
	 SESSION_SELECTED, "mistaken"},
	{"UID FETCH 2:9 (UID ENVELOPE BODY.PEEK[1])", "UID FETCH 1:3 (UID ENVELOPE)",
	 SESSION_SELECTED, NULL},
	{"UID FETCH 2:9 (UID ENVELOPE RFC822.SIZE)", "UID FETCH 1:3 (UID ENVELOPE)",
	 SESSION_SELECTED, NULL},
	{"UID STORE 1", "LOGIN", SESSION_NONAUTH, "not settled"},
	{"LIST", "LOGIN", SESSION_NONAUTH, NULL},
	{"SELECT x", "LOGIN", SESSION_NONAUTH, NULL},
	{"UID FETCH 1 (UID)", "LOGIN; SELECT x", SESSION_NONAUTH, NULL},
	{"CREATE y", "SELECT x", SESSION_AUTH, "not settled"},
	{"UID FETCH 1 (UID)", "SELECT x", SESSION_AUTH, NULL},
	{"UID FETCH 1 (UID)", "", SESSION_AUTH, "not legal"},
	{"UID FETCH 1 (UID)", "UNSELECT", SESSION_SELECTED, "not legal"},
	{"LOGIN", "", SESSION_AUTH, "not legal"},
	{"LIST", "", SESSION_NONAUTH, "not legal"},
	{"SELECT x", "UID FETCH 1 (UID)", SESSION_SELECTED, "still in use"},
	{"SELECT x", "LIST", SESSION_SELECTED, NULL},
	{"SELECT x", "SELECT y", SESSION_SELECTED, "mistaken"},
	{"MYRIGHTS x", "GETQUOTAROOT x; GETMETADATA x; ID", SESSION_AUTH, NULL},
	{"MYRIGHTS x", "MYRIGHTS y", SESSION_AUTH, "mistaken"},
	{"GETQUOTA x", "GETQUOTAROOT y", SESSION_AUTH, "mistaken"},
};

START_TEST(may_send)
{
	GQueue *in_flight = flight_new(sending[_i].in_flight);
	Command *next = command_new(sending[_i].next, 99);
	const char *why = NULL;
	bool may = queue_may_send(&next->entry, in_flight, sending[_i].state, &why);

	ck_assert_msg(may == !sending[_i].why, "%s behind %s: %s", sending[_i].next,
		      sending[_i].in_flight, why);
	ck_assert_msg(may == !why, "%s", why);
	ck_assert_msg(may || strstr(why, sending[_i].why) != NULL, "%s", why);
	command_free(next);
	g_queue_free_full(in_flight, command_free);
}
END_TEST

static const struct {
	const char *in_flight;
	SessionState before, after;
} states[] = {
	{"", SESSION_AUTH, SESSION_AUTH},
	{"LOGIN", SESSION_NONAUTH, SESSION_AUTH},
	{"LOGIN; SELECT x", SESSION_NONAUTH, SESSION_SELECTED},
	{"UNSELECT; NOOP", SESSION_SELECTED, SESSION_AUTH},
	{"LOGOUT", SESSION_SELECTED, SESSION_LOGOUT},
};

START_TEST(state_after)
{
	GQueue *in_flight = flight_new(states[_i].in_flight);

	ck_assert_int_eq(queue_state_after(in_flight, states[_i].before), states[_i].after);
	g_queue_free_full(in_flight, command_free);
}
END_TEST

static const FetchBody all = {.section = ""};
static const FetchBody body_1 = {.section = "1"};
static const FetchBody body_2_at_5 = {.section = "2", .partial = true, .origin = 5};
static const FetchBody header = {.section = "HEADER.FIELDS (\"References\")"};

static const struct {
	const char *in_flight;
	Response response;
	const char *tag; /* of the owner; NULL: nobody's */
} owners[] = {
	{"NOOP; LIST", {.kind = RESPONSE_TAGGED, .tag = "A1"}, "A1"},
	{"NOOP; LIST", {.kind = RESPONSE_TAGGED, .tag = "A2"}, "A2"},
	{"NOOP; LIST", {.kind = RESPONSE_TAGGED, .tag = "A3"}, NULL},
	{"NOOP; LIST", {.kind = RESPONSE_LIST}, "A2"},
	{"NOOP; LSUB", {.kind = RESPONSE_LIST}, NULL},
	{"NOOP; APPEND+ x", {.kind = RESPONSE_CONTINUE}, "A2"},
	{"NOOP", {.kind = RESPONSE_CONTINUE}, NULL},
	{"STATUS a; STATUS INBOX", {.kind = RESPONSE_STATUS, .mailbox = {.name = "INBOX"}}, "A2"},
	{"STATUS a", {.kind = RESPONSE_STATUS, .mailbox = {.name = "A"}}, NULL},
	{"UID SEARCH", {.kind = RESPONSE_ESEARCH, .esearch = {.tag = "A1"}}, "A1"},
	{"UID SEARCH", {.kind = RESPONSE_ESEARCH, .esearch = {.tag = "A7"}}, NULL},
	{"NOOP; UID SEARCH", {.kind = RESPONSE_ESEARCH}, "A2"},
	{"NOOP; XATOM", {.kind = RESPONSE_EXPUNGE, .number = 1}, "A2"},
	{"UID EXPUNGE 1", {.kind = RESPONSE_EXPUNGE, .number = 1}, NULL},
	{"UID EXPUNGE! 1", {.kind = RESPONSE_EXPUNGE, .number = 1}, "A1"},
	{"SELECT x", {.kind = RESPONSE_EXISTS, .number = 1}, "A1"},
	{"NOOP; SELECT x", {.kind = RESPONSE_EXISTS, .number = 1}, NULL},
	{"SELECT x", {.kind = RESPONSE_CONDITION, .status = {.code = CODE_UIDNEXT}}, "A1"},
	{"SELECT x", {.kind = RESPONSE_CONDITION, .status = {.code = CODE_ALERT}}, NULL},
	{"UID MOVE 1", {.kind = RESPONSE_CONDITION, .status = {.code = CODE_COPYUID}}, "A1"},
	{"NOOP; UID SEARCH",
	 {.kind = RESPONSE_CONDITION, .status = {.code = CODE_INPROGRESS, .tag = "A2"}},
	 "A2"},
	{"UID SEARCH; NOOP",
	 {.kind = RESPONSE_CONDITION, .status = {.code = CODE_INPROGRESS}},
	 "A1"},
	{"UID SEARCH",
	 {.kind = RESPONSE_CONDITION, .status = {.code = CODE_INPROGRESS, .tag = "A9"}},
	 NULL},
	{"GETQUOTAROOT x; MYRIGHTS x", {.kind = RESPONSE_OTHER, .text = "myrights x lr"}, "A2"},
	{"MYRIGHTS x; GETQUOTAROOT x", {.kind = RESPONSE_OTHER, .text = "QUOTA a ()"}, "A2"},
	{"MYRIGHTS x; GETQUOTAROOT x", {.kind = RESPONSE_OTHER, .text = "QUOTAS a ()"}, NULL},
	{"NOOP; MYRIGHTS x", {.kind = RESPONSE_OTHER, .text = "XYZ"}, NULL},
	{"UID FETCH 1:3 (FLAGS); UID FETCH 4 (FLAGS)",
	 {.kind = RESPONSE_FETCH, .fetch = {.has = FETCH_UID | FETCH_FLAGS, .uid = 4}},
	 "A2"},
	{"UID FETCH 1:3 (FLAGS)",
	 {.kind = RESPONSE_FETCH, .fetch = {.has = FETCH_UID | FETCH_FLAGS, .uid = 5}},
	 NULL},
	{"UID FETCH 1:3 (FLAGS)", {.kind = RESPONSE_FETCH, .fetch = {.has = FETCH_FLAGS}}, NULL},
	{"UID FETCH 1 (FLAGS); UID FETCH 1 (ENVELOPE)",
	 {.kind = RESPONSE_FETCH, .fetch = {.has = FETCH_UID | FETCH_ENVELOPE, .uid = 1}},
	 "A2"},
	{"UID FETCH 1 (BODY.PEEK[2]<0.5>); UID FETCH 1 (BODY.PEEK[2]<5.5>)",
	 {.kind = RESPONSE_FETCH,
	  .fetch =
		  {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &body_2_at_5, .n_bodies = 1}},
	 "A2"},
	{"UID FETCH 1 (BODY.PEEK[1.2]); UID FETCH 1 (body.peek[1])",
	 {.kind = RESPONSE_FETCH,
	  .fetch = {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &body_1, .n_bodies = 1}},
	 "A2"},
	{"FETCH 1:4 (UID RFC822.SIZE); UID FETCH 1 (BODY.PEEK[1])",
	 {.kind = RESPONSE_FETCH,
	  .fetch = {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &body_1, .n_bodies = 1}},
	 "A2"},
	{"FETCH 1:4 RFC822; UID FETCH 1 (BODY.PEEK[1])",
	 {.kind = RESPONSE_FETCH,
	  .fetch = {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &body_1, .n_bodies = 1}},
	 "A1"},
	{"UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (REFERENCES)])",
	 {.kind = RESPONSE_FETCH,
	  .fetch = {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &header, .n_bodies = 1}},
	 "A1"},
	{"FETCH 1 (UID)", {.kind = RESPONSE_FETCH, .fetch = {.has = FETCH_UID, .uid = 9}}, "A1"},
	{"UID STORE 1", {.kind = RESPONSE_FETCH, .fetch = {.has = FETCH_UID, .uid = 1}}, NULL},
	/* RFC822.SIZE asks for no body. */
	{"FETCH 1 (UID RFC822.SIZE); UID FETCH 1 (UID BODY.PEEK[1])",
	 {.kind = RESPONSE_FETCH,
	  .fetch = {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &body_1, .n_bodies = 1}},
	 "A2"},
	{"FETCH 1 (UID RFC822.HEADER); UID FETCH 1 (UID BODY.PEEK[1])",
	 {.kind = RESPONSE_FETCH,
	  .fetch = {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &body_1, .n_bodies = 1}},
	 "A2"},
	{"UID FETCH 1 (RFC822.SIZE RFC822)",
	 {.kind = RESPONSE_FETCH,
	  .fetch = {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &all, .n_bodies = 1}},
	 "A1"},
	{"UID FETCH 1 (RFC822.SIZE RFC822.HEADER)",
	 {.kind = RESPONSE_FETCH,
	  .fetch = {.has = FETCH_UID | FETCH_BODY, .uid = 1, .bodies = &all, .n_bodies = 1}},
	 NULL},
	/* The UID of what comes in chunks may follow behind them. */
	{"UID FETCH 1 (FLAGS); UID FETCH 1 (BODY.PEEK[1]); UID FETCH 2 (BODY.PEEK[1])",
	 {.kind = RESPONSE_CHUNK,
	  .chunk.fetch = {.has = FETCH_BODY, .bodies = &body_1, .n_bodies = 1}},
	 "A2"},
	{"UID FETCH 1 (BODY.PEEK[1]); UID FETCH 2 (BODY.PEEK[1])",
	 {.kind = RESPONSE_CHUNK,
	  .chunk.fetch =
		  {.has = FETCH_UID | FETCH_BODY, .uid = 2, .bodies = &body_1, .n_bodies = 1}},
	 "A2"},
	{"UID FETCH 1 (BODY.PEEK[1])",
	 {.kind = RESPONSE_CHUNK,
	  .chunk.fetch =
		  {.has = FETCH_UID | FETCH_BODY, .uid = 2, .bodies = &body_1, .n_bodies = 1}},
	 NULL},
	{"UID FETCH 1 (BODY.PEEK[2]<0.5>)",
	 {.kind = RESPONSE_CHUNK,
	  .chunk.fetch = {.has = FETCH_BODY, .bodies = &body_2_at_5, .n_bodies = 1}},
	 NULL},
};

START_TEST(owner)
{
	GQueue *in_flight = flight_new(owners[_i].in_flight);
	const QueueEntry *found = queue_owner(in_flight, &owners[_i].response);

	ck_assert_pstr_eq(found ? found->tag : NULL, owners[_i].tag);
	g_queue_free_full(in_flight, command_free);
}
END_TEST

START_TEST(missing_capability)
{
	const CommandSpec *move = command_find("UID MOVE");

	ck_assert_str_eq(queue_missing_capability(move, CAP_KNOWN | CAP(IDLE)), "MOVE");
	ck_assert_ptr_null(queue_missing_capability(move, CAP_KNOWN | CAP(MOVE)));
	ck_assert_ptr_null(queue_missing_capability(move, 0));
	ck_assert_ptr_null(queue_missing_capability(command_find("NOOP"), CAP_KNOWN));
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("queue", &test);

	tcase_add_loop_test(test, may_send, 0, G_N_ELEMENTS(sending));
	tcase_add_loop_test(test, state_after, 0, G_N_ELEMENTS(states));
	tcase_add_loop_test(test, owner, 0, G_N_ELEMENTS(owners));
	tcase_add_test(test, missing_capability);
	return run_suite(suite);
}
