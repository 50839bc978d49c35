#include "config.h"
#include "tests/stage.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/session/session.h"
#include "tests/player.h"

typedef struct Stage Stage;

typedef struct {
	Stage *stage;
	ImapCommand *command;
	const char *verb;
	unsigned told;
} Line;

struct Stage {
	ImapSession *session;
	Endpoint endpoint;
	SessionConfig config;
	char *user, *password;
	bool secure, bytewise;
	int fd;        /* our end of the socketpair, -1 once the session has it */
	unsigned port; /* not 0: the player listens there on 127.0.0.1 */
	Scope scope;
	GPtrArray *lines;  /* Line* */
	GPtrArray *events; /* char* */
	guint seen;
	char *when, *then;
	bool in_call;
	const char *wrong; /* a rule of the contract that was broken */
};

static void act(Stage *stage, const char *what);

static const char *class_name(const GError *error)
{
	static const char *const names[] = {"NO",    "BAD", "STATE",    "AUTH",
					    "ABORT", "TLS", "READONLY", "CANCELLED"};

	return error->domain == CORE_ERROR ? names[error->code] : "FOREIGN";
}

static const char *kind_name(ResponseKind kind)
{
	static const char *const names[RESPONSE_KIND_COUNT] = {
		"TAGGED", "CONTINUE", "CONDITION", "CAPABILITY", "ENABLED", "FLAGS",
		"LIST",   "LSUB",     "STATUS",    "SEARCH",     "SORT",    "ESEARCH",
		"EXISTS", "RECENT",   "EXPUNGE",   "VANISHED",   "FETCH",   "OTHER"};

	return names[kind];
}

static void happened(Stage *stage, char *event_take)
{
	if (stage->in_call)
		stage->wrong = "a callback came from inside a call";
	g_ptr_array_add(stage->events, event_take);
	if (stage->when && g_str_has_prefix(event_take, stage->when)) {
		g_autofree char *then = g_steal_pointer(&stage->then);

		g_clear_pointer(&stage->when, g_free);
		act(stage, then);
	}
}

static void on_state(ImapSession *s G_GNUC_UNUSED, SessionState state, void *self)
{
	happened(self, g_strdup_printf("state %s", command_state_name(state)));
}

static void on_phase(ImapSession *s G_GNUC_UNUSED, const char *text, void *self)
{
	happened(self, g_strdup_printf("phase %s", text));
}

static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *r, void *self)
{
	happened(self, g_strdup_printf("response %s", kind_name(r->kind)));
}

static void on_batch_end(ImapSession *s G_GNUC_UNUSED, void *self G_GNUC_UNUSED)
{
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	Stage *stage = self;

	for (guint i = 0; i < stage->lines->len; i++)
		if (!((const Line *)stage->lines->pdata[i])->told)
			stage->wrong = "closed before every command was done";
	happened(self, g_strdup_printf("closed %s %s", class_name(error), error->message));
}

static const SessionEvents events = {on_state, on_phase, on_response, on_batch_end, on_closed};

static void on_data(const Response *r, void *data)
{
	const Line *line = data;

	if (line->told)
		line->stage->wrong = "data came behind done";
	happened(line->stage, g_strdup_printf("data %s %s", line->verb, kind_name(r->kind)));
}

static void on_done(const ImapResult *result, void *data)
{
	Line *line = data;
	const GError *error = result->error;

	line->command = NULL;
	if (line->told++)
		line->stage->wrong = "a command was done twice";
	happened(line->stage, error ? g_strdup_printf("done %s %s %s", line->verb,
						      class_name(error), error->message)
				    : g_strdup_printf("done %s OK", line->verb));
}

static const CommandSpec *find_verb(const char *text, const char **arguments)
{
	const CommandSpec *best = NULL;
	size_t length = 0;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		size_t len = strlen(command_table[i].verb);
		if (len > length && g_ascii_strncasecmp(text, command_table[i].verb, len) == 0 &&
		    (!text[len] || text[len] == ' ')) {
			best = &command_table[i];
			length = len;
		}
	}
	*arguments = text + length + (text[length] == ' ');
	return best;
}

