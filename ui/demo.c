#include "config.h"

#include "ui/demo.h"
#include "core/base/error.h"
#include "core/wire/utf7.h"
#include "mime/date.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEMO_COPIES_MAX = 9, DEMO_DEPTH_MAX = 8 };

/* Time of the first message whose Date cannot be read: 2026-11-01. */
#define DEMO_FIRST_TIME 1793491200

/* One copy being written.  All names are relative to descriptors and never follow a link, because
 * the tree that root clears and fills belongs to another user. */
typedef struct {
	const char *source; /* folder with mail.table */
	int root;           /* the Maildir */
	int folder;         /* the folder that `mail` lines go to, or -1 */
	char *directory;    /* its directory below `source` */
	GString *subscriptions;
	int64_t time; /* of the last message */
	unsigned count;
	bool give_away;
	uid_t uid;
	gid_t gid;
} DemoCopy;

static bool fail(GError **error, const char *what, const char *name)
{
	int saved = errno;

	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "The demo mail cannot be copied: %s %s: %s.", what, name, g_strerror(saved));
	return false;
}

static char *find_source(GError **error)
{
	const char *named = g_getenv("SHEAF_DEMO");
	const char *places[] = {PKGDATADIR "/demo", DEMO_SOURCE, NULL};

	if (named && *named)
		places[0] = named, places[1] = NULL;
	for (unsigned i = 0; places[i]; i++) {
		g_autofree char *table = g_build_filename(places[i], "mail.table", NULL);
		if (g_file_test(table, G_FILE_TEST_IS_REGULAR))
			return g_strdup(places[i]);
	}
	g_set_error(
		error, CORE_ERROR, CORE_ERROR_STATE,
		"The demo mail is not in %s: run make install, or name its folder in SHEAF_DEMO.",
		places[0]);
	return NULL;
}

/* Whether another user may walk down to `path`. */
static bool is_reachable(const char *path)
{
	g_autofree char *at = g_strdup(path);
	struct stat st;

	while (stat(at, &st) == 0 && (st.st_mode & S_IXOTH)) {
		g_autofree char *up = g_path_get_dirname(at);
		if (strcmp(up, at) == 0)
			return true;
		g_free(at);
		at = g_steal_pointer(&up);
	}
	return false;
}

