#include "config.h"
#include "core/net/endpoint.h"

#include <gio/gio.h>
#include <string.h>
#include "core/base/error.h"
#include "core/net/dovecot.h"
#include "mime/text.h"

#define MAX_HOST 253

#define FORMS                                                                                      \
	"imaps://me@example.org, imap://me@example.org, imap+plain://me@localhost, exec:COMMAND, " \
	"or the path of a Maildir or mbox"

typedef struct {
	const char *prefix;
	EndpointKind kind;
	unsigned port;
} Scheme;

static const Scheme schemes[] = {
	{"imaps://", ENDPOINT_IMAPS, 993},
	{"imap://", ENDPOINT_STARTTLS, 143},
	{"imap+plain://", ENDPOINT_PLAIN, 143},
};

/* Messages never quote the whole text: a password may stand in it. */
static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool refuse(GError **error, const char *format, ...)
{
	va_list args;
	g_autofree char *why = NULL;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, CORE_ERROR, CORE_ERROR_STATE, why);
	return false;
}

/* UTF-8 without control characters, or NULL where `start`..`end` is not percent-encoding of that.
 */
static char *percent_decode(const char *start, const char *end)
{
	g_autofree char *decoded = g_uri_unescape_segment(start, end, NULL);

	if (!decoded || !g_utf8_validate(decoded, -1, NULL))
		return NULL;
	for (const char *at = decoded; *at; at++)
		if (g_ascii_iscntrl(*at))
			return NULL;
	return g_steal_pointer(&decoded);
}

static bool host_is_plausible(const char *host)
{
	g_autofree char *ascii = NULL;

	if (g_hostname_is_ip_address(host))
		return true;
	ascii = g_hostname_to_ascii(host);
	if (!ascii || !*ascii || *ascii == '-' || strlen(ascii) > MAX_HOST)
		return false;
	return strspn(ascii, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "0123456789-._") == strlen(ascii);
}

/* What East Asian scripts are written beside. */
static bool goes_with_han(GUnicodeScript script)
{
	return script == G_UNICODE_SCRIPT_HAN || script == G_UNICODE_SCRIPT_HIRAGANA ||
	       script == G_UNICODE_SCRIPT_KATAKANA || script == G_UNICODE_SCRIPT_HANGUL ||
	       script == G_UNICODE_SCRIPT_BOPOMOFO;
}

/* A label of letters that look alike: "ex\u0430mple" with a Cyrillic one among Latin ones. */
static bool mixes_scripts(const char *host)
{
	GUnicodeScript of_label = G_UNICODE_SCRIPT_COMMON;

	for (; *host; host = g_utf8_next_char(host)) {
		GUnicodeScript script = g_unichar_get_script(g_utf8_get_char(host));

		if (*host == '.')
			of_label = G_UNICODE_SCRIPT_COMMON;
		if (script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_INHERITED)
			continue;
		if (of_label != G_UNICODE_SCRIPT_COMMON && script != of_label &&
		    !(goes_with_han(script) && goes_with_han(of_label)))
			return true;
		of_label = script;
	}
	return false;
}

static bool read_port(Endpoint *endpoint, const char *start, const char *end, GError **error)
{
	g_autofree char *text = g_strndup(start, end - start);
	guint64 port;

	if (!g_ascii_string_to_unsigned(text, 10, 1, 65535, &port, NULL))
		return refuse(error, "The port behind the ':' must be a number from 1 to 65535.");
	endpoint->port = port;
	return true;
}

/* Where none is named it is this machine, as imaplib has it. */
static bool read_host(Endpoint *endpoint, const char *start, const char *end, GError **error)
{
	const char *close = *start == '[' ? memchr(start, ']', end - start) : NULL;
	const char *colon = close ? close + 1 : memchr(start, ':', end - start);

	if (!colon)
		colon = end;
	if (close)
		endpoint->host = g_strndup(start + 1, close - start - 1);
	else if (start < colon)
		endpoint->host = g_strndup(start, colon - start);
	else
		endpoint->host = g_strdup("localhost");
	if (!*endpoint->host)
		return refuse(error, "The address names no host: write %s.", FORMS);
	if (!host_is_plausible(endpoint->host))
		return refuse(error,
			      "The host name in the address is not one: it may hold letters, "
			      "digits, '-' and '.', or be an IP address ([…] around IPv6).");
	/* T019: messages name what will be asked for, and not what it looks like. */
	if (mixes_scripts(endpoint->host)) {
		char *ascii = g_hostname_to_ascii(endpoint->host);
		g_free(endpoint->host);
		endpoint->host = ascii;
	}
	if (colon < end && *colon != ':')
		return refuse(error, "Only ':' and a port may stand behind the ']' of an address.");
	return colon >= end || read_port(endpoint, colon + 1, end, error);
}

/* RFC 5092 lets ";AUTH=MECHANISM" follow the user; which mechanism is used is ours to choose. */
static bool read_user(Endpoint *endpoint, const char *start, const char *end, GError **error)
{
	const char *colon = memchr(start, ':', end - start);
	const char *user_end = colon ? colon : end;
	const char *auth = g_strstr_len(start, user_end - start, ";AUTH=");

	endpoint->user = percent_decode(start, auth ? auth : user_end);
	if (!endpoint->user)
		return refuse(error, "The user name in the address is not UTF-8 in percent "
				     "encoding (write %%40 for '@', %%25 for '%%').");
	if (!*endpoint->user)
		g_clear_pointer(&endpoint->user, g_free);
	if (!colon)
		return true;
	endpoint->password = percent_decode(colon + 1, end);
	return endpoint->password ||
	       refuse(error, "The password in the address is not UTF-8 in percent encoding.");
}

