/* The fuzzer's target for a session under a server's bytes: plays a conversation as they stand in
 * tests/wire/ and tests/threats/, of which these lines count (others, as those of the client, do
 * not):
 *
 *   set: starttls, plain, manual, blind   wherever it stands
 *   S: text         the server says this and CRLF; S-: the same without CRLF.  \xHH is that byte.
 *                   with: is as S:
 *   close:          the server hangs up
 *   do: VERB …, cancel VERB, cancel all, break, free      as in stage.h
 *   when: EVENT => WHAT                   does so inside that event's callback, once
 *
 * Bodies above 16 octets come in chunks.  Aborts where a callback comes twice, too late or from
 * inside a call, where chunks have gaps, or where more memory is held than what came justifies.
 *
 * `./configure CC=clang --enable-fuzzers && make tests/fuzz_session` builds the fuzzer
 * (tests/fuzz_session CORPUS tests/wire tests/wire/servers tests/threats), tests/check_fuzz_session
 * runs it over these seeds and mutations of them. */
#include "config.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <malloc.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "core/session/session.h"
#include "tests/fuzz.h"
#include "tests/wire_dump.h"

#define MAX_COMMANDS  64
#define MAX_TURNS     1000
#define MAX_WHOLE     16
#define HELD_BASE     ((size_t)512 * 1024)
#define HELD_PER_BYTE 64

typedef struct Play Play;

typedef struct {
	Play *play;
	const char *verb;
	ImapCommand *command; /* NULL once it is done */
	bool done;
	uint64_t chunked; /* octets of the body under way that came in chunks */
} Line;

struct Play {
	ImapSession *session; /* NULL: freed, or not open yet */
	Endpoint endpoint;
	SessionConfig config;
	bool secure;
	Scope scope;
	Line lines[MAX_COMMANDS];
	size_t n_lines;
	char *when, *then;
	bool in_call, closed, freed;
	int fd; /* the server's end, or -1 */
	size_t step, said, held_before;
};

/* GIO's, but in this thread: a log-in's steps come in the same turn of every run. */
void g_task_run_in_thread(GTask *task, GTaskThreadFunc run)
{
	run(task, g_task_get_source_object(task), g_task_get_task_data(task),
	    g_task_get_cancellable(task));
}

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}

static void act(Play *play, const char *what);

static void happened(Play *play, char *event_take)
{
	g_autofree char *event = event_take;

	if (play->in_call)
		fail("A callback came from inside a call.");
	if (play->when && g_str_has_prefix(event, play->when)) {
		g_autofree char *then = g_steal_pointer(&play->then);
		g_clear_pointer(&play->when, g_free);
		act(play, then);
	}
}

static void check_listener(const Play *play)
{
	if (play->closed)
		fail("An event came behind the last.");
	if (play->freed)
		fail("An event came behind session_free().");
}

static void on_state(ImapSession *s G_GNUC_UNUSED, SessionState state, void *self)
{
	check_listener(self);
	happened(self, g_strdup_printf("state %s", command_state_name(state)));
}

static void on_phase(ImapSession *s G_GNUC_UNUSED, const char *text, void *self)
{
	check_listener(self);
	happened(self, g_strdup_printf("phase %s", text));
}

/* Every pointer of the response is followed. */
static void on_response(ImapSession *s G_GNUC_UNUSED, const Response *r, void *self)
{
	check_listener(self);
	if (r->kind == RESPONSE_CHUNK)
		fail("A chunk came as a response.");
	g_autofree char *dump = response_dump(r);
	happened(self, g_strdup_printf("response %s", dump));
}

static void on_batch_end(ImapSession *s G_GNUC_UNUSED, void *self)
{
	check_listener(self);
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	Play *play = self;

	check_listener(self);
	play->closed = true;
	for (size_t i = 0; i < play->n_lines; i++)
		if (!play->lines[i].done)
			fail("The session closed before every command was done.");
	happened(play, g_strdup_printf("closed %s", error->message));
}

static const SessionEvents events = {.state = on_state,
				     .phase = on_phase,
				     .response = on_response,
				     .batch_end = on_batch_end,
				     .closed = on_closed};

