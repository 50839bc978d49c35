/* text - a pop-up of lines that scrolls and can be searched: help, log, a text part, the list of
 * configuration errors.  Made of ui/widget/docview.h. */
#ifndef SHEAF_UI_TEXT_H
#define SHEAF_UI_TEXT_H

#include "ui/widget/docview.h"

Pane *text_pane_new(const char *title, MimeDoc *doc_take);
void text_pane_replace(Pane *text, MimeDoc *doc_take);
bool text_pane_find(Pane *text, const char *words, int direction);
/* Called when it is closed, before it is freed. */
void text_pane_on_close(Pane *text, void (*closed)(void *data), void *data);
/* Widest line, for the size of the pop-up. */
int text_pane_width(Pane *text);

#endif
