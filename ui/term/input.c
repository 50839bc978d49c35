#include "ui/term/input.h"

#include <stdlib.h>
#include <string.h>

#define ESC            '\033'
#define PARAMETERS_MAX 4
/* What is longer is no key and no reply: noise. */
#define SEQUENCE_MAX 4096
#define PASTE_MAX    (1024 * 1024)

static const char paste_end[] = "\033[201~";

typedef struct {
	char *bytes;
	size_t len;
	Key key;
} Bound;

struct Input {
	const InputEvents *events;
	void *data;
	GArray *bound;        /* of Bound */
	GByteArray *pending;  /* the beginning of a sequence */
	GString *paste;       /* NULL outside a bracketed paste */
	size_t paste_matched; /* bytes of paste_end seen */
};

/* CSI [private] parameters final */
typedef struct {
	char private; /* one of <=>? or 0 */
	int parameters[PARAMETERS_MAX];
	int n;
	char final;
} Csi;

static const struct {
	char final;
	Key key;
} csi_letters[] = {
	{'A', SHEAF_KEY_UP},
	{'B', SHEAF_KEY_DOWN},
	{'C', SHEAF_KEY_RIGHT},
	{'D', SHEAF_KEY_LEFT},
	{'F', SHEAF_KEY_END},
	{'H', SHEAF_KEY_HOME},
	{'P', SHEAF_KEY_F1},
	{'Q', SHEAF_KEY_F2},
	{'R', SHEAF_KEY_F3},
	{'S', SHEAF_KEY_F4},
	/* rxvt */
	{'a', SHEAF_KEY_UP},
	{'b', SHEAF_KEY_DOWN},
	{'c', SHEAF_KEY_RIGHT},
	{'d', SHEAF_KEY_LEFT},
};

static const Key csi_numbers[] = {
	[1] = SHEAF_KEY_HOME, [2] = SHEAF_KEY_INSERT, [3] = SHEAF_KEY_DELETE,
	[4] = SHEAF_KEY_END,  [5] = SHEAF_KEY_PAGEUP, [6] = SHEAF_KEY_PAGEDOWN,
	[7] = SHEAF_KEY_HOME, [8] = SHEAF_KEY_END,    [11] = SHEAF_KEY_F1,
	[12] = SHEAF_KEY_F2,  [13] = SHEAF_KEY_F3,    [14] = SHEAF_KEY_F4,
	[15] = SHEAF_KEY_F5,  [17] = SHEAF_KEY_F6,    [18] = SHEAF_KEY_F7,
	[19] = SHEAF_KEY_F8,  [20] = SHEAF_KEY_F9,    [21] = SHEAF_KEY_F10,
	[23] = SHEAF_KEY_F11, [24] = SHEAF_KEY_F12,
};

static void emit(Input *in, Key key)
{
	in->events->key(key, in->data);
}

/* A byte that is no part of a sequence, as a key. */
static Key control_key(unsigned char c)
{
	switch (c) {
	case '\r':
		return SHEAF_KEY_ENTER;
	case '\t':
		return SHEAF_KEY_TAB;
	case 0x1B:
		return SHEAF_KEY_ESCAPE;
	case 0x7F:
		return SHEAF_KEY_BACKSPACE;
	}
	return key_with((Key)c + '@', SHEAF_KEY_CTRL);
}

/* A code point as `CSI u` and modifyOtherKeys tell it. */
static Key code_key(int code, Key modifiers)
{
	if (code < 0x20 || code == 0x7F)
		return control_key((unsigned char)code) | modifiers;
	return code < 0x110000 && g_unichar_validate((gunichar)code)
		       ? key_with((Key)code, modifiers)
		       : 0;
}

/* The second parameter of xterm's sequences: 1 + bits. */
static Key modifiers_of(int parameter)
{
	unsigned bits = parameter > 0 ? (unsigned)parameter - 1 : 0;

	return ((bits & 1) != 0 ? SHEAF_KEY_SHIFT : 0) | ((bits & 2) != 0 ? SHEAF_KEY_ALT : 0) |
	       ((bits & 4) != 0 ? SHEAF_KEY_CTRL : 0);
}

