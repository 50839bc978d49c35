#include "config.h"
#include "tests/reference_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(RefServer *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static void say(RefServer *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	g_string_append_vprintf(s->out, fmt, args);
	va_end(args);
}

static unsigned below(RefServer *s, unsigned n)
{
	return n == 0 ? 0 : (unsigned)g_rand_int_range(s->chance, 0, (gint32)n);
}

static bool now_and_then(RefServer *s, unsigned percent)
{
	return below(s, 100) < percent;
}

/* --- what it tells --- */

static void say_row(RefServer *s, unsigned seq, bool uid, bool head)
{
	const RefMessage *m = reference_at(s->selected, seq);
	g_autofree char *flags = reference_flag_words(m->flags);

	say(s, "* %u FETCH (", seq);
	if (uid || s->qresync)
		say(s, "UID %u ", m->uid);
	if (s->qresync)
		say(s, "MODSEQ (%" PRIu64 ") ", m->modseq);
	if (head)
		say(s,
		    "RFC822.SIZE 9 ENVELOPE (NIL \"%u\" NIL NIL NIL NIL NIL NIL NIL "
		    "\"<%u@reference.example.org>\") ",
		    m->serial, m->serial);
	say(s, "FLAGS (%s))\r\n", flags);
}

static void say_gone(RefServer *s, unsigned seq)
{
	if (s->qresync)
		say(s, "* VANISHED %u\r\n", reference_at(s->selected, seq)->uid);
	else
		say(s, "* %u EXPUNGE\r\n", seq);
	reference_expunge(s->selected, seq);
}

/* --- the others --- */

static bool is_open(const RefServer *s)
{
	return s->fd >= 0 && s->selected == s->inbox;
}

void refserver_add(RefServer *s)
{
	reference_add(s->inbox, ++s->serials, below(s, 1u << REF_FLAGS), below(s, 3));
	if (is_open(s))
		say(s, "* %u EXISTS\r\n", reference_count(s->inbox));
}

void refserver_flag(RefServer *s)
{
	unsigned n = reference_count(s->inbox), seq = below(s, n) + 1;

	if (n == 0)
		return;
	unsigned before = reference_at(s->inbox, seq)->flags;
	unsigned flags = before ^ 1u << below(s, REF_FLAGS);
	reference_set_flags(s->inbox, seq, flags);
	if (before & ~flags & REF_DELETED)
		s->events->unmarked(reference_at(s->inbox, seq)->uid, s->data);
	if (is_open(s))
		say_row(s, seq, now_and_then(s, 50), false);
}

static void expunge_due(RefServer *s)
{
	for (; s->expunges_due > 0; s->expunges_due--) {
		unsigned n = reference_count(s->inbox), seq = below(s, n) + 1;
		if (n == 0)
			continue;
		if (is_open(s))
			say_gone(s, seq);
		else
			reference_expunge(s->inbox, seq);
	}
}

void refserver_expunge(RefServer *s)
{
	s->expunges_due++;
	if (!is_open(s))
		expunge_due(s);
}

static void hang_up(RefServer *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->selected = NULL;
	s->qresync = false;
	g_string_truncate(s->in, 0);
	g_string_truncate(s->out, 0);
	expunge_due(s);
}

void refserver_replace(RefServer *s)
{
	hang_up(s);
	reference_replace(s->inbox);
	for (unsigned n = below(s, 90); n > 0; n--)
		refserver_add(s);
}

/* --- sets of numbers --- */

static uint32_t number_in(const char *text, uint32_t last)
{
	return *text == '*' ? last : (uint32_t)strtoul(text, NULL, 10);
}

static bool has(const char *set, uint32_t number, uint32_t last)
{
	g_auto(GStrv) parts = g_strsplit(set, ",", -1);

	for (unsigned k = 0; parts[k]; k++) {
		const char *colon = strchr(parts[k], ':');
		uint32_t a = number_in(parts[k], last), b = colon ? number_in(colon + 1, last) : a;
		if (number >= MIN(a, b) && number <= MAX(a, b))
			return true;
	}
	return false;
}

static bool is_in(RefServer *s, const char *set, unsigned seq, bool uid)
{
	unsigned n = reference_count(s->selected);

	return uid ? has(set, reference_at(s->selected, seq)->uid,
			 reference_at(s->selected, n)->uid)
		   : has(set, seq, n);
}

/* --- what it hears --- */

