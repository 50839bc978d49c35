#include "config.h"
#include "tests/tls_server.h"

#include <arpa/inet.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

struct TlsServer {
	TlsServerOptions options;
	SSL_CTX *context;
	int listener;
	unsigned port;
	char *ca_file;
	char sni[256];
	const char *stands_at; /* a line of the script; atomic */
	int connections;       /* atomic */
	GThread *thread;
};

/* A name with a NUL inside, which no configuration text can hold. */
static X509_EXTENSION *nul_name(const char *text)
{
	g_autofree char *name = g_strdup(text);
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *general = GENERAL_NAME_new();
	ASN1_IA5STRING *string = ASN1_IA5STRING_new();
	X509_EXTENSION *extension;

	*strchr(name, ' ') = '\0';
	ASN1_STRING_set(string, name, (int)strlen(text));
	GENERAL_NAME_set0_value(general, GEN_DNS, string);
	sk_GENERAL_NAME_push(names, general);
	extension = X509V3_EXT_i2d(NID_subject_alt_name, 0, names);
	GENERAL_NAMES_free(names);
	return extension;
}

static X509 *make_certificate(EVP_PKEY *key, const char *name, const TlsServerOptions *options,
			      X509 *issuer, EVP_PKEY *issuer_key)
{
	X509 *made = X509_new();
	X509_NAME *subject = X509_get_subject_name(made);
	bool dated = options->from_days || options->to_days;
	X509V3_CTX context;

	X509_set_version(made, 2);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), g_random_int());
	X509_gmtime_adj(X509_getm_notBefore(made), 86400L * (dated ? options->from_days : -1));
	X509_gmtime_adj(X509_getm_notAfter(made), 86400L * (dated ? options->to_days : 1));
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
				   -1, 0);
	X509_set_issuer_name(made, issuer ? X509_get_subject_name(issuer) : subject);
	X509_set_pubkey(made, key);
	X509V3_set_ctx(&context, issuer ? issuer : made, made, NULL, NULL, 0);
	if (!issuer) {
		X509_EXTENSION *ca = X509V3_EXT_conf_nid(NULL, &context, NID_basic_constraints,
							 "critical,CA:TRUE");
		X509_add_ext(made, ca, -1);
		X509_EXTENSION_free(ca);
	} else if (options->names) {
		X509_EXTENSION *names =
			g_str_has_prefix(options->names, "NUL ")
				? nul_name(options->names + 4)
				: X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name,
						      options->names);
		X509_add_ext(made, names, -1);
		X509_EXTENSION_free(names);
	}
	X509_sign(made, issuer ? issuer_key : key, EVP_sha256());
	return made;
}

static char *save(X509 *certificate)
{
	char *path = NULL;
	int fd = g_file_open_tmp("sheaf-ca-XXXXXX.pem", &path, NULL);
	FILE *file = fdopen(fd, "w");

	PEM_write_X509(file, certificate);
	fclose(file);
	return path;
}

static int on_sni(SSL *ssl, int *alert G_GNUC_UNUSED, void *data)
{
	TlsServer *server = data;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	g_strlcpy(server->sni, name ? name : "", sizeof server->sni);
	return SSL_TLSEXT_ERR_OK;
}

SSL_CTX *tls_server_context(const TlsServerOptions *options, char **ca_file)
{
	const TlsServerOptions ca_options = {0};
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"),
		 *key = options->weak ? EVP_RSA_gen(768) : EVP_EC_gen("P-256");
	X509 *ca = make_certificate(ca_key, "Sheaf test CA", &ca_options, NULL, NULL);
	X509 *own =
		make_certificate(key, options->common_name ? options->common_name : "test server",
				 options, ca, ca_key);
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (options->max_version) {
		SSL_CTX_set_security_level(context, 0);
		SSL_CTX_set_min_proto_version(context, 0);
		SSL_CTX_set_max_proto_version(context, options->max_version);
	}
	if (options->weak)
		SSL_CTX_set_security_level(context, 0);
	SSL_CTX_use_certificate(context, own);
	SSL_CTX_use_PrivateKey(context, key);
	*ca_file = save(ca);
	X509_free(ca);
	X509_free(own);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	return context;
}

static void answer_plain(const TlsServer *server, int fd)
{
	char buf[4096];

	while (recv(fd, buf, sizeof buf, 0) > 0)
		send(fd, server->options.greeting, strlen(server->options.greeting), MSG_NOSIGNAL);
}

static void echo(const TlsServer *server, SSL *ssl)
{
	const char *greeting = server->options.greeting;
	char buf[4096];
	int n;

	if (greeting)
		SSL_write(ssl, greeting, (int)strlen(greeting));
	if (server->options.truncate)
		return;
	while (!server->options.close && (n = SSL_read(ssl, buf, sizeof buf)) > 0)
		SSL_write(ssl, buf, n);
	SSL_shutdown(ssl);
}

static bool script_say(SSL *ssl, bool encrypted, int fd, const char *text)
{
	g_autofree char *line = g_strconcat(text, "\r\n", NULL);
	int len = (int)strlen(line);

	return encrypted ? SSL_write(ssl, line, len) == len
			 : send(fd, line, (size_t)len, MSG_NOSIGNAL) == len;
}

/* Without its end; NULL at the end of the stream. */
static char *hear_line(SSL *ssl, bool encrypted, int fd)
{
	GString *heard = g_string_new(NULL);
	char c;

	while ((encrypted ? SSL_read(ssl, &c, 1) : (int)recv(fd, &c, 1, 0)) == 1) {
		if (c == '\n')
			return g_string_free(heard, FALSE);
		if (c != '\r')
			g_string_append_c(heard, c);
	}
	g_string_free(heard, TRUE);
	return NULL;
}

