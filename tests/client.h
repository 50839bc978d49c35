/* client - an account in a test that has no screen: what it told, a loop that runs until something
 * is so, and a view of a screen's height over the mailbox that was opened. */
#ifndef SHEAF_TESTS_CLIENT_H
#define SHEAF_TESTS_CLIENT_H

#include "core/account/account.h"

typedef struct {
	Account *account;
	Mailbox *mailbox;
	View *view;
	GString *notices;  /* a line each, refusals with "! " before */
	unsigned refusals; /* of them */
	unsigned selected; /* how often the mailbox was opened, again included */
} Client;

/* On 127.0.0.1 in clear text, as alice with her password; asks for new mail every 5 s.  Nothing is
 * connected yet. */
Client *client_new(int port);
void client_free(Client *c);

/* Connects and opens that mailbox. */
void client_open(Client *c, const char *mailbox);

/* Runs the loop until `condition(data)`, or is false; client_until() aborts the test then and says
 * `what`. */
typedef bool (*ClientCondition)(Client *c, void *data);
bool client_wait(Client *c, ClientCondition condition, void *data);
void client_until(Client *c, ClientCondition condition, void *data, const char *what);

/* Runs the loop for that long; 0: what is there already. */
void client_run(Client *c, unsigned milliseconds);

/* Conditions.  Nothing waits for the server, and the mailbox is complete.  As a person does who
 * sees that the line waits for its next try, it is tried at once. */
bool client_is_quiet(Client *c, void *data);
/* truth_difference() finds none; `rows` as of truth_rows(). */
bool client_agrees(Client *c, void *rows);

/* A fixture: what is remembered lies in a directory of the test's own. */
void client_make_state(void);
void client_remove_state(void);

#endif
