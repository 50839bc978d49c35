#include "config.h"

#include "core/account/secret.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Whole pages, so that nothing else is locked, unlocked or left out of a dump with it. */
static size_t pages_for(const char *text)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	return (strlen(text) / page + 1) * page;
}

char *secret_new(const char *text)
{
	if (text == NULL)
		return NULL;
	size_t size = pages_for(text);
	char *secret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED)
		g_error("There is no memory left for a password.");
	/* Where the limits forbid it, an unlocked password is better than none. */
	if (mlock(secret, size) != 0)
		g_debug("The password's memory could not be locked.");
	madvise(secret, size, MADV_DONTDUMP);
	strcpy(secret, text);
	return secret;
}

void secret_free(char *secret)
{
	if (secret == NULL)
		return;
	size_t size = pages_for(secret);
	explicit_bzero(secret, size);
	munmap(secret, size);
}

void secret_guard_process(void)
{
	struct rlimit limit = {0, 0};

	/* What is started from here (an editor) may raise its own again. */
	getrlimit(RLIMIT_CORE, &limit);
	limit.rlim_cur = 0;
	setrlimit(RLIMIT_CORE, &limit);
	prctl(PR_SET_DUMPABLE, 0);
}
