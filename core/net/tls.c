#include "config.h"
#include "core/net/tls.h"

#include <errno.h>
#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <time.h>
#include "core/base/error.h"
#include "mime/text.h"

#define MAX_NAMES 4  /* of a certificate, in a message */
#define KEY_HASH  32 /* bytes of SHA-256 */
#define PIN       "sha256:"
#define BINDING   32 /* bytes of tls-exporter */

struct Tls {
	SSL_CTX *context;
	SSL *ssl;
	int fd;
	char *host; /* A-label or address */
	guint8 pin[KEY_HASH];
	bool pinned;
	int system_error;
	bool ended; /* the peer sent EOF */
	bool secure, broken;
	int fault;                /* X509_V_ERR_… of the first thing wrong with the chain */
	X509 *leaf, *fault_where; /* the server's own, and the one that is at fault */
};

/* Our own BIO, because only send() can keep a dead peer from raising SIGPIPE. */
static int stream_read(BIO *bio, char *buf, int len)
{
	Tls *tls = BIO_get_data(bio);
	ssize_t n = recv(tls->fd, buf, len, 0);

	BIO_clear_retry_flags(bio);
	tls->system_error = n < 0 ? errno : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_read(bio);
	if (n == 0)
		tls->ended = true;
	return (int)n;
}

static int stream_write(BIO *bio, const char *buf, int len)
{
	Tls *tls = BIO_get_data(bio);
	ssize_t n = send(tls->fd, buf, len, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	tls->system_error = n < 0 ? errno : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		BIO_set_retry_write(bio);
	return (int)n;
}

static long stream_control(BIO *bio, int command, long number G_GNUC_UNUSED,
			   void *pointer G_GNUC_UNUSED)
{
	if (command == BIO_CTRL_EOF)
		return ((Tls *)BIO_get_data(bio))->ended;
	return command == BIO_CTRL_FLUSH;
}

static BIO *stream_new(Tls *tls)
{
	static BIO_METHOD *method;
	BIO *bio;

	if (g_once_init_enter(&method)) {
		BIO_METHOD *made =
			BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "sheaf stream");
		BIO_meth_set_read(made, stream_read);
		BIO_meth_set_write(made, stream_write);
		BIO_meth_set_ctrl(made, stream_control);
		g_once_init_leave(&method, made);
	}
	bio = BIO_new(method);
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	return bio;
}

/* The SHA-256 of its SubjectPublicKeyInfo. */
static void key_hash(X509 *certificate, guint8 hash[KEY_HASH])
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	gsize size = KEY_HASH;

	g_checksum_update(checksum, der, MAX(len, 0));
	g_checksum_get_digest(checksum, hash, &size);
	OPENSSL_free(der);
}

static bool is_pinned_key(const Tls *tls, X509 *leaf)
{
	guint8 hash[KEY_HASH];

	if (!leaf)
		return false;
	key_hash(leaf, hash);
	return memcmp(hash, tls->pin, KEY_HASH) == 0;
}

/* T022: with a pin only the key counts, for better and for worse. */
static int judge_certificate(const Tls *tls, int ok, X509_STORE_CTX *store)
{
	if (!tls->pinned)
		return ok;
	ok = is_pinned_key(tls, X509_STORE_CTX_get0_cert(store));
	X509_STORE_CTX_set_error(store, ok ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
	return ok;
}

static int on_verify(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	Tls *tls = SSL_get_app_data(ssl);
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	X509 *where = X509_STORE_CTX_get_current_cert(store);

	ok = judge_certificate(tls, ok, store);
	if (ok || tls->fault != X509_V_OK)
		return ok;
	tls->fault = X509_STORE_CTX_get_error(store);
	tls->leaf = leaf && X509_up_ref(leaf) ? leaf : NULL;
	tls->fault_where = where && X509_up_ref(where) ? where : NULL;
	return ok;
}

static char *clean(const void *raw, size_t len)
{
	g_autofree char *utf8 = text_to_utf8(raw, len, NULL, NULL);

	return text_clean_name(utf8);
}

static char *general_name(const GENERAL_NAME *name)
{
	if (name->type == GEN_DNS)
		return clean(ASN1_STRING_get0_data(name->d.dNSName),
			     ASN1_STRING_length(name->d.dNSName));
	if (name->type == GEN_IPADD) {
		const ASN1_OCTET_STRING *bytes = name->d.iPAddress;
		int len = ASN1_STRING_length(bytes);
		g_autoptr(GInetAddress) address = NULL;

		if (len == 4 || len == 16)
			address = g_inet_address_new_from_bytes(ASN1_STRING_get0_data(bytes),
								len == 4 ? G_SOCKET_FAMILY_IPV4
									 : G_SOCKET_FAMILY_IPV6);
		return address ? g_inet_address_to_string(address) : NULL;
	}
	return NULL;
}

/* The names a certificate is good for, as prose; the subject's CN is none (RFC 9525). */
static char *certificate_names(X509 *certificate)
{
	GENERAL_NAMES *names =
		certificate ? X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL)
			    : NULL;
	GString *out = g_string_new(NULL);
	unsigned listed = 0, more = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		g_autofree char *name = general_name(sk_GENERAL_NAME_value(names, i));
		if (name && listed++ < MAX_NAMES)
			g_string_append_printf(out, "%s%s", out->len ? ", " : "", name);
		else if (name)
			more++;
	}
	if (more)
		g_string_append_printf(out, " and %u more", more);
	if (!out->len)
		g_string_append(out, "no name at all");
	GENERAL_NAMES_free(names);
	return g_string_free(out, FALSE);
}

