#include "config.h"

#include "ui/term/restore.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define BYTES_MAX  512
#define STACK_SIZE (64 * 1024)

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGTRAP};

static struct termios found;
static volatile sig_atomic_t has_found, armed;
static char undo[BYTES_MAX];
static volatile size_t undo_len;
static struct sigaction previous[G_N_ELEMENTS(crashes)];
static char crash_stack[STACK_SIZE];

static void on_crash(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	restore_now();
	for (size_t i = 0; i < G_N_ELEMENTS(crashes); i++) {
		if (crashes[i] == signal_number)
			sigaction(signal_number, &previous[i], NULL);
	}
	/* A fault comes again when this returns, and with it the core dump or the sanitizer's
	 * report; a signal that was sent must be sent again. */
	if (info->si_code <= 0)
		raise(signal_number);
}

void restore_remember(void)
{
	has_found = tcgetattr(STDIN_FILENO, &found) == 0;
}

void restore_arm(const char *bytes)
{
	undo_len = MIN(strlen(bytes), sizeof undo);
	memcpy(undo, bytes, undo_len);
	armed = 1;
}

void restore_disarm(void)
{
	armed = 0;
}

void restore_catch(void)
{
	stack_t stack = {.ss_sp = crash_stack, .ss_size = sizeof crash_stack};
	struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < G_N_ELEMENTS(crashes); i++) {
		sigaction(crashes[i], &action, &previous[i]);
		/* What is ignored, as SIGQUIT is behind nohup, ends nothing. */
		if (previous[i].sa_handler == SIG_IGN)
			sigaction(crashes[i], &previous[i], NULL);
	}
}

void restore_uncatch(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(crashes); i++)
		sigaction(crashes[i], &previous[i], NULL);
}

void restore_now(void)
{
	int before = errno;
	size_t at = 0;

	if (!armed)
		return;
	armed = 0;
	while (at < undo_len) {
		ssize_t n = write(STDOUT_FILENO, undo + at, undo_len - at);
		if (n < 0 && errno != EINTR)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	if (has_found)
		tcsetattr(STDIN_FILENO, TCSANOW, &found);
	errno = before;
}
