/* trace - what goes over the line, for people who look for a fault: printed on standard error by
 * level, and the last lines kept for when the line breaks.  No password and no token is in it. */
#ifndef SHEAF_UI_TRACE_H
#define SHEAF_UI_TRACE_H

#include <glib.h>

/* What is printed, each with what the ones before have; as imaplib's Debug. */
enum {
	TRACE_NOTHING = 0,
	TRACE_REFUSALS = 1,     /* NO, BAD, BYE */
	TRACE_CAPABILITIES = 3, /* what the server says that it can */
	TRACE_LINES = 4,        /* each line, both ways, with its time */
	TRACE_ITEMS = 5         /* each untagged response, under its name */
};

#define TRACE_KEPT 10

/* Takes over the log of sheaf-imap for the whole program; once. */
void trace_start(int level);

/* A text of that level. */
void trace_note(int level, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The last TRACE_KEPT lines, oldest first, each with its time and a line end.  Caller frees. */
char *trace_last(void);

#endif
