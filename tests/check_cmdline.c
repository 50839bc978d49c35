/* check_cmdline - what a typed line runs or why it does not, and what completes it; on an App
 * without a terminal and with an account that is never opened. */
#include "ui/command/cmdline.h"

#include <glib/gstdio.h>
#include <string.h>
#include "tests/run.h"
#include "ui/app.h"
#include "ui/panel/folders.h"
#include "ui/panel/index.h"
#include "ui/panel/status.h"

static App app;

static void no_state(Account *a, PoolState state, const char *text, void *self)
{
	(void)a;
	(void)state;
	(void)text;
	(void)self;
}

static void no_progress(Account *a, void *self)
{
	(void)a;
	(void)self;
}

static void no_move(Pane *index, void *data)
{
	(void)index;
	(void)data;
}

static const AccountEvents events = {
	.state = no_state, .folders = no_progress, .progress = no_progress, .changes = no_progress};

static void add_folder(const char *name)
{
	Response r = {.kind = RESPONSE_LIST, .list = {.delimiter = '/', .name = name}};

	folder_apply(account_folders(app.account), &r);
}

static void setup(void)
{
	AccountOptions options = {0};
	g_autoptr(GError) error = NULL;

	option_init(&options, account_option_table);
	option_set(&options, account_option_table, "url", "exec:false", NULL);
	scope_init(&app.scope);
	app.keymap = keymap_new();
	app.config = config_new(app.keymap);
	app.account = account_new("test", &options, &events, NULL, &error);
	ck_assert_msg(app.account != NULL, "%s", error ? error->message : "");
	app.screen = screen_new();
	app.status = status_new();
	app.index = index_new(no_move, NULL);
	app.folders = folders_new();
}

static void teardown(void)
{
	account_free(app.account);
	screen_free(app.screen);
	pane_free(app.status);
	pane_free(app.index);
	pane_free(app.folders);
	config_free(app.config);
	keymap_free(app.keymap);
	app = (App){0};
}

static const struct {
	const char *line, *complaint;
} refused[] = {
	{"delet", "There is no message here."},
	{"dele", "There is no message here."},
	{"  :delete  ", "There is no message here."},
	{"de", "There is no message here."},
	{"xyzzyx", "There is no command xyzzyx: ? lists them."},
	{"delte", "There is no command delte: did you mean delete?"},
	{"s", "s may be several commands: Tab shows them."},
	{"next-folder", "The folders are not known yet."},
	{"search x", "No folder is open."},
	{"create x", "There is no connection to the server; F5 tries again."},
	{"next 3", "next takes nothing behind it."},
	{"jump three", "jump takes a number."},
	{"jump -3", "jump takes a number."},
	{"jump 99999999999999999999", "jump takes a number."},
	{"12 x", "There is no command 12: ? lists them."},
};

START_TEST(says_why_not)
{
	g_autoptr(GError) error = NULL;

	ck_assert(!cmdline_run(&app, refused[_i].line, 0, &error));
	ck_assert_str_eq(error->message, refused[_i].complaint);
}
END_TEST

static const struct {
	const char *line;
	bool mark_read;
} settings[] = {
	{"set mark-read no", false},
	{":set mark-read no", false},
	{"  set   mark-read   no  ", false},
	{"set mark-read=yes", true},
	{"", true},
	{"  :", true},
};

START_TEST(runs_a_line)
{
	g_autoptr(GError) error = NULL;
	bool ran = cmdline_run(&app, settings[_i].line, 0, &error);

	ck_assert_msg(ran, "%s", error ? error->message : "");
	ck_assert(app.config->ui.mark_read == settings[_i].mark_read);
}
END_TEST

START_TEST(runs_what_bind_bound)
{
	const char *line;
	long count;

	ck_assert(cmdline_run(&app, "bind index x set mark-read no", 0, NULL));
	ck_assert_int_eq(keymap_feed(app.keymap, CONTEXT_INDEX, 'x', &line, &count), KEYMAP_RUN);
	ck_assert_str_eq(line, "set mark-read no");
	ck_assert(cmdline_run(&app, line, count, NULL));
	ck_assert(!app.config->ui.mark_read);
}
END_TEST