/* Button codes of X10 and SGR: two bits, 64 for the wheel; modifiers and movement are not told. */
static void emit_mouse(Input *in, int code, int col, int row, bool press)
{
	int button = (code & 64) != 0 ? 4 + (code & 1) : 1 + (code & 3);

	if (in->events->mouse != NULL && (code & 32) == 0 && row > 0 && col > 0)
		in->events->mouse(button, row - 1, col - 1, press, in->data);
}

static Key letter_key(const Csi *csi, Key modifiers)
{
	/* `CSI n ; m R` with n > 1 is a cursor report. */
	if (csi->private != 0 || (csi->n > 0 && csi->parameters[0] > 1))
		return 0;
	if (csi->final == 'Z')
		return SHEAF_KEY_TAB | SHEAF_KEY_SHIFT | modifiers;
	if (csi->final >= 'a' && csi->final <= 'd')
		modifiers |= SHEAF_KEY_SHIFT;
	for (size_t i = 0; i < G_N_ELEMENTS(csi_letters); i++) {
		if (csi_letters[i].final == csi->final)
			return csi_letters[i].key | modifiers;
	}
	return 0;
}

static Key number_key(const Csi *csi, Key modifiers)
{
	int number = csi->parameters[0];

	if (number == 27 && csi->n == 3)
		return code_key(csi->parameters[2], modifiers);
	if (csi->final == '^' || csi->final == '@')
		modifiers |= SHEAF_KEY_CTRL;
	if (csi->final == '$' || csi->final == '@')
		modifiers |= SHEAF_KEY_SHIFT;
	if (number <= 0 || number >= (int)G_N_ELEMENTS(csi_numbers) || csi_numbers[number] == 0)
		return 0;
	return csi_numbers[number] | modifiers;
}

static void run_csi(Input *in, const Csi *csi, Key modifiers)
{
	Key key = 0;

	modifiers |= modifiers_of(csi->parameters[1]);
	if (csi->private == '<' && (csi->final == 'M' || csi->final == 'm') && csi->n == 3) {
		emit_mouse(in, csi->parameters[0], csi->parameters[1], csi->parameters[2],
			   csi->final == 'M');
		return;
	}
	if (csi->private != 0)
		return;
	if (csi->final == '~' && csi->parameters[0] == 200)
		in->paste = g_string_new(NULL);
	else if (csi->final == '~' || csi->final == '^' || csi->final == '$' || csi->final == '@')
		key = number_key(csi, modifiers);
	else if (csi->final == 'u')
		key = code_key(csi->parameters[0], modifiers);
	else
		key = letter_key(csi, modifiers);
	if (key != 0)
		emit(in, key);
}

static void add_digit(Csi *csi, char digit)
{
	if (csi->n == 0)
		csi->n = 1;
	if (csi->n <= PARAMETERS_MAX && csi->parameters[csi->n - 1] < 100000000)
		csi->parameters[csi->n - 1] = csi->parameters[csi->n - 1] * 10 + (digit - '0');
}

/* The numbers behind CSI; returns the offset of the final byte, or `len` where it is to come. */
static size_t scan_csi(const char *buf, size_t len, size_t at, Csi *csi)
{
	bool sub = false; /* behind a colon: details that no key of ours has */

	if (at < len && strchr("<=>?", buf[at]) != NULL)
		csi->private = buf[at++];
	for (; at < len; at++) {
		if (g_ascii_isdigit(buf[at])) {
			if (!sub)
				add_digit(csi, buf[at]);
		} else if (buf[at] == ';') {
			csi->n = MIN(MAX(csi->n, 1) + 1, PARAMETERS_MAX + 1);
			sub = false;
		} else if (buf[at] == ':') {
			sub = true;
		} else if (buf[at] < 0x20 || buf[at] > 0x2F ||
			   (buf[at] == '$' && csi->private == 0 && csi->n == 1)) {
			/* rxvt ends keys with '$', which elsewhere only stands before the end. */
			break;
		}
	}
	return at;
}

