#include "config.h"

#include "core/account/trusted.h"

#include "core/account/state.h"
#include "core/net/certificate.h"

#define NAME  "keys"
#define GROUP "keys"

char *trusted_name(const Endpoint *endpoint)
{
	return endpoint->host ? state_server(endpoint->host, endpoint->port) : NULL;
}

char *trusted_key(const char *server)
{
	g_autoptr(GKeyFile) file = state_load(NAME);
	g_autofree char *key = g_key_file_get_string(file, GROUP, server, NULL);
	uint8_t hash[CERTIFICATE_KEY_SIZE];

	/* What is no key trusts nothing. */
	return key && certificate_key_read(key, hash) ? g_steal_pointer(&key) : NULL;
}

char *trusted_get(const Endpoint *endpoint)
{
	g_autofree char *server = trusted_name(endpoint);

	return server ? trusted_key(server) : NULL;
}

bool trusted_put(const Endpoint *endpoint, const char *key, GError **error)
{
	g_autofree char *server = trusted_name(endpoint);
	g_autoptr(GKeyFile) file = state_load(NAME);

	g_key_file_set_string(file, GROUP, server, key);
	return state_save(NAME, file, error);
}

bool trusted_forget(const char *server, GError **error)
{
	g_autoptr(GKeyFile) file = state_load(NAME);

	return g_key_file_remove_key(file, GROUP, server, NULL) && state_save(NAME, file, error);
}

char **trusted_list(void)
{
	g_autoptr(GKeyFile) file = state_load(NAME);
	char **servers = g_key_file_get_keys(file, GROUP, NULL, NULL);

	return servers ? servers : g_new0(char *, 1);
}