static const struct {
	const char *line, *candidates; /* without their help */
} completions[] = {
	{"del", "delete delete-thread"},
	{":del", ""},
	{"fold-", "fold-close fold-open fold-all"},
	{"set wr", "wrap"},
	{"set newest-first ", "yes no"},
	{"set sort s", "subject size"},
	{"set wrap ", ""},
	{"sort ", "arrival date from subject size"},
	{"move ", "INBOX lists/sheaf Sent"},
	{"mv LI", "lists/sheaf"},
	{"copy ent", "Sent"},
	{"search fr", "from:"},
	{"search is:unread su", "subject:"},
	{"bind ", "index pager folders parts list all"},
	{"bind pa", "pager parts"},
	{"bind index x del", "delete delete-thread"},
	{"nosuch x", ""},
	{"delete ", ""},
};

START_TEST(completes)
{
	add_folder("INBOX");
	add_folder("lists/sheaf");
	add_folder("Sent");
	g_auto(GStrv) candidates =
		cmdline_complete(&app, completions[_i].line, strlen(completions[_i].line));
	g_autoptr(GString) got = g_string_new(NULL);
	for (char **candidate = candidates; *candidate; candidate++) {
		const char *tab = strchr(*candidate, '\t');
		ck_assert_ptr_nonnull(tab);
		g_string_append_printf(got, "%s%.*s", got->len > 0 ? " " : "",
				       (int)(tab - *candidate), *candidate);
	}
	ck_assert_str_eq(got->str, completions[_i].candidates);
}
END_TEST

/* A folder that keeps these keywords and lets no other be added; its only message carries `work`.
 * Caller frees it behind index_show(…, NULL). */
static Mailbox *show_keyword_folder(const char *const *storable)
{
	static const char *const carried[] = {"work", NULL};
	FetchData fetch = {.has = FETCH_UID | FETCH_FLAGS, .uid = 7, .flags.keywords = carried};
	g_autoptr(Keywords) keywords = keywords_new("$Label4=todo *");
	Mailbox *m = mailbox_new("INBOX");

	mailbox_show_keywords(m, keywords);
	mailbox_set_uidvalidity(m, 1);
	mailbox_set_storable(m, storable);
	mailbox_apply_fetch(m, 7, &fetch);
	mailbox_set_total(m, 1);
	mailbox_commit(m);
	index_show(app.index, m, false);
	return m;
}

static const struct {
	const char *line, *candidates;
} keyword_completions[] = {
	{"add-keyword ", "$Label4\ttodo work\t"},
	{"add-keyword $l", "$Label4\ttodo"},
	{"add-keyword work $", "$Label4\ttodo"},
	{"add-keyword x", ""},
	{"remove-keyword ", "work\t"},
	{"remove-keyword $", ""},
};

START_TEST(completes_keywords)
{
	static const char *const storable[] = {"\\Seen", "$Label4", "work", NULL};
	const char *line = keyword_completions[_i].line;
	Mailbox *m = show_keyword_folder(storable);
	g_auto(GStrv) candidates = cmdline_complete(&app, line, strlen(line));
	g_autofree char *got = g_strjoinv(" ", candidates);

	ck_assert_str_eq(got, keyword_completions[_i].candidates);
	index_show(app.index, NULL, false);
	mailbox_free(m);
}
END_TEST

static char *said;

static void hear(const char *domain, GLogLevelFlags level, const char *text, void *data)
{
	(void)domain;
	(void)level;
	(void)data;
	g_free(said);
	said = g_strdup(text);
}

