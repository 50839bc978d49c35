#include "config.h"
#include "tests/player.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define TICK_MS     2
#define QUIET_MS    40

typedef struct {
	int fd, listener; /* -1: none */
	bool bytewise;
	GString *heard;   /* from the client, not yet matched */
	GString *pending; /* to be said in one write */
	PlayerCue cue;
	void *data;
	unsigned ticks;
	bool ended;
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
		p->fd = accept(p->listener, NULL, NULL);
	return p->fd >= 0;
}

static void listen_to_client(Player *p)
{
	char buf[4096];
	ssize_t n;

	while (is_connected(p) && (n = recv(p->fd, buf, sizeof buf, MSG_DONTWAIT)) > 0)
		g_string_append_len(p->heard, buf, n);
}

static void turn(Player *p)
{
	g_main_context_iteration(NULL, TRUE);
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

/* The socket may be full, or closed by a client that has had enough. */
static void say(Player *p, const char *bytes, size_t len)
{
	if (len)
		await_connection(p);
	while (p->fd >= 0 && len) {
		ssize_t n = send(p->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
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
			g_main_context_iteration(NULL, FALSE);
	}
}

static void flush(Player *p)
{
	if (p->bytewise)
		say_bytewise(p, p->pending->str, p->pending->len);
	else
		say(p, p->pending->str, p->pending->len);
	g_string_truncate(p->pending, 0);
}

static void append_expanded(GString *out, const char *text)
{
	while (*text) {
		int high = text[0] == '\\' && text[1] == 'x' ? g_ascii_xdigit_value(text[2]) : -1;
		int low = high >= 0 ? g_ascii_xdigit_value(text[3]) : -1;

		if (low >= 0)
			g_string_append_c(out, (char)(high * 16 + low));
		else
			g_string_append_c(out, *text);
		text += low >= 0 ? 4 : 1;
	}
}

static void expect(Player *p, const char *text)
{
	g_autoptr(GString) want = g_string_new(NULL);

	append_expanded(want, text);
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
	for (unsigned start = p->ticks;;) {
		CueResult result = p->cue(mark, text, p->data);

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
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void play_line(Player *p, const char *mark, const char *text)
{
	if (strcmp(mark, "S") == 0 || strcmp(mark, "S-") == 0 || strcmp(mark, "S*") == 0) {
		bool bytewise = p->bytewise;

		append_expanded(p->pending, text);
		if (strcmp(mark, "S-") != 0)
			g_string_append(p->pending, "\r\n");
		p->bytewise |= strcmp(mark, "S*") == 0;
		if (p->bytewise)
			flush(p);
		p->bytewise = bytewise;
		return;
	}
	flush(p);
	if (strcmp(mark, "C") == 0)
		expect(p, text);
	else if (strcmp(mark, "quiet") == 0)
		expect_nothing(p);
	else if (strcmp(mark, "close") == 0)
		hang_up(p);
	else
		give_cue(p, mark, text);
}

char *player_play(const char *path, int fd_take, bool bytewise, PlayerCue cue, void *data)
{
	bool listening = is_listening(fd_take);
	Player p = {.fd = listening ? -1 : fd_take,
		    .listener = listening ? fd_take : -1,
		    .bytewise = bytewise,
		    .cue = cue,
		    .data = data};
	guint timer = g_timeout_add(TICK_MS, on_tick, &p.ticks);
	g_autofree char *script = NULL;
	g_auto(GStrv) lines = NULL;
	char *wrong = NULL;

	if (!g_file_get_contents(path, &script, NULL, NULL))
		script = g_strdup("unreadable");
	lines = g_strsplit(script, "\n", -1);
	p.heard = g_string_new(NULL);
	p.pending = g_string_new(NULL);
	for (unsigned i = 0; lines[i] && !wrong && !p.ended; i++) {
		char *colon = strchr(lines[i], ':');

		if (!*lines[i] || *lines[i] == '#')
			continue;
		if (colon) {
			*colon = '\0';
			play_line(&p, lines[i], colon[1] == ' ' ? colon + 2 : colon + 1);
		} else {
			p.wrong = g_strdup("a line without a mark");
		}
		if (p.wrong)
			wrong = g_strdup_printf("%s:%u: %s", path, i + 1, p.wrong);
	}
	flush(&p);
	listen_to_client(&p);
	if (!wrong && p.heard->len)
		wrong = g_strdup_printf("%s: at the end the client also said “%s”", path,
					p.heard->str);
	hang_up(&p);
	if (p.listener >= 0)
		close(p.listener);
	g_source_remove(timer);
	g_string_free(p.heard, TRUE);
	g_string_free(p.pending, TRUE);
	g_free(p.wrong);
	return wrong;
}
