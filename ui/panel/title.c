#include "ui/panel/title.h"

#include "mime/text.h"

typedef struct {
	Pane pane;
	char *left, *marks, *right;
} Title;

static void draw(Pane *p, Surface *s, int first, int last)
{
	Title *x = (Title *)p;
	int cols = surface_cols(s), col, width = text_width(x->right);

	(void)first;
	(void)last;
	paint_fill(s, 0, 0, cols, STYLE_TITLE);
	col = 1 + paint_text(s, 0, 1, cols - 1, STYLE_TITLE, x->left, -1);
	if (*x->marks)
		col += 2 + paint_text(s, 0, col + 2, MAX(cols - col - 2, 0), STYLE_TITLE_WARN,
				      x->marks, -1);
	if (col + 2 + width + 1 <= cols)
		paint_text(s, 0, cols - width - 1, width, STYLE_TITLE, x->right, -1);
}

static void title_free(Pane *p)
{
	Title *x = (Title *)p;

	g_free(x->left);
	g_free(x->marks);
	g_free(x->right);
	g_free(x);
}

static const PaneOps ops = {.name = "title", .context = 0, .draw = draw, .free = title_free};

Pane *title_new(void)
{
	Title *x = g_new0(Title, 1);

	pane_init(&x->pane, &ops);
	x->left = g_strdup("sheaf");
	x->marks = g_strdup("");
	x->right = g_strdup("");
	return &x->pane;
}

static const char *state_word(PoolState state)
{
	static const char *const words[] = {
		[POOL_OFFLINE] = "offline",        [POOL_CONNECTING] = "connecting",
		[POOL_ONLINE] = "online",          [POOL_WAITING] = "offline",
		[POOL_REFUSED] = "log-in refused", [POOL_UNTRUSTED] = "not trusted",
		[POOL_DENIED] = "log-in refused",  [POOL_RECONNECTING] = "reconnecting",
	};

	return words[state];
}

static char *silence_text(Account *a)
{
	bool arrives;
	unsigned seconds = account_silence(a, &arrives);

	if (seconds == 0)
		return NULL;
	return g_strdup_printf(arrives ? "server busy %u s" : "line silent %u s", seconds);
}

static char *waiting_text(Account *a)
{
	if (account_network_is_gone(a))
		return g_strdup("no network (F5: try)");
	return g_strdup_printf("offline, retry in %u s (F5: now)", account_retry_in(a));
}

/* While connecting, what is being waited for; while on line, that an answer is. */
static char *state_text(Account *a)
{
	PoolState state = a ? account_state(a) : POOL_OFFLINE;
	char *silence;

	if (!a)
		return g_strdup("");
	if (state == POOL_CONNECTING && *account_state_text(a))
		return text_clean(account_state_text(a), TEXT_ONE_LINE);
	if (state == POOL_WAITING)
		return waiting_text(a);
	if (state == POOL_RECONNECTING && account_line_is_dead(a))
		return g_strdup("line dead, reconnecting");
	silence = silence_text(a);
	return silence ? silence : g_strdup(state_word(state));
}

static char *left_text(Account *a, Mailbox *m)
{
	if (!a)
		return g_strdup("sheaf");
	if (!m)
		return g_strdup(account_label(a));
	if (mailbox_uidvalidity(m) == 0)
		return g_strdup_printf("%s   %s", account_label(a), mailbox_title(m));
	return g_strdup_printf("%s   %s   %'u unread of %'u", account_label(a), mailbox_title(m),
			       mailbox_unseen(m), mailbox_total(m));
}

static char *marks_text(Account *a, Mailbox *m)
{
	GString *marks = g_string_new(NULL);

	if (a && account_state(a) == POOL_ONLINE && !account_is_encrypted(a))
		g_string_append(marks, "NOT ENCRYPTED ");
	if (m && mailbox_is_readonly(m))
		g_string_append(marks, "READ-ONLY ");
	if (a && account_overdue(a) > 0)
		g_string_append_printf(marks, "%u pending ", account_overdue(a));
	if (a && account_held(a) > 0)
		g_string_append_printf(marks, "%u held ", account_held(a));
	return g_strchomp(g_string_free(marks, FALSE));
}

static bool replace(char **slot, char *text_take)
{
	bool changed = g_strcmp0(*slot, text_take) != 0;

	g_free(*slot);
	*slot = text_take;
	return changed;
}

void title_update(Pane *title, Account *a, Mailbox *m)
{
	Title *x = (Title *)title;
	bool changed = replace(&x->left, left_text(a, m));

	changed |= replace(&x->marks, marks_text(a, m));
	changed |= replace(&x->right, state_text(a));
	if (changed)
		pane_damage_all(title);
}
