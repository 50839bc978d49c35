/* pager - reads one message: header card at once from the index's head, text when it came, progress
 * while a large one arrives; search, quotes, alternatives, headers. */
#ifndef SHEAF_UI_PAGER_H
#define SHEAF_UI_PAGER_H

#include "core/account/account.h"
#include "ui/term/option.h"
#include "ui/widget/pane.h"

typedef struct {
	/* The text of (m, uid) is on the screen: the caller marks it as read. */
	void (*shown)(Pane *pager, Mailbox *m, uint32_t uid, void *data);
	void (*error)(Pane *pager, const char *text, void *data);
} PagerEvents;

Pane *pager_new(const UiOptions *options, const PagerEvents *events, void *data);
/* Fetches structure and the readable part, cancelling what it was doing before. */
void pager_show(Pane *pager, Account *a, Mailbox *m, uint32_t uid);
void pager_close(Pane *pager);   /* nothing shown, nothing under way */
uint32_t pager_uid(Pane *pager); /* 0: nothing shown */
Mailbox *pager_mailbox(Pane *pager);
bool pager_at_end(Pane *pager);
void pager_toggle_headers(Pane *pager);
void pager_toggle_alternative(Pane *pager);
void pager_toggle_quotes(Pane *pager);
/* Raw source of the message. */
void pager_show_source(Pane *pager);
/* Case is ignored unless `text` has capitals. False: not found. NULL text: the last one. */
bool pager_find(Pane *pager, const char *text, int direction);
/* Options changed: render again at this width. */
void pager_render(Pane *pager);
/* The tree with what was fetched so far, or NULL. Borrowed. */
MimePart *pager_root(Pane *pager);

#endif
