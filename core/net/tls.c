#include "config.h"
#include "core/net/tls.h"

#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include "core/base/error.h"
#include "core/net/verify.h"

#define BINDING 32 /* bytes of tls-exporter */

struct Tls {
	SSL_CTX *context;
	SSL *ssl;
	const ImapStream *below;
	void *below_self;
	char *host; /* A-label or address */
	Verify *verify;
	GError *fault; /* of the stream below, at its last call */
	bool ended;    /* the peer sent EOF */
	bool secure, broken;
};

/* What the stream below answered, as a BIO has it: bytes, 0 at the end, or -1 with the reason. */
static int told(BIO *bio, ImapStreamResult result, size_t n)
{
	Tls *tls = BIO_get_data(bio);

	switch (result) {
	case IMAP_STREAM_DONE:
		return (int)n;
	case IMAP_STREAM_WANT_READ:
		BIO_set_retry_read(bio);
		return -1;
	case IMAP_STREAM_WANT_WRITE:
		BIO_set_retry_write(bio);
		return -1;
	case IMAP_STREAM_CLOSED:
		tls->ended = true;
		return 0;
	default:
		return -1;
	}
}

static int below_read(BIO *bio, char *buf, int len)
{
	Tls *tls = BIO_get_data(bio);
	ImapStreamResult result;
	size_t n = 0;

	BIO_clear_retry_flags(bio);
	g_clear_error(&tls->fault);
	result = tls->below->read(tls->below_self, buf, (size_t)len, &n, &tls->fault);
	return told(bio, result, n);
}

static int below_write(BIO *bio, const char *buf, int len)
{
	Tls *tls = BIO_get_data(bio);
	ImapStreamResult result;
	size_t n = 0;

	BIO_clear_retry_flags(bio);
	g_clear_error(&tls->fault);
	result = tls->below->send(tls->below_self, buf, (size_t)len, &n, &tls->fault);
	return told(bio, result, n);
}

static long below_control(BIO *bio, int command, long number G_GNUC_UNUSED,
			  void *pointer G_GNUC_UNUSED)
{
	if (command == BIO_CTRL_EOF)
		return ((Tls *)BIO_get_data(bio))->ended;
	return command == BIO_CTRL_FLUSH;
}

static BIO *bio_new(Tls *tls)
{
	static BIO_METHOD *method;
	BIO *bio;

	if (g_once_init_enter(&method)) {
		BIO_METHOD *made =
			BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "sheaf stream");
		BIO_meth_set_read(made, below_read);
		BIO_meth_set_write(made, below_write);
		BIO_meth_set_ctrl(made, below_control);
		g_once_init_leave(&method, made);
	}
	bio = BIO_new(method);
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	return bio;
}

/* What OpenSSL's reasons mean to a person. */
static const struct {
	int reason;
	const char *sentence; /* behind the host's name */
} handshake_faults[] = {
	{SSL_R_WRONG_VERSION_NUMBER, " does not speak TLS on this port."},
	{SSL_R_UNSUPPORTED_PROTOCOL, " offers only versions of TLS older than 1.2."},
	{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, " offers only versions of TLS older than 1.2."},
	{SSL_R_TLSV1_UNRECOGNIZED_NAME, " says it does not serve that name."},
};

static ImapStreamResult failed(Tls *tls, const char *during, GError **error)
{
	unsigned long code = ERR_peek_last_error();
	int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
	g_autofree char *sentence = NULL;
	Certificate *refused = verify_faults(tls->verify);

	tls->broken = true;
	/* First: the server that is told so may hang up at once. */
	if (refused) {
		g_propagate_error(error, certificate_error(refused));
		return IMAP_STREAM_FAILED;
	}
	if (tls->ended || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_ABORT,
			    "%s closed the connection %s without ending TLS: what came last may be "
			    "cut off.",
			    tls->host, during);
		return IMAP_STREAM_FAILED;
	}
	if (tls->fault) {
		g_propagate_error(error, g_steal_pointer(&tls->fault));
		return IMAP_STREAM_FAILED;
	}
	for (size_t i = 0; !sentence && i < G_N_ELEMENTS(handshake_faults); i++)
		if (handshake_faults[i].reason == reason)
			sentence = g_strconcat(tls->host, handshake_faults[i].sentence, NULL);
	if (!sentence) {
		const char *words = ERR_reason_error_string(code);
		sentence = g_strdup_printf("TLS with %s failed %s: %s.", tls->host, during,
					   words ? words : "no reason given");
	}
	g_set_error_literal(error, CORE_ERROR, CORE_ERROR_TLS, sentence);
	return IMAP_STREAM_FAILED;
}

