#include "config.h"

#include "ui/panel/edit.h"

#include <string.h>
#include "mime/text.h"

typedef void (*EditAction)(Edit *e);

/* What was killed last, in any line that is no secret: C-y. */
static char killed[EDIT_MAX];

/* The next and the previous character; marks go with their letter. */
static size_t after(const Edit *e, size_t at)
{
	if (at >= e->len)
		return e->len;
	do {
		at = (size_t)(g_utf8_next_char(e->text + at) - e->text);
	} while (at < e->len && text_width_char(g_utf8_get_char(e->text + at)) == 0);
	return MIN(at, e->len);
}

static size_t before(const Edit *e, size_t at)
{
	const char *p = e->text + at;

	while (p > e->text) {
		p = g_utf8_prev_char(p);
		if (text_width_char(g_utf8_get_char(p)) > 0)
			break;
	}
	return (size_t)(p - e->text);
}

static bool is_word(const Edit *e, size_t at)
{
	return g_unichar_isalnum(g_utf8_get_char(e->text + at));
}

static size_t word_end(const Edit *e)
{
	size_t at = e->cursor;

	while (at < e->len && !is_word(e, at))
		at = after(e, at);
	while (at < e->len && is_word(e, at))
		at = after(e, at);
	return at;
}

static size_t word_start(const Edit *e)
{
	size_t at = e->cursor;

	while (at > 0 && !is_word(e, before(e, at)))
		at = before(e, at);
	while (at > 0 && is_word(e, before(e, at)))
		at = before(e, at);
	return at;
}

static size_t blank_start(const Edit *e)
{
	size_t at = e->cursor;

	while (at > 0 && e->text[at - 1] == ' ')
		at--;
	while (at > 0 && e->text[at - 1] != ' ')
		at--;
	return at;
}

static void cut(Edit *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, e->len - to);
	e->len -= to - from;
	/* What moved left is not left behind it. */
	memset(e->text + e->len, 0, to - from);
	e->cursor = from;
}

static void kill_range(Edit *e, size_t from, size_t to)
{
	if (!e->secret && to > from)
		g_snprintf(killed, sizeof killed, "%.*s", (int)(to - from), e->text + from);
	cut(e, from, to);
}

static void to_start(Edit *e)
{
	e->cursor = 0;
}

static void to_end(Edit *e)
{
	e->cursor = e->len;
}

static void left(Edit *e)
{
	e->cursor = before(e, e->cursor);
}

static void right(Edit *e)
{
	e->cursor = after(e, e->cursor);
}

static void word_left(Edit *e)
{
	e->cursor = word_start(e);
}

static void word_right(Edit *e)
{
	e->cursor = word_end(e);
}

static void delete_left(Edit *e)
{
	cut(e, before(e, e->cursor), e->cursor);
}

static void delete_right(Edit *e)
{
	cut(e, e->cursor, after(e, e->cursor));
}

static void kill_to_end(Edit *e)
{
	kill_range(e, e->cursor, e->len);
}

static void kill_to_start(Edit *e)
{
	kill_range(e, 0, e->cursor);
}

static void kill_blank_word(Edit *e)
{
	kill_range(e, blank_start(e), e->cursor);
}

static void kill_word_left(Edit *e)
{
	kill_range(e, word_start(e), e->cursor);
}

static void kill_word_right(Edit *e)
{
	kill_range(e, e->cursor, word_end(e));
}

static void yank(Edit *e)
{
	edit_insert(e, killed);
}

static const struct {
	Key key;
	EditAction action;
} bindings[] = {
	{SHEAF_KEY_CTRL | 'a', to_start},
	{SHEAF_KEY_HOME, to_start},
	{SHEAF_KEY_CTRL | 'e', to_end},
	{SHEAF_KEY_END, to_end},
	{SHEAF_KEY_CTRL | 'b', left},
	{SHEAF_KEY_LEFT, left},
	{SHEAF_KEY_CTRL | 'f', right},
	{SHEAF_KEY_RIGHT, right},
	{SHEAF_KEY_ALT | 'b', word_left},
	{SHEAF_KEY_CTRL | SHEAF_KEY_LEFT, word_left},
	{SHEAF_KEY_ALT | SHEAF_KEY_LEFT, word_left},
	{SHEAF_KEY_ALT | 'f', word_right},
	{SHEAF_KEY_CTRL | SHEAF_KEY_RIGHT, word_right},
	{SHEAF_KEY_ALT | SHEAF_KEY_RIGHT, word_right},
	{SHEAF_KEY_BACKSPACE, delete_left},
	{SHEAF_KEY_CTRL | 'h', delete_left},
	{SHEAF_KEY_DELETE, delete_right},
	{SHEAF_KEY_CTRL | 'd', delete_right},
	{SHEAF_KEY_CTRL | 'k', kill_to_end},
	{SHEAF_KEY_CTRL | 'u', kill_to_start},
	{SHEAF_KEY_CTRL | 'w', kill_blank_word},
	{SHEAF_KEY_ALT | SHEAF_KEY_BACKSPACE, kill_word_left},
	{SHEAF_KEY_ALT | 'd', kill_word_right},
	{SHEAF_KEY_CTRL | 'y', yank},
};

void edit_init(Edit *e, const char *initial, bool secret)
{
	memset(e, 0, sizeof *e);
	e->secret = secret;
	if (initial != NULL)
		edit_insert(e, initial);
}

void edit_wipe(Edit *e)
{
	explicit_bzero(e, sizeof *e);
}

void edit_set(Edit *e, const char *text)
{
	edit_replace(e, 0, e->len, text);
}

void edit_replace(Edit *e, size_t from, size_t to, const char *text)
{
	to = MIN(to, e->len);
	cut(e, MIN(from, to), to);
	edit_insert(e, text);
}

void edit_insert(Edit *e, const char *utf8)
{
	for (const char *p = utf8; *p != '\0';) {
		gunichar c = g_utf8_get_char_validated(p, -1);
		bool valid = c < 0x110000;
		size_t n = valid ? (size_t)(g_utf8_next_char(p) - p) : 1;
		bool is_space = c == '\n' || c == '\r' || c == '\t';
		/* CRLF is one line end. */
		bool is_text = valid && (is_space || !g_unichar_iscntrl(c)) &&
			       !(c == '\n' && p > utf8 && p[-1] == '\r');
		if (is_text && e->len + n < EDIT_MAX) {
			memmove(e->text + e->cursor + n, e->text + e->cursor, e->len - e->cursor);
			memcpy(e->text + e->cursor, is_space ? " " : p, n);
			e->cursor += n;
			e->len += n;
			e->text[e->len] = '\0';
		}
		p += n;
	}
}

bool edit_key(Edit *e, Key key)
{
	char utf8[8] = "";

	for (size_t i = 0; i < G_N_ELEMENTS(bindings); i++) {
		if (bindings[i].key == key) {
			bindings[i].action(e);
			return true;
		}
	}
	if (key >= SHEAF_KEY_ENTER || key < 0x20)
		return false;
	g_unichar_to_utf8(key, utf8);
	edit_insert(e, utf8);
	return true;
}

size_t edit_view(Edit *e, int cols, int *cursor_col)
{
	e->scroll = MIN(e->scroll, e->cursor);
	int width = text_width_len(e->text + e->scroll, e->cursor - e->scroll);
	/* The cursor needs a cell of its own behind the text. */
	while (width > cols - 1 && e->scroll < e->cursor) {
		size_t next = after(e, e->scroll);
		width -= text_width_len(e->text + e->scroll, next - e->scroll);
		e->scroll = next;
	}
	*cursor_col = width;
	return e->scroll;
}