static void take_chunk(Line *line, const ChunkData *chunk)
{
	if (!chunk->bytes) {
		line->chunked = 0;
		return;
	}
	if (chunk->offset == 0)
		line->chunked = 0;
	if (chunk->offset != line->chunked || chunk->len == 0 ||
	    chunk->len > chunk->total - chunk->offset)
		fail("The chunks have a gap.");
	line->chunked += chunk->len;
	if (chunk->fetch.n_bodies == 0 ||
	    chunk->fetch.bodies[chunk->fetch.n_bodies - 1].chunked != chunk->total)
		fail("The chunk is of no body.");
}

/* The last body in chunks that a command was given is whole. */
static void take_fetch(Line *line, const FetchData *fetch)
{
	uint64_t last = 0;

	for (size_t i = 0; i < fetch->n_bodies; i++)
		if (fetch->bodies[i].chunked > 0)
			last = fetch->bodies[i].chunked;
	if (line->chunked != 0 && line->chunked != last)
		fail("The response is not that of the chunks.");
	line->chunked = 0;
}

static void on_data(const Response *r, void *data)
{
	Line *line = data;

	if (line->done)
		fail("Data came behind done.");
	if (r->kind == RESPONSE_CHUNK)
		take_chunk(line, &r->chunk);
	else if (r->kind == RESPONSE_FETCH)
		take_fetch(line, &r->fetch);
	else if (line->chunked != 0)
		fail("Another response came in the middle of a body.");
	g_autofree char *dump = response_dump(r);
	happened(line->play, g_strdup_printf("data %s %s", line->verb, dump));
}

static void on_done(const ImapResult *result, void *data)
{
	Line *line = data;

	if (line->done)
		fail("A command was done twice.");
	line->done = true;
	line->command = NULL;
	if (result->status && result->status->text && strlen(result->status->text) > (1u << 20))
		fail("The text is longer than a line may be.");
	happened(line->play, g_strdup_printf("done %s %s", line->verb,
					     result->error ? result->error->message : "OK"));
}

/* The longest verb that the text begins with. */
static const CommandSpec *find_verb(const char *text, const char **arguments)
{
	const CommandSpec *best = &command_table[COMMAND_ID_XATOM];
	size_t length = 0;

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		size_t len = strlen(command_table[i].verb);
		if (len > length && g_ascii_strncasecmp(text, command_table[i].verb, len) == 0 &&
		    (!text[len] || text[len] == ' ')) {
			best = &command_table[i];
			length = len;
		}
	}
	*arguments = text + length + (length > 0 && text[length] == ' ');
	return best;
}

static void write_arguments(Writer *w, CommandId id, const char *arguments)
{
	g_auto(GStrv) words = g_strsplit(arguments, " ", 2);
	const char *first = words[0] ? words[0] : "", *rest = words[0] ? words[1] : NULL;

	if (id == COMMAND_ID_UID_FETCH || id == COMMAND_ID_FETCH) {
		g_autoptr(UidSet) uids = uidset_parse(first, strlen(first), 0);
		if (uids && !uidset_is_empty(uids))
			writer_uids(w, uids);
		else
			writer_raw(w, "*");
	} else if (id == COMMAND_ID_SELECT || id == COMMAND_ID_EXAMINE || id == COMMAND_ID_STATUS ||
		   id == COMMAND_ID_APPEND) {
		writer_mailbox(w, first);
	} else if (id == COMMAND_ID_LOGIN) {
		writer_string(w, first);
	} else if (*arguments) {
		writer_raw(w, arguments);
		return;
	}
	if (id == COMMAND_ID_APPEND) {
		g_autoptr(GBytes) literal = g_bytes_new(rest, rest ? strlen(rest) : 0);
		writer_literal(w, literal);
	} else if (id == COMMAND_ID_LOGIN) {
		writer_string(w, rest ? rest : "");
	} else if (rest) {
		writer_raw(w, rest);
	}
}

