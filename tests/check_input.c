#include "ui/term/input.h"

#include <string.h>
#include "tests/run.h"

/* A stream of bytes and what it means, keys by name, in the order they come; T stands for the
 * pause of 25 ms behind the bytes. */
static const struct {
	const char *bytes, *meaning;
	bool pause;
} streams[] = {
	{"j", "j", false},
	{"gg", "g g", false},
	{"\xC3\xA9\xE4\xBC\x9A", "é 会", false},
	{"\xFFx", "x", false},
	{"\r\t\x7F\b\n", "<Enter> <Tab> <Backspace> <C-h> <C-j>", false},
	{"\x01\x1C\x1E\x1F", "<C-a> <C-\\> <C-^> <C-_>", false},
	{"\x1D", "<C-]>", false},
	{"\033", "", false},
	{"\033", "<Esc>", true},
	{"\033\033", "<Esc> <Esc>", true},
	{"\033x", "<A-x>", false},
	{"\033\xC3\xA9", "<A-é>", false},
	{"\033\r", "<A-Enter>", false},
	{"\033[", "<A-[>", true},
	{"\033O", "<A-O>", true},
	{"\033]", "<A-]>", true},
	{"\033[A\033[B\033[C\033[D", "<Up> <Down> <Right> <Left>", false},
	{"\033OA\033OB\033OH\033OF", "<Up> <Down> <Home> <End>", false},
	{"\033[H\033[F\033[1~\033[4~\033[7~\033[8~", "<Home> <End> <Home> <End> <Home> <End>",
	 false},
	{"\033[2~\033[3~\033[5~\033[6~", "<Insert> <Delete> <PageUp> <PageDown>", false},
	{"\033[1;5A\033[1;2C\033[1;3D\033[1;8F", "<C-Up> <S-Right> <A-Left> <C-A-S-End>", false},
	{"\033[3;5~\033[15;2~", "<C-Delete> <S-F5>", false},
	{"\033OP\033OQ\033OR\033OS", "<F1> <F2> <F3> <F4>", false},
	{"\033[11~\033[15~\033[17~\033[21~\033[23~\033[24~", "<F1> <F5> <F6> <F10> <F11> <F12>",
	 false},
	{"\033[1;2P\033[1;5R", "<S-F1> <C-F3>", false},
	{"\033[[A\033[[E", "<F1> <F5>", false},
	{"\033[Z", "<S-Tab>", false},
	{"\033[a\033Oc", "<S-Up> <C-Right>", false},
	{"\033[3^\033[3$\033[5@", "<C-Delete> <S-Delete> <C-S-PageUp>", false},
	{"\033\033[A", "<A-Up>", false},
	{"\033O5A", "<C-Up>", false},
	{"\033OM\033Oj\033Op", "<Enter> * 0", false},
	{"\033[27;5;9~\033[27;6;65~", "<C-Tab> <C-S-a>", false},
	{"\033[97;5u\033[13;2u\033[27u\033[97:65;2:1u", "<C-a> <S-Enter> <Esc> A", false},
	/* Answers of the terminal are no keys. */
	{"\033[24;80Rq", "q", false},
	{"\033[?62;22cq", "q", false},
	{"\033[>41;354;0cq", "q", false},
	{"\033[?2026;2$yq", "q", false},
	{"\033[I\033[Oq", "q", false},
	{"\033]11;rgb:0000/0000/0000\033\\q", "q", false},
	{"\033]11;rgb:0000\aq", "q", false},
	{"\033P1+r544e\033\\q", "q", false},
	{"\033[99999999999999999999999;5Aq", "q", false},
	{"\033[1;2;3;4;5;6;7;8zq", "q", false},
	{"\033[12\033[A", "<Up>", false},
	/* The rest of a sequence on a slow line is not typed. */
	{"\033[1;5", "", true},
	/* Mouse. */
	{"\033[<0;10;5M\033[<0;10;5m", "press1@4,9 release1@4,9", false},
	{"\033[<64;1;1M\033[<65;1;1M", "press4@0,0 press5@0,0", false},
	{"\033[<32;1;1Mq", "q", false},
	{"\033[M !!q", "q", false},
	/* Paste. */
	{"\033[200~rm\nd\033[201~q", "paste(rm\nd) q", false},
	{"\033[200~a\033[20b\033[A\033\033[201~", "paste(a\033[20b\033[A\033)", false},
	{"\033[200~\xC3\033[201~", "paste(\xEF\xBF\xBD)", false},
	{"\033[201~q", "q", false},
	/* Sequences that terminfo told. */
	{"\033<up>", "<Up>", false},
	{"\001@\rq", "<F1> q", false},
	{"\001@", "<C-a> @", true},
};

