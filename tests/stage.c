#include "config.h"
#include "tests/stage.h"

#include <glib/gstdio.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "core/command/idle.h"
#include "core/session/session.h"
#include "tests/player.h"
#include "tests/run.h"
#include "tests/tls_server.h"

#define MAX_EVENT 600 /* columns: 500 and what stands around them */

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
	char *sasl, *remembered;
	char *user, *password;
	bool secure;
	PlayerOptions options;
	TlsServerOptions certificate;
	char *names, *common_name, *host, *ca_file;
	bool stranger, own_pin;
	char *pin;
	GString *log;
	long memory;   /* KiB resident at "memory: from here" */
	clock_t work;  /* of the processor at "work: from here" */
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
	static const char *const names[] = {"NO",   "BAD", "STATE",    "AUTH",     "ABORT",
					    "DEAD", "TLS", "READONLY", "CANCELLED"};

	return error->domain == CORE_ERROR ? names[error->code] : "FOREIGN";
}

static const char *kind_name(ResponseKind kind)
{
	static const char *const names[RESPONSE_KIND_COUNT] = {
		"TAGGED", "CONTINUE", "CONDITION", "CAPABILITY", "ENABLED", "FLAGS",   "LIST",
		"LSUB",   "STATUS",   "SEARCH",    "SORT",       "THREAD",  "ESEARCH", "EXISTS",
		"RECENT", "EXPUNGE",  "VANISHED",  "FETCH",      "CHUNK",   "OTHER"};

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

static void on_response(ImapSession *s, const Response *r, void *self)
{
	const char *mailbox = session_mailbox(s);

	happened(self, g_strdup_printf("response %s%s%s", kind_name(r->kind), mailbox ? " in " : "",
				       mailbox ? mailbox : ""));
}

static void on_closed(ImapSession *s G_GNUC_UNUSED, const GError *error, void *self)
{
	Stage *stage = self;

	for (guint i = 0; i < stage->lines->len; i++)
		if (!((const Line *)stage->lines->pdata[i])->told)
			stage->wrong = "closed before every command was done";
	happened(self, g_strdup_printf("closed %s %s", class_name(error), error->message));
}

static const SessionEvents events = {
	.state = on_state, .phase = on_phase, .response = on_response, .closed = on_closed};

static void on_data(const Response *r, void *data)
{
	const Line *line = data;

	if (line->told)
		line->stage->wrong = "data came behind done";
	if (r->kind == RESPONSE_CHUNK && r->chunk.offset > 0)
		return;
	if (r->kind == RESPONSE_CHUNK && !r->chunk.bytes)
		happened(line->stage, g_strdup_printf("data %s VOID", line->verb));
	else
		happened(line->stage,
			 g_strdup_printf("data %s %s", line->verb, kind_name(r->kind)));
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

/* "2 1": for two seconds, renewed after one. */
static void submit_idle(Stage *stage, Line *line, const char *seconds)
{
	unsigned all = 0, renew = 0;

	sscanf(seconds, "%u %u", &all, &renew);
	line->stage = stage;
	line->verb = "IDLE";
	g_ptr_array_add(stage->lines, line);
	idle_start(stage->session, &stage->scope, all, renew, on_done, line);
}

static void submit(Stage *stage, const char *text)
{
	const char *arguments;
	const CommandSpec *spec = find_verb(text, &arguments);
	Line *line = g_new0(Line, 1);
	Writer *w;
	bool in_call = stage->in_call;

	if (spec && spec->id == COMMAND_ID_IDLE && *arguments) {
		submit_idle(stage, line, arguments);
		return;
	}
	w = session_begin(stage->session, spec ? spec->id : COMMAND_ID_XATOM);
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

static void keep_log(const char *domain G_GNUC_UNUSED, GLogLevelFlags level G_GNUC_UNUSED,
		     const char *message, gpointer log)
{
	g_string_append_printf(log, "%s\n", message);
}

static char *pin_of(const X509 *certificate)
{
	unsigned char *key = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
	g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, key, (gsize)len);

	OPENSSL_free(key);
	return g_strconcat("sha256:", hash, NULL);
}

static void make_certificate(Stage *stage)
{
	char *ca_file;

	if (stage->secure || stage->endpoint.kind == ENDPOINT_PLAIN)
		return;
	stage->certificate.names =
		stage->names ? stage->names : "DNS:imap.example.org,DNS:localhost";
	stage->certificate.common_name = stage->common_name;
	stage->options.context = tls_server_context(&stage->certificate, &ca_file);
	stage->ca_file = ca_file;
	if (stage->own_pin)
		stage->config.pin = stage->pin =
			pin_of(SSL_CTX_get0_certificate(stage->options.context));
	if (!stage->stranger)
		stage->config.ca_file = ca_file;
}

static void open_session(Stage *stage)
{
	make_certificate(stage);
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

static void set_log(Stage *stage)
{
	stage->log = g_string_new(NULL);
	g_log_set_debug_enabled(TRUE);
	g_log_set_default_handler(keep_log, stage->log);
}

/* As an account would name it. */
static void set_host(Stage *stage, const char *name)
{
	g_autofree char *url = g_strconcat("imaps://", name, NULL);
	g_autoptr(Endpoint) endpoint = endpoint_parse(url, NULL, NULL);

	stage->endpoint.host = stage->host = g_strdup(endpoint ? endpoint->host : name);
}

static CueResult set(Stage *stage, const char *text)
{
	const char *value = strchr(text, ' ');

	value = value ? value + 1 : "";
	if (strcmp(text, "whole") == 0)
		return stage->options.bytewise ? CUE_END : CUE_DONE;
	stage->secure &= strcmp(text, "starttls") != 0 && strcmp(text, "plain") != 0;
	if (strcmp(text, "starttls") == 0)
		stage->endpoint.kind = ENDPOINT_STARTTLS;
	else if (strcmp(text, "plain") == 0)
		stage->endpoint.kind = ENDPOINT_PLAIN;
	else if (strcmp(text, "local") == 0)
		stage->endpoint.host = (char *)"localhost";
	else if (g_str_has_prefix(text, "host "))
		set_host(stage, value);
	else if (g_str_has_prefix(text, "names "))
		stage->names = g_strdup(value);
	else if (g_str_has_prefix(text, "common-name "))
		stage->common_name = g_strdup(value);
	else if (g_str_has_prefix(text, "days "))
		sscanf(value, "%d %d", &stage->certificate.from_days, &stage->certificate.to_days);
	else if (strcmp(text, "tls 1.1") == 0)
		stage->certificate.max_version = TLS1_1_VERSION;
	else if (strcmp(text, "weak") == 0)
		stage->certificate.weak = true;
	else if (strcmp(text, "pin own") == 0)
		stage->own_pin = true;
	else if (g_str_has_prefix(text, "pin "))
		stage->config.pin = stage->pin = g_strdup(value);
	else if (strcmp(text, "stranger") == 0)
		stage->stranger = true;
	else if (strcmp(text, "log") == 0)
		set_log(stage);
	else if (strcmp(text, "manual") == 0)
		stage->config.manual = true;
	else if (strcmp(text, "blind") == 0)
		stage->config.blind = true;
	else if (strcmp(text, "enable") == 0)
		stage->config.enable = SESSION_ENABLES;
	else if (strcmp(text, "enabled before") == 0)
		stage->config.enable = stage->config.enable_blind = SESSION_ENABLES;
	else if (strcmp(text, "clear") == 0)
		stage->config.allow_clear = true;
	else if (g_str_has_prefix(text, "user "))
		stage->user = g_strdup(value);
	else if (g_str_has_prefix(text, "password "))
		stage->password = g_strdup(value);
	else if (strcmp(text, "token") == 0)
		stage->config.is_token = true;
	else if (g_str_has_prefix(text, "sasl "))
		stage->config.sasl = stage->sasl = g_strdup(value);
	else if (g_str_has_prefix(text, "remembered "))
		stage->config.remembered = stage->remembered = g_strdup(value);
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

static CueResult judge_count(const Stage *stage, const char *text)
{
	char *pattern;
	unsigned long wanted = strtoul(text, &pattern, 10), n = 0;

	for (guint at = 0; (at = find_event(stage, at, pattern + 1));)
		n++;
	return n == wanted ? CUE_DONE : CUE_WRONG;
}

static bool fact(const Stage *stage, const char *text)
{
	const ImapSession *s = stage->session;

	if (strcmp(text, "secure") == 0)
		return s && session_is_secure(s);
	if (strcmp(text, "encrypted") == 0)
		return s && session_is_encrypted(s);
	if (g_str_has_prefix(text, "enabled "))
		return s && (session_enabled(s) &
			     capability_parse((const char *const[]){text + 8, NULL}) & ~CAP_KNOWN);
	if (strcmp(text, "failed blind") == 0)
		return s && session_failed_blind(s);
	if (strcmp(text, "selected") == 0)
		return s && session_state(s) == SESSION_SELECTED && session_mailbox(s);
	if (strcmp(text, "writable") == 0)
		return s && session_mailbox(s) && !session_is_readonly(s);
	if (g_str_has_prefix(text, "offering ")) {
		g_auto(GStrv) words = g_strsplit(text + strlen("offering "), " ", -1);
		return s && session_capabilities(s) == capability_parse((const char *const *)words);
	}
	return s && session_state(s) != SESSION_LOGOUT;
}

/* Of this process, "VmRSS" or "VmHWM" of Linux, in KiB. */
static long status_number(const char *name)
{
	g_autofree char *status = NULL;
	const char *at;

	g_file_get_contents("/proc/self/status", &status, NULL, NULL);
	at = status ? strstr(status, name) : NULL;
	return at ? strtol(at + strlen(name) + 1, NULL, 10) : 0;
}

static CueResult judge_memory(Stage *stage, const char *text)
{
	if (strcmp(text, "from here") == 0) {
		/* Forgets the peak so far. */
		FILE *clear = fopen("/proc/self/clear_refs", "w");
		if (clear) {
			fputs("5", clear);
			fclose(clear);
		}
		stage->memory = status_number("VmRSS");
		return CUE_DONE;
	}
#ifndef __SANITIZE_ADDRESS__
	if (status_number("VmHWM") - stage->memory >
	    strtol(text + strlen("below "), NULL, 10) * 1024) {
		g_printerr("%ld KiB more\n", status_number("VmHWM") - stage->memory);
		return CUE_WRONG;
	}
#endif
	return CUE_DONE;
}

static CueResult judge_work(Stage *stage, const char *text)
{
	long took = (long)(clock() - stage->work) * 1000 / CLOCKS_PER_SEC;

	if (strcmp(text, "from here") == 0) {
		stage->work = clock();
		return CUE_DONE;
	}
	if (took < strtol(text + strlen("below "), NULL, 10) * SANITIZER_FACTOR)
		return CUE_DONE;
	g_printerr("%ld ms of work\n", took);
	return CUE_WRONG;
}

static CueResult judge_log(const Stage *stage, const char *text)
{
	const char *what = strchr(text, ' ');
	bool found = what && strstr(stage->log->str, what + 1);

	if (g_str_has_prefix(text, "has "))
		return found ? CUE_DONE : CUE_LATER;
	if (g_str_has_prefix(text, "never "))
		return found ? CUE_WRONG : CUE_DONE;
	for (const char *at = stage->log->str; *at; at += strcspn(at, "\n") + 1)
		if (strcspn(at, "\n") >= strtoul(text + strlen("lines below "), NULL, 10))
			return CUE_WRONG;
	for (const char *at = stage->log->str; *at; at++)
		if (g_ascii_iscntrl(*at) && *at != '\n')
			return CUE_WRONG;
	return g_utf8_validate(stage->log->str, -1, NULL) ? CUE_DONE : CUE_WRONG;
}

static CueResult judge_turn(const Stage *stage, const char *text)
{
	unsigned long most = strtoul(text + strlen("below "), NULL, 10);

#ifdef __SANITIZE_ADDRESS__
	most *= 20;
#endif
	if (stage->options.longest_turn_ms < most)
		return CUE_DONE;
	g_printerr("a turn of %u ms\n", stage->options.longest_turn_ms);
	return CUE_WRONG;
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
	if (strcmp(mark, "count") == 0)
		return judge_count(stage, text);
	if (strcmp(mark, "is") == 0)
		return fact(stage, text) ? CUE_DONE : CUE_LATER;
	if (strcmp(mark, "not") == 0)
		return fact(stage, text) ? CUE_WRONG : CUE_DONE;
	if (strcmp(mark, "memory") == 0)
		return judge_memory(stage, text);
	if (strcmp(mark, "work") == 0)
		return judge_work(stage, text);
	if (strcmp(mark, "turn") == 0)
		return judge_turn(stage, text);
	if (strcmp(mark, "log") == 0)
		return judge_log(stage, text);
	if (strcmp(mark, "do") != 0)
		return CUE_WRONG;
	act(stage, text);
	return CUE_DONE;
}

static bool is_fit(const char *text)
{
	if (g_utf8_strlen(text, -1) > MAX_EVENT)
		return false;
	for (const char *at = text; *at; at++)
		if (g_ascii_iscntrl(*at))
			return false;
	return g_utf8_validate(text, -1, NULL);
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
	for (guint i = 0; i < stage->events->len && !wrong; i++)
		if (!is_fit(stage->events->pdata[i]))
			wrong = g_strdup("an event is not fit to be shown");
	for (guint i = 0; i < stage->events->len; i++)
		g_string_append_printf(all, "\n  %s", (char *)stage->events->pdata[i]);
	if (wrong)
		g_string_prepend(all, wrong);
	return g_string_free(all, !wrong);
}

static int open_port(Stage *stage)
{
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof where;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	g_assert_no_errno(bind(fd, (struct sockaddr *)&where, size));
	g_assert_no_errno(listen(fd, 1));
	g_assert_no_errno(getsockname(fd, (struct sockaddr *)&where, &size));
	stage->port = stage->endpoint.port = ntohs(where.sin_port);
	return fd;
}

static int open_pair(Stage *stage)
{
	int ends[2];

	g_assert_no_errno(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
	stage->fd = ends[0];
	return ends[1];
}

static void stage_clear(Stage *stage)
{
	session_free(stage->session);
	if (stage->fd >= 0)
		close(stage->fd);
	SSL_CTX_free(stage->options.context);
	if (stage->ca_file)
		g_unlink(stage->ca_file);
	if (stage->log) {
		g_log_set_default_handler(g_log_default_handler, NULL);
		g_string_free(stage->log, TRUE);
	}
	g_free(stage->ca_file);
	g_free(stage->names);
	g_free(stage->common_name);
	g_free(stage->host);
	g_free(stage->sasl);
	g_free(stage->remembered);
	g_free(stage->pin);
	g_ptr_array_unref(stage->lines);
	g_ptr_array_unref(stage->events);
	g_free(stage->user);
	g_free(stage->password);
	g_free(stage->when);
	g_free(stage->then);
}

char *stage_play_lines(const char *name, const char *const *lines, StageOver over)
{
	g_autofree char *base = g_path_get_basename(name);
	bool port = over == STAGE_TLS || g_str_has_prefix(base, "tcp-");
	Stage stage = {
		.secure = over < STAGE_STARTTLS,
		.options = {.bytewise = over == STAGE_BYTES,
			    .starttls = over == STAGE_STARTTLS,
			    .tls = over == STAGE_TLS},
		.fd = -1,
		.endpoint = {.kind = over == STAGE_STARTTLS ? ENDPOINT_STARTTLS : ENDPOINT_IMAPS,
			     .host = over == STAGE_TLS ? (char *)"localhost"
						       : (char *)"imap.example.org",
			     .label = (char *)"example"}};
	int fd = port ? open_port(&stage) : open_pair(&stage);
	char *wrong;

	scope_init(&stage.scope);
	stage.lines = g_ptr_array_new_with_free_func(g_free);
	stage.events = g_ptr_array_new_with_free_func(g_free);
	wrong = player_play_lines(name, lines, fd, &stage.options, on_cue, &stage);
	session_free(g_steal_pointer(&stage.session));
	wrong = judge(&stage, wrong);
	stage_clear(&stage);
	return wrong;
}

char *stage_play(const char *path, bool bytewise)
{
	g_autofree char *script = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &script, NULL, NULL))
		return g_strdup_printf("%s cannot be read", path);
	lines = g_strsplit(script, "\n", -1);
	return stage_play_lines(path, (const char *const *)lines,
				bytewise ? STAGE_BYTES : STAGE_STREAM);
}
