#include "ui/widget/pane.h"

void pane_init(Pane *p, const PaneOps *ops)
{
	*p = (Pane){.ops = ops, .damage_first = 0, .damage_last = -1};
}

void pane_free(Pane *p)
{
	if (p == NULL)
		return;
	g_clear_pointer(&p->title, g_free);
	p->ops->free(p);
}

void pane_damage(Pane *p, int first_row, int last_row)
{
	if (first_row > last_row)
		return;
	if (p->damage_first > p->damage_last) {
		p->damage_first = first_row;
		p->damage_last = last_row;
	} else {
		p->damage_first = MIN(p->damage_first, first_row);
		p->damage_last = MAX(p->damage_last, last_row);
	}
	if (p->request_paint != NULL)
		p->request_paint(p->screen);
}

void pane_damage_all(Pane *p)
{
	pane_damage(p, 0, MAX(p->rows - 1, 0));
}

void pane_set_title(Pane *p, const char *title)
{
	g_free(p->title);
	p->title = g_strdup(title);
	pane_damage_all(p);
}