static void write_arguments(Writer *w, CommandId id, const char *arguments)
{
	g_auto(GStrv) words = g_strsplit(arguments, " ", 2);

	if (id == COMMAND_ID_LOGIN) {
		writer_string(w, words[0]);
		writer_string(w, words[1]);
		return;
	}
	if (id == COMMAND_ID_UID_FETCH) {
		g_autoptr(UidSet) uids = uidset_parse(words[0], strlen(words[0]), 0);
		writer_uids(w, uids);
	} else if (id == COMMAND_ID_SELECT || id == COMMAND_ID_EXAMINE || id == COMMAND_ID_STATUS ||
		   id == COMMAND_ID_APPEND) {
		writer_mailbox(w, words[0]);
	} else if (*arguments) {
		writer_raw(w, arguments);
		return;
	}
	if (id == COMMAND_ID_APPEND) {
		g_autoptr(GBytes) literal = g_bytes_new(words[1], strlen(words[1]));
		writer_literal(w, literal);
	} else if (words[0] && words[1]) {
		writer_raw(w, words[1]);
	}
}

static void submit(Stage *stage, const char *text)
{
	const char *arguments;
	const CommandSpec *spec = find_verb(text, &arguments);
	Line *line = g_new0(Line, 1);
	Writer *w = session_begin(stage->session, spec ? spec->id : COMMAND_ID_XATOM);
	bool in_call = stage->in_call;

	if (spec)
		write_arguments(w, spec->id, arguments);
	else
		writer_raw(w, text);
	line->stage = stage;
	line->verb = spec ? spec->verb : "XATOM";
	g_ptr_array_add(stage->lines, line);
	stage->in_call = true;
	line->command = session_submit(stage->session, &stage->scope, w, on_data, on_done, line);
	stage->in_call = in_call;
}

static void cancel(Stage *stage, const char *verb)
{
	for (guint i = stage->lines->len; i-- > 0;) {
		Line *line = stage->lines->pdata[i];
		if (line->command && strcmp(line->verb, verb) == 0) {
			imap_cancel(line->command);
			return;
		}
	}
	stage->wrong = "nothing of that verb to cancel";
}

static void open_session(Stage *stage)
{
	stage->config.endpoint = &stage->endpoint;
	stage->config.user = stage->user;
	stage->config.password = stage->password;
	stage->in_call = true;
	if (stage->port)
		stage->session = session_open(&stage->config, &events, stage);
	else
		stage->session =
			session_open_fd(stage->fd, stage->secure, &stage->config, &events, stage);
	stage->in_call = false;
	stage->fd = stage->port ? stage->fd : -1;
}

static void act(Stage *stage, const char *what)
{
	bool in_call = stage->in_call;

	if (strcmp(what, "open") == 0) {
		open_session(stage);
		return;
	}
	if (g_str_has_prefix(what, "cancel ") && strcmp(what, "cancel all") != 0) {
		cancel(stage, what + 7);
		return;
	}
	if (strcmp(what, "cancel all") == 0) {
		scope_cancel(&stage->scope);
		return;
	}
	if (strcmp(what, "free") == 0) {
		session_free(g_steal_pointer(&stage->session));
		return;
	}
	stage->in_call = true;
	if (strcmp(what, "break") == 0)
		session_break_idle(stage->session);
	stage->in_call = in_call;
	if (strcmp(what, "break") != 0)
		submit(stage, what);
}

static CueResult set(Stage *stage, const char *text)
{
	const char *value = strchr(text, ' ');

	value = value ? value + 1 : "";
	if (strcmp(text, "whole") == 0)
		return stage->bytewise ? CUE_END : CUE_DONE;
	stage->secure &= strcmp(text, "starttls") != 0 && strcmp(text, "plain") != 0;
	if (strcmp(text, "starttls") == 0)
		stage->endpoint.kind = ENDPOINT_STARTTLS;
	else if (strcmp(text, "plain") == 0)
		stage->endpoint.kind = ENDPOINT_PLAIN;
	else if (strcmp(text, "local") == 0)
		stage->endpoint.host = (char *)"localhost";
	else if (strcmp(text, "manual") == 0)
		stage->config.manual = true;
	else if (strcmp(text, "clear") == 0)
		stage->config.allow_clear = true;
	else if (g_str_has_prefix(text, "user "))
		stage->user = g_strdup(value);
	else if (g_str_has_prefix(text, "password "))
		stage->password = g_strdup(value);
	else if (g_str_has_prefix(text, "stall "))
		stage->config.stall_seconds = (unsigned)atoi(value);
	else
		return CUE_WRONG;
	return CUE_DONE;
}