/* BASE/NAME/demo as a directory of our own, or NULL. */
static char *try_place(const char *base, const char *name, bool for_nobody)
{
	mode_t mode = for_nobody ? 0711 : 0700;
	g_autofree char *own = g_build_filename(base, name, NULL);
	g_autofree char *place = g_build_filename(own, "demo", NULL);
	struct stat st;

	if (g_mkdir_with_parents(base, mode) < 0 || (mkdir(own, mode) < 0 && errno != EEXIST) ||
	    lstat(own, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return NULL;
	if ((mkdir(place, mode) < 0 && errno != EEXIST) || lstat(place, &st) < 0 ||
	    !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || access(place, W_OK) < 0)
		return NULL;
	return for_nobody && !is_reachable(place) ? NULL : g_steal_pointer(&place);
}

static char *find_place(bool for_nobody, GError **error)
{
	g_autofree char *temporary = g_strdup_printf("sheaf-%lu", (unsigned long)geteuid());
	char *place = try_place(g_get_user_cache_dir(), "sheaf", for_nobody);

	if (!place && for_nobody)
		place = try_place("/var/cache", "sheaf", for_nobody);
	if (!place)
		place = try_place(g_get_tmp_dir(), temporary, for_nobody);
	if (!place)
		g_set_error(
			error, CORE_ERROR, CORE_ERROR_STATE,
			"There is no place for the demo mail: neither %s nor %s can be written.",
			g_get_user_cache_dir(), g_get_tmp_dir());
	return place;
}

/* The lock stays until the process ends, so that a second demo does not clear the first one's mail;
 * that is why its descriptor is not kept. */
static char *lock_copy(const char *place, GError **error)
{
	for (unsigned n = 1; n <= DEMO_COPIES_MAX; n++) {
		g_autofree char *lock = g_strdup_printf("%s/%u.lock", place, n);
		int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd < 0) {
			fail(error, "lock", lock);
			return NULL;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return g_strdup_printf("%s/%u", place, n);
		close(fd);
	}
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "%d demos are open already: close one of them.", DEMO_COPIES_MAX);
	return NULL;
}

/* Removes a tree as `rm -r` does. */
static bool remove_tree(int parent, const char *name, unsigned depth, GError **error)
{
	int fd;
	DIR *dir;
	bool done = true;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return true;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || depth == 0)
		return fail(error, "remove", name);
	dir = fdopendir(fd);
	for (struct dirent *entry; done && (entry = readdir(dir));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			done = remove_tree(fd, entry->d_name, depth - 1, error);
	closedir(dir);
	if (!done)
		return false;
	return unlinkat(parent, name, AT_REMOVEDIR) == 0 || fail(error, "remove", name);
}

static bool write_file(const DemoCopy *copy, int dir, const char *name, const char *text,
		       size_t len, int64_t time, GError **error)
{
	struct timespec times[2] = {{.tv_sec = time}, {.tv_sec = time}};
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool done;

	if (fd < 0)
		return fail(error, "write", name);
	errno = ENOSPC; /* what a short write means, which sets none */
	done = write(fd, text, len) == (ssize_t)len &&
	       (!copy->give_away || fchown(fd, copy->uid, copy->gid) == 0) &&
	       (time == 0 || futimens(fd, times) == 0);
	if (!done)
		fail(error, "write", name);
	close(fd);
	return done;
}

/* Makes a directory and opens it; -1 on error. */
static int make_directory(const DemoCopy *copy, int parent, const char *name, GError **error)
{
	int fd = -1;

	if (mkdirat(parent, name, 0700) == 0)
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || (copy->give_away && fchown(fd, copy->uid, copy->gid) < 0)) {
		fail(error, "make", name);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool make_folder_parts(const DemoCopy *copy, int folder, GError **error)
{
	static const char *const parts[] = {"cur", "new", "tmp"};

	for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
		int fd = make_directory(copy, folder, parts[i], error);
		if (fd < 0)
			return false;
		close(fd);
	}
	return true;
}

/* "folder DIRECTORY SUBSCRIBED NAME" */
static bool add_folder(DemoCopy *copy, char **words, GError **error)
{
	g_autofree char *wire = utf7_encode(words[3]);
	g_autofree char *subscription = g_strdelimit(g_strdup(wire), "/", '\t');
	g_autofree char *name = g_strconcat(".", g_strdelimit(wire, "/", '.'), NULL);
	bool inbox = strcmp(words[3], "INBOX") == 0;

	g_free(copy->directory);
	copy->directory = g_strdup(words[1]);
	if (copy->folder >= 0)
		close(copy->folder);
	copy->folder = inbox ? dup(copy->root) : make_directory(copy, copy->root, name, error);
	if (copy->folder < 0 || !make_folder_parts(copy, copy->folder, error))
		return false;
	if (strcmp(words[2], "yes") == 0)
		g_string_append_printf(copy->subscriptions, "%s\n", subscription);
	return true;
}

/* Dovecot takes a file's time for the message's INTERNALDATE, and the names' order for the UIDs'.
 */
static int64_t message_time(const DemoCopy *copy, const char *text)
{
	const char *date = g_str_has_prefix(text, "Date:") ? text : strstr(text, "\nDate:");
	const char *end = strstr(text, "\n\n");
	int64_t time;
	int zone;

	if (date && end && date < end) {
		date = strchr(date, ':') + 1;
		if (date_read(date, strcspn(date, "\n"), &time, &zone))
			return time;
	}
	return copy->time + 60;
}

/* "mail FILE FLAGS" */
static bool add_message(DemoCopy *copy, char **words, GError **error)
{
	g_autofree char *path = g_build_filename(copy->source, copy->directory, words[1], NULL);
	g_autofree char *text = NULL;
	g_autofree char *name = NULL;
	bool is_new = strcmp(words[2], "new") == 0;
	size_t len;

	if (!g_file_get_contents(path, &text, &len, error))
		return false;
	copy->time = message_time(copy, text);
	name = g_strdup_printf("%s/%" G_GINT64_FORMAT ".M%uP1.sheaf%s%s", is_new ? "new" : "cur",
			       copy->time, copy->count++, is_new ? "" : ":2,",
			       is_new || strcmp(words[2], "-") == 0 ? "" : words[2]);
	return write_file(copy, copy->folder, name, text, len, copy->time, error);
}

static bool add_line(DemoCopy *copy, char *line, GError **error)
{
	g_auto(GStrv) words = NULL;

	g_strstrip(line);
	if (*line == '\0' || *line == '#')
		return true;
	words = g_strsplit(line, " ", 4);
	if (strcmp(words[0], "folder") == 0 && g_strv_length(words) == 4)
		return add_folder(copy, words, error);
	if (strcmp(words[0], "mail") == 0 && g_strv_length(words) == 3 && copy->folder >= 0)
		return add_message(copy, words, error);
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "The demo mail's table has a line that is none: \"%s\".", line);
	return false;
}

