#include "config.h"
#include "tests/model_views.h"

#include "core/mailbox/view.h"

/* Rows of a screen. */
#define ROWS 20
/* Comparisons between two other limits and orders, about. */
#define KEPT 12

typedef enum { NEWEST, OLDEST, LIMITED, ORDERED, VIEWS } Which;

static const char *const names[] = {"newest first", "oldest first", "limited", "ordered"};

typedef struct {
	uint32_t uid;
	Flags flags;
	bool known, pending;
} Painted;

typedef struct {
	View *view;
	size_t n; /* painted */
	Painted rows[ROWS];
	bool damaged[ROWS];
	bool relaid;
} Screen;

struct ModelViews {
	Mailbox *mailbox;
	GRand *chance;
	uint32_t uidvalidity; /* of limit and order; 0: there are none */
	GHashTable *limit;    /* of UIDs */
	GArray *order;        /* of uint32_t, as given */
	GHashTable *hidden;   /* since then */
	Screen screens[VIEWS];
};

static void on_changed(View *v, size_t first, size_t last, bool relaid, void *data)
{
	Screen *screen = data;

	(void)v;
	screen->relaid |= relaid;
	for (size_t i = first; i <= last && i < ROWS; i++)
		screen->damaged[i] = true;
}

ModelViews *model_views_new(Mailbox *m, unsigned seed)
{
	ModelViews *views = g_new0(ModelViews, 1);

	views->mailbox = m;
	views->chance = g_rand_new_with_seed(seed);
	views->limit = g_hash_table_new(NULL, NULL);
	views->hidden = g_hash_table_new(NULL, NULL);
	views->order = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	for (unsigned k = 0; k < VIEWS; k++) {
		Screen *screen = &views->screens[k];
		screen->view = view_new(m, on_changed, screen);
		screen->relaid = true;
		view_set_newest_first(screen->view, k == NEWEST);
	}
	return views;
}

void model_views_free(ModelViews *views)
{
	if (!views)
		return;
	for (unsigned k = 0; k < VIEWS; k++)
		view_free(views->screens[k].view);
	g_hash_table_unref(views->limit);
	g_hash_table_unref(views->hidden);
	g_array_unref(views->order);
	g_rand_free(views->chance);
	g_free(views);
}

void model_views_hide(ModelViews *views, uint32_t uid)
{
	g_hash_table_add(views->hidden, GUINT_TO_POINTER(uid));
}

/* --- what is painted --- */

static Painted look(View *v, size_t i)
{
	ViewRow row;

	view_row(v, i, &row);
	return (Painted){row.uid, row.flags, row.flags_known, row.pending};
}

static void paint(Screen *screen)
{
	size_t count = MIN(view_count(screen->view), ROWS);

	for (size_t i = 0; i < count; i++)
		if (screen->relaid || screen->damaged[i])
			screen->rows[i] = look(screen->view, i);
	if (screen->relaid)
		screen->n = count;
	screen->relaid = false;
	memset(screen->damaged, 0, sizeof(screen->damaged));
	if (count > 0)
		view_want(screen->view, 0, ROWS - 1);
}

static char *check_painted(const Screen *screen, const char *name)
{
	size_t count = MIN(view_count(screen->view), ROWS);

	if (screen->n != count)
		return g_strdup_printf("%s: %zu rows are painted, and there are %zu", name,
				       screen->n, count);
	for (size_t i = 0; i < count; i++) {
		Painted is = screen->rows[i], should = look(screen->view, i);
		if (is.uid != should.uid || is.flags != should.flags || is.known != should.known ||
		    is.pending != should.pending)
			return g_strdup_printf("%s: row %zu shows UID %u as it was, and is UID %u",
					       name, i, is.uid, should.uid);
	}
	return NULL;
}

char *model_views_paint(ModelViews *views)
{
	char *wrong = NULL;

	for (unsigned k = 0; k < VIEWS && !wrong; k++) {
		paint(&views->screens[k]);
		wrong = check_painted(&views->screens[k], names[k]);
	}
	return wrong;
}

/* --- the order of rows --- */

static uint32_t number_at(const GArray *uids, size_t i)
{
	return g_array_index(uids, uint32_t, i);
}

static bool has(GHashTable *set, uint32_t uid)
{
	return g_hash_table_contains(set, GUINT_TO_POINTER(uid));
}

