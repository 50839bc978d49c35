#include "ui/panel/help.h"

#include <string.h>

#include "mime/text.h"
#include "ui/term/term.h"

#define KEYS_COLUMN 20
#define NAME_COLUMN 17
/* Columns of the text beside them, of the pop-up's border and what stands around it. */
#define TEXT_MIN 24
#define TEXT_MAX 76
#define AROUND   8

static void add_padded(MimeDoc *doc, DocStyle style, const char *text, int columns)
{
	g_autofree char *padded =
		g_strdup_printf("%s%*s", text, MAX(columns - text_width(text), 1), "");

	doc_add(doc, style, 0, padded, strlen(padded));
}

static void add_text(MimeDoc *doc, DocStyle style, const char *text)
{
	doc_add(doc, style, 0, text, strlen(text));
}

/* The words at the right, the following lines below the first. */
static void add_wrapped(MimeDoc *doc, DocStyle style, const char *text)
{
	int width = CLAMP(term_cols() - AROUND - KEYS_COLUMN - NAME_COLUMN, TEXT_MIN, TEXT_MAX);
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	int col = 0;

	for (char **word = words; *word; word++) {
		if (col > 0 && col + 1 + text_width(*word) > width) {
			doc_end_line(doc);
			add_padded(doc, style, "", KEYS_COLUMN + NAME_COLUMN);
			col = 0;
		}
		if (col > 0)
			add_text(doc, style, " ");
		add_text(doc, style, *word);
		col += text_width(*word) + (col > 0);
	}
	doc_end_line(doc);
}

static void add_action(MimeDoc *doc, const Action *action, const char *keys, const char *why_not)
{
	add_padded(doc, why_not ? DOC_NOTICE : DOC_BOLD, keys, KEYS_COLUMN);
	add_padded(doc, why_not ? DOC_NOTICE : DOC_NORMAL, action->name, NAME_COLUMN);
	add_wrapped(doc, why_not ? DOC_NOTICE : DOC_NORMAL, action->help);
	if (!why_not)
		return;
	add_padded(doc, DOC_NOTICE, "", KEYS_COLUMN + NAME_COLUMN);
	add_wrapped(doc, DOC_NOTICE, why_not);
}

/* Commands with keys first: they are what is looked for. */
static void add_actions(MimeDoc *doc, const Keymap *m, App *app, unsigned context, bool bound)
{
	for (const Action *action = action_table; action->name; action++) {
		if (!(action->contexts & context))
			continue;
		g_autofree char *keys = keymap_keys_for(m, context, action->name);
		if ((*keys != '\0') == bound)
			add_action(doc, action, keys, action_unavailable(action, app, context));
	}
}

MimeDoc *help_document(const Keymap *m, App *app, unsigned context)
{
	MimeDoc *doc = doc_new();

	add_text(doc, DOC_HEADING, "Keys of this panel");
	doc_end_line(doc);
	add_actions(doc, m, app, context, true);
	doc_end_line(doc);
	add_text(doc, DOC_HEADING, "Commands without a key, typed behind :");
	doc_end_line(doc);
	add_actions(doc, m, app, context, false);
	return doc;
}