static bool fill(DemoCopy *copy, GError **error)
{
	g_autofree char *path = g_build_filename(copy->source, "mail.table", NULL);
	g_autofree char *table = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &table, NULL, error))
		return false;
	lines = g_strsplit(table, "\n", -1);
	for (unsigned i = 0; lines[i]; i++)
		if (!add_line(copy, lines[i], error))
			return false;
	return write_file(copy, copy->root, "subscriptions", copy->subscriptions->str,
			  copy->subscriptions->len, 0, error);
}

/* Fills NAME.part in `parent`, then puts it in the place of NAME, so that what `keep` finds is
 * whole. */
static bool replace_copy(DemoCopy *copy, int parent, const char *name, GError **error)
{
	g_autofree char *part = g_strconcat(name, ".part", NULL);

	if (!remove_tree(parent, part, DEMO_DEPTH_MAX, error))
		return false;
	copy->root = make_directory(copy, parent, part, error);
	if (copy->root < 0 || !fill(copy, error) ||
	    !remove_tree(parent, name, DEMO_DEPTH_MAX, error))
		return false;
	return renameat(parent, part, parent, name) == 0 || fail(error, "rename", part);
}

static bool make_copy(const char *source, const char *path, const struct passwd *owner,
		      GError **error)
{
	g_autofree char *place = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	DemoCopy copy = {.source = source, .root = -1, .folder = -1, .time = DEMO_FIRST_TIME};
	int parent = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done;

	if (parent < 0)
		return fail(error, "open", place);
	if (owner) {
		copy.give_away = true;
		copy.uid = owner->pw_uid;
		copy.gid = owner->pw_gid;
	}
	copy.subscriptions = g_string_new("V\t2\n\n"); /* Dovecot's second form: tabs part levels */
	done = replace_copy(&copy, parent, name, error);
	g_string_free(copy.subscriptions, TRUE);
	g_free(copy.directory);
	if (copy.folder >= 0)
		close(copy.folder);
	if (copy.root >= 0)
		close(copy.root);
	close(parent);
	return done;
}

char *demo_prepare(bool keep, GError **error)
{
	const struct passwd *owner = geteuid() == 0 ? getpwnam("nobody") : NULL;
	g_autofree char *source = find_source(error);
	g_autofree char *place = source ? find_place(owner != NULL, error) : NULL;
	g_autofree char *path = place ? lock_copy(place, error) : NULL;

	if (!path)
		return NULL;
	if (!(keep && g_file_test(path, G_FILE_TEST_IS_DIR)) &&
	    !make_copy(source, path, owner, error))
		return NULL;
	return g_steal_pointer(&path);
}
