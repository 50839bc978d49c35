#include "config.h"
#include "core/net/dovecot.h"

#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/base/error.h"

#ifndef DOVECOT_IMAP_PATH
#define DOVECOT_IMAP_PATH "/usr/lib/dovecot/imap"
#endif

/* What is to be served, and by whom. */
typedef struct {
	const char *imap;
	const char *path;
	bool mbox;
	const struct passwd *served_as; /* NULL: whoever starts it */
} Store;

typedef struct {
	const char *version; /* what `dovecot --version` begins with */
	void (*write)(const Store *store, GPtrArray *argv, GPtrArray *envp);
} DovecotForm;

/* 2.3 expands %x in MAIL and splits it at ':'; both are escaped by doubling. */
static char *escaped_2_3(const char *path)
{
	GString *out = g_string_new(NULL);

	for (; *path; path++) {
		if (*path == ':' || *path == '%')
			g_string_append_c(out, *path);
		g_string_append_c(out, *path);
	}
	return g_string_free(out, FALSE);
}

/* A root that does not exist keeps an mbox's neighbours from being listed as folders; indexes stay
 * in memory, so that nothing is left beside a file that may lie in /var/mail. */
static char *mbox_root(const char *path)
{
	g_autofree char *dir = g_path_get_dirname(path), *name = g_path_get_basename(path);

	return g_strdup_printf("%s/.%s.folders", dir, name);
}

static void add(GPtrArray *words, const char *word)
{
	g_ptr_array_add(words, g_strdup(word));
}

static void add_setting(GPtrArray *argv, const char *name, const char *value)
{
	add(argv, "-o");
	g_ptr_array_add(argv, g_strconcat(name, "=", value, NULL));
}

static void write_2_3(const Store *store, GPtrArray *argv, GPtrArray *envp)
{
	g_autofree char *path = escaped_2_3(store->path);
	char *mail;

	if (store->mbox) {
		g_autofree char *plain_root = mbox_root(store->path);
		g_autofree char *root = escaped_2_3(plain_root);
		mail = g_strdup_printf("MAIL=mbox:%s:INBOX=%s:INDEX=MEMORY", root, path);
	} else {
		mail = g_strdup_printf("MAIL=maildir:%s", path);
	}
	/* Only with -k MAIL holds; -O reads no configuration, which an unpacked Dovecot has not. */
	add(argv, "-k");
	add(argv, "-O");
	if (store->mbox)
		add_setting(argv, "mbox_write_locks", "fcntl");
	g_ptr_array_add(envp, mail);
}

/* Without a configuration 2.4 announces nothing; this is what it does, as its own default says. */
#define CAPABILITIES_2_4                                                                           \
	"IMAP4rev1 SASL-IR ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS "        \
	"THREAD=ORDEREDSUBJECT MULTIAPPEND UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED "     \
	"I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS " \
	"BINARY MOVE REPLACE PREVIEW SPECIAL-USE STATUS=SIZE SAVEDATE COMPRESS=DEFLATE "           \
	"INPROGRESS NOTIFY LITERAL+"

static void write_2_4(const Store *store, GPtrArray *argv, GPtrArray *envp G_GNUC_UNUSED)
{
	/* -O reads no configuration; MAIL is gone, settings say it all. */
	add(argv, "-k");
	add(argv, "-O");
	add_setting(argv, "imap_capability", CAPABILITIES_2_4);
	if (store->mbox) {
		g_autofree char *root = mbox_root(store->path);
		add_setting(argv, "mail_driver", "mbox");
		add_setting(argv, "mail_path", root);
		add_setting(argv, "mail_inbox_path", store->path);
		add_setting(argv, "mail_index_path", "MEMORY");
		add_setting(argv, "mbox_write_locks", "fcntl");
	} else {
		add_setting(argv, "mail_driver", "maildir");
		add_setting(argv, "mail_path", store->path);
	}
}

/* Newest first; the last one takes every version. */
static const DovecotForm forms[] = {
	{"2.4", write_2_4},
	{"", write_2_3},
};

/* An imap that was unpacked and not installed finds its libraries only when told. */
static char *library_path(const char *imap)
{
	g_autofree char *dir = g_path_get_dirname(imap);
	g_autofree char *library = g_build_filename(dir, "libdovecot.so.0", NULL);

	if (g_str_has_prefix(dir, "/usr/") || !g_file_test(library, G_FILE_TEST_EXISTS))
		return NULL;
	return g_strconcat("LD_LIBRARY_PATH=", dir, NULL);
}

