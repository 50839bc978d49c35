#include "ui/panel/certificate.h"

#include <string.h>

#include "mime/text.h"
#include "mime/wrap.h"
#include "ui/panel/edit.h"
#include "ui/term/term.h"
#include "ui/widget/docview.h"

#define WIDTH_MAX 76
#define NARROW    60
#define AROUND    4 /* columns and rows of the border and what stands around it */
#define LABEL     "%-16s"
/* What others wrote gets so many columns and no more. */
#define OUTSIDE_MAX 120

typedef struct {
	Pane pane;
	Screen *screen;
	DocView *view;
	Edit edit;
	const Certificate *certificate;
	char *user;
	unsigned port;
	bool pinned;
	TrustDone done;
	void *data;
} Ask;

/* --- the text --- */

static void paragraph(Wrap *wrap, DocStyle style, const char *text)
{
	wrap_set_prefix(wrap, DOC_NORMAL, 0, "", "");
	wrap_add(wrap, style, text, strlen(text));
	wrap_end(wrap);
}

static void field(Wrap *wrap, const char *label, const char *value)
{
	g_autofree char *first = g_strdup_printf(LABEL, label);
	g_autofree char *rest = g_strdup_printf(LABEL, "");

	wrap_set_prefix(wrap, DOC_HEADER_NAME, 0, first, rest);
	wrap_add(wrap, DOC_NORMAL, value, strlen(value));
	wrap_end(wrap);
}

static void outside_field(Wrap *wrap, const char *label, const char *value)
{
	g_autofree char *clean = text_clean_name(value);
	glong len = g_utf8_strlen(clean, -1);
	g_autofree char *cut = g_utf8_substring(clean, 0, MIN(len, OUTSIDE_MAX / 2));
	g_autofree char *whole = g_strconcat(cut, len > OUTSIDE_MAX / 2 ? "…" : "", NULL);

	field(wrap, label, whole);
}

static void add_faults(const Certificate *c, Wrap *wrap)
{
	g_auto(GStrv) faults = certificate_faults(c, false);

	for (char **fault = faults; *fault; fault++) {
		**fault = g_ascii_toupper(**fault);
		g_autofree char *sentence = g_strconcat(*fault, ".", NULL);
		field(wrap, fault == faults ? "What is wrong" : "", sentence);
	}
}

static void add_facts(const Ask *x, Wrap *wrap)
{
	const Certificate *c = x->certificate;
	g_autofree char *server = g_strdup_printf("%s, port %u", c->host, x->port);
	g_autofree char *from = certificate_date(c->from), *until = certificate_date(c->until);
	g_autofree char *valid = g_strdup_printf("%s to %s", from, until);

	field(wrap, "Server", server);
	if (x->user)
		field(wrap, "Account of", x->user);
	add_faults(c, wrap);
	outside_field(wrap, "Certificate for", c->names);
	outside_field(wrap, "Signed by", c->issuer);
	field(wrap, "Valid from", valid);
	field(wrap, "Its key", c->key ? c->key : "none");
	if (c->faults & CERTIFICATE_OTHER_KEY)
		field(wrap, "Trusted key", c->expected);
}

static bool is_change(const Ask *x)
{
	return x->certificate->faults & CERTIFICATE_OTHER_KEY;
}

/* The word that trusts for ever; a changed key has one of its own.  NULL: there is none. */
static const char *lasting_word(const Ask *x)
{
	if (x->pinned)
		return NULL;
	return is_change(x) ? "replace" : "always";
}

static const char *heading(const Ask *x)
{
	if (is_change(x))
		return "THE KEY OF THIS SERVER HAS CHANGED.  Somebody may be between you and it. "
		       "Nothing was sent.";
	return "This server could not prove who it is.  Somebody may be between you and it. "
	       "Nothing was sent.";
}

static char *advice(const Ask *x)
{
	const char *word = lasting_word(x);

	if (!certificate_may_trust(x->certificate))
		return g_strdup("Such a key proves nothing, so there is no way to trust it.");
	if (!word)
		return g_strdup("Ask those who run the server whether this is its key.  If it is, "
				"write it as pin = into the account, or trust it until Sheaf ends "
				"by typing \"once\" and Enter.");
	return g_strdup_printf("Ask those who run the server whether this is its key.  Only if it "
			       "is, type \"once\" to trust this key at this host and port until "
			       "Sheaf ends, or \"%s\" to %s, and Enter.",
			       word,
			       is_change(x) ? "put it in the place of the trusted one"
					    : "remember it (:forget-key takes it back)");
}

static MimeDoc *make_doc(const Ask *x, int width)
{
	MimeDoc *doc = doc_new();
	g_autoptr(Wrap) wrap = wrap_new(doc, width);
	g_autofree char *what_to_do = advice(x);

	paragraph(wrap, DOC_BOLD, heading(x));
	paragraph(wrap, DOC_NORMAL, "");
	add_facts(x, wrap);
	paragraph(wrap, DOC_NORMAL, "");
	paragraph(wrap, DOC_NORMAL, what_to_do);
	return doc;
}

/* --- the pane --- */

