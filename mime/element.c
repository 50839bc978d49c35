#include "mime/element.h"

#include "mime/text.h"

#include <string.h>

/* Sorted by name. */
static const Element elements[] = {
	{"a", ELEMENT_LINK, 0, DOC_NORMAL},        {"address", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"article", ELEMENT_BLOCK, 1, DOC_NORMAL}, {"b", ELEMENT_INLINE, 0, DOC_BOLD},
	{"big", ELEMENT_INLINE, 0, DOC_NORMAL},    {"blockquote", ELEMENT_QUOTE, 2, DOC_NORMAL},
	{"br", ELEMENT_BREAK, 0, DOC_NORMAL},      {"caption", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"center", ELEMENT_BLOCK, 1, DOC_NORMAL},  {"cite", ELEMENT_INLINE, 0, DOC_EMPHASIS},
	{"code", ELEMENT_INLINE, 0, DOC_CODE},     {"dd", ELEMENT_ITEM, 1, DOC_NORMAL},
	{"dir", ELEMENT_LIST, 2, DOC_NORMAL},      {"div", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"dl", ELEMENT_BLOCK, 2, DOC_NORMAL},      {"dt", ELEMENT_ITEM, 1, DOC_BOLD},
	{"em", ELEMENT_INLINE, 0, DOC_EMPHASIS},   {"fieldset", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"font", ELEMENT_INLINE, 0, DOC_NORMAL},   {"footer", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"form", ELEMENT_BLOCK, 1, DOC_NORMAL},    {"h1", ELEMENT_HEADING, 2, DOC_HEADING},
	{"h2", ELEMENT_HEADING, 2, DOC_HEADING},   {"h3", ELEMENT_HEADING, 2, DOC_HEADING},
	{"h4", ELEMENT_HEADING, 2, DOC_HEADING},   {"h5", ELEMENT_HEADING, 2, DOC_HEADING},
	{"h6", ELEMENT_HEADING, 2, DOC_HEADING},   {"header", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"hr", ELEMENT_RULE, 1, DOC_NORMAL},       {"i", ELEMENT_INLINE, 0, DOC_EMPHASIS},
	{"img", ELEMENT_IMAGE, 0, DOC_NORMAL},     {"input", ELEMENT_INPUT, 0, DOC_NORMAL},
	{"kbd", ELEMENT_INLINE, 0, DOC_CODE},      {"legend", ELEMENT_BLOCK, 1, DOC_BOLD},
	{"li", ELEMENT_ITEM, 1, DOC_NORMAL},       {"main", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"menu", ELEMENT_LIST, 2, DOC_NORMAL},     {"nav", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"ol", ELEMENT_NUMBERED, 2, DOC_NORMAL},   {"option", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"p", ELEMENT_PARAGRAPH, 2, DOC_NORMAL},   {"pre", ELEMENT_PRE, 2, DOC_CODE},
	{"samp", ELEMENT_INLINE, 0, DOC_CODE},     {"section", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"select", ELEMENT_BLOCK, 1, DOC_NORMAL},  {"small", ELEMENT_INLINE, 0, DOC_NORMAL},
	{"span", ELEMENT_INLINE, 0, DOC_NORMAL},   {"strong", ELEMENT_INLINE, 0, DOC_BOLD},
	{"table", ELEMENT_TABLE, 1, DOC_NORMAL},   {"tbody", ELEMENT_BLOCK, 0, DOC_NORMAL},
	{"td", ELEMENT_CELL, 0, DOC_NORMAL},       {"textarea", ELEMENT_BLOCK, 1, DOC_NORMAL},
	{"th", ELEMENT_CELL, 0, DOC_BOLD},         {"tr", ELEMENT_ROW, 1, DOC_NORMAL},
	{"tt", ELEMENT_INLINE, 0, DOC_CODE},       {"u", ELEMENT_INLINE, 0, DOC_UNDERLINE},
	{"ul", ELEMENT_LIST, 2, DOC_NORMAL},       {"var", ELEMENT_INLINE, 0, DOC_EMPHASIS},
	{"xmp", ELEMENT_PRE, 2, DOC_CODE},
};

/* What a style must say, without blanks, for its element not to be seen; a digit other than 0
 * behind it makes it say something else. */
static const char *const hiding_styles[] = {
	"display:none", "visibility:hidden", "mso-hide:all",    "font-size:0",
	"opacity:0",    "max-height:0",      "text-indent:-99",
};

const Element *element_find(const char *name)
{
	size_t low = 0, high = G_N_ELEMENTS(elements);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, elements[middle].name);
		if (order == 0)
			return &elements[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool element_is_void(const Element *element)
{
	return element->kind == ELEMENT_BREAK || element->kind == ELEMENT_RULE ||
	       element->kind == ELEMENT_IMAGE || element->kind == ELEMENT_INPUT;
}

bool element_hides(const MarkupToken *tag)
{
	g_autofree char *hidden = markup_attribute(tag, "hidden");
	g_autofree char *style = hidden == NULL ? markup_attribute(tag, "style") : NULL;
	size_t n = 0;

	if (style == NULL)
		return hidden != NULL;
	for (const char *p = style; *p != '\0'; p++)
		if (!g_ascii_isspace(*p))
			style[n++] = g_ascii_tolower(*p);
	style[n] = '\0';
	for (size_t i = 0; i < G_N_ELEMENTS(hiding_styles); i++) {
		const char *found = strstr(style, hiding_styles[i]);
		if (found == NULL ||
		    (found > style && (g_ascii_isalpha(found[-1]) || found[-1] == '-')))
			continue;
		found += strlen(hiding_styles[i]);
		if (strspn(found, "0.") == strspn(found, "0.123456789"))
			return true;
	}
	return false;
}

char *element_target(const MarkupToken *tag)
{
	static const char *const schemes[] = {"http:", "https:", "mailto:", "ftp:", "tel:"};
	g_autofree char *href = markup_attribute(tag, "href");

	if (href == NULL)
		return NULL;
	g_strstrip(href);
	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
		if (g_ascii_strncasecmp(href, schemes[i], strlen(schemes[i])) == 0)
			return text_clean_name(href);
	return NULL;
}
