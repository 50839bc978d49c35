/* app - owns screen, panels, keymap, configuration and the account; wires their events together.
 * Commands (ui/command/act_*.c) call what stands here. */
#ifndef SHEAF_UI_APP_H
#define SHEAF_UI_APP_H

#include "core/account/account.h"
#include "mime/doc.h"
#include "ui/command/config.h"
#include "ui/panel/layout.h"
#include "ui/widget/screen.h"

struct App {
	GMainLoop *loop;
	Config *config;
	Keymap *keymap;
	Account *account;
	Screen *screen;
	Pane *title, *folders, *index, *pager, *status;
	LayoutPanel focus; /* which tile has or gets back the focus */
	bool folders_wanted, pager_open, readonly;
	PoolState state;        /* told last */
	char *trouble;          /* of the connection, as it was said, or NULL */
	bool asking;            /* for the password */
	char *previous_mailbox; /* wire name of the folder open before */
	char *called;           /* the :imap that was answered last, or NULL */
	GBytes *answer;         /* and its answer, as text */
	UidSet *doomed;         /* what the question about removing for ever counted, or NULL */
	uint32_t doomed_validity;
	unsigned listener;      /* on the mailbox in the index */
	int64_t opening_row;    /* opens when its message is known, -1: none */
	unsigned prefix_timer;  /* shows how an unfinished key sequence can go on */
	unsigned pending_timer; /* the title tells of changes that the server keeps waiting */
	unsigned quit_timer;    /* quits when all is confirmed, or asks at quit_deadline */
	int64_t quit_deadline;  /* monotonic, microseconds */
	unsigned leave_timer;   /* quits although the server has not said goodbye */
	Scope scope;            /* of questions to the account */
	int exit_status;
};

typedef struct {
	char *place;       /* URL, path, account name or NULL: the first account */
	const char *label; /* what the title calls it; NULL: as its URL says */
	char *config_path; /* -c, "none", or NULL */
	char **sets;       /* --set option=value, NULL-terminated, or NULL */
	char *ca_file;
	char *log_file;
	gboolean readonly;
} AppOptions;

/* Runs until the person quits; the exit status.  Errors that end it are one sentence on stderr. */
int app_run(const AppOptions *options);

/* Opens a folder in the index and closes the message text. */
void app_open_mailbox(App *app, const char *wire_name);
/* Shows the message in the pager and moves there. */
void app_open_message(App *app, uint32_t uid);
/* The message under the cursor, or as soon as it is known, unless the cursor moves on before. */
void app_open_cursor(App *app);
void app_close_pager(App *app);
void app_focus(App *app, LayoutPanel panel);
/* Places the tiles anew. */
void app_layout(App *app);
void app_say(App *app, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void app_say_error(App *app, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* Takes leave of the server, for which it has a moment, and ends. */
void app_quit(App *app);

/* The message being read where the pager has the focus, else tagged ones, else the one under the
 * cursor. Caller frees. */
UidSet *app_targets(App *app);
/* Puts the cursor on a row; where a message is being read, reads that one. */
void app_go_to_row(App *app, int64_t row);
/* Changes flags of what a command acts on (act_message.c); those that any of it has
 * (act_keyword.c). */
void app_flag(App *app, StoreOp op, Flags flags);
Flags app_target_flags(App *app);
/* Deletes them as the key does, with what it says and where the cursor goes (act_message.c). */
void app_delete(App *app, const UidSet *uids);
/* Removes the limit and its text. */
void app_show_all(App *app);
/* Asks for the order that the option sort names. */
void app_sort(App *app);
/* Threads or one by one, as the option threads says; asks for the threads where they are not known.
 */
void app_thread(App *app);
/* What an option's invalidates bits ask for. */
void app_invalidate(App *app, unsigned bits);

/* Runs a command line as a key or : does; says why where it cannot. */
void app_run_line(App *app, const char *line, long count);
/* Prompts for the argument of a command and runs "NAME ARGUMENT". */
void app_ask_argument(App *app, const char *name, const char *label, const char *initial);
/* A pop-up of lines. */
void app_show_text(App *app, const char *title, MimeDoc *doc_take);

#endif
