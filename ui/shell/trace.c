#include "config.h"
#include "ui/shell/trace.h"

#include <stdio.h>
#include <string.h>

static int shown;
static GQueue kept = G_QUEUE_INIT; /* char* */

/* "MM:SS.cc " */
static char *timed(const char *text)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *minutes = g_date_time_format(now, "%M:%S");

	return g_strdup_printf("%s.%02d %s\n", minutes, g_date_time_get_microsecond(now) / 10000,
			       text);
}

static void keep(const char *line)
{
	g_queue_push_tail(&kept, g_strdup(line));
	if (kept.length > TRACE_KEPT)
		g_free(g_queue_pop_head(&kept));
}

/* The word behind the tag or star. */
static gboolean says(const char *answer, const char *const *words)
{
	const char *word = strchr(answer, ' ');

	for (; word && *words; words++) {
		size_t len = strlen(*words);
		if (g_ascii_strncasecmp(word + 1, *words, len) == 0 &&
		    (word[1 + len] == ' ' || !word[1 + len]))
			return TRUE;
	}
	return FALSE;
}

static int level_of(const char *message)
{
	static const char *const refusals[] = {"NO", "BAD", "BYE", NULL};
	static const char *const capabilities[] = {"CAPABILITY", NULL};

	if (!g_str_has_prefix(message, "S: "))
		return TRACE_LINES;
	if (says(message + 3, refusals))
		return TRACE_REFUSALS;
	return says(message + 3, capabilities) ? TRACE_CAPABILITIES : TRACE_LINES;
}

static GLogWriterOutput on_log(GLogLevelFlags level, const GLogField *fields, gsize n,
			       gpointer data)
{
	const char *message = NULL, *domain = NULL;

	for (gsize i = 0; i < n; i++) {
		if (strcmp(fields[i].key, "MESSAGE") == 0)
			message = fields[i].value;
		else if (strcmp(fields[i].key, "GLIB_DOMAIN") == 0)
			domain = fields[i].value;
	}
	if (!message || g_strcmp0(domain, "sheaf-imap") != 0)
		return g_log_writer_default(level, fields, n, data);
	g_autofree char *line = timed(message);
	if (g_str_has_prefix(message, "C: ") || g_str_has_prefix(message, "S: "))
		keep(line);
	if (!(level & G_LOG_LEVEL_DEBUG) || level_of(message) <= shown)
		fputs(line, stderr);
	return G_LOG_WRITER_HANDLED;
}

void trace_start(int level)
{
	shown = level;
	/* So that the lines are made at all. */
	g_setenv("G_MESSAGES_DEBUG", "sheaf-imap", TRUE);
	g_log_set_writer_func(on_log, NULL, NULL);
}

void trace_note(int level, const char *format, ...)
{
	va_list args;

	if (level > shown)
		return;
	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *line = timed(text);
	fputs(line, stderr);
}

char *trace_last(void)
{
	GString *lines = g_string_new(NULL);

	for (const GList *line = kept.head; line; line = line->next)
		g_string_append(lines, line->data);
	return g_string_free(lines, FALSE);
}
