#include "core/account/namespace.h"

#include <string.h>

#include "core/wire/lex.h"

static void namespace_free(void *data)
{
	Namespace *ns = data;

	g_free(ns->prefix);
	g_free(ns);
}

/* "("INBOX." "." …)", with the extensions that RFC 2342 allows. */
static bool read_one(Lex *lex, NamespaceKind kind, GPtrArray *out)
{
	const char *prefix, *delimiter;
	size_t len;

	if (!lex_expect(lex, '(') || !lex_string(lex, &prefix, &len) || !lex_space(lex) ||
	    !lex_nstring(lex, &delimiter, NULL))
		return false;
	if (!prefix || strlen(prefix) != len || (delimiter && strlen(delimiter) > 1) ||
	    out->len == NAMESPACES_MAX)
		return lex_fail(lex, "a prefix and its delimiter");
	while (lex_more(lex))
		if (!lex_skip_value(lex))
			return false;
	Namespace *ns = g_new0(Namespace, 1);
	*ns = (Namespace){kind, g_strdup(prefix), delimiter ? *delimiter : '\0', false};
	g_ptr_array_add(out, ns);
	return lex_expect(lex, ')');
}

static bool read_kind(Lex *lex, NamespaceKind kind, GPtrArray *out)
{
	if (!lex_space(lex))
		return false;
	if (lex_word(lex, "NIL"))
		return true;
	if (!lex_expect(lex, '('))
		return false;
	while (lex_more(lex))
		if (!read_one(lex, kind, out))
			return false;
	return lex_expect(lex, ')');
}

GPtrArray *namespaces_read(const Frame *frame)
{
	g_autoptr(Arena) arena = arena_new();
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(namespace_free);
	Lex lex;

	lex_init(&lex, frame, arena);
	if (!lex_expect(&lex, '*') || !lex_space(&lex) || !lex_word(&lex, "NAMESPACE") ||
	    !read_kind(&lex, NAMESPACE_PERSONAL, out) || !read_kind(&lex, NAMESPACE_OTHERS, out) ||
	    !read_kind(&lex, NAMESPACE_SHARED, out))
		return NULL;
	while (lex_take(&lex, ' ')) {}
	return lex_at_end(&lex) ? g_steal_pointer(&out) : NULL;
}

static void format_string(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
}

static void format_one(GString *out, const Namespace *ns)
{
	const char delimiter[] = {ns->delimiter, '\0'};

	g_string_append_c(out, '(');
	format_string(out, ns->prefix);
	g_string_append_c(out, ' ');
	if (ns->delimiter)
		format_string(out, delimiter);
	else
		g_string_append(out, "NIL");
	g_string_append_c(out, ')');
}

char *namespaces_format(const GPtrArray *namespaces)
{
	GString *out = g_string_new(namespaces ? "* NAMESPACE" : "");

	for (NamespaceKind kind = 0; namespaces && kind <= NAMESPACE_SHARED; kind++) {
		g_string_append(out, " (");
		for (guint i = 0; i < namespaces->len; i++) {
			const Namespace *ns = namespaces->pdata[i];
			if (ns->kind == kind)
				format_one(out, ns);
		}
		g_string_append_c(out, ')');
	}
	return g_string_free(out, FALSE);
}

GPtrArray *namespaces_parse(const char *text)
{
	return namespaces_read(&(Frame){.text = text, .len = strlen(text)});
}

/* "shared/" has "shared/x", and is itself "shared". */
static bool has(const Namespace *ns, const char *name)
{
	size_t len = strlen(ns->prefix);

	if (strncmp(name, ns->prefix, len) == 0)
		return true;
	return len > 0 && ns->delimiter && ns->prefix[len - 1] == ns->delimiter &&
	       strlen(name) == len - 1 && strncmp(name, ns->prefix, len - 1) == 0;
}

const Namespace *namespace_find(const GPtrArray *namespaces, const char *name)
{
	const Namespace *found = NULL;

	for (guint i = 0; namespaces && i < namespaces->len; i++) {
		const Namespace *ns = namespaces->pdata[i];
		if (has(ns, name) && (!found || strlen(ns->prefix) > strlen(found->prefix)))
			found = ns;
	}
	return found;
}

NamespaceKind namespace_kind(const GPtrArray *namespaces, const char *name)
{
	const Namespace *ns =
		g_ascii_strcasecmp(name, "INBOX") == 0 ? NULL : namespace_find(namespaces, name);

	return ns ? ns->kind : NAMESPACE_PERSONAL;
}

const char *namespace_personal_prefix(const GPtrArray *namespaces)
{
	for (guint i = 0; namespaces && i < namespaces->len; i++) {
		const Namespace *ns = namespaces->pdata[i];
		if (ns->kind == NAMESPACE_PERSONAL)
			return ns->prefix;
	}
	return "";
}

char *namespace_complete(const GPtrArray *namespaces, const char *name)
{
	const char *prefix = namespace_personal_prefix(namespaces);

	if (!*prefix || g_ascii_strcasecmp(name, "INBOX") == 0 || namespace_find(namespaces, name))
		return NULL;
	return g_strconcat(prefix, name, NULL);
}
