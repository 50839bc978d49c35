/* screen - the panes on the terminal as ncurses panels: tiles placed by the layout, pop-ups above
 * them, focus, and one paint per turn of the loop (priority -50, at most one each 16 ms; at once
 * after a key).  A door to curses. */
#ifndef SHEAF_UI_SCREEN_H
#define SHEAF_UI_SCREEN_H

#include "ui/widget/pane.h"

typedef struct Screen Screen;

/* term_open() came before. */
Screen *screen_new(void);
/* Frees the panes still on it. */
void screen_free(Screen *s);

/* Puts a tile there; 0 rows or columns hide it.  The first call adds and takes it.  Columns left
 * free between tiles get a line. */
void screen_place(Screen *s, Pane *pane, int row, int col, int rows, int cols);

typedef enum {
	POPUP_CENTER, /* with border and title */
	POPUP_BOTTOM  /* the last rows, the whole width, no border: prompts */
} PopupPlace;
/* Above everything, `rows` x `cols` inside, at most as large as the screen allows; takes it, gives
 * it the focus. */
void screen_popup(Screen *s, Pane *pane_take, PopupPlace place, int rows, int cols);
/* Another size for a pop-up that is open. */
void screen_popup_resize(Screen *s, Pane *pane, int rows, int cols);

/* Removes and frees; the focus goes back to where it was. */
void screen_close(Screen *s, Pane *pane);

/* Those in the middle; a prompt stays. */
void screen_close_windows(Screen *s);

/* A tile gets it when the pop-ups above are closed; a pop-up at once. */
void screen_focus(Screen *s, Pane *pane);
Pane *screen_focused(const Screen *s);
bool screen_has_popup(const Screen *s);

/* After a resize of the terminal: pop-ups are cut and moved; tiles are placed again by the caller.
 * While it is smaller than 40x10 a notice stands instead of all. */
void screen_resize(Screen *s, int rows, int cols);

/* Damage somewhere: paint at the end of this turn.  Called by pane_damage() itself. */
void screen_request_paint(Screen *s);
/* Everything, now (tests, C-l). */
void screen_paint(Screen *s);

#endif