/* What stands before the answer, which gets room also in a narrow window. */
static char *question(const Ask *x, int cols)
{
	const char *word = lasting_word(x);
	g_autofree char *words = g_strconcat(word ? "once, " : "once", word, NULL);
	const char *before = cols < NARROW ? "" : "Trust this key?  ";

	if (!certificate_may_trust(x->certificate))
		return g_strdup("Esc closes this. ");
	return g_strdup_printf("%s%s, or Esc: no: ", before, words);
}

static void draw(Pane *p, Surface *s, int first, int last)
{
	Ask *x = (Ask *)p;
	int cols = surface_cols(s), row = surface_rows(s) - 1, col, cursor = 0;
	g_autofree char *label = question(x, cols);

	docview_draw(x->view, s, first, last);
	paint_field(s, row - 1, 0, cols, STYLE_HINT,
		    docview_at_end(x->view) ? "" : "(PageDown: more)");
	paint_fill(s, row, 0, cols, STYLE_NORMAL);
	col = paint_text(s, row, 0, cols - 1, STYLE_PROMPT, label, -1);
	size_t from = edit_view(&x->edit, MAX(cols - col, 1), &cursor);
	paint_text(s, row, col, cols - col, STYLE_NORMAL, x->edit.text + from, -1);
	paint_cursor(s, row, MIN(col + cursor, cols - 1));
}

static void resize(Pane *p, int rows, int cols)
{
	Ask *x = (Ask *)p;

	(void)rows;
	docview_replace(x->view, make_doc(x, cols));
	pane_damage_all(p);
}

static void finish(Ask *x, TrustAnswer answer)
{
	const Certificate *c = certificate_ref(x->certificate);
	TrustDone done = x->done;
	void *data = x->data;

	screen_close(x->screen, &x->pane);
	done(answer, c, data);
	certificate_unref((Certificate *)c);
}

/* A word that is none of them is asked for again: nobody means "no" by a slip. */
static void accept(Ask *x)
{
	const char *word = lasting_word(x);
	g_autofree char *line = g_strstrip(g_strdup(x->edit.text));

	if (*line == '\0' || !certificate_may_trust(x->certificate))
		finish(x, TRUST_NOT);
	else if (g_ascii_strcasecmp(line, "once") == 0)
		finish(x, TRUST_ONCE);
	else if (word && g_ascii_strcasecmp(line, word) == 0)
		finish(x, TRUST_FOR_EVER);
	else if (g_ascii_strcasecmp(line, "no") == 0)
		finish(x, TRUST_NOT);
	else
		edit_set(&x->edit, "");
}

static const struct {
	Key key;
	int kind;
	long by;
} movements[] = {
	{SHEAF_KEY_UP, PANE_BY_LINE, -1},
	{SHEAF_KEY_DOWN, PANE_BY_LINE, 1},
	{SHEAF_KEY_PAGEUP, PANE_BY_PAGE, -1},
	{SHEAF_KEY_PAGEDOWN, PANE_BY_PAGE, 1},
};

static bool key(Pane *p, Key k)
{
	Ask *x = (Ask *)p;

	for (size_t i = 0; i < G_N_ELEMENTS(movements); i++)
		if (movements[i].key == k) {
			docview_scroll(x->view, movements[i].kind, movements[i].by);
			pane_damage_all(p);
			return true;
		}
	if (k == SHEAF_KEY_ESCAPE || k == (SHEAF_KEY_CTRL | 'c') || k == (SHEAF_KEY_CTRL | 'g')) {
		finish(x, TRUST_NOT);
		return true;
	}
	pane_damage_all(p);
	if (k == SHEAF_KEY_ENTER || k == (SHEAF_KEY_CTRL | 'j'))
		accept(x);
	else
		edit_key(&x->edit, k);
	return true;
}

/* Nobody checks a key by pasting. */
static void paste(Pane *p, const char *utf8)
{
	(void)p;
	(void)utf8;
}

static void ask_free(Pane *p)
{
	Ask *x = (Ask *)p;

	docview_free(x->view);
	edit_wipe(&x->edit);
	certificate_unref((Certificate *)x->certificate);
	g_free(x->user);
	g_free(x);
}

static const PaneOps ops = {
	.name = "certificate",
	.context = CONTEXT_PROMPT,
	.draw = draw,
	.resize = resize,
	.key = key,
	.paste = paste,
	.free = ask_free,
};

void certificate_ask(Screen *s, const TrustQuestion *question, TrustDone done, void *data)
{
	Ask *x = g_new0(Ask, 1);
	int width = CLAMP(term_cols() - AROUND, 1, WIDTH_MAX);

	pane_init(&x->pane, &ops);
	pane_set_title(&x->pane, "The server is not trusted");
	x->screen = s;
	x->certificate = certificate_ref(question->certificate);
	x->user = question->user ? text_clean_name(question->user) : NULL;
	x->port = question->port;
	x->pinned = question->pinned;
	x->done = done;
	x->data = data;
	edit_init(&x->edit, NULL, false);
	x->view = docview_new(&x->pane, 0);
	docview_leave_below(x->view, 2);
	docview_set(x->view, make_doc(x, width));
	int rows = (int)doc_line_count(docview_doc(x->view)) + 2;
	screen_popup(s, &x->pane, POPUP_CENTER, rows, width);
}
