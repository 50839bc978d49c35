#include "config.h"
#include "core/session/sasl.h"

#include <gio/gio.h>
#include <gsasl.h>
#include <string.h>
#include "core/base/error.h"

#define MAX_SALT 1024

/* A worker may still be at it when its owner has gone. */
struct Sasl {
	int references; /* atomic */
	const Mechanism *mechanism;
	char *peer, *user, *secret, *host;
	unsigned port;
	Gsasl *library; /* NULL for those of our own */
	Gsasl_session *session;
	char *nonce; /* SCRAM: ours */
	unsigned steps;
	size_t challenged;
	bool running, complete;
	SaslDone done; /* NULL once freed */
	void *data;
};

typedef struct {
	Sasl *sasl;
	char *challenge; /* base64, NULL for the initial response */
	char *response;
	bool complete;
	GError *error;
} Step;

static void wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

static void sasl_unref(Sasl *sasl)
{
	/* The library frees its copies as they are. */
	static const Gsasl_property secrets[] = {GSASL_PASSWORD, GSASL_SCRAM_SALTED_PASSWORD};

	if (!g_atomic_int_dec_and_test(&sasl->references))
		return;
	for (size_t i = 0; sasl->session && i < G_N_ELEMENTS(secrets); i++) {
		char *copy = (char *)gsasl_property_fast(sasl->session, secrets[i]);
		if (copy)
			explicit_bzero(copy, strlen(copy));
	}
	if (sasl->session)
		gsasl_finish(sasl->session);
	if (sasl->library)
		gsasl_done(sasl->library);
	wipe(sasl->secret);
	g_free(sasl->peer);
	g_free(sasl->user);
	g_free(sasl->host);
	g_free(sasl->nonce);
	g_free(sasl);
}

static void step_free(void *data)
{
	Step *step = data;

	sasl_unref(step->sasl);
	g_free(step->challenge);
	wipe(step->response);
	g_clear_error(&step->error);
	g_free(step);
}

/* SCRAM: what the server says first, "r=NONCE,s=SALT,i=ITERATIONS" (RFC 5802 7) */

static bool suspect(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool suspect(GError **error, const char *format, ...)
{
	va_list args;
	g_autofree char *why = NULL;

	va_start(args, format);
	why = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, CORE_ERROR, CORE_ERROR_TLS, why);
	return false;
}

static bool does_not_keep_to(const Sasl *sasl, GError **error)
{
	return suspect(error, "%s does not keep to %s, so the log-in was given up.", sasl->peer,
		       sasl->mechanism->name);
}

static bool check_nonce(const Sasl *sasl, const char *nonce, GError **error)
{
	size_t ours = strlen(sasl->nonce);

	if (strncmp(nonce, sasl->nonce, ours) == 0 && nonce[ours])
		return true;
	return suspect(error,
		       "%s answered the log-in of somebody else: the connection is not safe to "
		       "log in over.",
		       sasl->peer);
}

static bool check_salt(const Sasl *sasl, const char *base64, GError **error)
{
	gsize len = 0;
	g_autofree guchar *salt = g_base64_decode(base64, &len);

	if (salt && len > 0 && len <= MAX_SALT)
		return true;
	return suspect(error, "%s wants the password mixed with no salt; it was not given.",
		       sasl->peer);
}

static bool check_iterations(const Sasl *sasl, const char *text, GError **error)
{
	guint64 iterations = 0;

	if (g_ascii_string_to_unsigned(text, 10, SASL_ITERATIONS_MIN, SASL_ITERATIONS_MAX,
				       &iterations, NULL))
		return true;
	return suspect(error,
		       "%s asks for %.20s rounds of its key: fewer than %d would lay the password "
		       "open, more than %d would keep this machine busy.",
		       sasl->peer, text, SASL_ITERATIONS_MIN, SASL_ITERATIONS_MAX);
}

static bool check_server_first(const Sasl *sasl, const char *text, GError **error)
{
	g_auto(GStrv) fields = g_strsplit(text, ",", 5);

	if (g_strv_length(fields) < 3 || !g_str_has_prefix(fields[0], "r=") ||
	    !g_str_has_prefix(fields[1], "s=") || !g_str_has_prefix(fields[2], "i="))
		return does_not_keep_to(sasl, error);
	return check_nonce(sasl, fields[0] + 2, error) && check_salt(sasl, fields[1] + 2, error) &&
	       check_iterations(sasl, fields[2] + 2, error);
}

static bool check_server_final(const Sasl *sasl, const char *text, GError **error)
{
	const char *blame = g_str_has_prefix(text, "e=") ? text + 2 : NULL;
	bool plain = true;

	if (!blame)
		return true;
	for (const char *at = blame; *at; at++)
		plain &= g_ascii_isalnum(*at) || *at == '-';
	g_set_error(error, CORE_ERROR, CORE_ERROR_AUTH,
		    "%s refused the log-in of %s by %s (%.60s).", sasl->peer, sasl->user,
		    sasl->mechanism->name, plain ? blame : "for a reason that cannot be shown");
	return false;
}

