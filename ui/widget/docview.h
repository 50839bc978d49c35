/* docview - a MimeDoc in a pane: scrolling, finding, folding of quoted text.  The pager and every
 * pop-up of lines are made of it. */
#ifndef SHEAF_UI_DOCVIEW_H
#define SHEAF_UI_DOCVIEW_H

#include "mime/doc.h"
#include "ui/widget/pane.h"

typedef struct DocView DocView;

/* Damages `pane` when something changed; rows above `first_row` are the pane's own. */
DocView *docview_new(Pane *pane, int first_row);
/* So many of the last rows are the pane's own, too. */
void docview_leave_below(DocView *v, int rows);
void docview_free(DocView *v);

/* Shows that document from its top (NULL: nothing). */
void docview_set(DocView *v, MimeDoc *doc_take);
/* The same text made anew (other width, headers): stays as near as it can to where it was. */
void docview_replace(DocView *v, MimeDoc *doc_take);
const MimeDoc *docview_doc(const DocView *v);

/* Paints rows first..last of the pane, as far as they are the view's. */
void docview_draw(DocView *v, Surface *s, int first, int last);
/* The movement actions (PANE_BY_…). */
void docview_scroll(DocView *v, int kind, long by);
/* The last line is on the screen. */
bool docview_at_end(const DocView *v);
/* 0..100: how far the last visible line is. */
int docview_percent(const DocView *v);

/* Goes to the next line (direction +1) or previous (-1) that has `words`; NULL: what was looked for
 * last.  Case counts only where `words` has capitals.  False: nowhere, nothing moved. */
bool docview_find(DocView *v, const char *words, int direction);

/* Blocks of quoted text as one line each. */
void docview_fold_quotes(DocView *v, bool fold);
bool docview_quotes_folded(const DocView *v);

#endif