static ImapStreamResult judge(Tls *tls, int ok, const char *during, GError **error)
{
	if (ok > 0)
		return IMAP_STREAM_DONE;
	switch (SSL_get_error(tls->ssl, ok)) {
	case SSL_ERROR_WANT_READ:
		return IMAP_STREAM_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return IMAP_STREAM_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return IMAP_STREAM_CLOSED;
	default:
		return failed(tls, during, error);
	}
}

static bool load_trust(SSL_CTX *context, const char *ca_file, GError **error)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);

	SSL_CTX_set_default_verify_paths(context);
	if (!ca_file || !*ca_file)
		return true;
	/* Who names an intermediate or the server's own certificate means just that one. */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (SSL_CTX_load_verify_file(context, ca_file) == 1)
		return true;
	g_set_error(error, CORE_ERROR, CORE_ERROR_TLS,
		    "The file of trusted certificates %s cannot be read, or holds none in PEM "
		    "form.",
		    ca_file);
	return false;
}

/* A key under a passphrase must not make OpenSSL ask for it on the terminal. */
static int no_passphrase(char *buf G_GNUC_UNUSED, int size G_GNUC_UNUSED, int writing G_GNUC_UNUSED,
			 void *data G_GNUC_UNUSED)
{
	return 0;
}

static bool load_identity(SSL_CTX *context, const TlsPolicy *policy, GError **error)
{
	const char *key = policy->client_key ? policy->client_key : policy->client_cert;

	if (!policy->client_cert)
		return true;
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(context, policy->client_cert) != 1)
		g_set_error(error, CORE_ERROR, CORE_ERROR_TLS,
			    "The certificate %s (client-cert) cannot be read, or holds none in PEM "
			    "form.",
			    policy->client_cert);
	else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		g_set_error(error, CORE_ERROR, CORE_ERROR_TLS,
			    "The key %s (client-key) cannot be read, has a passphrase, or is not "
			    "that of the certificate %s.",
			    key, policy->client_cert);
	else
		return true;
	return false;
}

static bool expect_host(Tls *tls, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);

	if (g_hostname_is_ip_address(host)) {
		tls->host = g_strdup(host);
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	}
	tls->host = g_hostname_to_ascii(host);
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
						       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	return tls->host && *tls->host && X509_VERIFY_PARAM_set1_host(param, tls->host, 0) == 1 &&
	       SSL_set_tlsext_host_name(tls->ssl, tls->host) == 1;
}

static void tls_free(Tls *tls)
{
	if (tls->ssl && tls->secure && !tls->broken)
		SSL_shutdown(tls->ssl);
	ERR_clear_error();
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->context);
	verify_free(tls->verify);
	g_clear_error(&tls->fault);
	g_free(tls->host);
	g_free(tls);
}

Tls *tls_new(const ImapStream *below, void *below_self, const TlsPolicy *policy, GError **error)
{
	Tls *tls = g_new0(Tls, 1);
	BIO *bio;

	ERR_clear_error();
	tls->below = below;
	tls->below_self = below_self;
	tls->context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
	SSL_CTX_set_options(tls->context, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					       SSL_MODE_RELEASE_BUFFERS);
	/* Secrets of the connection go to no file, whatever SSLKEYLOGFILE says. */
	SSL_CTX_set_keylog_callback(tls->context, NULL);
	if (!load_trust(tls->context, policy->ca_file, error) ||
	    !load_identity(tls->context, policy, error) ||
	    !(tls->verify = verify_new(policy->host, policy->pin, error))) {
		tls_free(tls);
		return NULL;
	}
	verify_attach(tls->verify, tls->context);
	tls->ssl = SSL_new(tls->context);
	bio = bio_new(tls);
	SSL_set_bio(tls->ssl, bio, bio);
	SSL_set_connect_state(tls->ssl);
	if (!expect_host(tls, policy->host)) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_TLS,
			    "A certificate cannot be checked against the name of this host.");
		tls_free(tls);
		return NULL;
	}
	return tls;
}

