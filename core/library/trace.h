/* trace - what goes over the line, for people who look for a fault: told by level, and the last
 * lines kept for when the line breaks.  No password and no token is in it. */
#ifndef SHEAF_CORE_TRACE_H
#define SHEAF_CORE_TRACE_H

#include <glib.h>
#include <stdbool.h>

/* What is told, each with what the ones before have; as imaplib's Debug. */
enum {
	TRACE_NOTHING = 0,
	TRACE_REFUSALS = 1,     /* NO, BAD, BYE */
	TRACE_CAPABILITIES = 3, /* what the server says that it can */
	TRACE_LINES = 4,        /* each line, both ways, with its time */
	TRACE_ITEMS = 5         /* each untagged response, under its name */
};

#define TRACE_KEPT 10

typedef struct Trace Trace;

/* `tell` gets a line with its time and without its end; NULL: it goes to standard error. */
Trace *trace_new(int level, void (*tell)(const char *line, gpointer data), gpointer data);
void trace_free(Trace *trace);

/* As a session logs it, to the server where `sent`. */
void trace_line(Trace *trace, bool sent, const char *line);

/* "NONAUTH -> AUTH", with the lines of which it comes. */
void trace_state(Trace *trace, const char *change);

/* An untagged response, without its "* ". */
void trace_item(Trace *trace, const char *text);

/* The last TRACE_KEPT lines, oldest first, each with its time and a line end.  Caller frees. */
char *trace_last(const Trace *trace);

#endif
