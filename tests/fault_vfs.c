#include "tests/fault_vfs.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
	sqlite3_file base;
	const char *path;
	sqlite3_file *real; /* behind this struct */
} File;

static sqlite3_vfs *real_vfs, vfs;
static FaultHook hook;
static void *hook_data;

static sqlite3_file *real(sqlite3_file *f)
{
	return ((File *)f)->real;
}

static int ask(FaultCall call, const char *path)
{
	return hook(call, path ? path : "", hook_data);
}

static int x_close(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}

static int x_read(sqlite3_file *f, void *buf, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), buf, n, at);
}

static int x_write(sqlite3_file *f, const void *buf, int n, sqlite3_int64 at)
{
	int code = ask(FAULT_WRITE, ((File *)f)->path);

	return code ? code : real(f)->pMethods->xWrite(real(f), buf, n, at);
}

static int x_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int code = ask(FAULT_TRUNCATE, ((File *)f)->path);

	return code ? code : real(f)->pMethods->xTruncate(real(f), size);
}

static int x_sync(sqlite3_file *f, int flags)
{
	int code = ask(FAULT_SYNC, ((File *)f)->path);

	return code ? code : real(f)->pMethods->xSync(real(f), flags);
}

static int x_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real(f)->pMethods->xFileSize(real(f), size);
}

static int x_lock(sqlite3_file *f, int level)
{
	int code = ask(FAULT_LOCK, ((File *)f)->path);

	return code ? code : real(f)->pMethods->xLock(real(f), level);
}

static int x_unlock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xUnlock(real(f), level);
}

static int x_check_lock(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int x_control(sqlite3_file *f, int what, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), what, arg);
}

static int x_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int x_device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int x_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}

static int x_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void x_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int x_shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = x_close,
	.xRead = x_read,
	.xWrite = x_write,
	.xTruncate = x_truncate,
	.xSync = x_sync,
	.xFileSize = x_size,
	.xLock = x_lock,
	.xUnlock = x_unlock,
	.xCheckReservedLock = x_check_lock,
	.xFileControl = x_control,
	.xSectorSize = x_sector,
	.xDeviceCharacteristics = x_device,
	.xShmMap = x_shm_map,
	.xShmLock = x_shm_lock,
	.xShmBarrier = x_shm_barrier,
	.xShmUnmap = x_shm_unmap,
};

static int v_open(sqlite3_vfs *v, sqlite3_filename path, sqlite3_file *f, int flags, int *out)
{
	File *file = (File *)f;
	int code;

	(void)v;
	file->real = (sqlite3_file *)(file + 1);
	file->path = path;
	code = real_vfs->xOpen(real_vfs, path, file->real, flags, out);
	file->base.pMethods = file->real->pMethods ? &methods : NULL;
	return code;
}

static int v_delete(sqlite3_vfs *v, const char *path, int sync)
{
	int code = ask(FAULT_DELETE, path);

	(void)v;
	return code ? code : real_vfs->xDelete(real_vfs, path, sync);
}

void fault_vfs_install(FaultHook fn, void *data)
{
	hook = fn;
	hook_data = data;
	if (real_vfs)
		return;
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "fault";
	vfs.szOsFile = (int)sizeof(File) + real_vfs->szOsFile;
	vfs.xOpen = v_open;
	vfs.xDelete = v_delete;
	vfs.pNext = NULL;
	sqlite3_vfs_register(&vfs, 1);
}