static void submit(Play *play, const char *text)
{
	const char *arguments;
	const CommandSpec *spec = find_verb(text, &arguments);
	bool in_call = play->in_call;

	if (play->n_lines == MAX_COMMANDS)
		return;
	Line *line = &play->lines[play->n_lines++];
	Writer *w = session_begin(play->session, spec->id);
	write_arguments(w, spec->id, arguments);
	line->play = play;
	line->verb = spec->verb;
	play->in_call = true;
	line->command = session_submit(play->session, &play->scope, w, on_data, on_done, line);
	play->in_call = in_call;
}

static void cancel(Play *play, const char *verb)
{
	for (size_t i = play->n_lines; i-- > 0;) {
		Line *line = &play->lines[i];
		if (line->command && strcmp(line->verb, verb) == 0) {
			imap_cancel(line->command);
			return;
		}
	}
}

static void free_session(Play *play)
{
	play->freed = true;
	session_free(g_steal_pointer(&play->session));
}

static void act(Play *play, const char *what)
{
	bool in_call = play->in_call;

	if (!play->session || strcmp(what, "open") == 0)
		return;
	if (strcmp(what, "cancel all") == 0) {
		scope_cancel(&play->scope);
	} else if (g_str_has_prefix(what, "cancel ")) {
		cancel(play, what + strlen("cancel "));
	} else if (strcmp(what, "free") == 0) {
		free_session(play);
	} else if (strcmp(what, "break") == 0) {
		play->in_call = true;
		session_break_idle(play->session);
		play->in_call = in_call;
	} else {
		submit(play, what);
	}
}

/* What the client says does not matter here. */
static void drain(const Play *play)
{
	char buf[4096];

	while (play->fd >= 0 && read(play->fd, buf, sizeof(buf)) > 0) {}
}

/* Without a clock: until nothing is ready. */
static void turn(Play *play)
{
	unsigned n = 0;

	while (n++ < MAX_TURNS && g_main_context_iteration(NULL, FALSE))
		drain(play);
	drain(play);
	size_t held = mallinfo2().uordblks;
	if (held > play->held_before + HELD_BASE + HELD_PER_BYTE * play->said)
		fail("More memory is held than what came justifies.");
}

static void say(Play *play, const char *bytes, size_t len)
{
	for (size_t at = 0; at < len && play->fd >= 0;) {
		ssize_t n = send(play->fd, bytes + at, MIN(play->step, len - at), MSG_NOSIGNAL);
		/* Closed, or no longer read. */
		if (n < 0)
			return;
		at += (size_t)n;
		play->said += (size_t)n;
		turn(play);
	}
}

/* \xHH is that byte. */
static GString *unescape(const char *text, size_t len)
{
	GString *out = g_string_sized_new(len + 2);

	for (size_t i = 0; i < len; i++) {
		if (i + 3 < len && text[i] == '\\' && text[i + 1] == 'x' &&
		    g_ascii_isxdigit(text[i + 2]) && g_ascii_isxdigit(text[i + 3])) {
			g_string_append_c(out, (char)(g_ascii_xdigit_value(text[i + 2]) * 16 +
						      g_ascii_xdigit_value(text[i + 3])));
			i += 3;
		} else {
			g_string_append_c(out, text[i]);
		}
	}
	return out;
}

static void set(Play *play, const char *text)
{
	if (strcmp(text, "manual") == 0)
		play->config.manual = true;
	if (strcmp(text, "blind") == 0)
		play->config.blind = true;
	play->secure &= strcmp(text, "starttls") != 0 && strcmp(text, "plain") != 0;
	if (strcmp(text, "starttls") == 0)
		play->endpoint.kind = ENDPOINT_STARTTLS;
	else if (strcmp(text, "plain") == 0)
		play->endpoint.kind = ENDPOINT_PLAIN;
}

static void arm(Play *play, const char *text)
{
	const char *arrow = strstr(text, " => ");

	if (!arrow)
		return;
	g_free(play->when);
	g_free(play->then);
	play->when = g_strndup(text, (gsize)(arrow - text));
	play->then = g_strdup(arrow + strlen(" => "));
}