static char *certificate_issuer(X509 *certificate)
{
	X509_NAME *issuer = certificate ? X509_get_issuer_name(certificate) : NULL;
	char text[200] = "";

	if (!issuer ||
	    (X509_NAME_get_text_by_NID(issuer, NID_commonName, text, sizeof text) <= 0 &&
	     X509_NAME_get_text_by_NID(issuer, NID_organizationName, text, sizeof text) <= 0))
		return g_strdup("an unnamed authority");
	return clean(text, strlen(text));
}

static char *certificate_date(const ASN1_TIME *when)
{
	struct tm tm;
	char text[40];

	if (!when || !ASN1_TIME_to_tm(when, &tm) ||
	    !strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &tm))
		return g_strdup("an unreadable date");
	return g_strdup(text);
}

static char *describe_date_fault(const Tls *tls)
{
	bool expired = tls->fault == X509_V_ERR_CERT_HAS_EXPIRED;
	const ASN1_TIME *when = NULL;
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *clock = g_date_time_format(now, "%Y-%m-%d %H:%M UTC");
	g_autofree char *date = NULL;

	if (tls->fault_where)
		when = expired ? X509_get0_notAfter(tls->fault_where)
			       : X509_get0_notBefore(tls->fault_where);
	date = certificate_date(when);
	return g_strdup_printf("The certificate of %s %s %s; this machine's clock says %s.",
			       tls->host, expired ? "expired on" : "is valid only from", date,
			       clock);
}

static char *pin_text(const guint8 hash[KEY_HASH])
{
	g_autofree char *base64 = g_base64_encode(hash, KEY_HASH);

	return g_strconcat(PIN, base64, NULL);
}

static char *describe_key_fault(const Tls *tls)
{
	g_autofree char *expected = pin_text(tls->pin);
	g_autofree char *shown = NULL;
	guint8 hash[KEY_HASH];

	if (!tls->leaf)
		return g_strdup_printf("%s showed no key at all.", tls->host);
	key_hash(tls->leaf, hash);
	shown = pin_text(hash);
	return g_strdup_printf("%s shows the key %s, but this account expects %s.  If its owners "
			       "say that they changed it, write the new one as pin = into the "
			       "account.",
			       tls->host, shown, expected);
}

static char *describe_trust_fault(const Tls *tls, const char *names, const char *issuer)
{
	guint8 hash[KEY_HASH] = {0};
	g_autofree char *pin = NULL;

	if (tls->leaf)
		key_hash(tls->leaf, hash);
	pin = pin_text(hash);
	return g_strdup_printf("The certificate of %s (for %s) is signed by %s, which this machine "
			       "does not trust; if it is your own, name its file with ca = FILE, "
			       "or trust this one key with pin = %s.",
			       tls->host, names, issuer, pin);
}

static char *describe_fault(const Tls *tls)
{
	g_autofree char *issuer = certificate_issuer(tls->fault_where);
	g_autofree char *names = certificate_names(tls->leaf);

	switch (tls->fault) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return g_strdup_printf("The certificate that %s shows is for %s, not for %s.",
				       tls->host, names, tls->host);
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return describe_date_fault(tls);
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return describe_trust_fault(tls, names, issuer);
	case X509_V_ERR_APPLICATION_VERIFICATION:
		return describe_key_fault(tls);
	default:
		return g_strdup_printf("The certificate of %s (for %s) is refused: %s.", tls->host,
				       names, X509_verify_cert_error_string(tls->fault));
	}
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

static TlsResult failed(Tls *tls, const char *during, GError **error)
{
	unsigned long code = ERR_peek_last_error();
	int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
	g_autofree char *sentence = NULL;

	tls->broken = true;
	if (tls->ended || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_ABORT,
			    "%s closed the connection %s without ending TLS: what came last may be "
			    "cut off.",
			    tls->host, during);
		return TLS_FAILED;
	}
	if (tls->system_error) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_ABORT,
			    "The connection to %s broke %s: %s.", tls->host, during,
			    g_strerror(tls->system_error));
		return TLS_FAILED;
	}
	if (tls->fault != X509_V_OK)
		sentence = describe_fault(tls);
	for (size_t i = 0; !sentence && i < G_N_ELEMENTS(handshake_faults); i++)
		if (handshake_faults[i].reason == reason)
			sentence = g_strconcat(tls->host, handshake_faults[i].sentence, NULL);
	if (!sentence) {
		const char *words = ERR_reason_error_string(code);
		sentence = g_strdup_printf("TLS with %s failed %s: %s.", tls->host, during,
					   words ? words : "no reason given");
	}
	g_set_error_literal(error, CORE_ERROR, CORE_ERROR_TLS, sentence);
	return TLS_FAILED;
}

