/* sheaf - the command line: which of the programs in here is to run, and with what. */
#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/account/secret.h"
#include "ui/app.h"
#include "ui/demo.h"
#include "ui/shell/shell.h"
#include "ui/show.h"

static int run_demo(AppOptions *options, bool keep)
{
	g_autoptr(GError) error = NULL;

	options->label = "demo";
	g_free(options->place);
	options->place = demo_prepare(keep, &error);
	if (!options->place) {
		fprintf(stderr, "sheaf: %s\n", error->message);
		return 1;
	}
	return app_run(options);
}

static gboolean print_version(const char *name, const char *value, void *data, GError **error)
{
	(void)name;
	(void)value;
	(void)data;
	(void)error;
	puts(PACKAGE_STRING);
	exit(0);
}

static bool parse_options(int *argc, char ***argv, AppOptions *options, gboolean *keep,
			  char ***rest)
{
	const GOptionEntry entries[] = {
		{"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config_path,
		 "Read this configuration file (none: no file)", "FILE"},
		{"set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->sets,
		 "Set an option for this run", "OPTION=VALUE"},
		{"ca", 0, 0, G_OPTION_ARG_FILENAME, &options->ca_file,
		 "Trust the certificates in this file too", "FILE"},
		{"read-only", 'R', 0, G_OPTION_ARG_NONE, &options->readonly,
		 "Change nothing on the server", NULL},
		{"log", 0, 0, G_OPTION_ARG_FILENAME, &options->log_file,
		 "Write what happens to this file (no passwords)", "FILE"},
		{"keep", 0, 0, G_OPTION_ARG_NONE, keep,
		 "demo: go on with the mailbox as it was left", NULL},
		{"version", 'V', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, print_version,
		 "Print the version", NULL},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, rest, NULL, NULL},
		{0},
	};
	g_autoptr(GOptionContext) context =
		g_option_context_new("[PLACE | demo | show FILE | imap URL]");
	g_autoptr(GError) error = NULL;

	g_option_context_set_summary(
		context, "Reads mail in the terminal, straight from an IMAP server.\n\n"
			 "PLACE is imaps://me@example.org, imap://…, exec:COMMAND, the path of a "
			 "Maildir,\nor the name of an account in the configuration file.");
	g_option_context_add_main_entries(context, entries, NULL);
	if (g_option_context_parse(context, argc, argv, &error))
		return true;
	fprintf(stderr, "sheaf: %s. See sheaf --help.\n", error->message);
	return false;
}

int main(int argc, char **argv)
{
	AppOptions options = {0};
	gboolean keep = FALSE;
	g_auto(GStrv) rest = NULL;

	secret_guard_process();
	setlocale(LC_ALL, "");
	/* These have options of their own. */
	if (argc > 1 && strcmp(argv[1], "show") == 0)
		return show_run(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "imap") == 0)
		return shell_run(argc - 1, argv + 1);
	if (!parse_options(&argc, &argv, &options, &keep, &rest))
		return 2;
	if (rest && rest[0] && rest[1]) {
		fputs("sheaf: one place at a time, please. See sheaf --help.\n", stderr);
		return 2;
	}
	options.place = rest ? g_strdup(rest[0]) : NULL;
	int status = g_strcmp0(options.place, "demo") == 0 ? run_demo(&options, keep)
							   : app_run(&options);
	g_free(options.place);
	g_free(options.config_path);
	g_free(options.ca_file);
	g_free(options.log_file);
	g_strfreev(options.sets);
	return status;
}