static bool read_mailbox(Endpoint *endpoint, const char *path, GError **error)
{
	if (*path == '/')
		path++;
	endpoint->mailbox = percent_decode(path, path + strcspn(path, ";?#"));
	if (!endpoint->mailbox)
		return refuse(error,
			      "The mailbox in the address is not UTF-8 in percent encoding.");
	if (!*endpoint->mailbox)
		g_clear_pointer(&endpoint->mailbox, g_free);
	return true;
}

static char *make_label(const Endpoint *endpoint)
{
	g_autofree char *label = NULL;

	if (!endpoint->user)
		label = g_strdup(endpoint->host);
	else if (strchr(endpoint->user, '@'))
		label = g_strdup(endpoint->user);
	else
		label = g_strconcat(endpoint->user, "@", endpoint->host, NULL);
	return text_clean_name(label);
}

static bool read_url(Endpoint *endpoint, const Scheme *scheme, const char *text, GError **error)
{
	const char *start = text + strlen(scheme->prefix);
	const char *end = start + strcspn(start, "/?#");
	const char *at = g_strrstr_len(start, end - start, "@");

	endpoint->kind = scheme->kind;
	endpoint->port = scheme->port;
	if (at && !read_user(endpoint, start, at, error))
		return false;
	if (!read_host(endpoint, at ? at + 1 : start, end, error) ||
	    !read_mailbox(endpoint, end, error))
		return false;
	endpoint->label = make_label(endpoint);
	return true;
}

static bool read_command(Endpoint *endpoint, const char *command, GError **error)
{
	g_autofree char *shown = text_to_utf8(command, strlen(command), NULL, NULL);

	endpoint->kind = ENDPOINT_EXEC;
	endpoint->label = text_clean_name(shown);
	if (!g_shell_parse_argv(command, NULL, &endpoint->argv, NULL))
		return refuse(error, "The command behind exec: is empty or has a quote that is not "
				     "closed.");
	return true;
}

static bool read_path(Endpoint *endpoint, const char *text, const char *dovecot_imap,
		      GError **error)
{
	g_autofree char *shown = text_to_utf8(text, strlen(text), NULL, NULL);
	g_autofree char *path = g_str_has_prefix(text, "~/")
					? g_build_filename(g_get_home_dir(), text + 2, NULL)
					: g_strdup(text);

	endpoint->kind = ENDPOINT_EXEC;
	endpoint->label = text_clean_name(shown);
	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return dovecot_command(dovecot_imap, path, &endpoint->argv, &endpoint->envp, error);
	if (strchr(text, '@') && !strchr(text, '/') && !strchr(text, ':'))
		return refuse(error, "%s needs to say how to connect: write imaps://%s.",
			      endpoint->label, endpoint->label);
	return refuse(error, "There is no file or directory %s; an address is one of %s.",
		      endpoint->label, FORMS);
}

static bool read_any(Endpoint *endpoint, const char *text, const char *dovecot_imap, GError **error)
{
	const char *behind = strstr(text, "://");

	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
		if (g_ascii_strncasecmp(text, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
			return read_url(endpoint, &schemes[i], text, error);
	if (g_ascii_strncasecmp(text, "exec:", 5) == 0)
		return read_command(endpoint, text + 5, error);
	if (behind && !memchr(text, '/', behind - text)) {
		g_autofree char *raw = g_strndup(text, behind - text);
		g_autofree char *utf8 = text_to_utf8(raw, strlen(raw), NULL, NULL);
		g_autofree char *scheme = text_clean_name(utf8);
		return refuse(error,
			      "Sheaf does not read mail over %s://; an address is one of %s.",
			      scheme, FORMS);
	}
	if (!*text)
		return refuse(error, "No address is given: it is one of %s.", FORMS);
	return read_path(endpoint, text, dovecot_imap, error);
}

Endpoint *endpoint_parse(const char *text, const char *dovecot_imap, GError **error)
{
	g_autoptr(Endpoint) endpoint = g_new0(Endpoint, 1);

	if (!read_any(endpoint, text, dovecot_imap, error))
		return NULL;
	return g_steal_pointer(&endpoint);
}

void endpoint_free(Endpoint *endpoint)
{
	if (!endpoint)
		return;
	if (endpoint->password)
		explicit_bzero(endpoint->password, strlen(endpoint->password));
	g_free(endpoint->host);
	g_free(endpoint->user);
	g_free(endpoint->password);
	g_free(endpoint->mailbox);
	g_strfreev(endpoint->argv);
	g_strfreev(endpoint->envp);
	g_free(endpoint->label);
	g_free(endpoint);
}

bool endpoint_is_local(const Endpoint *endpoint)
{
	g_autoptr(GInetAddress) address = NULL;

	if (endpoint->kind == ENDPOINT_EXEC || g_ascii_strcasecmp(endpoint->host, "localhost") == 0)
		return true;
	address = g_inet_address_new_from_string(endpoint->host);
	return address && g_inet_address_get_is_loopback(address);
}

char *endpoint_find_dovecot(const char *configured)
{
	return dovecot_find_imap(configured);
}