static bool script_hear(SSL *ssl, bool encrypted, int fd, const char *text)
{
	g_autofree char *heard = hear_line(ssl, encrypted, fd);

	return g_strcmp0(heard, text) == 0;
}

static void play(TlsServer *server, SSL *ssl, int fd)
{
	bool encrypted = false;

	for (const char *const *line = server->options.script; *line; line++) {
		const char *text = *line + 3;
		bool fine;

		g_atomic_pointer_set(&server->stands_at, *line);
		if (strcmp(*line, "TLS") == 0)
			fine = encrypted = SSL_accept(ssl) == 1;
		else if (**line == 'S')
			fine = script_say(ssl, encrypted, fd, text);
		else
			fine = script_hear(ssl, encrypted, fd, text);
		if (!fine)
			return;
	}
	g_atomic_pointer_set(&server->stands_at, NULL);
	if (encrypted)
		SSL_shutdown(ssl);
}

/* False where the reply was a BYE, or to hang up. */
static bool reply(const TlsServer *server, SSL *ssl, bool encrypted, int fd, const char *tag,
		  const char *verb)
{
	g_autofree char *done = g_strconcat(tag, " OK done", NULL);
	bool ended = false;

	for (const char *const *line = server->options.replies; *line; line++) {
		size_t len = strlen(verb);
		if (!g_str_has_prefix(*line, verb) || (*line)[len] != ' ')
			continue;
		g_autoptr(GString) words = g_string_new(*line + len + 1);
		if (strcmp(words->str, "CLOSE") == 0)
			return false;
		ended |= g_string_replace(words, "$TAG", tag, 0) > 0;
		script_say(ssl, encrypted, fd, words->str);
		if (g_str_has_prefix(words->str, "* BYE"))
			return false;
	}
	return ended || script_say(ssl, encrypted, fd, done);
}

static void converse(TlsServer *server, SSL *ssl, int fd)
{
	bool encrypted = !server->options.starttls;

	if (encrypted && SSL_accept(ssl) != 1)
		return;
	if (!script_say(ssl, encrypted, fd, server->options.greeting))
		return;
	for (;;) {
		g_autofree char *line = hear_line(ssl, encrypted, fd);
		g_auto(GStrv) words = line ? g_strsplit(line, " ", 3) : NULL;

		if (!words || !words[0] || !words[1] ||
		    !reply(server, ssl, encrypted, fd, words[0], words[1]))
			break;
		if (strcmp(words[1], "STARTTLS") == 0 && !(encrypted = SSL_accept(ssl) == 1))
			return;
	}
	if (encrypted)
		SSL_shutdown(ssl);
}

static gpointer serve(gpointer data)
{
	TlsServer *server = data;
	sigset_t pipe;
	int fd;

	/* A client that hung up must not end the test. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
		SSL *ssl = SSL_new(server->context);

		server->sni[0] = '\0';
		g_atomic_int_inc(&server->connections);
		SSL_set_fd(ssl, fd);
		if (server->options.script)
			play(server, ssl, fd);
		else if (server->options.replies)
			converse(server, ssl, fd);
		else if (server->options.plain)
			answer_plain(server, fd);
		else if (SSL_accept(ssl) == 1)
			echo(server, ssl);
		SSL_free(ssl);
		close(fd);
	}
	return NULL;
}

TlsServer *tls_server_start(const TlsServerOptions *options)
{
	TlsServer *server = g_new0(TlsServer, 1);
	struct sockaddr_in where = {.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof where;

	server->options = *options;
	server->context = tls_server_context(&server->options, &server->ca_file);
	SSL_CTX_set_tlsext_servername_callback(server->context, on_sni);
	SSL_CTX_set_tlsext_servername_arg(server->context, server);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&where, sizeof where) != 0 ||
	    listen(server->listener, 4) != 0 ||
	    getsockname(server->listener, (struct sockaddr *)&where, &size) != 0)
		g_error("tls_server: no port on 127.0.0.1");
	server->port = ntohs(where.sin_port);
	server->thread = g_thread_new("tls_server", serve, server);
	return server;
}

void tls_server_stop(TlsServer *server)
{
	shutdown(server->listener, SHUT_RDWR);
	g_thread_join(server->thread);
	close(server->listener);
	SSL_CTX_free(server->context);
	g_unlink(server->ca_file);
	g_free(server->ca_file);
	g_free(server);
}

unsigned tls_server_port(const TlsServer *server)
{
	return server->port;
}

const char *tls_server_ca_file(const TlsServer *server)
{
	return server->ca_file;
}

char *tls_server_key(const TlsServer *server)
{
	const X509 *own = SSL_CTX_get0_certificate(server->context);
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(own), &der);
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 hash[32];
	gsize size = sizeof hash;

	g_checksum_update(checksum, der, len);
	g_checksum_get_digest(checksum, hash, &size);
	OPENSSL_free(der);
	g_autofree char *base64 = g_base64_encode(hash, size);
	return g_strconcat("sha256:", base64, NULL);
}

unsigned tls_server_connections(TlsServer *server)
{
	return (unsigned)g_atomic_int_get(&server->connections);
}

const char *tls_server_sni(const TlsServer *server)
{
	return server->sni;
}

const char *tls_server_wrong(TlsServer *server)
{
	return g_atomic_pointer_get(&server->stands_at);
}
