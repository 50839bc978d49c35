/* request - a command of a program on its way into a client: its words as they are put together,
 * and who is told how it ended.  What cannot be said in words is begun by a function of its own. */
#ifndef SHEAF_CORE_REQUEST_H
#define SHEAF_CORE_REQUEST_H

#include <glib.h>
#include <stdbool.h>
#include "core/command/idle.h"
#include "core/command/words.h"
#include "core/library/imap-client.h"

typedef struct Request Request;

struct Request {
	guint number;
	GPtrArray *words; /* of Word* */
	GError *error;    /* what is wrong with them, or NULL */
	ImapReplyFunc done;
	gpointer data;

	/* Begins it; false with an error where it cannot be.  NULL: the words are run. */
	bool (*begin)(ImapClient *client, Request *request, GError **error);
	/* Of AUTHENTICATE. */
	char *mechanism, *user, *password; /* wiped */
	ImapStepFunc step;
	gpointer step_data;
	/* Of IDLE. */
	unsigned idle_seconds; /* 0: without end */
	Idle *idle;            /* while it runs */
};

Request *request_new(const char *verb);
void request_free(Request *request);

/* As words_add_…() do it; a fault is told when the request's turn comes. */
void request_add_text(Request *request, const char *text);
void request_add_typed(Request *request, const char *text);
void request_add_line(Request *request, const char *line);

/* A line as a person types it, the verb at its beginning. */
Request *request_typed(const char *line);

#endif
