#include "core/account/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"

struct Owner {
	char *directory, *name, *path;
	int fd;
};

static char *path_of(const char *directory, const char *name)
{
	return g_strdup_printf("%s/instance-%s.lock", directory, name);
}

/* Another instance may take the file for one of the dead as long as it is not locked. */
static bool is_still_there(const Owner *owner)
{
	struct stat ours, theirs;

	return fstat(owner->fd, &ours) == 0 && stat(owner->path, &theirs) == 0 &&
	       ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

static bool lock(Owner *owner)
{
	do {
		if (owner->fd >= 0)
			close(owner->fd);
		owner->fd = open(owner->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (owner->fd < 0 || flock(owner->fd, LOCK_EX) != 0)
			return false;
	} while (!is_still_there(owner));
	return true;
}

Owner *owner_new(const char *directory, GError **error)
{
	Owner *owner = g_new0(Owner, 1);

	owner->fd = -1;
	owner->directory = g_strdup(directory);
	owner->name = g_uuid_string_random();
	owner->path = path_of(directory, owner->name);
	if (lock(owner))
		return owner;
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "%s cannot be locked: %s", owner->path,
		    g_strerror(errno));
	owner_free(owner);
	return NULL;
}

void owner_free(Owner *owner)
{
	if (owner == NULL)
		return;
	if (owner->fd >= 0) {
		unlink(owner->path);
		close(owner->fd);
	}
	g_free(owner->directory);
	g_free(owner->name);
	g_free(owner->path);
	g_free(owner);
}

const char *owner_name(const Owner *owner)
{
	return owner->name;
}

/* A descriptor that holds the lock of a dead one; -1: it lives, or there is no such file (errno).
 */
static int take_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

bool owner_is_dead(const Owner *owner, const char *name)
{
	if (!g_uuid_string_is_valid(name))
		return true;
	if (strcmp(name, owner->name) == 0)
		return false;
	g_autofree char *path = path_of(owner->directory, name);
	int fd = take_lock(path);
	if (fd < 0)
		return errno == ENOENT;
	close(fd);
	return true;
}

void owner_bury(const Owner *owner)
{
	g_autoptr(GDir) dir = g_dir_open(owner->directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		if (!g_str_has_prefix(name, "instance-") || !g_str_has_suffix(name, ".lock"))
			continue;
		g_autofree char *path = g_build_filename(owner->directory, name, NULL);
		int fd = strcmp(path, owner->path) == 0 ? -1 : take_lock(path);
		if (fd < 0)
			continue;
		unlink(path);
		close(fd);
	}
}