static const DovecotForm *form_of(const char *imap, const char *libraries)
{
	g_autofree char *dir = g_path_get_dirname(imap);
	g_autofree char *beside = g_build_filename(dir, "..", "..", "sbin", "dovecot", NULL);
	bool there = g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE);
	char *argv[] = {there ? beside : (char *)"dovecot", (char *)"--version", NULL};
	g_auto(GStrv) environment = g_get_environ();
	g_autofree char *version = NULL;
	size_t form = 0;

	if (libraries)
		environment = g_environ_setenv(environment, "LD_LIBRARY_PATH",
					       strchr(libraries, '=') + 1, TRUE);
	if (!g_spawn_sync(NULL, argv, environment, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
			  NULL, NULL, &version, NULL, NULL, NULL))
		version = NULL;
	while (!g_str_has_prefix(version ? version : "", forms[form].version))
		form++;
	return &forms[form];
}

/* `wanted` is rwx as in a mode's last three bits. */
static bool may(const char *path, const struct passwd *who, unsigned wanted)
{
	struct stat st;
	unsigned shift = 0;

	if (stat(path, &st) != 0)
		return false;
	if (st.st_uid == who->pw_uid)
		shift = 6;
	else if (st.st_gid == who->pw_gid)
		shift = 3;
	return ((st.st_mode >> shift) & wanted) == wanted;
}

static bool may_write(const Store *store, const struct passwd *who)
{
	g_autofree char *dir = g_strdup(store->path);
	bool allowed = may(dir, who, store->mbox ? 06 : 07);

	while (allowed && strcmp(dir, "/") != 0) {
		char *up = g_path_get_dirname(dir);

		g_free(dir);
		dir = up;
		allowed = may(dir, who, 01);
	}
	return allowed;
}

/* Dovecot drops to nobody by itself: that user may not be able to enter the directory that its
 * program lies in. */
static void serve_as(const struct passwd *who, GPtrArray *argv)
{
	g_autofree char *gid = g_strdup_printf("%lu", (unsigned long)who->pw_gid);

	add_setting(argv, "mail_uid", who->pw_name);
	add_setting(argv, "mail_gid", gid);
	add_setting(argv, "first_valid_uid", "1");
	add_setting(argv, "first_valid_gid", "1");
}

static bool become_nobody(Store *store, GError **error)
{
	const struct passwd *nobody = getpwnam("nobody");

	if (!nobody || !may_write(store, nobody)) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "Dovecot does not run as root, and the user nobody, which it runs as "
			    "instead, cannot write to %s: copy the mail to a place of its own and "
			    "give it to nobody with chown -R nobody, or start Sheaf as its owner.",
			    store->path);
		return false;
	}
	store->served_as = nobody;
	return true;
}

static bool store_open(Store *store, GError **error)
{
	g_autofree char *cur = g_build_filename(store->path, "cur", NULL);

	if (!store->imap) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "%s can be read with Dovecot's imap program, which is not installed: "
			    "install the package dovecot-imapd, or name the program with "
			    "dovecot-imap = PATH.",
			    store->path);
		return false;
	}
	store->mbox = !g_file_test(store->path, G_FILE_TEST_IS_DIR);
	if (!store->mbox && !g_file_test(cur, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "%s is a directory without cur/ in it, and so no Maildir: name the "
			    "directory that holds cur, new and tmp.",
			    store->path);
		return false;
	}
	return true;
}

bool dovecot_command(const char *imap, const char *path, char ***argv, char ***envp, GError **error)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) variables = g_ptr_array_new_with_free_func(g_free);
	Store store = {.imap = imap, .path = whole, .served_as = NULL};
	char *libraries;

	if (!store_open(&store, error) || (geteuid() == 0 && !become_nobody(&store, error)))
		return false;
	libraries = library_path(imap);
	add(words, imap);
	form_of(imap, libraries)->write(&store, words, variables);
	if (store.served_as)
		serve_as(store.served_as, words);
	g_ptr_array_add(
		variables,
		g_strconcat("USER=", store.served_as ? store.served_as->pw_name : g_get_user_name(),
			    NULL));
	g_ptr_array_add(variables, store.mbox ? g_strdup("HOME=/nonexistent")
					      : g_strconcat("HOME=", whole, NULL));
	if (libraries)
		g_ptr_array_add(variables, libraries);
	g_ptr_array_add(words, NULL);
	g_ptr_array_add(variables, NULL);
	*argv = (char **)g_ptr_array_steal(words, NULL);
	*envp = (char **)g_ptr_array_steal(variables, NULL);
	return true;
}

char *dovecot_find_imap(const char *configured)
{
	const char *const places[] = {
		g_getenv("SHEAF_DOVECOT_IMAP"),
		DOVECOT_IMAP_PATH,
		"/usr/lib/dovecot/imap",
		"/usr/libexec/dovecot/imap",
	};

	if (configured && *configured)
		return g_strdup(configured);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		if (places[i] && *places[i] && g_file_test(places[i], G_FILE_TEST_IS_EXECUTABLE))
			return g_strdup(places[i]);
	return NULL;
}
