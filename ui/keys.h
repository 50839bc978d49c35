/* keys - what the person types while no prompt is open: keys to command lines by the keymap, the
 * hint line, and how an unfinished sequence can go on. */
#ifndef SHEAF_UI_KEYS_H
#define SHEAF_UI_KEYS_H

#include "ui/app.h"

/* A TermEvents key handler; `app` is the App. */
void keys_pressed(Key key, void *app);

/* The hints of the panel that has the focus now. */
void keys_show_hints(App *app);

/* Forgets the timer of an unfinished sequence. */
void keys_stop(App *app);

#endif
