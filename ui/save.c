#include "config.h"

#include "ui/save.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
	char *path;
	GBytes *bytes;
	SaveDone done;
	void *data;
} Save;

static void save_free(Save *save)
{
	g_free(save->path);
	g_bytes_unref(save->bytes);
	g_free(save);
}

static bool write_all(int fd, GBytes *bytes)
{
	size_t len, at = 0;
	const char *data = g_bytes_get_data(bytes, &len);

	while (at < len) {
		ssize_t n = write(fd, data + at, len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += n;
	}
	return fsync(fd) == 0;
}

/* errno of what failed, or 0. link() refuses an existing name, a symbolic link included, which
 * rename() would replace. */
static int write_new(const Save *save)
{
	g_autofree char *temporary = g_strconcat(save->path, ".sheaf-XXXXXX", NULL);
	int fd = mkostemp(temporary, O_CLOEXEC);
	int failed = 0;

	if (fd < 0)
		return errno;
	if (!write_all(fd, save->bytes) || link(temporary, save->path) != 0)
		failed = errno;
	close(fd);
	unlink(temporary);
	return failed;
}

static void save_thread(GTask *task, void *source, void *task_data, GCancellable *cancellable)
{
	Save *save = task_data;
	int failed = write_new(save);

	(void)source;
	(void)cancellable;
	if (failed == 0)
		g_task_return_boolean(task, TRUE);
	else if (failed == EEXIST)
		g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_EXISTS,
					"%s exists already; choose another name", save->path);
	else
		g_task_return_new_error(task, G_IO_ERROR, g_io_error_from_errno(failed),
					"%s could not be written: %s", save->path,
					g_strerror(failed));
}

static void save_finished(GObject *source, GAsyncResult *result, void *data)
{
	Save *save = data;
	g_autoptr(GError) error = NULL;

	(void)source;
	g_task_propagate_boolean(G_TASK(result), &error);
	save->done(save->path, error, save->data);
	save_free(save);
}

void save_bytes(const char *path, GBytes *bytes, SaveDone done, void *data)
{
	Save *save = g_new(Save, 1);

	*save = (Save){g_strdup(path), g_bytes_ref(bytes), done, data};
	g_autoptr(GTask) task = g_task_new(NULL, NULL, save_finished, save);
	g_task_set_task_data(task, save, NULL);
	g_task_run_in_thread(task, save_thread);
}

char *save_path(const char *typed, const char *name)
{
	g_autofree char *path = typed[0] == '~' && (typed[1] == '/' || !typed[1])
					? g_strconcat(g_get_home_dir(), typed + 1, NULL)
					: g_strdup(typed);

	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return g_build_filename(path, name, NULL);
	return g_steal_pointer(&path);
}
