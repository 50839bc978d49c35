/* pager_private - what pager.c, pager_text.c and pager_fetch.c share; nobody else includes it. */
#ifndef SHEAF_UI_PAGER_PRIVATE_H
#define SHEAF_UI_PAGER_PRIVATE_H

#include "ui/panel/pager.h"
#include "ui/widget/docview.h"

typedef enum { PAGER_EMPTY, PAGER_WAITING_HEAD, PAGER_LOADING, PAGER_SHOWN } PagerState;
typedef enum { PAGER_TEXT, PAGER_SOURCE } PagerMode;

typedef struct {
	Pane pane;
	DocView *view;
	const UiOptions *options;
	const PagerEvents *events;
	void *data;
	Account *account;
	Mailbox *mailbox;
	unsigned listener;
	uint32_t uid;
	PagerState state;
	PagerMode mode;
	MimePart *root;   /* what was fetched so far */
	bool whole;       /* root was parsed from the message's bytes */
	GBytes *source;   /* raw message, once asked for */
	unsigned awaited; /* answers still to come */
	bool marked;      /* `shown` was told for this message */
	bool html, all_headers;
	uint64_t have, total;
	bool rendering, render_again; /* in a worker thread; once more when that is done */
	Scope scope, rendering_scope;
} Pager;

/* pager_text.c: from what is there to lines. */

/* Makes and shows them, of the text or of the source; in a thread where there is much of it. */
void pager_lay(Pager *x);
void pager_stop_laying(Pager *x);

/* Who it is from and what about, and a note where the text would be. */
void pager_note(Pager *x, const char *note);

/* pager_fetch.c: whole where it is small, else the parts that are read. */
void pager_fetch(Pager *x);

#endif