static size_t read_csi(Input *in, const char *buf, size_t len, Key modifiers, bool final)
{
	Csi csi = {0};

	if (len == 2) {
		if (final)
			emit(in, key_with('[', modifiers | SHEAF_KEY_ALT));
		return final ? 2 : 0;
	}
	/* The Linux console's F1 to F5. */
	if (buf[2] == '[') {
		if (len > 3 && buf[3] >= 'A' && buf[3] <= 'E')
			emit(in, (SHEAF_KEY_F1 + (Key)(buf[3] - 'A')) | modifiers);
		return len > 3 ? 4 : 0;
	}
	/* The old form of mouse reports, three bytes behind it: only the SGR form is asked for. */
	if (buf[2] == 'M')
		return len >= 6 ? 6 : 0;
	size_t at = scan_csi(buf, len, 2, &csi);
	if (at == len)
		return len >= SEQUENCE_MAX ? len : 0;
	csi.final = buf[at];
	/* A control in the middle: the sequence was cut off, what follows is new. */
	if ((unsigned char)csi.final < 0x40 && csi.final != '$')
		return at;
	run_csi(in, &csi, modifiers);
	return at + 1;
}

static Key keypad_key(char final)
{
	if (final == 'M')
		return SHEAF_KEY_ENTER;
	if (final >= 'p' && final <= 'y')
		return (Key)('0' + (final - 'p'));
	if (final >= 'j' && final <= 'o')
		return (Key)("*+,-./"[final - 'j']);
	return 0;
}

static size_t read_ss3(Input *in, const char *buf, size_t len, Key modifiers, bool final)
{
	Csi csi = {0};

	if (len == 2) {
		if (final)
			emit(in, key_with('O', modifiers | SHEAF_KEY_ALT));
		return final ? 2 : 0;
	}
	size_t at = scan_csi(buf, len, 2, &csi);
	if (at == len)
		return len >= SEQUENCE_MAX ? len : 0;
	csi.final = buf[at];
	if ((unsigned char)csi.final < 0x40)
		return at;
	Key key = keypad_key(csi.final);
	if (key != 0) {
		emit(in, key_with(key, modifiers));
		return at + 1;
	}
	modifiers |= modifiers_of(csi.n > 0 ? csi.parameters[csi.n > 1 ? 1 : 0] : 0);
	if (csi.final >= 'a' && csi.final <= 'd') /* rxvt: control and an arrow */
		modifiers |= SHEAF_KEY_CTRL;
	key = letter_key(&(Csi){.final = g_ascii_toupper(csi.final)}, modifiers);
	if (key != 0)
		emit(in, key);
	return at + 1;
}

/* Answers of the terminal (OSC, DCS, …): swallowed to their end, so that they never run as keys. */
static size_t read_string(Input *in, const char *buf, size_t len, bool final)
{
	if (len == 2 && final)
		emit(in, key_with((Key)buf[1], SHEAF_KEY_ALT));
	for (size_t i = 2; i < len; i++) {
		if (buf[i] == '\a')
			return i + 1;
		if (buf[i] == ESC && i + 1 < len)
			return buf[i + 1] == '\\' ? i + 2 : i;
	}
	return final || len >= SEQUENCE_MAX ? len : 0;
}

static size_t read_character(Input *in, const char *buf, size_t len, Key modifiers, bool final)
{
	unsigned char first = (unsigned char)buf[0];

	if (first < 0x20 || first == 0x7F) {
		emit(in, control_key(first) | modifiers);
		return 1;
	}
	gunichar c = g_utf8_get_char_validated(buf, (gssize)MIN(len, 4));
	if (c == (gunichar)-2)
		return final ? len : 0;
	if (c == (gunichar)-1)
		return 1;
	emit(in, key_with(c, modifiers));
	return (size_t)(g_utf8_next_char(buf) - buf);
}

static size_t read_escape(Input *in, const char *buf, size_t len, bool final)
{
	size_t used;

	if (len == 1) {
		if (final)
			emit(in, SHEAF_KEY_ESCAPE);
		return final ? 1 : 0;
	}
	switch (buf[1]) {
	case '[':
		return read_csi(in, buf, len, 0, final);
	case 'O':
		return read_ss3(in, buf, len, 0, final);
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		return read_string(in, buf, len, final);
	case ESC:
		/* rxvt puts another Esc before a sequence for Alt; else it is the key, twice. */
		if (len == 2 && !final)
			return 0;
		if (len > 2 && (buf[2] == '[' || buf[2] == 'O')) {
			used = buf[2] == '[' ? read_csi(in, buf + 1, len - 1, SHEAF_KEY_ALT, final)
					     : read_ss3(in, buf + 1, len - 1, SHEAF_KEY_ALT, final);
			return used > 0 ? used + 1 : 0;
		}
		emit(in, SHEAF_KEY_ESCAPE);
		return 1;
	}
	used = read_character(in, buf + 1, len - 1, SHEAF_KEY_ALT, final);
	return used > 0 ? used + 1 : 0;
}

