#include "config.h"

#include "ui/panel/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "mime/text.h"
#include "ui/term/restore.h"

#define LINES_MAX   2000
#define COLUMNS_MAX 500

/* Written by any thread that logs. */
static GMutex lock;
static GQueue lines = G_QUEUE_INIT;
static int file = -1;

static const char *field(const GLogField *fields, gsize n, const char *key)
{
	for (gsize i = 0; i < n; i++)
		if (strcmp(fields[i].key, key) == 0)
			return fields[i].value;
	return "";
}

static char *stamp(const char *domain, const char *message)
{
	g_autofree char *utf8 = text_to_utf8(message, strlen(message), NULL, NULL);
	g_autofree char *clean = text_clean(utf8, TEXT_ONE_LINE);
	g_autofree char *cut = g_utf8_strlen(clean, -1) > COLUMNS_MAX
				       ? g_utf8_substring(clean, 0, COLUMNS_MAX)
				       : g_strdup(clean);
	char clock[16];
	time_t now = time(NULL);
	struct tm local;

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &local));
	return g_strdup_printf("%s %s: %s", clock, domain, cut);
}

static void write_line(const char *line)
{
	g_autofree char *whole = g_strconcat(line, "\n", NULL);

	/* A log that cannot be written must not stop the mail. */
	if (file >= 0 && write(file, whole, strlen(whole)) < 0) {
		close(file);
		file = -1;
	}
}

static GLogWriterOutput keep(GLogLevelFlags level, const GLogField *fields, gsize n, gpointer data)
{
	char *line = stamp(field(fields, n, "GLIB_DOMAIN"), field(fields, n, "MESSAGE"));

	(void)data;
	/* GLib aborts behind this: the last words go where they can be read. */
	if (level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR)) {
		restore_now();
		fprintf(stderr, "%s\n", line);
	}
	g_mutex_lock(&lock);
	write_line(line);
	g_queue_push_tail(&lines, line);
	if (g_queue_get_length(&lines) > LINES_MAX)
		g_free(g_queue_pop_head(&lines));
	g_mutex_unlock(&lock);
	return G_LOG_WRITER_HANDLED;
}

bool log_install(const char *path, GError **error)
{
	if (path) {
		file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (file < 0) {
			g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
				    "The log file %s cannot be opened: %s", path,
				    g_strerror(errno));
			return false;
		}
	}
	/* What goes over the wire is written down only where somebody asked for a file. */
	g_log_set_debug_enabled(path != NULL);
	g_log_set_writer_func(keep, NULL, NULL);
	return true;
}

MimeDoc *log_document(void)
{
	MimeDoc *doc = doc_new();

	g_mutex_lock(&lock);
	for (GList *l = lines.head; l; l = l->next) {
		doc_add(doc, DOC_NORMAL, 0, l->data, strlen(l->data));
		doc_end_line(doc);
	}
	g_mutex_unlock(&lock);
	return doc;
}