static guint find_event(const Stage *stage, guint from, const char *pattern)
{
	g_autofree char *glob = g_strconcat(pattern, "*", NULL);

	for (guint i = from; i < stage->events->len; i++)
		if (g_pattern_match_simple(glob, stage->events->pdata[i]))
			return i + 1;
	return 0;
}

static CueResult on_cue(const char *mark, const char *text, void *data)
{
	Stage *stage = data;

	if (strcmp(mark, "set") == 0)
		return set(stage, text);
	if (strcmp(mark, "never") == 0)
		return find_event(stage, 0, text) ? CUE_WRONG : CUE_DONE;
	if (strcmp(mark, "see") == 0) {
		guint found = find_event(stage, stage->seen, text);
		stage->seen = found ? found : stage->seen;
		return found ? CUE_DONE : CUE_LATER;
	}
	if (strcmp(mark, "when") == 0) {
		g_auto(GStrv) halves = g_strsplit(text, " => ", 2);
		stage->when = g_strdup(halves[0]);
		stage->then = g_strdup(halves[1]);
		return CUE_DONE;
	}
	if (strcmp(mark, "do") != 0)
		return CUE_WRONG;
	act(stage, text);
	return CUE_DONE;
}

static char *judge(const Stage *stage, char *wrong_take)
{
	g_autofree char *wrong = wrong_take;
	GString *all = g_string_new(NULL);

	for (guint i = 0; i < stage->lines->len; i++) {
		const Line *line = stage->lines->pdata[i];
		if (!wrong && line->told != 1)
			wrong = g_strdup_printf("%s was done %u times", line->verb, line->told);
	}
	if (!wrong && stage->wrong)
		wrong = g_strdup(stage->wrong);
	for (guint i = 0; i < stage->events->len; i++)
		g_string_append_printf(all, "\n  %s", (char *)stage->events->pdata[i]);
	if (wrong)
		g_string_prepend(all, wrong);
	return g_string_free(all, !wrong);
}

/* The player's end: of a socketpair, or, for tcp-*.txt, a port of 127.0.0.1. */
static int open_ends(Stage *stage, const char *path)
{
	g_autofree char *name = g_path_get_basename(path);
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof where;
	int ends[2], fd;

	if (!g_str_has_prefix(name, "tcp-")) {
		g_assert_no_errno(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
		stage->fd = ends[0];
		return ends[1];
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	g_assert_no_errno(bind(fd, (struct sockaddr *)&where, size));
	g_assert_no_errno(listen(fd, 1));
	g_assert_no_errno(getsockname(fd, (struct sockaddr *)&where, &size));
	stage->port = stage->endpoint.port = ntohs(where.sin_port);
	return fd;
}

char *stage_play(const char *path, bool bytewise)
{
	Stage stage = {.secure = true,
		       .bytewise = bytewise,
		       .fd = -1,
		       .endpoint = {.kind = ENDPOINT_IMAPS,
				    .host = (char *)"imap.example.org",
				    .label = (char *)"example"}};
	int fd = open_ends(&stage, path);
	char *wrong;

	scope_init(&stage.scope);
	stage.lines = g_ptr_array_new_with_free_func(g_free);
	stage.events = g_ptr_array_new_with_free_func(g_free);
	wrong = player_play(path, fd, bytewise, on_cue, &stage);
	session_free(stage.session);
	if (stage.fd >= 0)
		close(stage.fd);
	wrong = judge(&stage, wrong);
	g_ptr_array_unref(stage.lines);
	g_ptr_array_unref(stage.events);
	g_free(stage.user);
	g_free(stage.password);
	g_free(stage.when);
	g_free(stage.then);
	return wrong;
}