static TlsResult judge(Tls *tls, int ok, const char *during, GError **error)
{
	if (ok > 0)
		return TLS_DONE;
	switch (SSL_get_error(tls->ssl, ok)) {
	case SSL_ERROR_WANT_READ:
		return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
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

static guint8 *read_hex(const char *text, gsize *len)
{
	GByteArray *bytes = g_byte_array_new();

	for (; g_ascii_isxdigit(text[0]) && g_ascii_isxdigit(text[1]);
	     text += text[2] == ':' ? 3 : 2) {
		guint8 byte = (guint8)(g_ascii_xdigit_value(text[0]) << 4 |
				       g_ascii_xdigit_value(text[1]));
		g_byte_array_append(bytes, &byte, 1);
	}
	*len = *text ? 0 : bytes->len;
	return g_byte_array_free(bytes, FALSE);
}

static bool load_pin(Tls *tls, const char *pin, GError **error)
{
	g_autofree guint8 *hash = NULL;
	gsize len = 0;

	if (!pin)
		return true;
	if (g_ascii_strncasecmp(pin, PIN, strlen(PIN)) == 0) {
		hash = read_hex(pin + strlen(PIN), &len);
		if (len != KEY_HASH) {
			g_free(hash);
			hash = g_base64_decode(pin + strlen(PIN), &len);
		}
	}
	if (len != KEY_HASH) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_TLS,
			    "pin = %s is no key: write sha256: and 44 characters of base64, as the "
			    "message about an unknown key shows them.",
			    pin);
		return false;
	}
	memcpy(tls->pin, hash, KEY_HASH);
	tls->pinned = true;
	return true;
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

Tls *tls_new(int fd, const TlsPolicy *policy, GError **error)
{
	Tls *tls = g_new0(Tls, 1);
	BIO *stream;

	ERR_clear_error();
	tls->fd = fd;
	tls->context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
	SSL_CTX_set_options(tls->context, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					       SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, on_verify);
	/* Secrets of the connection go to no file, whatever SSLKEYLOGFILE says. */
	SSL_CTX_set_keylog_callback(tls->context, NULL);
	if (!load_trust(tls->context, policy->ca_file, error) ||
	    !load_identity(tls->context, policy, error) || !load_pin(tls, policy->pin, error)) {
		tls_free(tls);
		return NULL;
	}
	tls->ssl = SSL_new(tls->context);
	stream = stream_new(tls);
	SSL_set_bio(tls->ssl, stream, stream);
	SSL_set_app_data(tls->ssl, tls);
	SSL_set_connect_state(tls->ssl);
	if (!expect_host(tls, policy->host)) {
		g_set_error(error, CORE_ERROR, CORE_ERROR_TLS,
			    "A certificate cannot be checked against the name of this host.");
		tls_free(tls);
		return NULL;
	}
	return tls;
}

void tls_free(Tls *tls)
{
	if (!tls)
		return;
	if (tls->ssl && tls->secure && !tls->broken)
		SSL_shutdown(tls->ssl);
	ERR_clear_error();
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->context);
	X509_free(tls->leaf);
	X509_free(tls->fault_where);
	g_free(tls->host);
	g_free(tls);
}

TlsResult tls_handshake(Tls *tls, GError **error)
{
	TlsResult result;

	ERR_clear_error();
	result = judge(tls, SSL_do_handshake(tls->ssl), "during the TLS handshake", error);
	if (result == TLS_CLOSED)
		return failed(tls, "during the TLS handshake", error);
	if (result == TLS_DONE)
		tls->secure = SSL_get_verify_result(tls->ssl) == X509_V_OK &&
			      SSL_get0_peer_certificate(tls->ssl);
	if (result == TLS_DONE && !tls->secure) {
		tls->broken = true;
		g_set_error(error, CORE_ERROR, CORE_ERROR_TLS, "%s showed no certificate.",
			    tls->host);
		return TLS_FAILED;
	}
	return result;
}

TlsResult tls_read(Tls *tls, char *buf, size_t len, size_t *n, GError **error)
{
	ERR_clear_error();
	return judge(tls, SSL_read_ex(tls->ssl, buf, len, n), "while reading", error);
}

TlsResult tls_write(Tls *tls, const char *buf, size_t len, size_t *n, GError **error)
{
	ERR_clear_error();
	return judge(tls, SSL_write_ex(tls->ssl, buf, len, n), "while writing", error);
}

bool tls_pending(const Tls *tls)
{
	return SSL_pending(tls->ssl) > 0;
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
