/* input - bytes from the terminal to keys, mouse and paste.  A state machine without clock or
 * descriptor: term.c feeds it and calls input_timeout() when 25 ms passed behind a lone ESC. */
#ifndef SHEAF_UI_INPUT_H
#define SHEAF_UI_INPUT_H

#include "ui/term/key.h"

typedef struct Input Input;

typedef struct {
	void (*key)(Key key, void *data);
	void (*paste)(const char *utf8, void *data); /* bracketed paste, whole */
	void (*mouse)(int button, int row, int col, bool press,
		      void *data); /* 1..3, 4 and 5 the wheel */
} InputEvents;

/* `events` is borrowed.  Sequences of the terminal (terminfo) are added with input_bind(). */
Input *input_new(const InputEvents *events, void *data);
void input_free(Input *in);
void input_bind(Input *in, const char *sequence, Key key);
void input_push(Input *in, const char *buf, size_t len);
/* True while an incomplete sequence waits: call input_timeout() after 25 ms. */
bool input_is_waiting(const Input *in);
/* What could be whole keys (Esc, Alt-[) is; a longer beginning goes on waiting, so that the rest of
 * a sequence on a slow line never counts as keys. */
void input_timeout(Input *in);

#endif