/* The terminal's own sequences.  True where one matches, or may still (then *used is 0). */
static bool read_bound(Input *in, const char *buf, size_t len, bool final, size_t *used)
{
	const Bound *found = NULL;

	for (guint i = 0; i < in->bound->len; i++) {
		const Bound *bound = &g_array_index(in->bound, Bound, i);
		if (bound->len > len && !final && memcmp(bound->bytes, buf, len) == 0) {
			*used = 0;
			return true;
		}
		if (bound->len <= len && memcmp(bound->bytes, buf, bound->len) == 0 &&
		    (found == NULL || bound->len > found->len))
			found = bound;
	}
	if (found == NULL)
		return false;
	*used = found->len;
	emit(in, found->key);
	return true;
}

static void end_paste(Input *in)
{
	g_autofree char *bytes = g_string_free(in->paste, FALSE);
	g_autofree char *utf8 = g_utf8_make_valid(bytes, -1);

	in->paste = NULL;
	in->paste_matched = 0;
	if (in->events->paste != NULL)
		in->events->paste(utf8, in->data);
}

static void paste_append(Input *in, const char *bytes, size_t len)
{
	if (in->paste->len + len <= PASTE_MAX)
		g_string_append_len(in->paste, bytes, (gssize)len);
}

static size_t read_paste(Input *in, const char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (buf[i] == paste_end[in->paste_matched]) {
			if (paste_end[++in->paste_matched] != '\0')
				continue;
			end_paste(in);
			return i + 1;
		}
		paste_append(in, paste_end, in->paste_matched);
		in->paste_matched = buf[i] == ESC ? 1 : 0;
		if (buf[i] != ESC && buf[i] != '\0')
			paste_append(in, &buf[i], 1);
	}
	return len;
}

static size_t read_one(Input *in, const char *buf, size_t len, bool final)
{
	size_t used;

	if (in->paste != NULL)
		return read_paste(in, buf, len);
	if (read_bound(in, buf, len, final, &used))
		return used;
	if (buf[0] == ESC)
		return read_escape(in, buf, len, final);
	return read_character(in, buf, len, 0, final);
}

static void read_pending(Input *in, bool final)
{
	size_t at = 0, used;

	do {
		used = at < in->pending->len ? read_one(in, (const char *)in->pending->data + at,
							in->pending->len - at, final)
					     : 0;
		at += used;
	} while (used > 0);
	if (at > 0)
		g_byte_array_remove_range(in->pending, 0, (guint)at);
}

static void bound_clear(void *data)
{
	g_free(((Bound *)data)->bytes);
}

Input *input_new(const InputEvents *events, void *data)
{
	Input *in = g_new0(Input, 1);

	in->events = events;
	in->data = data;
	in->bound = g_array_new(FALSE, FALSE, sizeof(Bound));
	g_array_set_clear_func(in->bound, bound_clear);
	in->pending = g_byte_array_new();
	return in;
}

void input_free(Input *in)
{
	if (in == NULL)
		return;
	g_array_free(in->bound, TRUE);
	g_byte_array_free(in->pending, TRUE);
	if (in->paste != NULL)
		g_string_free(in->paste, TRUE);
	g_free(in);
}

void input_bind(Input *in, const char *sequence, Key key)
{
	Bound bound = {g_strdup(sequence), strlen(sequence), key};

	g_assert(bound.len > 0);
	g_array_append_val(in->bound, bound);
}

void input_push(Input *in, const char *buf, size_t len)
{
	g_byte_array_append(in->pending, (const guint8 *)buf, (guint)len);
	read_pending(in, false);
}

bool input_is_waiting(const Input *in)
{
	return in->pending->len > 0;
}

void input_timeout(Input *in)
{
	read_pending(in, true);
}