static void fetch(RefServer *s, const char *set, const char *items, bool uid)
{
	const char *since = strstr(items, "CHANGEDSINCE ");
	uint64_t modseq = since ? strtoull(since + strlen("CHANGEDSINCE "), NULL, 10) : 0;
	bool head = strstr(items, "ENVELOPE") != NULL;

	for (unsigned seq = 1; seq <= reference_count(s->selected); seq++)
		if (is_in(s, set, seq, uid) && reference_at(s->selected, seq)->modseq > modseq)
			say_row(s, seq, true, head);
}

static bool matches(const RefMessage *m, const char *key)
{
	static const struct {
		const char *key;
		unsigned mask, flags;
	} keys[] = {{"ALL", 0, 0},
		    {"UNSEEN", REF_SEEN, 0},
		    {"FLAGGED", REF_FLAGGED, REF_FLAGGED},
		    {"DELETED", REF_DELETED, REF_DELETED},
		    {"ANSWERED", REF_ANSWERED, REF_ANSWERED},
		    {"DRAFT", REF_DRAFT, REF_DRAFT},
		    {"work", REF_WORK, REF_WORK}};

	for (unsigned k = 0; k < G_N_ELEMENTS(keys); k++)
		if (strcmp(key, keys[k].key) == 0)
			return (m->flags & keys[k].mask) == keys[k].flags;
	g_error("SEARCH %s is unknown here", key);
}

/* Others act between the answer and its end, too. */
static void search(RefServer *s, const char *tag, const char *line)
{
	const char *key = strrchr(line, ' ') + 1, *comma = "";
	bool esearch = strstr(line, "RETURN") != NULL;
	g_autoptr(GString) found = g_string_new(NULL);

	for (unsigned seq = 1; seq <= reference_count(s->selected); seq++) {
		const RefMessage *m = reference_at(s->selected, seq);
		if (!matches(m, key))
			continue;
		g_string_append_printf(found, "%s%u", comma, m->uid);
		comma = esearch ? "," : " ";
	}
	if (esearch)
		say(s, "* ESEARCH (TAG \"%s\") UID%s%s\r\n", tag, found->len ? " ALL " : "",
		    found->str);
	else
		say(s, "* SEARCH%s%s\r\n", found->len ? " " : "", found->str);
	for (unsigned n = now_and_then(s, 30) ? 1 + below(s, 3) : 0; n > 0 && is_open(s); n--)
		refserver_flag(s);
}

static void store(RefServer *s, const char *set, const char *op, const char *line)
{
	unsigned flags = reference_flags_in(line);
	bool add = *op == '+';

	for (unsigned seq = 1; seq <= reference_count(s->selected); seq++) {
		RefMessage *m = reference_at(s->selected, seq);
		if (!is_in(s, set, seq, true))
			continue;
		reference_set_flags(s->selected, seq, add ? m->flags | flags : m->flags & ~flags);
		say_row(s, seq, now_and_then(s, 50), false);
		s->events->changed(REF_STORE, m->uid, flags, add, s->data);
	}
}

/* COPY and MOVE: [COPYUID …], empty where there was nothing. */
static char *copy(RefServer *s, const char *set, RefChange what)
{
	g_autoptr(GString) from = g_string_new(NULL), to = g_string_new(NULL);

	for (unsigned seq = 1; seq <= reference_count(s->selected); seq++) {
		const RefMessage *m = reference_at(s->selected, seq);
		if (!is_in(s, set, seq, true))
			continue;
		uint32_t uid = reference_add(s->target, m->serial, m->flags, below(s, 2));
		g_string_append_printf(from, "%s%u", from->len ? "," : "", m->uid);
		g_string_append_printf(to, "%s%u", to->len ? "," : "", uid);
		s->events->changed(what, m->uid, 0, false, s->data);
	}
	return from->len == 0 ? g_strdup("")
			      : g_strdup_printf("[COPYUID %u %s %s] ", s->target->uidvalidity,
						from->str, to->str);
}

static void expunge(RefServer *s, const char *set, RefChange what)
{
	for (unsigned seq = reference_count(s->selected); seq > 0; seq--) {
		const RefMessage *m = reference_at(s->selected, seq);
		if (!is_in(s, set, seq, true) || (what == REF_EXPUNGE && !(m->flags & REF_DELETED)))
			continue;
		if (what == REF_EXPUNGE)
			s->events->changed(what, m->uid, 0, false, s->data);
		say_gone(s, seq);
	}
}

