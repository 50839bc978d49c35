#include "mime/charset.h"

#include <errno.h>
#include <string.h>

#define LABEL_MAX 40

/* What a charset label may hand to iconv.  Labels are compared without case and punctuation.  The
 * web's supersets stand in for what mailers mislabel (GB18030 for gb2312, CP932 for shift_jis); the
 * converters with a history of faults (ISO-2022-CN-EXT, ISO-2022-JP-3, IBM1364) and UTF-7 are left
 * out on purpose. */
static const struct {
	const char *label, *name;
} charsets[] = {
	{"utf8", CHARSET_UTF8},
	{"unicode11utf8", CHARSET_UTF8},
	{"iso88591", CHARSET_WINDOWS1252},
	{"latin1", CHARSET_WINDOWS1252},
	{"l1", CHARSET_WINDOWS1252},
	{"cp819", CHARSET_WINDOWS1252},
	{"windows1252", CHARSET_WINDOWS1252},
	{"cp1252", CHARSET_WINDOWS1252},
	{"iso88592", "ISO-8859-2"},
	{"latin2", "ISO-8859-2"},
	{"iso88593", "ISO-8859-3"},
	{"iso88594", "ISO-8859-4"},
	{"iso88595", "ISO-8859-5"},
	{"iso88596", "ISO-8859-6"},
	{"iso88597", "ISO-8859-7"},
	{"iso88598", "ISO-8859-8"},
	{"iso88598i", "ISO-8859-8"},
	{"iso88599", "ISO-8859-9"},
	{"latin5", "ISO-8859-9"},
	{"iso885910", "ISO-8859-10"},
	{"iso885911", "CP874"},
	{"iso885913", "ISO-8859-13"},
	{"iso885914", "ISO-8859-14"},
	{"iso885915", "ISO-8859-15"},
	{"latin9", "ISO-8859-15"},
	{"iso885916", "ISO-8859-16"},
	{"windows874", "CP874"},
	{"cp874", "CP874"},
	{"tis620", "CP874"},
	{"windows1250", "CP1250"},
	{"cp1250", "CP1250"},
	{"windows1251", "CP1251"},
	{"cp1251", "CP1251"},
	{"windows1253", "CP1253"},
	{"cp1253", "CP1253"},
	{"windows1254", "CP1254"},
	{"cp1254", "CP1254"},
	{"windows1255", "CP1255"},
	{"cp1255", "CP1255"},
	{"windows1256", "CP1256"},
	{"cp1256", "CP1256"},
	{"windows1257", "CP1257"},
	{"cp1257", "CP1257"},
	{"windows1258", "CP1258"},
	{"cp1258", "CP1258"},
	{"koi8r", "KOI8-R"},
	{"koi8u", "KOI8-U"},
	{"ibm437", "CP437"},
	{"cp437", "CP437"},
	{"ibm850", "CP850"},
	{"cp850", "CP850"},
	{"ibm852", "CP852"},
	{"cp852", "CP852"},
	{"ibm855", "CP855"},
	{"cp855", "CP855"},
	{"ibm866", "CP866"},
	{"cp866", "CP866"},
	{"macintosh", "MACINTOSH"},
	{"gb2312", "GB18030"},
	{"gb231280", "GB18030"},
	{"euccn", "GB18030"},
	{"gbk", "GB18030"},
	{"xgbk", "GB18030"},
	{"cp936", "GB18030"},
	{"gb18030", "GB18030"},
	{"big5", "BIG5-HKSCS"},
	{"big5hkscs", "BIG5-HKSCS"},
	{"cp950", "CP950"},
	{"shiftjis", "CP932"},
	{"xsjis", "CP932"},
	{"sjis", "CP932"},
	{"windows31j", "CP932"},
	{"cp932", "CP932"},
	{"eucjp", "EUC-JP"},
	{"xeucjp", "EUC-JP"},
	{"iso2022jp", "ISO-2022-JP-2"},
	{"iso2022jp1", "ISO-2022-JP-2"},
	{"iso2022jp2", "ISO-2022-JP-2"},
	{"iso2022kr", "ISO-2022-KR"},
	{"euckr", "CP949"},
	{"ksc56011987", "CP949"},
	{"ksc5601", "CP949"},
	{"windows949", "CP949"},
	{"cp949", "CP949"},
	{"viscii", "VISCII"},
	{"armscii8", "ARMSCII-8"},
	{"utf16le", "UTF-16LE"},
	{"utf16be", "UTF-16BE"},
	{"utf16", "UTF-16"},
	{"utf32le", "UTF-32LE"},
	{"utf32be", "UTF-32BE"},
	{"utf32", "UTF-32"},
};

/* Runs iconv to the end of the input whatever it finds there. */
static void append_converted(GString *out, GIConv converter, const char *raw, size_t len,
			     size_t unit)
{
	char *in = (char *)raw;
	char buf[4096];

	while (len > 0) {
		char *to = buf;
		size_t room = sizeof buf, before = len;
		size_t result = g_iconv(converter, &in, &len, &to, &room);
		int why = errno;
		g_string_append_len(out, buf, to - buf);
		if (result != (size_t)-1)
			break;
		if (why == E2BIG && (len < before || to > buf))
			continue;
		size_t skip = MIN(unit, len);
		in += skip;
		len -= skip;
		g_string_append(out, "\xEF\xBF\xBD");
	}
	char *to = buf;
	size_t room = sizeof buf;
	g_iconv(converter, NULL, NULL, &to, &room);
	g_string_append_len(out, buf, to - buf);
}

/* UTF-16 without a byte order mark: the half with more zeros is the upper one. */
static const char *utf16_order(const char *raw, size_t len)
{
	size_t zeros[2] = {0, 0};

	if (len >= 2 && (memcmp(raw, "\xFE\xFF", 2) == 0 || memcmp(raw, "\xFF\xFE", 2) == 0))
		return raw[0] == '\xFE' ? "UTF-16BE" : "UTF-16LE";
	for (size_t i = 0; i < len; i++)
		zeros[i & 1] += raw[i] == 0;
	return zeros[1] > zeros[0] ? "UTF-16LE" : "UTF-16BE";
}

/* Lower-case letters and digits of a label; "" where it is too long to be one. */
static void normalise_label(const char *charset, char label[LABEL_MAX])
{
	size_t n = 0;

	for (const char *p = charset; *p != '\0' && *p != ':'; p++) {
		if (p - charset >= LABEL_MAX - 1 || *p == '/') {
			n = 0;
			break;
		}
		if (g_ascii_isalnum(*p))
			label[n++] = g_ascii_tolower(*p);
	}
	label[n] = '\0';
}

const char *charset_find(const char *label)
{
	char plain[LABEL_MAX];

	normalise_label(label, plain);
	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
		if (strcmp(plain, charsets[i].label) == 0)
			return charsets[i].name;
	return NULL;
}

bool charset_convert(const char *name, const char *raw, size_t len, GString *out)
{
	if (strcmp(name, "UTF-16") == 0)
		name = utf16_order(raw, len);
	GIConv converter = g_iconv_open("UTF-8", name);
	if (converter == (GIConv)-1)
		return false;
	bool utf16 = g_str_has_prefix(name, "UTF-16"), utf32 = g_str_has_prefix(name, "UTF-32");
	append_converted(out, converter, raw, len, utf16 ? 2 : utf32 ? 4 : 1);
	g_iconv_close(converter);
	return true;
}