static bool check_scram(const Sasl *sasl, const char *text, size_t len, GError **error)
{
	if (strlen(text) != len)
		return does_not_keep_to(sasl, error);
	if (sasl->steps == 1)
		return check_server_first(sasl, text, error);
	return check_server_final(sasl, text, error);
}

/* "n,,n=user,r=NONCE" */
static void note_nonce(Sasl *sasl, const char *first, size_t len)
{
	g_autofree char *text = g_strndup(first, len);
	const char *nonce = strstr(text, ",r=");

	sasl->nonce = g_strdup(nonce ? nonce + 3 : "");
}

/* What became of a step of the library */

static bool judge(const Sasl *sasl, int code, GError **error)
{
	switch (code) {
	case GSASL_OK:
	case GSASL_NEEDS_MORE:
		return true;
	case GSASL_SASLPREP_ERROR:
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "The user name or password has characters that %s cannot carry.",
			    sasl->mechanism->name);
		return false;
	case GSASL_AUTHENTICATION_ERROR:
		return suspect(error,
			       "%s could not prove that it knows your password: you may be talking "
			       "to somebody else, so the connection was closed.",
			       sasl->peer);
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
		return does_not_keep_to(sasl, error);
	default:
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "Logging in to %s by %s failed: %s.", sasl->peer, sasl->mechanism->name,
			    gsasl_strerror(code));
		return false;
	}
}

static char *encode(const char *bytes, size_t len)
{
	return len ? g_base64_encode((const guchar *)bytes, len) : g_strdup("");
}

static char *library_step(Sasl *sasl, const char *challenge, size_t len, bool *complete,
			  GError **error)
{
	bool scram = sasl->mechanism->flags & MECHANISM_SCRAM;
	char *out = NULL, *response;
	size_t out_len = 0;
	int code;

	if (scram && sasl->steps > 0 && !check_scram(sasl, challenge, len, error))
		return NULL;
	/* T034: it would be taken for no challenge at all. */
	if (sasl->mechanism->offered == CAP(AUTH_CRAM_MD5) && len == 0) {
		does_not_keep_to(sasl, error);
		return NULL;
	}
	code = gsasl_step(sasl->session, challenge, len, &out, &out_len);
	if (!judge(sasl, code, error)) {
		gsasl_free(out);
		return NULL;
	}
	if (scram && sasl->steps == 0)
		note_nonce(sasl, out, out_len);
	*complete = code == GSASL_OK;
	response = encode(out, out_len);
	if (out)
		explicit_bzero(out, out_len);
	gsasl_free(out);
	return response;
}

/* OAuth (RFC 7628 3.1, and what Google made of it before) */

/* saslname of RFC 5801: = and , would end it. */
static char *escape_name(const char *name)
{
	g_auto(GStrv) equals = g_strsplit(name, "=", -1);
	g_autofree char *half = g_strjoinv("=3D", equals);
	g_auto(GStrv) commas = g_strsplit(half, ",", -1);

	return g_strjoinv("=2C", commas);
}

static char *token_message(const Sasl *sasl)
{
	g_autofree char *name = escape_name(sasl->user);

	if (sasl->mechanism->offered == CAP(AUTH_XOAUTH2))
		return g_strdup_printf("user=%s\001auth=Bearer %s\001\001", sasl->user,
				       sasl->secret);
	return g_strdup_printf("n,a=%s,\001host=%s\001port=%u\001auth=Bearer %s\001\001", name,
			       sasl->host ? sasl->host : "", sasl->port, sasl->secret);
}

/* A challenge says why the token was refused; the server waits for an answer before its NO. */
static char *token_step(const Sasl *sasl, bool *complete)
{
	char *message, *response;

	if (sasl->steps > 0)
		return sasl->mechanism->offered == CAP(AUTH_XOAUTH2) ? g_strdup("")
								     : encode("\001", 1);
	message = token_message(sasl);
	response = encode(message, strlen(message));
	wipe(message);
	*complete = true;
	return response;
}

/* Steps */