static void refuse(RefServer *s, const char *tag, const char *set, RefChange what)
{
	s->refuse = false;
	for (unsigned seq = 1; seq <= reference_count(s->selected); seq++)
		if (is_in(s, set, seq, true))
			s->events->refused(what, reference_at(s->selected, seq)->uid, s->data);
	say(s, "%s NO not today\r\n", tag);
}

static void change(RefServer *s, RefChange what, char **words, const char *line)
{
	const char *tag = words[0], *set = words[3];
	g_autofree char *code = NULL;

	if (s->selected != s->inbox)
		s->events->changed(what, 0, 0, false, s->data);
	if (s->refuse && !s->cut) {
		refuse(s, tag, set, what);
		return;
	}
	if (what == REF_STORE)
		store(s, set, words[4], line);
	else if (what != REF_EXPUNGE)
		code = copy(s, set, what);
	if (what == REF_MOVE && *code)
		say(s, "* OK %smoved\r\n", code);
	if (what == REF_MOVE || what == REF_EXPUNGE)
		expunge(s, set, what);
	say(s, "%s OK %sdone\r\n", tag, what == REF_COPY ? code : "");
}

/* RFC 7162 3.2.5 */
static void say_since(RefServer *s, uint64_t modseq)
{
	const Reference *r = s->selected;

	for (unsigned k = 0; k < r->gone->len; k++) {
		const RefMessage *gone = &g_array_index(r->gone, RefMessage, k);
		if (gone->modseq > modseq)
			say(s, "* VANISHED (EARLIER) %u\r\n", gone->uid);
	}
	for (unsigned seq = 1; seq <= reference_count(r); seq++)
		if (reference_at(r, seq)->modseq > modseq)
			say_row(s, seq, true, false);
}

static void select_mailbox(RefServer *s, const char *tag, const char *line)
{
	Reference *r = strstr(line, s->target->name) ? s->target : s->inbox;
	const char *since = strstr(line, "(QRESYNC (");
	char *end = NULL;

	if (s->selected && s->qresync)
		say(s, "* OK [CLOSED] left\r\n");
	s->selected = r;
	say(s, "* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft work)\r\n* %u EXISTS\r\n",
	    reference_count(r));
	say(s,
	    "* OK [PERMANENTFLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft work \\*)] "
	    "kept\r\n"
	    "* OK [UIDVALIDITY %u] valid\r\n* OK [UIDNEXT %u] next\r\n",
	    r->uidvalidity, r->uidnext);
	if (strstr(s->capabilities, "CONDSTORE"))
		say(s, "* OK [HIGHESTMODSEQ %" PRIu64 "] highest\r\n", r->modseq);
	if (since && s->qresync &&
	    strtoul(since + strlen("(QRESYNC ("), &end, 10) == r->uidvalidity)
		say_since(s, strtoull(end, NULL, 10));
	say(s, "%s OK [%s] selected\r\n", tag,
	    strstr(line, "EXAMINE") ? "READ-ONLY" : "READ-WRITE");
}

/* One of the servers does not tell of CONDSTORE, which comes with QRESYNC (RFC 7162). */
static void manage(RefServer *s, const char *verb, const char *tag, const char *line)
{
	if (strcmp(verb, "LOGIN") == 0 || strcmp(verb, "CAPABILITY") == 0)
		say(s, "* CAPABILITY %s\r\n", s->capabilities);
	else if (strcmp(verb, "STATUS") == 0)
		say(s, "* STATUS Target (UIDVALIDITY %u UIDNEXT %u)\r\n", s->target->uidvalidity,
		    s->target->uidnext);
	else if (strcmp(verb, "UNSELECT") == 0)
		s->selected = NULL;
	else if (strcmp(verb, "ENABLE") == 0)
		say(s, "* ENABLED%s%s\r\n", strstr(line, "QRESYNC") ? " QRESYNC" : "",
		    strstr(s->capabilities, "MOVE") ? " CONDSTORE" : "");
	else if (strcmp(verb, "NOOP") != 0)
		g_error("%s is unknown here", line);
	if (strcmp(verb, "ENABLE") == 0)
		s->qresync |= strstr(line, "QRESYNC") != NULL;
	say(s, "%s OK done\r\n", tag);
}

