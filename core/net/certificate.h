/* certificate - what a server showed of itself when it could not be trusted, and what is wrong with
 * it: facts for a screen, and the sentence for a line.  They travel with the error (error_attach).
 * All text in it is cleaned.  Pure. */
#ifndef SHEAF_CORE_CERTIFICATE_H
#define SHEAF_CORE_CERTIFICATE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define CERTIFICATE_KEY_SIZE 32 /* bytes of SHA-256 */

typedef enum {
	CERTIFICATE_OTHER_KEY = 1 << 0,  /* not the one pinned or remembered */
	CERTIFICATE_OTHER_NAME = 1 << 1, /* good for other hosts */
	CERTIFICATE_EXPIRED = 1 << 2,
	CERTIFICATE_NOT_YET_VALID = 1 << 3,
	CERTIFICATE_SELF_SIGNED = 1 << 4,
	CERTIFICATE_UNKNOWN_ISSUER = 1 << 5,
	CERTIFICATE_REVOKED = 1 << 6,
	CERTIFICATE_WEAK = 1 << 7, /* its key can be guessed: it proves nothing */
	CERTIFICATE_ODD = 1 << 8   /* something else: see `reason` */
} CertificateFault;

typedef struct {
	unsigned faults;      /* CERTIFICATE_… */
	char *host;           /* that was asked for */
	char *names;          /* the certificate is good for, as prose */
	char *issuer;         /* who signed it */
	int64_t from, until;  /* seconds since 1970, 0: unreadable */
	char *key, *expected; /* as certificate_key_text(); `expected` NULL: none in particular */
	char *reason;         /* OpenSSL's words for CERTIFICATE_ODD, or NULL */
} Certificate;

/* Takes the strings of `facts` over. */
Certificate *certificate_new(const Certificate *facts_take);
Certificate *certificate_ref(const Certificate *c);
void certificate_unref(Certificate *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Certificate, certificate_unref)

/* An error CORE_ERROR_TLS that says all of it, and carries it. */
GError *certificate_error(Certificate *c_take);
/* What such an error carries, or NULL. */
const Certificate *certificate_of(const GError *error);

/* Each fault as a clause ("it is for other.example, not for imap.example.org"), worst first,
 * NULL-terminated; without `quote` in our own words only.  Caller frees. */
char **certificate_faults(const Certificate *c, bool quote);

/* A moment in local time: "2026-11-23 10:00 CET"; "an unreadable date" for 0.  Caller frees. */
char *certificate_date(int64_t seconds);

/* The key alone would be enough, were it known: false where it proves nothing. */
bool certificate_may_trust(const Certificate *c);

/* "sha256:" and base64.  Caller frees. */
char *certificate_key_text(const uint8_t hash[CERTIFICATE_KEY_SIZE]);
/* Reads that, or hex with or without colons behind "sha256:". */
bool certificate_key_read(const char *text, uint8_t hash[CERTIFICATE_KEY_SIZE]);

#endif