static void on_key(Key key, void *data)
{
	g_autofree char *name = key_format(key);
	g_string_append_printf(data, "%s ", name);
}

static void on_paste(const char *utf8, void *data)
{
	g_string_append_printf(data, "paste(%s) ", utf8);
}

static void on_mouse(int button, int row, int col, bool press, void *data)
{
	g_string_append_printf(data, "%s%d@%d,%d ", press ? "press" : "release", button, row, col);
}

static const InputEvents events = {on_key, on_paste, on_mouse};

static char *run(const char *bytes, size_t a, size_t b, bool pause)
{
	GString *out = g_string_new(NULL);
	Input *in = input_new(&events, out);

	input_bind(in, "\033<up>", SHEAF_KEY_UP);
	input_bind(in, "\001@\r", SHEAF_KEY_F1);
	input_push(in, bytes, a);
	input_push(in, bytes + a, b - a);
	input_push(in, bytes + b, strlen(bytes) - b);
	if (pause)
		input_timeout(in);
	input_free(in);
	return g_strchomp(g_string_free(out, FALSE));
}

START_TEST(means_the_same_at_every_split)
{
	const char *bytes = streams[_i].bytes;
	size_t len = strlen(bytes);

	for (size_t a = 0; a <= len; a++) {
		for (size_t b = a; b <= len; b++) {
			g_autofree char *got = run(bytes, a, b, streams[_i].pause);
			ck_assert_msg(strcmp(got, streams[_i].meaning) == 0,
				      "stream %d split at %zu, %zu: \"%s\" for \"%s\"", _i, a, b,
				      got, streams[_i].meaning);
		}
	}
}
END_TEST

START_TEST(waits_only_in_a_sequence)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Input *in = input_new(&events, out);

	input_push(in, "j", 1);
	ck_assert(!input_is_waiting(in));
	input_push(in, "\033", 1);
	ck_assert(input_is_waiting(in));
	input_timeout(in);
	ck_assert(!input_is_waiting(in));
	ck_assert_str_eq(out->str, "j <Esc> ");
	input_free(in);
}
END_TEST

/* Whatever a broken line sends: no crash, bounded memory, and keys work again afterwards. */
START_TEST(survives_noise)
{
	g_autoptr(GString) out = g_string_new(NULL);
	Input *in = input_new(&events, out);
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	static const char alphabet[] = "\033[O]P<;:~AMmu$0123456789 \a\\x\xC3\xA9\r";

	for (int i = 0; i < 200000; i++) {
		char c = alphabet[g_rand_int_range(random, 0, sizeof(alphabet) - 1)];
		input_push(in, &c, 1);
		if (i % 977 == 0)
			input_timeout(in);
	}
	input_push(in, "\033\\\033[201~\r", 9);
	input_timeout(in);
	g_string_truncate(out, 0);
	input_push(in, "q", 1);
	ck_assert_str_eq(out->str, "q ");
	input_free(in);
}
END_TEST

START_TEST(cuts_a_giant_paste)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree char *giant = g_strnfill(3 * 1024 * 1024, 'x');
	Input *in = input_new(&events, out);

	input_push(in, "\033[200~", 6);
	input_push(in, giant, strlen(giant));
	input_push(in, "\033[201~q", 7);
	ck_assert_uint_le(out->len, 1024 * 1024 + 20);
	ck_assert(g_str_has_suffix(out->str, "x) q "));
	input_free(in);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("input", &tcase);

	tcase_add_loop_test(tcase, means_the_same_at_every_split, 0, G_N_ELEMENTS(streams));
	tcase_add_test(tcase, waits_only_in_a_sequence);
	tcase_add_test(tcase, survives_noise);
	tcase_add_test(tcase, cuts_a_giant_paste);
	return run_suite(suite);
}