static void hear(RefServer *s, const char *line)
{
	static const char *const changes[] = {[REF_STORE] = "STORE",
					      [REF_COPY] = "COPY",
					      [REF_MOVE] = "MOVE",
					      [REF_EXPUNGE] = "EXPUNGE"};
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	bool uid = strcmp(words[1], "UID") == 0;
	const char *verb = words[uid ? 2 : 1];

	if (uid || strcmp(verb, "NOOP") == 0)
		expunge_due(s);
	for (unsigned k = 0; uid && k < REF_CHANGES; k++) {
		if (strcmp(verb, changes[k]) == 0) {
			change(s, k, words, line);
			return;
		}
	}
	if (strcmp(verb, "SELECT") == 0 || strcmp(verb, "EXAMINE") == 0) {
		select_mailbox(s, words[0], line);
		return;
	}
	if (strcmp(verb, "FETCH") == 0)
		fetch(s, words[uid ? 3 : 2], line, uid);
	else if (strcmp(verb, "SEARCH") == 0)
		search(s, words[0], line);
	else {
		manage(s, verb, words[0], line);
		return;
	}
	say(s, "%s OK done\r\n", words[0]);
}

/* --- the line --- */

static void flush(RefServer *s)
{
	ssize_t n;

	while (s->fd >= 0 && s->out->len > 0 &&
	       (n = send(s->fd, s->out->str, s->out->len, MSG_NOSIGNAL | MSG_DONTWAIT)) > 0)
		g_string_erase(s->out, 0, n);
}

static bool receive(RefServer *s)
{
	char buf[4096];
	ssize_t n;
	bool any = false;

	while (s->fd >= 0 && (n = recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		g_string_append_len(s->in, buf, n);
		any = true;
	}
	return any;
}

/* Before the command is carried out, or behind it with any part of the answer. */
static void hear_and_break(RefServer *s, const char *line)
{
	flush(s);
	if (now_and_then(s, 70)) {
		hear(s, line);
		g_string_truncate(s->out, below(s, (unsigned)s->out->len));
		flush(s);
	}
	s->cut = false;
	receive(s);
	hang_up(s);
}

static bool hear_line(RefServer *s)
{
	char *end = strstr(s->in->str, "\r\n");

	if (!end)
		return false;
	g_autofree char *line = g_strndup(s->in->str, (size_t)(end - s->in->str));
	g_string_erase(s->in, 0, (gssize)strlen(line) + 2);
	if (s->cut)
		hear_and_break(s, line);
	else
		hear(s, line);
	return true;
}

/* What was on its way when the client went may still be carried out. */
static void take_next(RefServer *s)
{
	if (s->fd >= 0 && now_and_then(s, 50))
		while (hear_line(s))
			g_string_truncate(s->out, 0);
	hang_up(s);
	s->fd = s->next_fd;
	s->next_fd = -1;
	say(s, "* OK [CAPABILITY %s] hello\r\n", s->capabilities);
}

bool refserver_turn(RefServer *s)
{
	bool any = receive(s);

	if (s->next_fd >= 0) {
		take_next(s);
		any = receive(s) || s->fd >= 0;
	}
	for (unsigned lines = 1 + below(s, 3); lines > 0 && hear_line(s); lines--)
		any = true;
	any |= s->out->len > 0;
	flush(s);
	return any;
}

bool refserver_is_quiet(const RefServer *s)
{
	return s->fd >= 0 && s->next_fd < 0 && s->in->len == 0 && s->out->len == 0 &&
	       s->expunges_due == 0;
}

void refserver_connect(RefServer *s, int fd_take)
{
	if (s->next_fd >= 0)
		close(s->next_fd);
	s->next_fd = fd_take;
}

RefServer *refserver_new(GRand *chance, const char *capabilities, const RefEvents *events,
			 void *data)
{
	RefServer *s = g_new0(RefServer, 1);

	s->inbox = reference_new("INBOX");
	s->target = reference_new("Target");
	s->capabilities = capabilities;
	s->events = events;
	s->data = data;
	s->chance = chance;
	s->fd = s->next_fd = -1;
	s->in = g_string_new(NULL);
	s->out = g_string_new(NULL);
	return s;
}

void refserver_free(RefServer *s)
{
	hang_up(s);
	if (s->next_fd >= 0)
		close(s->next_fd);
	reference_free(s->inbox);
	reference_free(s->target);
	g_string_free(s->in, TRUE);
	g_string_free(s->out, TRUE);
	g_free(s);
}
