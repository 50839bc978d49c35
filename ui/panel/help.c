#include "ui/panel/help.h"

#include <string.h>

#include "mime/text.h"

#define KEYS_COLUMN 20
#define NAME_COLUMN 18

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

static void add_action(MimeDoc *doc, const Action *action, const char *keys, const char *why_not)
{
	add_padded(doc, why_not ? DOC_NOTICE : DOC_BOLD, keys, KEYS_COLUMN);
	add_padded(doc, why_not ? DOC_NOTICE : DOC_NORMAL, action->name, NAME_COLUMN);
	add_text(doc, why_not ? DOC_NOTICE : DOC_NORMAL, action->help);
	doc_end_line(doc);
	if (!why_not)
		return;
	add_padded(doc, DOC_NOTICE, "", KEYS_COLUMN + NAME_COLUMN);
	add_text(doc, DOC_NOTICE, why_not);
	doc_end_line(doc);
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