static GArray *limit_to(const ModelViews *views, const GArray *uids)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));

	for (unsigned i = 0; i < uids->len; i++) {
		uint32_t uid = number_at(uids, i);
		if (has(views->limit, uid))
			g_array_append_val(rows, uid);
	}
	return rows;
}

static char *check_order(View *v, const char *name, const GArray *rows, bool backwards)
{
	if (view_count(v) != rows->len)
		return g_strdup_printf("%s: %zu rows, and there should be %u", name, view_count(v),
				       rows->len);
	for (unsigned i = 0; i < rows->len; i++) {
		uint32_t uid = number_at(rows, backwards ? rows->len - 1 - i : i);
		if (look(v, i).uid != uid || view_find(v, uid) != i)
			return g_strdup_printf("%s: row %u is UID %u, and should be %u", name, i,
					       look(v, i).uid, uid);
	}
	return NULL;
}

/* Those that were always there stand as the server said, the others behind them in any order. */
static char *check_server_order(ModelViews *views, const GArray *uids)
{
	View *v = views->screens[ORDERED].view;
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	unsigned at = 0;

	for (unsigned i = 0; i < uids->len; i++)
		g_hash_table_add(seen, GUINT_TO_POINTER(number_at(uids, i)));
	if (view_count(v) != uids->len)
		return g_strdup_printf("ordered: %zu rows, and there should be %u", view_count(v),
				       uids->len);
	for (unsigned i = 0; i < views->order->len; i++) {
		uint32_t uid = number_at(views->order, i);
		if (!has(seen, uid) || has(views->hidden, uid))
			continue;
		if (look(v, at).uid != uid)
			return g_strdup_printf("ordered: row %u is UID %u, and should be %u", at,
					       look(v, at).uid, uid);
		g_hash_table_remove(seen, GUINT_TO_POINTER(uid));
		at++;
	}
	for (; at < uids->len; at++) {
		uint32_t uid = look(v, at).uid;
		if (!g_hash_table_remove(seen, GUINT_TO_POINTER(uid)) || view_find(v, uid) != at)
			return g_strdup_printf("ordered: UID %u has a row it should not have", uid);
	}
	return NULL;
}

/* --- others --- */

static void limit_others(ModelViews *views, const GArray *uids)
{
	g_autoptr(UidSet) set = uidset_new();

	g_hash_table_remove_all(views->limit);
	for (unsigned i = 0; i < uids->len; i++) {
		if (g_rand_boolean(views->chance))
			continue;
		uidset_add(set, number_at(uids, i));
		g_hash_table_add(views->limit, GUINT_TO_POINTER(number_at(uids, i)));
	}
	view_set_limit(views->screens[LIMITED].view, set);
}

static void order_others(ModelViews *views, const GArray *uids)
{
	g_hash_table_remove_all(views->hidden);
	g_array_set_size(views->order, 0);
	for (unsigned i = 0; i < uids->len; i++) {
		uint32_t uid = number_at(uids, i);
		guint at = (guint)g_rand_int_range(views->chance, 0, (gint32)i + 1);
		g_array_insert_val(views->order, at, uid);
	}
	view_set_order(views->screens[ORDERED].view, (const uint32_t *)views->order->data,
		       views->order->len);
}

char *model_views_compare(ModelViews *views, const GArray *uids)
{
	bool chosen = views->uidvalidity == mailbox_uidvalidity(views->mailbox);
	g_autoptr(GArray) limited = limit_to(views, uids);
	char *wrong = check_order(views->screens[NEWEST].view, names[NEWEST], uids, true);

	if (!wrong)
		wrong = check_order(views->screens[OLDEST].view, names[OLDEST], uids, false);
	/* Another mailbox of that name is shown whole. */
	if (!wrong)
		wrong = check_order(views->screens[LIMITED].view, names[LIMITED],
				    chosen ? limited : uids, false);
	if (!wrong)
		wrong = chosen ? check_server_order(views, uids)
			       : check_order(views->screens[ORDERED].view, names[ORDERED], uids,
					     false);
	if (wrong || (chosen && g_rand_int_range(views->chance, 0, KEPT) > 0))
		return wrong;
	views->uidvalidity = mailbox_uidvalidity(views->mailbox);
	limit_others(views, uids);
	order_others(views, uids);
	return NULL;
}
