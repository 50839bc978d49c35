/* model_views - lists of one mailbox as several panels would have them open: newest first, oldest
 * first, limited, in a server's order; and what each has painted.  Says where one is not what the
 * UIDs that should be seen make of it. */
#ifndef SHEAF_TESTS_MODEL_VIEWS_H
#define SHEAF_TESTS_MODEL_VIEWS_H

#include "core/mailbox/mailbox.h"

typedef struct ModelViews ModelViews;

/* The mailbox must outlive them. */
ModelViews *model_views_new(Mailbox *m, unsigned seed);
/* NULL is allowed. */
void model_views_free(ModelViews *views);

/* This UID may leave and come back, to another place in an order. */
void model_views_hide(ModelViews *views, uint32_t uid);

/* Paints what was told to have changed: NULL where all painted rows are right then, else what is
 * wrong with the first (caller frees). */
char *model_views_paint(ModelViews *views);
/* The same for the order of all rows; `uids` (of uint32_t, ascending) should be seen.  Now and then
 * limits and orders others afterwards. */
char *model_views_compare(ModelViews *views, const GArray *uids);

#endif
