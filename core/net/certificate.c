#include "config.h"

#include "core/net/certificate.h"

#include <string.h>

#include "core/base/error.h"

#define PREFIX "sha256:"

static void clear(void *data)
{
	Certificate *c = data;

	g_free(c->host);
	g_free(c->names);
	g_free(c->issuer);
	g_free(c->key);
	g_free(c->expected);
	g_free(c->reason);
}

Certificate *certificate_new(const Certificate *facts_take)
{
	Certificate *c = g_atomic_rc_box_new(Certificate);

	*c = *facts_take;
	return c;
}

Certificate *certificate_ref(const Certificate *c)
{
	gpointer box = (gpointer)c;

	return g_atomic_rc_box_acquire(box);
}

void certificate_unref(Certificate *c)
{
	g_atomic_rc_box_release_full(c, clear);
}

static void release(void *data)
{
	certificate_unref(data);
}

const Certificate *certificate_of(const GError *error)
{
	return error_attached(error, release);
}

char *certificate_date(int64_t seconds)
{
	g_autoptr(GDateTime) when = seconds ? g_date_time_new_from_unix_local(seconds) : NULL;

	return when ? g_date_time_format(when, "%Y-%m-%d %H:%M %Z")
		    : g_strdup("an unreadable date");
}

bool certificate_may_trust(const Certificate *c)
{
	return c->key && !(c->faults & (CERTIFICATE_WEAK | CERTIFICATE_REVOKED));
}

static void say(GPtrArray *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(GPtrArray *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(out, g_strdup_vprintf(format, args));
	va_end(args);
}

/* A date is wrong only beside the clock of this machine, which may be the one at fault. */
static void say_dates(const Certificate *c, GPtrArray *out)
{
	g_autofree char *from = certificate_date(c->from), *until = certificate_date(c->until);
	g_autofree char *clock = certificate_date(g_get_real_time() / G_USEC_PER_SEC);

	if (c->faults & CERTIFICATE_EXPIRED)
		say(out, "it expired on %s (this machine's clock says %s)", until, clock);
	if (c->faults & CERTIFICATE_NOT_YET_VALID)
		say(out, "it is valid only from %s (this machine's clock says %s)", from, clock);
}

char **certificate_faults(const Certificate *c, bool quote)
{
	GPtrArray *out = g_ptr_array_new();

	if (c->faults & CERTIFICATE_OTHER_KEY)
		say(out, "its key is not the one that is trusted for this server");
	if (c->faults & CERTIFICATE_REVOKED)
		say(out, "its owner or its authority has revoked it");
	if (c->faults & CERTIFICATE_WEAK)
		say(out, "its key is so weak that others can have found it out");
	if (c->faults & CERTIFICATE_OTHER_NAME && quote)
		say(out, "it is for %s, not for %s", c->names, c->host);
	else if (c->faults & CERTIFICATE_OTHER_NAME)
		say(out, "it is not for %s", c->host);
	say_dates(c, out);
	if (c->faults & CERTIFICATE_SELF_SIGNED)
		say(out, "it is signed by nobody but itself");
	if (c->faults & CERTIFICATE_UNKNOWN_ISSUER && quote)
		say(out, "it is signed by %s, which this machine does not trust", c->issuer);
	else if (c->faults & CERTIFICATE_UNKNOWN_ISSUER)
		say(out, "this machine does not trust who signed it");
	if (c->faults & CERTIFICATE_ODD)
		say(out, "%s", c->reason ? c->reason : "it does not hold");
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}

static char *describe_key(const Certificate *c)
{
	return g_strdup_printf("%s shows the key %s, but %s is the one that is trusted for it; do "
			       "not go on unless its owners say that they changed it.",
			       c->host, c->key ? c->key : "none", c->expected);
}

static char *describe(const Certificate *c)
{
	g_auto(GStrv) faults = certificate_faults(c, true);
	g_autofree char *why = g_strjoinv("; ", faults);

	if (c->faults & CERTIFICATE_OTHER_KEY)
		return describe_key(c);
	if (!certificate_may_trust(c))
		return g_strdup_printf("The certificate of %s is refused: %s.", c->host, why);
	return g_strdup_printf("The certificate of %s is not trusted: %s.  If it is right all the "
			       "same, name the file of its authority with ca = FILE, or this one "
			       "key with pin = %s.",
			       c->host, why, c->key);
}

GError *certificate_error(Certificate *c_take)
{
	g_autofree char *sentence = describe(c_take);
	GError *error = g_error_new_literal(CORE_ERROR, CORE_ERROR_TLS, sentence);

	error_attach(error, c_take, release);
	return error;
}

char *certificate_key_text(const uint8_t hash[CERTIFICATE_KEY_SIZE])
{
	g_autofree char *base64 = g_base64_encode(hash, CERTIFICATE_KEY_SIZE);

	return g_strconcat(PREFIX, base64, NULL);
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

bool certificate_key_read(const char *text, uint8_t hash[CERTIFICATE_KEY_SIZE])
{
	g_autofree guint8 *bytes = NULL;
	gsize len = 0;

	if (g_ascii_strncasecmp(text, PREFIX, strlen(PREFIX)) != 0)
		return false;
	text += strlen(PREFIX);
	bytes = read_hex(text, &len);
	if (len != CERTIFICATE_KEY_SIZE) {
		g_free(bytes);
		bytes = g_base64_decode(text, &len);
	}
	if (len != CERTIFICATE_KEY_SIZE)
		return false;
	memcpy(hash, bytes, len);
	return true;
}
