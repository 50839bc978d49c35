#define _GNU_SOURCE /* O_TMPFILE */
#include "config.h"

#include "ui/save.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mime/transfer.h"

#define OWN_FILES "/proc/self/fd"
#define FULL      ((size_t)4 << 20)
#define STEP      ((size_t)64 * 1024)

/* One goes through the queue behind the last piece. */
typedef enum { END_NONE, END_WHOLE, END_CANCELLED } End;

typedef struct {
	GBytes *bytes; /* NULL at the end */
	End end;
} Piece;

/* Made on the main thread; the thread's own are those from `fd` on. */
struct Save {
	char *path;
	GAsyncQueue *pieces;
	gint waiting; /* octets in it; atomic */
	SaveDone done;
	void *data;
	int failed; /* errno, or 0 */
	int fd;
	char *temporary; /* NULL: it has no name */
	TransferStream *stream;
	GByteArray *decoded;
};

static void save_free(Save *save)
{
	g_free(save->path);
	g_free(save->temporary);
	g_async_queue_unref(save->pieces);
	transfer_stream_free(save->stream);
	g_byte_array_unref(save->decoded);
	g_free(save);
}

static void write_decoded(Save *save)
{
	const guint8 *data = save->decoded->data;
	size_t len = save->decoded->len, at = 0;

	while (at < len && save->failed == 0) {
		ssize_t n = write(save->fd, data + at, len - at);
		if (n >= 0)
			at += (size_t)n;
		else if (errno != EINTR)
			save->failed = errno;
	}
	g_byte_array_set_size(save->decoded, 0);
}

/* What has no name goes with the process, however it ends. */
static bool open_nameless(Save *save)
{
	g_autofree char *directory = g_path_get_dirname(save->path);

	if (access(OWN_FILES, X_OK) == 0)
		save->fd = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	return save->fd >= 0;
}

static void open_temporary(Save *save)
{
	if (open_nameless(save))
		return;
	save->temporary = g_strconcat(save->path, ".sheaf-XXXXXX", NULL);
	save->fd = mkostemp(save->temporary, O_CLOEXEC);
	if (save->fd < 0)
		save->failed = errno;
}

/* Behind a fault the rest is only taken out. */
static void write_piece(Save *save, GBytes *bytes)
{
	size_t len;
	const char *data = g_bytes_get_data(bytes, &len);

	for (size_t at = 0; at < len && save->failed == 0; at += STEP) {
		transfer_stream_add(save->stream, data + at, MIN(STEP, len - at), save->decoded);
		write_decoded(save);
	}
	g_atomic_int_add(&save->waiting, -(gint)len);
	g_bytes_unref(bytes);
}

/* linkat() refuses an existing name, a symbolic link included, which rename() would replace. */
static bool give_name(const Save *save)
{
	g_autofree char *from = save->temporary ? g_strdup(save->temporary)
						: g_strdup_printf(OWN_FILES "/%d", save->fd);

	return linkat(AT_FDCWD, from, AT_FDCWD, save->path,
		      save->temporary ? 0 : AT_SYMLINK_FOLLOW) == 0;
}

static void close_file(Save *save, End end)
{
	if (save->fd < 0)
		return;
	if (end == END_WHOLE && save->failed == 0) {
		transfer_stream_end(save->stream, save->decoded);
		write_decoded(save);
	}
	if (end == END_WHOLE && save->failed == 0 && (fsync(save->fd) != 0 || !give_name(save)))
		save->failed = errno;
	close(save->fd);
	if (save->temporary)
		unlink(save->temporary);
}

static GError *save_error(const Save *save)
{
	if (save->failed == 0)
		return NULL;
	if (save->failed == EEXIST)
		return g_error_new(G_IO_ERROR, G_IO_ERROR_EXISTS,
				   "%s exists already; choose another name", save->path);
	return g_error_new(G_IO_ERROR, g_io_error_from_errno(save->failed),
			   "%s could not be written: %s", save->path, g_strerror(save->failed));
}

static gboolean finished(gpointer data)
{
	Save *save = data;
	g_autoptr(GError) error = save_error(save);

	if (save->done)
		save->done(save->path, error, save->data);
	save_free(save);
	return G_SOURCE_REMOVE;
}

static gpointer save_thread(gpointer data)
{
	Save *save = data;
	End end = END_NONE;

	open_temporary(save);
	while (end == END_NONE) {
		Piece *piece = g_async_queue_pop(save->pieces);
		end = piece->end;
		if (piece->bytes)
			write_piece(save, piece->bytes);
		g_free(piece);
	}
	close_file(save, end);
	g_idle_add(finished, save);
	return NULL;
}

Save *save_begin(const char *path, const char *encoding)
{
	Save *save = g_new0(Save, 1);

	save->path = g_strdup(path);
	save->pieces = g_async_queue_new();
	save->fd = -1;
	save->stream = transfer_stream_new(encoding);
	save->decoded = g_byte_array_new();
	g_thread_unref(g_thread_new("save", save_thread, save));
	return save;
}

static void push(Save *save, GBytes *bytes_take, End end)
{
	Piece *piece = g_new(Piece, 1);

	*piece = (Piece){bytes_take, end};
	g_async_queue_push(save->pieces, piece);
}

/* The thread looks at it with the first piece. */
void save_set_decoded(Save *save)
{
	transfer_stream_free(save->stream);
	save->stream = transfer_stream_new(NULL);
}

void save_add(Save *save, GBytes *bytes)
{
	g_atomic_int_add(&save->waiting, (gint)g_bytes_get_size(bytes));
	push(save, g_bytes_ref(bytes), END_NONE);
}

bool save_is_full(const Save *save)
{
	return g_atomic_int_get(&save->waiting) > (gint)FULL;
}

void save_end(Save *save_take, SaveDone done, void *data)
{
	save_take->done = done;
	save_take->data = data;
	push(save_take, NULL, END_WHOLE);
}

void save_cancel(Save *save_take)
{
	push(save_take, NULL, END_CANCELLED);
}

void save_bytes(const char *path, GBytes *bytes, SaveDone done, void *data)
{
	Save *save = save_begin(path, NULL);

	save_add(save, bytes);
	save_end(save, done, data);
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
