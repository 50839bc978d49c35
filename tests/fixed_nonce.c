/* Stands in for the function of that name in GNU SASL, so that conversations can be written down:
 * the nonce is that of RFC 5802 5. */
#include <glib.h>
#include <gsasl.h>
#include <string.h>

int gsasl_nonce(char *data, size_t datalen)
{
	gsize len;
	g_autofree guchar *nonce = g_base64_decode("fyko+d2lbbFgONRv9qkxdawL", &len);

	memset(data, 0, datalen);
	memcpy(data, nonce, MIN(len, datalen));
	return GSASL_OK;
}
