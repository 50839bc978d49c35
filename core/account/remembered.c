#include "config.h"

#include "core/account/remembered.h"

#include "core/account/state.h"
#include "core/session/mechanism.h"

#define NAME       "mechanisms"
#define MECHANISMS "mechanisms"
#define STEPWISE   "step by step"
#define ENABLED    "enabled"
#define NAMESPACES "namespaces"
/* A server that was only slow once gets another chance. */
#define STEPWISE_SECONDS ((int64_t)30 * 24 * 60 * 60)

/* What cannot be kept is learned again. */
static void save(GKeyFile *file)
{
	g_autoptr(GError) error = NULL;

	if (!state_save(NAME, file, &error))
		g_info("%s", error->message);
}

static char *key_of(const Endpoint *endpoint, const char *user)
{
	g_autofree char *who = g_uri_escape_string(user ? user : "", NULL, FALSE);
	g_autofree char *where = state_server(endpoint->host, endpoint->port);

	return g_strdup_printf("%s@%s", who, where);
}

/* What stands in that group for the account, or NULL. */
static char *text_in(const char *group, const Endpoint *endpoint, const char *user)
{
	g_autoptr(GKeyFile) file = NULL;
	g_autofree char *key = NULL;

	if (!endpoint->host)
		return NULL;
	file = state_load(NAME);
	key = key_of(endpoint, user);
	return g_key_file_get_string(file, group, key, NULL);
}

char *remembered_get(const Endpoint *endpoint, const char *user)
{
	return text_in(MECHANISMS, endpoint, user);
}

void remembered_put(const Endpoint *endpoint, const char *user, const char *name)
{
	const Mechanism *mechanism = name ? mechanism_find(name) : NULL;
	g_autofree char *before = remembered_get(endpoint, user);
	const Mechanism *known = before ? mechanism_find(before) : NULL;
	g_autoptr(GKeyFile) file = NULL;
	g_autofree char *key = NULL;

	if (!endpoint->host || !mechanism || mechanism->proof != PROOF_PASSWORD ||
	    (mechanism->flags & MECHANISM_CLEAR) || (known && known <= mechanism))
		return;
	file = state_load(NAME);
	key = key_of(endpoint, user);
	g_key_file_set_string(file, MECHANISMS, key, mechanism->name);
	save(file);
}

bool remembered_stepwise(const Endpoint *endpoint)
{
	g_autoptr(GKeyFile) file = NULL;
	g_autofree char *key = NULL;

	if (!endpoint->host)
		return false;
	file = state_load(NAME);
	key = key_of(endpoint, NULL);
	return g_get_real_time() / G_USEC_PER_SEC -
		       g_key_file_get_int64(file, STEPWISE, key, NULL) <
	       STEPWISE_SECONDS;
}

void remembered_put_stepwise(const Endpoint *endpoint)
{
	g_autoptr(GKeyFile) file = NULL;
	g_autofree char *key = NULL;

	if (!endpoint->host)
		return;
	file = state_load(NAME);
	key = key_of(endpoint, NULL);
	g_key_file_set_int64(file, STEPWISE, key, g_get_real_time() / G_USEC_PER_SEC);
	save(file);
}

Capability remembered_enabled(const Endpoint *endpoint, const char *user)
{
	g_autoptr(GKeyFile) file = NULL;
	g_autofree char *key = NULL;
	g_auto(GStrv) words = NULL;

	if (!endpoint->host)
		return 0;
	file = state_load(NAME);
	key = key_of(endpoint, user);
	words = g_key_file_get_string_list(file, ENABLED, key, NULL, NULL);
	return words ? capability_parse((const char *const *)words) & ~CAP_KNOWN : 0;
}

void remembered_put_enabled(const Endpoint *endpoint, const char *user, Capability enabled)
{
	g_autoptr(GKeyFile) file = NULL;
	g_autofree char *key = NULL, *names = NULL;
	g_auto(GStrv) words = NULL;

	if (!endpoint->host || remembered_enabled(endpoint, user) == enabled)
		return;
	file = state_load(NAME);
	key = key_of(endpoint, user);
	names = capability_format(enabled);
	words = g_strsplit(names, " ", -1);
	g_key_file_set_string_list(file, ENABLED, key, (const char *const *)words,
				   g_strv_length(words));
	save(file);
}

char *remembered_namespaces(const Endpoint *endpoint, const char *user)
{
	return text_in(NAMESPACES, endpoint, user);
}

void remembered_put_namespaces(const Endpoint *endpoint, const char *user, const char *text)
{
	g_autofree char *before = remembered_namespaces(endpoint, user);
	g_autoptr(GKeyFile) file = NULL;
	g_autofree char *key = NULL;

	if (!endpoint->host || g_strcmp0(before, text) == 0 || !g_utf8_validate(text, -1, NULL))
		return;
	file = state_load(NAME);
	key = key_of(endpoint, user);
	g_key_file_set_string(file, NAMESPACES, key, text);
	save(file);
}
