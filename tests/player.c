#define _GNU_SOURCE
#include "config.h"
#include "tests/player.h"

#include <errno.h>
#include <glib.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "core/net/deflate.h"

#define PATIENCE_MS 5000
#define TICK_MS     2
#define QUIET_MS    24
#define MAX_PENDING ((size_t)64 * 1024)

typedef struct {
	int fd, listener; /* -1: none */
	SSL *ssl;
	Deflate *deflate; /* NULL: not compressed */
	PlayerOptions *options;
	bool bytewise, greeted;
	unsigned tag_offset;
	GString *heard;   /* from the client, not yet matched */
	GString *pending; /* to be said in one write */
	PlayerCue cue;
	void *data;
	unsigned ticks;
	bool ended;
	bool gone; /* the client hung up */
	char *wrong;
} Player;

static gboolean on_tick(gpointer ticks)
{
	++*(unsigned *)ticks;
	return G_SOURCE_CONTINUE;
}

static bool is_listening(int fd)
{
	int listening = 0;
	socklen_t size = sizeof listening;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

/* Behind a hang-up the client may come again. */
static bool is_connected(Player *p)
{
	if (p->fd < 0 && p->listener >= 0)
		p->fd = accept4(p->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	return p->fd >= 0;
}

static ssize_t hear(Player *p, char *buf, size_t len)
{
	return p->ssl ? SSL_read(p->ssl, buf, (int)len) : recv(p->fd, buf, len, MSG_DONTWAIT);
}

static void inflate(Player *p, const char *bytes, size_t len)
{
	char buf[4096];
	gssize n;

	deflate_push(p->deflate, bytes, len, NULL);
	while ((n = deflate_next(p->deflate, buf, sizeof buf, NULL)) > 0)
		g_string_append_len(p->heard, buf, n);
	if (n < 0)
		g_string_append(p->heard, "what cannot be inflated");
}

static void listen_to_client(Player *p)
{
	char buf[4096];
	ssize_t n = 0;

	while (is_connected(p) && (n = hear(p, buf, sizeof buf)) > 0) {
		if (p->deflate)
			inflate(p, buf, (size_t)n);
		else
			g_string_append_len(p->heard, buf, n);
	}
	p->gone = p->fd >= 0 && (n == 0 || errno != EAGAIN);
}

static int64_t thread_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void iterate(Player *p, bool wait)
{
	int64_t before = thread_ms(), took;

	g_main_context_iteration(NULL, wait);
	took = thread_ms() - before;
	p->options->longest_turn_ms = MAX(p->options->longest_turn_ms, (unsigned)took);
}

static void turn(Player *p)
{
	iterate(p, true);
	listen_to_client(p);
}

static void turns(Player *p, unsigned ms)
{
	unsigned until = p->ticks + ms / TICK_MS;

	while (p->ticks < until)
		turn(p);
}

static void await_connection(Player *p)
{
	for (unsigned start = p->ticks; !is_connected(p) && p->listener >= 0;) {
		turn(p);
		if (p->ticks - start > PATIENCE_MS / TICK_MS)
			break;
	}
}

static bool is_blocked(const Player *p, int result)
{
	int error = SSL_get_error(p->ssl, result);

	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* The socket may be full, or closed by a client that has had enough. */
static void say(Player *p, const char *bytes, size_t len)
{
	if (len)
		await_connection(p);
	while (p->fd >= 0 && len) {
		ssize_t n = p->ssl ? SSL_write(p->ssl, bytes, (int)MIN(len, 16384))
				   : send(p->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (p->ssl ? is_blocked(p, (int)n) : errno == EAGAIN) {
			turn(p);
		} else {
			return;
		}
	}
}

static void say_bytewise(Player *p, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		say(p, bytes + i, 1);
		for (unsigned j = 0; j < 3; j++)
			iterate(p, false);
	}
}

static void flush_raw(Player *p)
{
	if (p->bytewise)
		say_bytewise(p, p->pending->str, p->pending->len);
	else
		say(p, p->pending->str, p->pending->len);
	g_string_truncate(p->pending, 0);
}

static void flush(Player *p)
{
	if (p->deflate && p->pending->len) {
		g_autoptr(GBytes) plain = g_bytes_new(p->pending->str, p->pending->len);
		g_autoptr(GBytes) sent = deflate_write(p->deflate, plain);
		gsize len;
		const char *bytes = g_bytes_get_data(sent, &len);

		g_string_truncate(p->pending, 0);
		g_string_append_len(p->pending, bytes, (gssize)len);
	}
	flush_raw(p);
}

static void append_expanded(GString *out, const char *text, const char *end)
{
	while (text < end) {
		int high = end - text >= 4 && text[0] == '\\' && text[1] == 'x'
				   ? g_ascii_xdigit_value(text[2])
				   : -1;
		int low = high >= 0 ? g_ascii_xdigit_value(text[3]) : -1;

		if (low >= 0)
			g_string_append_c(out, (char)(high * 16 + low));
		else
			g_string_append_c(out, *text);
		text += low >= 0 ? 4 : 1;
	}
}

/* The '}' that ends what begins at `text`, or NULL. */
static const char *find_close(const char *text)
{
	for (unsigned depth = 1; *text; text++) {
		depth += *text == '{';
		if (*text == '}' && --depth == 0)
			return text;
	}
	return NULL;
}

/* Into `out`; what is to be said and is much leaves as it is made. */
static void append_repeated(Player *p, GString *out, const char *text, const char *end,
			    unsigned times)
{
	g_autoptr(GString) once = g_string_new(NULL);
	bool counted;

	append_expanded(once, text, end);
	counted = memchr(once->str, '#', once->len) != NULL;
	for (unsigned i = 1; i <= times; i++) {
		if (out == p->pending && p->fd < 0 && p->listener < 0)
			return;
		gsize from = out->len;

		g_string_append_len(out, once->str, (gssize)once->len);
		if (counted) {
			g_autofree char *number = g_strdup_printf("%u", i);
			g_autoptr(GString) tail = g_string_new(out->str + from);
			g_string_replace(tail, "#", number, 0);
			g_string_truncate(out, from);
			g_string_append_len(out, tail->str, (gssize)tail->len);
		}
		if (out == p->pending && out->len > MAX_PENDING)
			flush(p);
	}
}

/* Tags count on behind a STARTTLS that the script does not mention. */
static char *shift_tags(const Player *p, const char *text)
{
	const char *number = text + 1;
	char *end;
	unsigned long tag;

	if (!p->tag_offset || *text != 'A' || !g_ascii_isdigit(*number) || *number == '0')
		return g_strdup(text);
	tag = strtoul(number, &end, 10);
	return *end && *end != ' ' ? g_strdup(text)
				   : g_strdup_printf("A%lu%s", tag + p->tag_offset, end);
}

static void append_text(Player *p, GString *out, const char *text)
{
	const char *mark, *close;

	while ((mark = strstr(text, "{repeat ")) && (close = find_close(mark + 1))) {
		char *body;
		unsigned times = (unsigned)strtoul(mark + 8, &body, 10);

		append_expanded(out, text, mark);
		append_repeated(p, out, body + 1, close, times);
		text = close + 1;
	}
	append_expanded(out, text, text + strlen(text));
}

static void expect(Player *p, const char *text)
{
	g_autoptr(GString) want = g_string_new(NULL);

	append_text(p, want, text);
	g_string_replace(want, "@VERSION@", PACKAGE_VERSION, 0);
	g_string_append(want, "\r\n");
	for (unsigned start = p->ticks; p->heard->len < want->len;) {
		turn(p);
		if (p->ticks - start > PATIENCE_MS / TICK_MS)
			break;
	}
	if (p->heard->len < want->len || memcmp(p->heard->str, want->str, want->len) != 0) {
		g_autofree char *got = g_strescape(p->heard->str, NULL);
		p->wrong = g_strdup_printf("expected “%s”, got “%s”", text, got);
		return;
	}
	g_string_erase(p->heard, 0, (gssize)want->len);
}

static void expect_nothing(Player *p)
{
	turns(p, QUIET_MS);
	if (p->heard->len) {
		g_autofree char *got = g_strescape(p->heard->str, NULL);
		p->wrong = g_strdup_printf("expected nothing, got “%s”", got);
	}
}

static void give_cue(Player *p, const char *mark, const char *text)
{
	g_autoptr(GString) whole = g_string_new(NULL);

	append_text(p, whole, text);
	for (unsigned start = p->ticks;;) {
		CueResult result = p->cue(mark, whole->str, p->data);

		p->ended = result == CUE_END;
		if (result == CUE_DONE || result == CUE_END)
			return;
		if (result == CUE_WRONG || p->ticks - start > PATIENCE_MS / TICK_MS) {
			p->wrong = g_strdup_printf("%s: %s: not so", mark, text);
			return;
		}
		turn(p);
	}
}

static void hang_up(Player *p)
{
	g_clear_pointer(&p->deflate, deflate_free);
	if (p->ssl)
		SSL_free(g_steal_pointer(&p->ssl));
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->gone = false;
}

/* What came and was not listened to is lost with the connection. */
static void cut_off(Player *p)
{
	hang_up(p);
	g_string_truncate(p->heard, 0);
}

static void expect_hang_up(Player *p)
{
	for (unsigned start = p->ticks; !p->gone; turn(p)) {
		if (p->ticks - start > PATIENCE_MS / TICK_MS) {
			p->wrong = g_strdup("the client is still there");
			return;
		}
	}
	hang_up(p);
}

/* A client that does not like what it sees ends it: then nothing more is heard or said. */
static void shake_hands(Player *p)
{
	int result;

	flush(p);
	await_connection(p);
	if (p->fd < 0)
		return;
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to who has gone */
	p->ssl = SSL_new(p->options->context);
	SSL_set_mode(p->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_set_fd(p->ssl, p->fd);
	while ((result = SSL_accept(p->ssl)) <= 0 && is_blocked(p, result))
		iterate(p, true);
	if (result > 0)
		return;
	hang_up(p);
	if (p->listener >= 0)
		close(p->listener);
	p->listener = -1;
}

/* What a script that knows nothing of STARTTLS is delivered in. */
static void begin_starttls(Player *p, const char *greeting)
{
	const char *list = strstr(greeting, "[CAPABILITY ");
	g_autofree char *words =
		list ? g_strndup(list + 12, strcspn(list + 12, "]")) : g_strdup("IMAP4rev1");

	g_string_printf(p->pending,
			"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] in clear\r\n");
	flush(p);
	expect(p, "A1 STARTTLS");
	g_string_assign(p->pending, "A1 OK begin\r\n");
	shake_hands(p);
	if (p->wrong || p->fd < 0)
		return;
	expect(p, "A2 CAPABILITY");
	g_string_printf(p->pending, "* CAPABILITY %s\r\nA2 OK done\r\n", words);
	p->tag_offset = 2;
}

static void play_said(Player *p, const char *mark, const char *text)
{
	bool bytewise = p->bytewise;
	g_autofree char *shifted = NULL;

	if (!p->greeted && p->options->tls)
		shake_hands(p);
	if (!p->greeted && p->options->starttls) {
		p->greeted = true;
		begin_starttls(p, text);
		return;
	}
	p->greeted = true;
	shifted = shift_tags(p, text);
	append_text(p, p->pending, shifted);
	if (strcmp(mark, "S-") != 0)
		g_string_append(p->pending, "\r\n");
	p->bytewise |= strcmp(mark, "S*") == 0;
	if (p->bytewise)
		flush(p);
	p->bytewise = bytewise;
}

static void play_line(Player *p, const char *mark, const char *text)
{
	g_autofree char *shifted = NULL;

	if (strcmp(mark, "S") == 0 || strcmp(mark, "S-") == 0 || strcmp(mark, "S*") == 0) {
		play_said(p, mark, text);
		return;
	}
	flush(p);
	if (strcmp(mark, "raw") == 0) {
		append_text(p, p->pending, text);
		flush_raw(p);
		return;
	}
	shifted = shift_tags(p, text);
	if (strcmp(mark, "C") == 0)
		expect(p, shifted);
	else if (strcmp(mark, "quiet") == 0)
		expect_nothing(p);
	else if (strcmp(mark, "close") == 0)
		cut_off(p);
	else if (strcmp(mark, "gone") == 0)
		expect_hang_up(p);
	else if (strcmp(mark, "TLS") == 0)
		shake_hands(p);
	else if (strcmp(mark, "DEFLATE") == 0)
		p->deflate = deflate_new();
	else
		give_cue(p, mark, text);
}

static char *play_each(Player *p, const char *name, const char *const *lines)
{
	for (unsigned i = 0; lines[i] && !p->ended; i++) {
		const char *colon = strchr(lines[i], ':');
		g_autofree char *mark =
			colon ? g_strndup(lines[i], (gsize)(colon - lines[i])) : NULL;

		if (!*lines[i] || *lines[i] == '#')
			continue;
		if (colon)
			play_line(p, mark, colon[1] == ' ' ? colon + 2 : colon + 1);
		else
			p->wrong = g_strdup("a line without a mark");
		if (p->wrong)
			return g_strdup_printf("%s:%u: %s", name, i + 1, p->wrong);
	}
	flush(p);
	listen_to_client(p);
	if (p->heard->len)
		return g_strdup_printf("%s: at the end the client also said “%s”", name,
				       p->heard->str);
	return NULL;
}

char *player_play_lines(const char *name, const char *const *lines, int fd_take,
			PlayerOptions *options, PlayerCue cue, void *data)
{
	bool listening = is_listening(fd_take);
	Player p = {.fd = listening ? -1 : fd_take,
		    .listener = listening ? fd_take : -1,
		    .options = options,
		    .bytewise = options->bytewise,
		    .cue = cue,
		    .data = data};
	guint timer = g_timeout_add(TICK_MS, on_tick, &p.ticks);
	char *wrong;

	p.heard = g_string_new(NULL);
	p.pending = g_string_new(NULL);
	wrong = play_each(&p, name, lines);
	hang_up(&p);
	if (p.listener >= 0)
		close(p.listener);
	g_source_remove(timer);
	g_string_free(p.heard, TRUE);
	g_string_free(p.pending, TRUE);
	g_free(p.wrong);
	return wrong;
}

char *player_play(const char *path, int fd_take, bool bytewise, PlayerCue cue, void *data)
{
	PlayerOptions options = {.bytewise = bytewise};
	g_autofree char *script = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &script, NULL, NULL))
		script = g_strdup("unreadable");
	lines = g_strsplit(script, "\n", -1);
	return player_play_lines(path, (const char *const *)lines, fd_take, &options, cue, data);
}
