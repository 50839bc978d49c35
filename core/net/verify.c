#include "config.h"

#include "core/net/verify.h"

#include <gio/gio.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "core/base/error.h"
#include "mime/text.h"

#define MAX_NAMES 4 /* of a certificate, in a message */

struct Verify {
	char *host;
	bool pinned, refused;
	uint8_t key[CERTIFICATE_KEY_SIZE];
	unsigned faults; /* CERTIFICATE_… */
	int odd;         /* X509_V_ERR_… behind CERTIFICATE_ODD */
	/* The server's own, the one out of date, the one that nobody vouches for. */
	X509 *leaf, *stale, *unsigned_one;
};

static const struct {
	int code; /* X509_V_ERR_… */
	CertificateFault fault;
} fault_table[] = {
	{X509_V_ERR_HOSTNAME_MISMATCH, CERTIFICATE_OTHER_NAME},
	{X509_V_ERR_IP_ADDRESS_MISMATCH, CERTIFICATE_OTHER_NAME},
	{X509_V_ERR_CERT_HAS_EXPIRED, CERTIFICATE_EXPIRED},
	{X509_V_ERR_CERT_NOT_YET_VALID, CERTIFICATE_NOT_YET_VALID},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, CERTIFICATE_SELF_SIGNED},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, CERTIFICATE_UNKNOWN_ISSUER},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, CERTIFICATE_UNKNOWN_ISSUER},
	{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, CERTIFICATE_UNKNOWN_ISSUER},
	{X509_V_ERR_CERT_SIGNATURE_FAILURE, CERTIFICATE_UNKNOWN_ISSUER},
	{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, CERTIFICATE_UNKNOWN_ISSUER},
	{X509_V_ERR_CERT_REVOKED, CERTIFICATE_REVOKED},
	{X509_V_ERR_EE_KEY_TOO_SMALL, CERTIFICATE_WEAK},
};

static CertificateFault fault_of(int code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fault_table); i++)
		if (fault_table[i].code == code)
			return fault_table[i].fault;
	return CERTIFICATE_ODD;
}

static void keep(X509 **slot, X509 *certificate)
{
	if (!*slot && certificate && X509_up_ref(certificate))
		*slot = certificate;
}

/* OpenSSL goes on after a fault, so that all are known; judge() has the last word. */
static int note_fault(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	Verify *v = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	X509 *where = X509_STORE_CTX_get_current_cert(store);
	int code = X509_STORE_CTX_get_error(store);
	CertificateFault fault;

	if (ok)
		return 1;
	fault = fault_of(code);
	if (fault & (CERTIFICATE_EXPIRED | CERTIFICATE_NOT_YET_VALID))
		keep(&v->stale, where);
	if (fault & (CERTIFICATE_SELF_SIGNED | CERTIFICATE_UNKNOWN_ISSUER))
		keep(&v->unsigned_one, where);
	if (fault == CERTIFICATE_ODD && !v->odd)
		v->odd = code;
	v->faults |= fault;
	return 1;
}

/* The SHA-256 of its SubjectPublicKeyInfo. */
static void key_hash(X509 *certificate, uint8_t hash[CERTIFICATE_KEY_SIZE])
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	gsize size = CERTIFICATE_KEY_SIZE;

	g_checksum_update(checksum, der, MAX(len, 0));
	g_checksum_get_digest(checksum, hash, &size);
	OPENSSL_free(der);
}

static bool shows_key(const Verify *v)
{
	uint8_t hash[CERTIFICATE_KEY_SIZE];

	if (!v->leaf)
		return false;
	key_hash(v->leaf, hash);
	return memcmp(hash, v->key, sizeof hash) == 0;
}

/* T022: with a key of its own only that one counts, for better and for worse; but not one that
 * anybody can have. */
static bool judge_faults(Verify *v)
{
	if (!v->pinned)
		return v->faults == 0;
	if (!shows_key(v))
		v->faults |= CERTIFICATE_OTHER_KEY;
	return !(v->faults & (CERTIFICATE_OTHER_KEY | CERTIFICATE_WEAK | CERTIFICATE_REVOKED));
}

static int judge(X509_STORE_CTX *store, void *data)
{
	Verify *v = data;
	int whole, code;

	X509_STORE_CTX_set_verify_cb(store, note_fault);
	whole = X509_verify_cert(store);
	code = X509_STORE_CTX_get_error(store);
	keep(&v->leaf, X509_STORE_CTX_get0_cert(store));
	if (whole <= 0) {
		v->faults |= fault_of(code);
		v->odd = code;
	}
	if (judge_faults(v)) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	v->refused = true;
	if (code == X509_V_OK)
		X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

Verify *verify_new(const char *host, const char *key, GError **error)
{
	Verify *v = g_new0(Verify, 1);

	v->host = g_strdup(host);
	v->pinned = key != NULL;
	if (!key || certificate_key_read(key, v->key))
		return v;
	g_set_error(error, CORE_ERROR, CORE_ERROR_TLS,
		    "pin = %s is no key: write sha256: and 44 characters of base64, as the message "
		    "about an unknown key shows them.",
		    key);
	verify_free(v);
	return NULL;
}

void verify_free(Verify *v)
{
	if (!v)
		return;
	X509_free(v->leaf);
	X509_free(v->stale);
	X509_free(v->unsigned_one);
	g_free(v->host);
	g_free(v);
}

void verify_attach(Verify *v, SSL_CTX *context)
{
	SSL_CTX_set_app_data(context, v);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, judge, v);
}

/* --- what the certificate says --- */

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

/* As prose; the subject's CN is none (RFC 9525). */
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

static int64_t seconds_of(const ASN1_TIME *when)
{
	struct tm tm;
	g_autoptr(GDateTime) moment = NULL;

	if (!when || !ASN1_TIME_to_tm(when, &tm))
		return 0;
	moment = g_date_time_new_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
				     tm.tm_min, tm.tm_sec);
	return moment ? g_date_time_to_unix(moment) : 0;
}

static char *leaf_key(const Verify *v)
{
	uint8_t hash[CERTIFICATE_KEY_SIZE];

	if (!v->leaf)
		return NULL;
	key_hash(v->leaf, hash);
	return certificate_key_text(hash);
}

Certificate *verify_faults(const Verify *v)
{
	X509 *dated = v->stale ? v->stale : v->leaf;

	if (!v->refused)
		return NULL;
	return certificate_new(&(Certificate){
		.faults = v->faults,
		.host = g_strdup(v->host),
		.names = certificate_names(v->leaf),
		.issuer = certificate_issuer(v->unsigned_one ? v->unsigned_one : v->leaf),
		.from = dated ? seconds_of(X509_get0_notBefore(dated)) : 0,
		.until = dated ? seconds_of(X509_get0_notAfter(dated)) : 0,
		.key = leaf_key(v),
		.expected = v->pinned ? certificate_key_text(v->key) : NULL,
		.reason = v->odd ? g_strdup(X509_verify_cert_error_string(v->odd)) : NULL,
	});
}
