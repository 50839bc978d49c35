#include "mime/transfer.h"

#include "tests/cpu_time.h"
#include "tests/run.h"

#include <string.h>

static const struct {
	const char *encoding, *raw, *expected;
} cases[] = {
	{"base64", "aGVsbG8=", "hello"},
	{"BASE64", "aGVs\r\nbG8=\r\n", "hello"},
	{"base64", "aGVsbG8", "hello"},
	{"base64", "aGVsb", "hel"},
	{"base64", "aGVsbG", "hell"},
	{"base64", "aG*V-s bG8=", "hello"},
	{"base64", "aGVsbG8=\n____\nsome list", "hello"},
	{"base64", "=", ""},
	{"base64", "a", ""},
	{"quoted-printable", "h=C3=A9=\nllo=\r\n!", "h\xC3\xA9llo!"},
	{"quoted-printable", "1+1=2 a=b =", "1+1=2 a=b "},
	{"quoted-printable", "soft= \t\nbreak", "softbreak"},
	{"quoted-printable", "=3d=3D=", "=="},
	{"quoted-printable", "==41", "=A"},
	{"quoted-printable", "keep\r\nthis\n", "keep\r\nthis\n"},
	{"x-uuencode", "begin 644 a.txt\n%:&5L;&\\\n`\nend\n", "hello"},
	{"uuencode", "hello there\r\nbegin 644 a\r\n%:&5L;&\\\r\nend\r\nbye\r\n", "hello"},
	{"x-uue", "%:&5L;&\\\n", "hello"},
	{"x-uue", "begin 644 a\n%:&5", "he@"},
	{"7bit", "as=3Dis", "as=3Dis"},
	{"x-unheard-of", "as=3Dis", "as=3Dis"},
	{NULL, "as is", "as is"},
	{"base64", "", ""},
};

START_TEST(decodes)
{
	g_autoptr(GBytes) raw = g_bytes_new_static(cases[_i].raw, strlen(cases[_i].raw));
	g_autoptr(GBytes) decoded = transfer_decode(raw, cases[_i].encoding);
	size_t len;
	const char *data = g_bytes_get_data(decoded, &len);
	g_autofree char *text = g_strndup(data != NULL ? data : "", len);

	ck_assert_str_eq(text, cases[_i].expected);
}
END_TEST

/* However the pieces are cut. */
START_TEST(decodes_in_pieces)
{
	const char *raw = cases[_i].raw;
	size_t len = strlen(raw);

	for (size_t first = 0; first <= len; first++) {
		for (size_t second = first; second <= len; second++) {
			g_autoptr(TransferStream) stream = transfer_stream_new(cases[_i].encoding);
			g_autoptr(GByteArray) out = g_byte_array_new();
			transfer_stream_add(stream, raw, first, out);
			transfer_stream_add(stream, raw + first, second - first, out);
			transfer_stream_add(stream, raw + second, len - second, out);
			transfer_stream_end(stream, out);
			g_byte_array_append(out, (const guint8 *)"", 1);
			ck_assert_str_eq((const char *)out->data, cases[_i].expected);
		}
	}
}
END_TEST

/* What may be held back is bounded. */
START_TEST(blanks_without_end)
{
	static char blanks[1000];
	g_autoptr(TransferStream) stream = transfer_stream_new("quoted-printable");
	g_autoptr(GByteArray) out = g_byte_array_new();

	memset(blanks, ' ', sizeof(blanks));
	transfer_stream_add(stream, "=", 1, out);
	for (unsigned i = 0; i < 100; i++)
		transfer_stream_add(stream, blanks, sizeof(blanks), out);
	ck_assert_uint_ge(out->len, 94000);
	transfer_stream_add(stream, "x", 1, out);
	transfer_stream_end(stream, out);
	ck_assert_int_eq(out->data[out->len - 1], 'x');
}
END_TEST

START_TEST(words)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	transfer_decode_word('q', "a_b=5Fc=", 8, out);
	transfer_decode_word('b', "ZA==", 4, out);
	g_byte_array_append(out, (const guint8 *)"", 1);
	ck_assert_str_eq((const char *)out->data, "a b_c=d");
}
END_TEST

START_TEST(names)
{
	ck_assert(transfer_is_known(NULL));
	ck_assert(transfer_is_known("Quoted-Printable"));
	ck_assert(!transfer_is_known("x-yenc"));
}
END_TEST

/* Runs of "=", blanks and line ends that a backtracking decoder would read again and again. */
START_TEST(linear)
{
	const size_t n = 4 << 20;
	g_autofree char *text = g_malloc(n);

	for (size_t i = 0; i < n; i++)
		text[i] = "=   \t"[i % 5];
	memset(text + n / 2, ' ', n / 2);
	g_autoptr(GBytes) raw = g_bytes_new_static(text, n);
	double start = cpu_seconds();
	g_autoptr(GBytes) decoded = transfer_decode(raw, "quoted-printable");
	ck_assert_uint_gt(g_bytes_get_size(decoded), n / 4);
	ck_assert(cpu_seconds() - start < SLOW);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("transfer", &tcase);

	tcase_add_loop_test(tcase, decodes, 0, G_N_ELEMENTS(cases));
	tcase_add_loop_test(tcase, decodes_in_pieces, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tcase, blanks_without_end);
	tcase_add_test(tcase, words);
	tcase_add_test(tcase, names);
	tcase_add_test(tcase, linear);
	return run_suite(suite);
}