static bool decode(const Sasl *sasl, const char *base64, char **out, size_t *len, GError **error)
{
	size_t digits = strspn(base64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/");
	size_t padding = strspn(base64 + digits, "=");
	gsize n = 0;

	if (base64[digits + padding] || padding > 2 || (digits + padding) % 4)
		return suspect(error, "%s sent a challenge that is not base64.", sasl->peer);
	*out = (char *)g_base64_decode(base64, &n);
	*out = g_realloc(*out, n + 1);
	(*out)[n] = '\0';
	*len = n;
	return true;
}

static void take_step(Step *step)
{
	Sasl *sasl = step->sasl;
	g_autofree char *challenge = NULL;
	size_t len = 0;

	if (step->challenge && !decode(sasl, step->challenge, &challenge, &len, &step->error))
		return;
	if (sasl->library)
		step->response = library_step(sasl, challenge, len, &step->complete, &step->error);
	else
		step->response = token_step(sasl, &step->complete);
}

static void in_thread(GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
		      GCancellable *cancellable G_GNUC_UNUSED)
{
	Step *step = data;

	if (!step->error)
		take_step(step);
	g_task_return_boolean(task, TRUE);
}

static void on_stepped(GObject *source G_GNUC_UNUSED, GAsyncResult *result,
		       void *data G_GNUC_UNUSED)
{
	Step *step = g_task_get_task_data(G_TASK(result));
	Sasl *sasl = step->sasl;
	SaslDone done = g_steal_pointer(&sasl->done);

	sasl->running = false;
	sasl->steps++;
	sasl->complete = step->complete && !step->error;
	if (done)
		done(step->error ? NULL : step->response, step->error, sasl->data);
}

/* What may not even be looked at. */
static bool may_challenge(Sasl *sasl, const char *challenge, GError **error)
{
	sasl->challenged += strlen(challenge);
	if (sasl->steps > SASL_ROUNDS_MAX || sasl->challenged > SASL_CHALLENGE_MAX)
		return suspect(error, "%s asks more and more without ever logging in.", sasl->peer);
	if (sasl->complete && sasl->library)
		return suspect(error,
			       "%s asks for more though all is said, so the log-in was "
			       "given up.",
			       sasl->peer);
	return true;
}

void sasl_step(Sasl *sasl, const char *challenge, SaslDone done, void *data)
{
	Step *step = g_new0(Step, 1);
	g_autoptr(GTask) task = g_task_new(NULL, NULL, on_stepped, NULL);

	g_return_if_fail(!sasl->running);
	g_atomic_int_inc(&sasl->references);
	sasl->running = true;
	sasl->done = done;
	sasl->data = data;
	step->sasl = sasl;
	step->challenge = g_strdup(challenge);
	if (challenge)
		may_challenge(sasl, challenge, &step->error);
	g_task_set_task_data(task, step, step_free);
	g_task_run_in_thread(task, in_thread);
}

bool sasl_is_running(const Sasl *sasl)
{
	return sasl->running;
}

bool sasl_is_complete(const Sasl *sasl)
{
	return sasl->complete && !sasl->running;
}

/* Making one */

static bool has_control(const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return true;
	return false;
}

static bool check_secret(const Sasl *sasl, GError **error)
{
	bool is_token = sasl->mechanism->proof == PROOF_TOKEN;
	bool fine = is_token ? !has_control(sasl->secret) && !has_control(sasl->user)
			     : !sasl->secret || !strpbrk(sasl->secret, "\r\n");

	if (!fine)
		g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
			    "The %s has a line break or control character in it, so it was not "
			    "sent.",
			    is_token ? "token" : "password");
	return fine;
}

static void give(Sasl *sasl, const SaslFacts *facts)
{
	Gsasl_session *to = sasl->session;

	gsasl_property_set(to, GSASL_SERVICE, "imap");
	gsasl_property_set(to, GSASL_HOSTNAME, facts->host ? facts->host : "localhost");
	if (sasl->mechanism->proof == PROOF_NONE)
		gsasl_property_set(to, GSASL_ANONYMOUS_TOKEN, "sheaf");
	if (sasl->mechanism->proof != PROOF_PASSWORD)
		return;
	gsasl_property_set(to, GSASL_AUTHID, sasl->user);
	gsasl_property_set(to, GSASL_PASSWORD, sasl->secret);
	if (facts->binding && (sasl->mechanism->flags & MECHANISM_BINDING)) {
		size_t len;
		const guchar *bytes = g_bytes_get_data(facts->binding, &len);
		g_autofree char *base64 = g_base64_encode(bytes, len);
		gsasl_property_set(
			to, facts->binds_exporter ? GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE,
			base64);
	}
}

static bool start(Sasl *sasl, const SaslFacts *facts, GError **error)
{
	int code = gsasl_init(&sasl->library);

	if (code == GSASL_OK)
		code = gsasl_client_start(sasl->library, sasl->mechanism->name, &sasl->session);
	if (code == GSASL_OK) {
		give(sasl, facts);
		return true;
	}
	sasl->session = NULL;
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE,
		    "Logging in by %s is not possible on this machine: %s.", sasl->mechanism->name,
		    gsasl_strerror(code));
	return false;
}

Sasl *sasl_new(const Mechanism *mechanism, const SaslFacts *facts, GError **error)
{
	Sasl *sasl = g_new0(Sasl, 1);

	sasl->references = 1;
	sasl->mechanism = mechanism;
	sasl->peer = g_strdup(facts->peer);
	sasl->user = g_strdup(facts->user ? facts->user : "");
	sasl->secret = g_strdup(facts->secret ? facts->secret : "");
	sasl->host = g_strdup(facts->host);
	sasl->port = facts->port;
	if (check_secret(sasl, error) &&
	    (mechanism->proof == PROOF_TOKEN || start(sasl, facts, error)))
		return sasl;
	sasl_free(sasl);
	return NULL;
}

void sasl_free(Sasl *sasl)
{
	if (!sasl)
		return;
	sasl->done = NULL;
	sasl_unref(sasl);
}