static bool take(const char *line, size_t len, const char *mark, const char **text)
{
	size_t n = strlen(mark);

	if (len < n || memcmp(line, mark, n) != 0)
		return false;
	*text = line + n;
	return true;
}

static void play_line(Play *play, const char *line, size_t len)
{
	const char *text;
	bool whole = take(line, len, "S: ", &text);

	if (whole || take(line, len, "S-: ", &text) || take(line, len, "with: ", &text)) {
		g_autoptr(GString) bytes = unescape(text, len - (size_t)(text - line));
		if (*line != 'S' || whole)
			g_string_append(bytes, "\r\n");
		say(play, bytes->str, bytes->len);
		return;
	}
	g_autofree char *copy = g_strndup(line, len);
	if (g_str_has_prefix(copy, "do: "))
		act(play, copy + 4);
	else if (g_str_has_prefix(copy, "when: "))
		arm(play, copy + 6);
	else if (strcmp(copy, "close:") == 0 && play->fd >= 0)
		close(g_steal_fd(&play->fd));
	turn(play);
}

static void play_lines(Play *play, const char *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		const char *end = memchr(bytes + at, '\n', size - at);
		size_t len = end ? (size_t)(end - bytes) - at : size - at;
		play_line(play, bytes + at, len);
		at += len + 1;
	}
}

static void set_all(Play *play, const char *bytes, size_t size)
{
	g_autofree char *text = g_strndup(bytes, size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (size_t i = 0; lines[i]; i++)
		if (g_str_has_prefix(lines[i], "set: "))
			set(play, lines[i] + 5);
	/* What takes long, or another library's files, is left to other tests. */
	if (g_strstr_len(bytes, (gssize)size, "SCRAM") ||
	    g_strstr_len(bytes, (gssize)size, "GSSAPI"))
		play->config.sasl = "PLAIN";
}

static void open_session(Play *play)
{
	static FramerLimits limits;
	int ends[2];

	limits = framer_default_limits;
	limits.max_whole = MAX_WHOLE;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		fail("No socket pair.");
	play->fd = ends[1];
	fcntl(play->fd, F_SETFL, O_NONBLOCK);
	play->endpoint.host = (char *)"imap.example.org";
	play->config.endpoint = &play->endpoint;
	play->config.user = "alice";
	play->config.password = "secret";
	play->config.limits = &limits;
	play->session = session_open_fd(ends[0], play->secure, &play->config, &events, play);
}

static GLogWriterOutput no_log(GLogLevelFlags level, const GLogField *fields G_GNUC_UNUSED,
			       gsize n_fields G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
	if (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_ERROR))
		fail("GLib complained.");
	return G_LOG_WRITER_HANDLED;
}

/* What OpenSSL keeps from its first use on, half a megabyte and more, is none of the client's. */
static void warm_up(void)
{
	unsigned char byte;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	RAND_bytes(&byte, 1);
	SSL_CTX_free(context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool quiet;
	const char *bytes = (const char *)data;
	Play play = {.secure = true, .fd = -1};

	if (!quiet) {
		g_log_set_writer_func(no_log, NULL, NULL);
		/* Reading the system's authorities takes longer than all else. */
		g_setenv("SSL_CERT_FILE", "/dev/null", TRUE);
		g_setenv("SSL_CERT_DIR", "/nonexistent", TRUE);
		warm_up();
	}
	quiet = true;
	play.step = size % 3 == 0 ? 16384 : 1 + size % 61;
	play.held_before = mallinfo2().uordblks;
	scope_init(&play.scope);
	set_all(&play, bytes, size);
	open_session(&play);
	turn(&play);
	play_lines(&play, bytes, size);
	if (play.session)
		free_session(&play);
	turn(&play);
	for (size_t i = 0; i < play.n_lines; i++)
		if (!play.lines[i].done)
			fail("A command was never done.");
	if (!scope_is_empty(&play.scope))
		fail("Something is left in the scope.");
	g_free(play.when);
	g_free(play.then);
	if (play.fd >= 0)
		close(play.fd);
	return 0;
}
