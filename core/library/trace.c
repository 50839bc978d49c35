#include "core/library/trace.h"

#include <stdio.h>
#include <string.h>

#define ITEM_BYTES 400

struct Trace {
	int level;
	void (*tell)(const char *line, gpointer data);
	gpointer data;
	GQueue kept; /* char* */
};

static void print(const char *line, gpointer data G_GNUC_UNUSED)
{
	fprintf(stderr, "%s\n", line);
}

Trace *trace_new(int level, void (*tell)(const char *line, gpointer data), gpointer data)
{
	Trace *trace = g_new0(Trace, 1);

	trace->level = level;
	trace->tell = tell ? tell : print;
	trace->data = data;
	g_queue_init(&trace->kept);
	return trace;
}

void trace_free(Trace *trace)
{
	g_queue_clear_full(&trace->kept, g_free);
	g_free(trace);
}

/* "MM:SS.cc " */
static char *timed(const char *text)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *minutes = g_date_time_format(now, "%M:%S");

	return g_strdup_printf("%s.%02d %s", minutes, g_date_time_get_microsecond(now) / 10000,
			       text);
}

/* The word behind the tag or star. */
static bool says(const char *answer, const char *const *words)
{
	const char *word = strchr(answer, ' ');

	for (; word && *words; words++) {
		size_t len = strlen(*words);
		if (g_ascii_strncasecmp(word + 1, *words, len) == 0 &&
		    (word[1 + len] == ' ' || !word[1 + len]))
			return true;
	}
	return false;
}

static int level_of(bool sent, const char *line)
{
	static const char *const refusals[] = {"NO", "BAD", "BYE", NULL};
	static const char *const capabilities[] = {"CAPABILITY", NULL};

	if (sent)
		return TRACE_LINES;
	if (says(line, refusals))
		return TRACE_REFUSALS;
	return says(line, capabilities) ? TRACE_CAPABILITIES : TRACE_LINES;
}

void trace_line(Trace *trace, bool sent, const char *line)
{
	g_autofree char *text = g_strdup_printf("%c: %s", sent ? 'C' : 'S', line);
	char *told = timed(text);

	if (level_of(sent, line) <= trace->level)
		trace->tell(told, trace->data);
	g_queue_push_tail(&trace->kept, told);
	if (trace->kept.length > TRACE_KEPT)
		g_free(g_queue_pop_head(&trace->kept));
}

static void note(const Trace *trace, int level, const char *text)
{
	g_autofree char *told = level <= trace->level ? timed(text) : NULL;

	if (told)
		trace->tell(told, trace->data);
}

void trace_state(Trace *trace, const char *change)
{
	note(trace, TRACE_LINES, change);
}

void trace_item(Trace *trace, const char *text)
{
	g_autofree char *item = g_strdup_printf("untagged %.*s", ITEM_BYTES, text);

	note(trace, TRACE_ITEMS, item);
}

char *trace_last(const Trace *trace)
{
	GString *lines = g_string_new(NULL);

	for (const GList *line = trace->kept.head; line; line = line->next)
		g_string_append_printf(lines, "%s\n", (const char *)line->data);
	return g_string_free(lines, FALSE);
}
