/* app - owns screen, panels, keymap, configuration and the account; wires their events together. */
#ifndef SHEAF_UI_APP_H
#define SHEAF_UI_APP_H

#include "core/account/account.h"
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
	bool folders_wanted, pager_open;
	char *previous_mailbox; /* wire name for C-^ */
	char *last_search;
	int exit_status;
};

typedef struct {
	const char *place;       /* URL, path, account name or NULL: the first account */
	const char *config_path; /* -c, "none", or NULL */
	const char *const *sets; /* --set option=value, NULL-terminated */
	const char *ca_file;
	const char *log_file;
	bool readonly;
} AppOptions;

/* Runs until the person quits; the exit status. Errors that end it are one sentence on stderr. */
int app_run(const AppOptions *options);

/* Opens a folder in the index. */
void app_open_mailbox(App *app, const char *wire_name);
void app_open_message(App *app, uint32_t uid);
void app_close_pager(App *app);
void app_focus(App *app, LayoutPanel panel);
/* Places the tiles anew. */
void app_layout(App *app);
void app_say(App *app, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void app_say_error(App *app, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void app_quit(App *app);
/* The messages a command acts on: tagged, else under the cursor, else the one being read. Caller
 * frees. */
UidSet *app_targets(App *app);
/* What an option's invalidates bits ask for. */
void app_invalidate(App *app, unsigned bits);

#endif