static const struct {
	void (*run)(App *app, const Args *args);
	const char *word, *answer;
} keyword_refusals[] = {
	{action_add_keyword, "fresh", "The server takes no new keywords in INBOX."},
	{action_add_keyword, "\\Seen", "The server takes no new keywords in INBOX."},
	{action_add_keyword, "work",
	 "The server does not let the keyword work be changed in INBOX."},
	{action_add_keyword, "$Label4 fresh", "The server takes no new keywords in INBOX."},
	{action_remove_keyword, "$Label4", "No message here has the keyword $Label4."},
	{action_remove_keyword, "todo", "No message here has the keyword todo."},
	{action_remove_keyword, "\x1b[2J", "No message here has the keyword ␛[2J."},
};

START_TEST(says_why_a_keyword_is_refused)
{
	static const char *const storable[] = {"\\Seen", "$Label4", NULL};
	Mailbox *m = show_keyword_folder(storable);
	Args args = {.text = keyword_refusals[_i].word, .count = 1};
	unsigned handler = g_log_set_handler("sheaf", G_LOG_LEVEL_MESSAGE, hear, NULL);

	keyword_refusals[_i].run(&app, &args);
	ck_assert_str_eq(said, keyword_refusals[_i].answer);
	bool pending;
	g_auto(GStrv) words = flags_to_words(mailbox_flag_names(m), mailbox_flags(m, 7, &pending));
	g_autofree char *text = g_strjoinv(" ", words);
	ck_assert_str_eq(text, "work");
	g_log_remove_handler("sheaf", handler);
	g_clear_pointer(&said, g_free);
	index_show(app.index, NULL, false);
	mailbox_free(m);
}
END_TEST

START_TEST(every_command_completes_to_itself)
{
	for (const Action *a = action_table; a->name; a++) {
		g_auto(GStrv) candidates = cmdline_complete(&app, a->name, strlen(a->name));
		g_autofree char *begin = g_strdup_printf("%s\t%s", a->name, a->help);
		bool found = false;
		for (char **candidate = candidates; *candidate; candidate++)
			found |= g_str_has_prefix(*candidate, begin);
		ck_assert_msg(found, "%s", a->name);
	}
}
END_TEST

START_TEST(completes_files)
{
	g_autofree char *dir = g_dir_make_tmp("sheaf-complete-XXXXXX", NULL);
	g_autofree char *sub = g_build_filename(dir, "sub", NULL);
	g_autofree char *file = g_build_filename(dir, "some.txt", NULL);
	g_autofree char *hidden = g_build_filename(dir, ".some", NULL);

	ck_assert_int_eq(g_mkdir(sub, 0700), 0);
	ck_assert(g_file_set_contents(file, "", 0, NULL));
	ck_assert(g_file_set_contents(hidden, "", 0, NULL));
	g_autofree char *line = g_strdup_printf("save %s/s", dir);
	g_auto(GStrv) candidates = cmdline_complete(&app, line, strlen(line));
	ck_assert_uint_eq(g_strv_length(candidates), 2);
	g_autofree char *first = g_strconcat(file, "\t", NULL);
	g_autofree char *second = g_strconcat(sub, "/\t", NULL);
	ck_assert_str_eq(candidates[0], first);
	ck_assert_str_eq(candidates[1], second);
	g_unlink(file);
	g_unlink(hidden);
	g_rmdir(sub);
	g_rmdir(dir);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("cmdline", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, says_why_not, 0, G_N_ELEMENTS(refused));
	tcase_add_loop_test(tcase, runs_a_line, 0, G_N_ELEMENTS(settings));
	tcase_add_test(tcase, runs_what_bind_bound);
	tcase_add_loop_test(tcase, completes, 0, G_N_ELEMENTS(completions));
	tcase_add_loop_test(tcase, completes_keywords, 0, G_N_ELEMENTS(keyword_completions));
	tcase_add_loop_test(tcase, says_why_a_keyword_is_refused, 0,
			    G_N_ELEMENTS(keyword_refusals));
	tcase_add_test(tcase, every_command_completes_to_itself);
	tcase_add_test(tcase, completes_files);
	return run_suite(suite);
}
