#define G_LOG_DOMAIN "sheaf-imap"

#include "core/session/session_private.h"

/* What UTF-8 in names and words hangs on. */
#define TAKES_UTF8 (CAP(UTF8_ACCEPT) | CAP(IMAP4REV2))

Capability session_enabled(const ImapSession *s)
{
	bool only_rev2 = !(s->capabilities & CAP(IMAP4REV1));

	return s->enabled | (s->through ? 0 : s->enable_blind) |
	       (only_rev2 ? s->capabilities & CAP(IMAP4REV2) : 0);
}

Capability session_may_enable(const ImapSession *s)
{
	bool offered = s->capabilities & CAP(ENABLE);

	return s->through && s->authenticated && offered
		       ? s->enable & s->capabilities & ~s->enabling
		       : 0;
}

void session_enable(ImapSession *s, Scope *scope, Capability what, bool first)
{
	g_autofree char *names = capability_format(what);
	Writer *w = session_begin(s, COMMAND_ID_ENABLE);

	writer_raw(w, names);
	s->enabling |= what;
	s->enabled |= what;
	pipeline_submit(s->pipeline, scope, w, first, NULL, NULL, NULL, NULL);
}

void session_note_enabling(ImapSession *s, const Writer *w)
{
	g_autofree char *line = writer_log(w);
	g_auto(GStrv) words = g_strsplit(line, " ", -1);

	s->enabling |= capability_parse((const char *const *)words) & SESSION_ENABLES;
}

void session_note_enabled(ImapSession *s, const Response *r)
{
	if (pipeline_runs(s->pipeline, COMMAND_ID_ENABLE))
		s->told_enabled |= capability_parse(r->words) & s->enabling;
}

void session_enable_answered(ImapSession *s)
{
	s->enabled = s->told_enabled;
	s->enable_blind = 0;
}

void session_check_enabled(ImapSession *s)
{
	if (!s->wrote_utf8 || (s->enabled & TAKES_UTF8))
		return;
	s->refused = s->enabling & ~s->enabled;
	session_close_because(s, CORE_ERROR_ABORT,
			      "%s offers to take UTF-8 and refused it: it is asked without.",
			      s->peer);
}

Capability session_enable_refused(const ImapSession *s)
{
	return s->refused;
}

Capability session_written_with(const ImapSession *s, const CommandSpec *spec)
{
	Capability enabled = spec->states & IN_NONAUTH ? s->enabled : session_enabled(s);

	return (s->capabilities & ~TAKES_UTF8) | (enabled & TAKES_UTF8);
}

Capability session_spelling(const CommandSpec *spec, void *self)
{
	ImapSession *s = self;
	Capability caps = session_written_with(s, spec);

	s->wrote_utf8 |= (caps & TAKES_UTF8 & ~s->told_enabled) != 0;
	return caps;
}