static ImapStreamResult handshake(void *self, GError **error)
{
	Tls *tls = self;
	ImapStreamResult result;

	ERR_clear_error();
	result = judge(tls, SSL_do_handshake(tls->ssl), "during the TLS handshake", error);
	if (result == IMAP_STREAM_CLOSED)
		return failed(tls, "during the TLS handshake", error);
	if (result == IMAP_STREAM_DONE)
		tls->secure = SSL_get_verify_result(tls->ssl) == X509_V_OK &&
			      SSL_get0_peer_certificate(tls->ssl);
	if (result == IMAP_STREAM_DONE && !tls->secure) {
		tls->broken = true;
		g_set_error(error, CORE_ERROR, CORE_ERROR_TLS, "%s showed no certificate.",
			    tls->host);
		return IMAP_STREAM_FAILED;
	}
	return result;
}

static ImapStreamResult decrypt(void *self, char *buf, size_t len, size_t *n, GError **error)
{
	Tls *tls = self;

	ERR_clear_error();
	return judge(tls, SSL_read_ex(tls->ssl, buf, len, n), "while reading", error);
}

static ImapStreamResult encrypt(void *self, const char *buf, size_t len, size_t *n, GError **error)
{
	Tls *tls = self;

	ERR_clear_error();
	return judge(tls, SSL_write_ex(tls->ssl, buf, len, n), "while writing", error);
}

static void shut_down(void *self)
{
	Tls *tls = self;
	const ImapStream *below = tls->below;
	void *below_self = tls->below_self;

	tls_free(tls);
	below->shutdown(below_self);
}

static int descriptor(void *self, bool writing)
{
	const Tls *tls = self;

	return tls->below->descriptor ? tls->below->descriptor(tls->below_self, writing) : -1;
}

static bool pending(void *self)
{
	const Tls *tls = self;

	return SSL_pending(tls->ssl) > 0 ||
	       (tls->below->pending && tls->below->pending(tls->below_self));
}

const ImapStream tls_functions = {.open = handshake,
				  .read = decrypt,
				  .send = encrypt,
				  .shutdown = shut_down,
				  .descriptor = descriptor,
				  .pending = pending};

const char *tls_version(const Tls *tls)
{
	return SSL_get_version(tls->ssl);
}

struct ssl_st *tls_ssl(const Tls *tls)
{
	return tls->ssl;
}

static GBytes *exporter_binding(SSL *ssl)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	unsigned char out[BINDING];

	if (SSL_export_keying_material(ssl, out, sizeof out, label, strlen(label),
				       (const unsigned char *)"", 0, 1) != 1)
		return NULL;
	return g_bytes_new(out, sizeof out);
}

/* The first Finished of the handshake: ours, but for a resumed session. */
static GBytes *unique_binding(SSL *ssl)
{
	char out[EVP_MAX_MD_SIZE];
	size_t len;

	if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1)
		return NULL;
	len = SSL_session_reused(ssl) ? SSL_get_peer_finished(ssl, out, sizeof out)
				      : SSL_get_finished(ssl, out, sizeof out);
	return len > 0 && len <= sizeof out ? g_bytes_new(out, len) : NULL;
}

GBytes *tls_binding(const Tls *tls, bool unique, bool *is_exporter)
{
	bool exporter = !unique && SSL_version(tls->ssl) >= TLS1_3_VERSION;

	if (is_exporter)
		*is_exporter = exporter;
	if (!tls->secure || tls->broken)
		return NULL;
	return exporter ? exporter_binding(tls->ssl) : unique_binding(tls->ssl);
}

bool tls_is_secure(const Tls *tls)
{
	return tls->secure && !tls->broken;
}
