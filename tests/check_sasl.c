#include "core/session/sasl.h"

#include <string.h>
#include "core/base/error.h"
#include "tests/run.h"

#define NONCE  "fyko+d2lbbFgONRv9qkxdawL" /* tests/fixed_nonce.c */
#define SERVER NONCE "3rfcNHYJY1ZVvWVs7j"
#define SALT   "QSXCR+Q6sek8bf92"

typedef struct {
	bool done;
	char *response;
	GError *error;
} Answer;

static void on_done(const char *response, const GError *error, void *data)
{
	Answer *answer = data;

	ck_assert(!answer->done);
	answer->done = true;
	answer->response = g_strdup(response);
	answer->error = error ? g_error_copy(error) : NULL;
}

static char *plain(const char *base64)
{
	gsize len;
	guchar *bytes = g_base64_decode(base64, &len);

	bytes = g_realloc(bytes, len + 1);
	bytes[len] = '\0';
	return (char *)bytes;
}

/* The decoded response, or NULL and the error. */
static char *step_raw(Sasl *sasl, const char *challenge, GError **error)
{
	Answer answer = {0};
	g_autofree char *response = NULL;

	sasl_step(sasl, challenge, on_done, &answer);
	ck_assert(!answer.done);
	while (!answer.done)
		g_main_context_iteration(NULL, TRUE);
	ck_assert((answer.response == NULL) == (answer.error != NULL));
	response = answer.response;
	if (answer.error)
		g_propagate_error(error, answer.error);
	return response ? plain(response) : NULL;
}

static char *step(Sasl *sasl, const char *challenge, GError **error)
{
	g_autofree char *base64 =
		challenge ? g_base64_encode((const guchar *)challenge, strlen(challenge)) : NULL;

	return step_raw(sasl, base64, error);
}

static Sasl *start(const char *mechanism, const char *user, const char *secret)
{
	SaslFacts facts = {
		.peer = "h", .user = user, .secret = secret, .host = "mail.example", .port = 993};
	g_autoptr(GError) error = NULL;
	Sasl *sasl = sasl_new(mechanism_find(mechanism), &facts, &error);

	ck_assert_msg(sasl != NULL, "%s", error ? error->message : "");
	return sasl;
}

static void expect(Sasl *sasl, const char *challenge, const char *response)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *said = step(sasl, challenge, &error);

	ck_assert_msg(said != NULL, "%s", error ? error->message : "");
	ck_assert_str_eq(said, response);
}

static void expect_error(Sasl *sasl, const char *challenge, CoreError code, const char *words)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *said = step(sasl, challenge, &error);

	ck_assert_msg(error != NULL, "went on with %s", said);
	ck_assert_msg(g_error_matches(error, CORE_ERROR, (int)code), "%s", error->message);
	ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
	ck_assert(!sasl_is_complete(sasl));
}

