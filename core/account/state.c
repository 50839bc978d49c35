#include "config.h"

#include "core/account/state.h"

#include <glib/gstdio.h>

#include "core/base/error.h"

static char *path_of(const char *name)
{
	return g_build_filename(g_get_user_state_dir(), "sheaf", name, NULL);
}

GKeyFile *state_load(const char *name)
{
	GKeyFile *file = g_key_file_new();
	g_autofree char *path = path_of(name);
	GStatBuf there;

	if (g_stat(path, &there) != 0)
		return file;
	if (there.st_mode & 022)
		g_warning("%s is left out: others may write to it (chmod 600 mends that).", path);
	else
		g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL);
	return file;
}

bool state_save(const char *name, GKeyFile *file, GError **error)
{
	g_autofree char *path = path_of(name);
	g_autofree char *directory = g_path_get_dirname(path);
	gsize len;
	g_autofree char *text = g_key_file_to_data(file, &len, NULL);
	g_autoptr(GError) reason = NULL;

	g_mkdir_with_parents(directory, 0700);
	if (g_file_set_contents_full(path, text, (gssize)len, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
				     &reason))
		return true;
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "%s could not be written: %s", path,
		    reason->message);
	return false;
}

char *state_server(const char *host, unsigned port)
{
	g_autofree char *lower = g_ascii_strdown(host, -1);
	g_autofree char *where = g_uri_escape_string(lower, ":", FALSE);

	return g_strdup_printf("%s:%u", where, port);
}
