/* key - keys and their names: "j", "<C-x>", "<Down>", "gg".  Pure. */
#ifndef SHEAF_UI_KEY_H
#define SHEAF_UI_KEY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A code point, or a KEY_ value, with modifier bits.  C-letter is KEY_MOD_CTRL | 'a'. */
typedef uint32_t Key;

#define SHEAF_KEY_CTRL  0x01000000u
#define SHEAF_KEY_ALT   0x02000000u
#define SHEAF_KEY_SHIFT 0x04000000u

enum {
	SHEAF_KEY_ENTER = 0x110000,
	SHEAF_KEY_TAB,
	SHEAF_KEY_ESCAPE,
	SHEAF_KEY_BACKSPACE,
	SHEAF_KEY_DELETE,
	SHEAF_KEY_INSERT,
	SHEAF_KEY_UP,
	SHEAF_KEY_DOWN,
	SHEAF_KEY_LEFT,
	SHEAF_KEY_RIGHT,
	SHEAF_KEY_HOME,
	SHEAF_KEY_END,
	SHEAF_KEY_PAGEUP,
	SHEAF_KEY_PAGEDOWN,
	SHEAF_KEY_F1,
	SHEAF_KEY_F2,
	SHEAF_KEY_F3,
	SHEAF_KEY_F4,
	SHEAF_KEY_F5,
	SHEAF_KEY_F6,
	SHEAF_KEY_F7,
	SHEAF_KEY_F8,
	SHEAF_KEY_F9,
	SHEAF_KEY_F10,
	SHEAF_KEY_F11,
	SHEAF_KEY_F12,
	SHEAF_KEY_MOUSE,
	SHEAF_KEY_PASTE,
	SHEAF_KEY_LAST
};

#define KEY_SEQUENCE_MAX 8

/* `key` with more modifiers in the one form that a key has: control and letter in lower case, a
 * shifted letter as its capital, C-m Enter, C-i Tab, C-[ Esc, C-@ C-Space, as terminals send them.
 */
Key key_with(Key key, Key modifiers);

/* A sequence as written in configuration; `<Equal> <Hash> <LeftBracket> <Space> <Less>` for what
 * cannot stand there.  False with a sentence where a name is unknown. */
bool key_parse(const char *text, Key keys[KEY_SEQUENCE_MAX], size_t *n, GError **error);

/* The name as key_parse() reads it ("=" is plain here; only configuration files need <Equal>).
 * Caller frees. */
char *key_format(Key key);
char *key_format_sequence(const Key *keys, size_t n);

#endif
