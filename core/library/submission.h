/* submission - a command of a program on its way into a client: its words as they are put together,
 * and who is told how it ended.  What cannot be said in words is begun by a function of its own. */
#ifndef SHEAF_CORE_SUBMISSION_H
#define SHEAF_CORE_SUBMISSION_H

#include <glib.h>
#include <stdbool.h>
#include "core/command/idle.h"
#include "core/command/words.h"
#include "core/library/imap-client.h"

typedef struct Submission Submission;

struct Submission {
	guint number;
	GPtrArray *words; /* of Word* */
	GError *error;    /* what is wrong with them, or NULL */
	ImapReplyFunc done;
	gpointer data;

	/* Begins it; false with an error where it cannot be.  NULL: the words are run. */
	bool (*begin)(ImapClient *client, Submission *submission, GError **error);
	/* Of AUTHENTICATE. */
	char *mechanism, *user, *password; /* wiped */
	ImapStepFunc step;
	gpointer step_data;
	/* Of IDLE. */
	unsigned idle_seconds; /* 0: without end */
	Idle *idle;            /* while it runs */
};

Submission *submission_new(const char *verb);
void submission_free(Submission *submission);

/* Frees a password so that nothing of it stays in memory.  NULL is allowed. */
void submission_wipe(char *secret);

/* As words_add_…() do it; a fault is told when the submission's turn comes. */
void submission_add_text(Submission *submission, const char *text);
void submission_add_typed(Submission *submission, const char *text);
void submission_add_line(Submission *submission, const char *line);

/* A line as a person types it, the verb at its beginning. */
Submission *submission_typed(const char *line);

#endif