/* RFC 5802 5, word for word. */
START_TEST(rfc_5802)
{
	Sasl *sasl = start("SCRAM-SHA-1", "user", "pencil");

	expect(sasl, NULL, "n,,n=user,r=" NONCE);
	expect(sasl, "r=" SERVER ",s=" SALT ",i=4096",
	       "c=biws,r=" SERVER ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
	ck_assert(!sasl_is_complete(sasl));
	expect(sasl, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "");
	ck_assert(sasl_is_complete(sasl));
	sasl_free(sasl);
}
END_TEST

/* SCRAM-SHA-256 of the other side, for nonces that the RFC did not choose. */

typedef struct {
	guint8 bytes[32];
} Digest;

static Digest hmac(const void *key, size_t key_len, const void *text, size_t len)
{
	g_autoptr(GHmac) made = g_hmac_new(G_CHECKSUM_SHA256, key, key_len);
	Digest digest;
	gsize size = sizeof digest.bytes;

	g_hmac_update(made, text, (gssize)len);
	g_hmac_get_digest(made, digest.bytes, &size);
	return digest;
}

static Digest salted_password(const char *password, const char *salt, unsigned iterations)
{
	gsize len;
	g_autofree guchar *bytes = g_base64_decode(salt, &len);
	Digest last, sum;

	bytes = g_realloc(bytes, len + 4);
	memcpy(bytes + len, "\0\0\0\1", 4);
	sum = last = hmac(password, strlen(password), bytes, len + 4);
	for (unsigned i = 1; i < iterations; i++) {
		last = hmac(password, strlen(password), last.bytes, sizeof last.bytes);
		for (size_t k = 0; k < sizeof sum.bytes; k++)
			sum.bytes[k] ^= last.bytes[k];
	}
	return sum;
}

static char *signature(const Digest *salted, const char *key_name, const char *messages)
{
	Digest key = hmac(salted->bytes, sizeof salted->bytes, key_name, strlen(key_name));
	Digest signed_with;

	if (strcmp(key_name, "Client Key") == 0) {
		g_autoptr(GChecksum) hash = g_checksum_new(G_CHECKSUM_SHA256);
		Digest stored;
		gsize size = sizeof stored.bytes;
		g_checksum_update(hash, key.bytes, sizeof key.bytes);
		g_checksum_get_digest(hash, stored.bytes, &size);
		signed_with = hmac(stored.bytes, size, messages, strlen(messages));
		for (size_t i = 0; i < size; i++)
			signed_with.bytes[i] ^= key.bytes[i];
	} else {
		signed_with = hmac(key.bytes, sizeof key.bytes, messages, strlen(messages));
	}
	return g_base64_encode(signed_with.bytes, sizeof signed_with.bytes);
}

/* RFC 7677 3: first that the test reckons as it does, then that Sheaf reckons as the test does. */
START_TEST(rfc_7677)
{
	static const char *const messages =
		"n=user,r=rOprNGfwEbeRWgbNEkqO,"
		"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i="
		"4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
	Digest salted = salted_password("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==", 4096);
	g_autofree char *proof = signature(&salted, "Client Key", messages);
	g_autofree char *server = signature(&salted, "Server Key", messages);
	Sasl *sasl = start("SCRAM-SHA-256", "user", "pencil");
	static const char *const ours = "n=user,r=" NONCE ",r=" SERVER
					",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=" SERVER;
	g_autofree char *our_proof = signature(&salted, "Client Key", ours);
	g_autofree char *our_server = signature(&salted, "Server Key", ours);
	g_autofree char *final = g_strconcat("c=biws,r=" SERVER ",p=", our_proof, NULL);
	g_autofree char *verifier = g_strconcat("v=", our_server, NULL);

	ck_assert_str_eq(proof, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
	ck_assert_str_eq(server, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
	expect(sasl, NULL, "n,,n=user,r=" NONCE);
	expect(sasl, "r=" SERVER ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", final);
	expect(sasl, verifier, "");
	ck_assert(sasl_is_complete(sasl));
	/* T032: a repeated step. */
	expect_error(sasl, verifier, CORE_ERROR_TLS, "asks for more though all is said");
	sasl_free(sasl);
}
END_TEST

/* RFC 9266: what binds the connection goes into the proof. */
START_TEST(binds)
{
	g_autoptr(GBytes) binding = g_bytes_new_static("0123456789abcdef0123456789abcdef", 32);
	SaslFacts facts = {.peer = "h",
			   .user = "us=er,",
			   .secret = "pencil",
			   .binding = binding,
			   .binds_exporter = true};
	Sasl *exporter = sasl_new(mechanism_find("SCRAM-SHA-256-PLUS"), &facts, NULL);
	Sasl *unique;
	g_autoptr(GError) error = NULL;
	g_autofree char *final = NULL, *bound = NULL;

	facts.binds_exporter = false;
	unique = sasl_new(mechanism_find("SCRAM-SHA-1-PLUS"), &facts, NULL);
	expect(exporter, NULL, "p=tls-exporter,,n=us=3Der=2C,r=" NONCE);
	expect(unique, NULL, "p=tls-unique,,n=us=3Der=2C,r=" NONCE);
	final = step(unique, "r=" SERVER ",s=" SALT ",i=4096", &error);
	ck_assert_ptr_nonnull(final);
	final[strcspn(final, ",")] = '\0';
	bound = plain(final + 2);
	ck_assert_str_eq(bound, "p=tls-unique,,0123456789abcdef0123456789abcdef");
	sasl_free(exporter);
	sasl_free(unique);
}
END_TEST

/* T032 */
static const struct {
	const char *first, *words;
} hostile_first[] = {
	{"r=" SERVER ",s=" SALT ",i=4095", "rounds"},
	{"r=" SERVER ",s=" SALT ",i=1", "rounds"},
	{"r=" SERVER ",s=" SALT ",i=0", "rounds"},
	{"r=" SERVER ",s=" SALT ",i=1000001", "rounds"},
	{"r=" SERVER ",s=" SALT ",i=2147483648", "rounds"},
	{"r=" SERVER ",s=" SALT ",i=99999999999999999999999", "rounds"},
	{"r=" SERVER ",s=" SALT ",i=-4096", "rounds"},
	{"r=" SERVER ",s=" SALT ",i=4096x", "rounds"},
	{"r=" SERVER ",s=" SALT ",i=", "rounds"},
	{"r=" SERVER ",s=,i=4096", "no salt"},
	{"r=" NONCE ",s=" SALT ",i=4096", "somebody else"},
	{"r=x" SERVER ",s=" SALT ",i=4096", "somebody else"},
	{"r=,s=" SALT ",i=4096", "somebody else"},
	{"m=x,r=" SERVER ",s=" SALT ",i=4096", "does not keep to"},
	{"r=" SERVER ",s=" SALT, "does not keep to"},
	{"r=" SERVER ",i=4096,s=" SALT, "does not keep to"},
	{"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "does not keep to"},
	{"", "does not keep to"},
	{",,,,,,,,,,,", "does not keep to"},
};

START_TEST(distrusts_first)
{
	Sasl *sasl = start("SCRAM-SHA-1", "user", "pencil");
	gint64 began = g_get_monotonic_time();

	expect(sasl, NULL, "n,,n=user,r=" NONCE);
	expect_error(sasl, hostile_first[_i].first, CORE_ERROR_TLS, hostile_first[_i].words);
	ck_assert_int_lt(g_get_monotonic_time() - began, G_USEC_PER_SEC);
	sasl_free(sasl);
}
END_TEST

/* T031 */
static const struct {
	const char *final;
	CoreError code;
	const char *words;
} hostile_final[] = {
	{"v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=", CORE_ERROR_TLS, "could not prove"},
	{"v=rmF9pqV8S7suAoZWja4dJRkFsKQ", CORE_ERROR_TLS, ""},
	{"v=", CORE_ERROR_TLS, ""},
	{"", CORE_ERROR_TLS, ""},
	{"x", CORE_ERROR_TLS, ""},
	{"r=" SERVER ",s=" SALT ",i=4096", CORE_ERROR_TLS, ""},
	{"e=invalid-proof", CORE_ERROR_AUTH,
	 "refused the log-in of user by SCRAM-SHA-1 (invalid-proof)"},
	{"e=\033[2J", CORE_ERROR_AUTH, "cannot be shown"},
};

START_TEST(distrusts_final)
{
	Sasl *sasl = start("SCRAM-SHA-1", "user", "pencil");

	expect(sasl, NULL, "n,,n=user,r=" NONCE);
	expect(sasl, "r=" SERVER ",s=" SALT ",i=4096",
	       "c=biws,r=" SERVER ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
	expect_error(sasl, hostile_final[_i].final, hostile_final[_i].code,
		     hostile_final[_i].words);
	sasl_free(sasl);
}
END_TEST

/* T034, T035 */
START_TEST(bounds)
{
	static const char *const bad_base64[] = {"A", "AAA", "A===", "AA=A", "!!!!", "AAAA AAAA"};
	g_autofree char *long_one = g_strnfill(1024 * 1024, 'A');
	g_autofree char *edge = g_strnfill(64 * 1024 + 4, 'A');
	const char *const huge[] = {long_one, edge};

	for (size_t i = 0; i < G_N_ELEMENTS(bad_base64); i++) {
		Sasl *sasl = start("CRAM-MD5", "user", "pencil");
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(step_raw(sasl, bad_base64[i], &error));
		ck_assert_msg(strstr(error->message, "not base64") != NULL, "%s", error->message);
		sasl_free(sasl);
	}
	Sasl *empty = start("CRAM-MD5", "user", "pencil");
	expect_error(empty, "", CORE_ERROR_TLS, "does not keep to");
	sasl_free(empty);
	for (size_t i = 0; i < G_N_ELEMENTS(huge); i++) {
		Sasl *sasl = start("CRAM-MD5", "user", "pencil");
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(step_raw(sasl, huge[i], &error));
		ck_assert_msg(strstr(error->message, "more and more") != NULL, "%s",
			      error->message);
		sasl_free(sasl);
	}
}
END_TEST

START_TEST(rounds)
{
	Sasl *sasl = start("XOAUTH2", "user", "token");
	unsigned answered = 0;

	for (g_autoptr(GError) error = NULL; !error; answered++)
		g_free(step_raw(sasl, answered ? "" : NULL, &error));
	ck_assert_uint_le(answered, 12);
	ck_assert_uint_ge(answered, 11);
	sasl_free(sasl);
}
END_TEST

/* RFC 2195 2 */
START_TEST(cram_md5)
{
	Sasl *sasl = start("CRAM-MD5", "tim", "tanstaaftanstaaf");

	expect(sasl, "<1896.697170952@postoffice.reston.mci.net>",
	       "tim b913a602c7eda7a495b4e6e7334d3890");
	sasl_free(sasl);
}
END_TEST

/* RFC 7628 4.1 and 3.2.3; T036 */
START_TEST(tokens)
{
	Sasl *bearer = start("OAUTHBEARER", "u=s,er", "to.ken==");
	Sasl *xoauth2 = start("XOAUTH2", "user@example.org", "to.ken==");

	expect(bearer, NULL,
	       "n,a=u=3Ds=2Cer,\001host=mail.example\001port=993\001auth=Bearer to.ken==\001\001");
	ck_assert(sasl_is_complete(bearer));
	expect(bearer, "{\"status\":\"invalid_token\"}", "\001");
	ck_assert(!sasl_is_complete(bearer));
	expect(xoauth2, NULL, "user=user@example.org\001auth=Bearer to.ken==\001\001");
	expect(xoauth2, "{\"status\":\"401\"}", "");
	ck_assert(!sasl_is_complete(xoauth2));
	sasl_free(bearer);
	sasl_free(xoauth2);
}
END_TEST

START_TEST(refuses_secrets)
{
	static const struct {
		const char *mechanism, *secret;
	} rows[] = {{"PLAIN", "a\r\nb"},
		    {"SCRAM-SHA-256", "a\n"},
		    {"XOAUTH2", "a\001b"},
		    {"OAUTHBEARER", "a\nb"}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		SaslFacts facts = {.peer = "h", .user = "user", .secret = rows[i].secret};
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(sasl_new(mechanism_find(rows[i].mechanism), &facts, &error));
		ck_assert(g_error_matches(error, CORE_ERROR, CORE_ERROR_STATE));
	}
}
END_TEST

static gboolean on_tick(gpointer ticks)
{
	++*(unsigned *)ticks;
	return G_SOURCE_CONTINUE;
}

/* A million rounds take a good part of a second, in which the loop goes on turning. */
START_TEST(does_not_block)
{
	Sasl *sasl = start("SCRAM-SHA-256", "user", "pencil");
	unsigned ticks = 0;
	guint timer;

	expect(sasl, NULL, "n,,n=user,r=" NONCE);
	timer = g_timeout_add(5, on_tick, &ticks);
	g_free(step(sasl, "r=" SERVER ",s=" SALT ",i=1000000", NULL));
	ck_assert_uint_ge(ticks, 10);
	g_source_remove(timer);
	sasl_free(sasl);
}
END_TEST

START_TEST(may_be_freed_meanwhile)
{
	Sasl *sasl = start("SCRAM-SHA-256", "user", "pencil");
	Answer answer = {0};
	g_autofree char *challenge = NULL;
	unsigned ticks = 0;
	guint timer;

	expect(sasl, NULL, "n,,n=user,r=" NONCE);
	challenge = g_base64_encode((const guchar *)"r=" SERVER ",s=" SALT ",i=4096",
				    strlen("r=" SERVER ",s=" SALT ",i=4096"));
	sasl_step(sasl, challenge, on_done, &answer);
	ck_assert(sasl_is_running(sasl));
	sasl_free(sasl);
	timer = g_timeout_add(5, on_tick, &ticks);
	while (ticks < 60)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	ck_assert(!answer.done);
}
END_TEST

/* Which mechanism: T029, T030, T033, T040 */

#define S256P CAP(AUTH_SCRAM_SHA_256_PLUS)
#define S256  CAP(AUTH_SCRAM_SHA_256)
#define S1    CAP(AUTH_SCRAM_SHA_1)
#define PLAIN CAP(AUTH_PLAIN)
#define WEAK  CAP(AUTH_CRAM_MD5) | CAP(AUTH_LOGIN) | CAP(AUTH_ANONYMOUS)

static const struct {
	MechanismFacts facts;
	const char *choice; /* NULL: the LOGIN command */
	const char *words;  /* or refused so */
} choices[] = {
	{{.offered = PLAIN | S1 | S256 | S256P, .has_binding = true}, "SCRAM-SHA-256-PLUS", NULL},
	{{.offered = PLAIN | S1 | S256 | S256P}, "SCRAM-SHA-256", NULL},
	{{.offered = S256 | CAP(AUTH_SCRAM_SHA_1_PLUS), .has_binding = true},
	 "SCRAM-SHA-1-PLUS",
	 NULL},
	{{.offered = PLAIN | S1}, "SCRAM-SHA-1", NULL},
	{{.offered = PLAIN | WEAK}, "PLAIN", NULL},
	{{.offered = WEAK}, NULL, NULL},
	{{.offered = 0}, NULL, NULL},
	{{.offered = WEAK, .wish = "cram-md5"}, "CRAM-MD5", NULL},
	{{.offered = WEAK, .wish = "ANONYMOUS"}, "ANONYMOUS", NULL},
	{{.offered = PLAIN, .wish = "LOGIN"}, NULL, NULL},
	{{.offered = PLAIN | S256, .wish = "PLAIN"}, "PLAIN", NULL},
	{{.offered = PLAIN, .wish = "SCRAM-SHA-1"},
	 NULL,
	 "does not offer to log in by SCRAM-SHA-1"},
	{{.offered = PLAIN, .wish = "SCRAM-SHA-1 or stronger"}, NULL, "nothing better than PLAIN"},
	{{.offered = S256, .wish = "SCRAM-SHA-1 or stronger"}, "SCRAM-SHA-256", NULL},
	{{.offered = WEAK, .wish = "PLAIN or stronger"}, NULL, NULL},
	{{.offered = WEAK, .wish = "SCRAM-SHA-1 or stronger"}, NULL, "the LOGIN command"},
	{{.offered = S256P, .wish = "SCRAM-SHA-256-PLUS"}, NULL, "nothing to bind"},
	{{.offered = PLAIN, .remembered = "SCRAM-SHA-256"}, NULL, "before"},
	{{.offered = 0, .remembered = "SCRAM-SHA-256"}, NULL, "before"},
	{{.offered = S1 | S256, .remembered = "SCRAM-SHA-256-PLUS", .has_binding = true},
	 NULL,
	 "before"},
	{{.offered = S256, .remembered = "SCRAM-SHA-1"}, "SCRAM-SHA-256", NULL},
	{{.offered = PLAIN, .remembered = "SCRAM-SHA-1", .wish = "PLAIN"}, "PLAIN", NULL},
	{{.offered = 0, .remembered = "PLAIN"}, NULL, NULL},
	{{.offered = PLAIN | CAP(AUTH_XOAUTH2), .has_token = true}, "XOAUTH2", NULL},
	{{.offered = CAP(AUTH_OAUTHBEARER) | CAP(AUTH_XOAUTH2), .has_token = true},
	 "OAUTHBEARER",
	 NULL},
	{{.offered = PLAIN | S256, .has_token = true}, NULL, "does not take a token"},
	{{.offered = PLAIN | CAP(AUTH_XOAUTH2)}, "PLAIN", NULL},
	{{.offered = PLAIN | CAP(AUTH_EXTERNAL)}, "PLAIN", NULL},
	{{.offered = PLAIN | CAP(AUTH_EXTERNAL), .has_certificate = true}, "EXTERNAL", NULL},
	{{.offered = CAP(AUTH_GSSAPI) | PLAIN}, "PLAIN", NULL},
	{{.offered = CAP(AUTH_GSSAPI) | PLAIN, .wish = "GSSAPI"}, "GSSAPI", NULL},
	{{.offered = PLAIN, .wish = "NTLM"}, NULL, "no way to log in"},
};

START_TEST(chooses)
{
	MechanismFacts facts = choices[_i].facts;
	const Mechanism *choice = NULL;
	g_autoptr(GError) error = NULL;

	facts.peer = "h";
	ck_assert_int_eq(mechanism_choose(&facts, &choice, &error), !choices[_i].words);
	if (choices[_i].words)
		ck_assert_msg(strstr(error->message, choices[_i].words) != NULL, "%s",
			      error->message);
	else
		ck_assert_str_eq(choice ? choice->name : "",
				 choices[_i].choice ? choices[_i].choice : "");
}
END_TEST

int main(void)
{
	TCase *test;
	Suite *suite = one_case("sasl", &test);

	tcase_set_timeout(test, 60);
	tcase_add_test(test, rfc_5802);
	tcase_add_test(test, rfc_7677);
	tcase_add_test(test, binds);
	tcase_add_loop_test(test, distrusts_first, 0, G_N_ELEMENTS(hostile_first));
	tcase_add_loop_test(test, distrusts_final, 0, G_N_ELEMENTS(hostile_final));
	tcase_add_test(test, bounds);
	tcase_add_test(test, rounds);
	tcase_add_test(test, cram_md5);
	tcase_add_test(test, tokens);
	tcase_add_test(test, refuses_secrets);
	tcase_add_test(test, does_not_block);
	tcase_add_test(test, may_be_freed_meanwhile);
	tcase_add_loop_test(test, chooses, 0, G_N_ELEMENTS(choices));
	return run_suite(suite);
}
