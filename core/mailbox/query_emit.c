#include "core/mailbox/query_private.h"

#include <string.h>

static bool has_8bit(const Node *node)
{
	for (const char *c = node->string; c && *c; c++)
		if (*c & 0x80)
			return true;
	for (unsigned i = 0; node->children && i < node->children->len; i++)
		if (has_8bit(g_ptr_array_index(node->children, i)))
			return true;
	return false;
}

bool query_needs_charset(const Query *query)
{
	return has_8bit(query->root);
}

static bool has_string(const Node *node)
{
	bool has = node->string != NULL;

	for (unsigned i = 0; !has && node->children && i < node->children->len; i++)
		has = has_string(g_ptr_array_index(node->children, i));
	return has;
}

/* Keys that only some servers know. */
static const struct {
	const char *key, *name;
	Capability offered;
} needs[] = {
	{"X-GM-RAW", "X-GM-EXT-1", CAP(X_GM_EXT_1)},
	{"SAVEDSINCE", "SAVEDATE", CAP(SAVEDATE)},
	{"SAVEDBEFORE", "SAVEDATE", CAP(SAVEDATE)},
	{"SAVEDON", "SAVEDATE", CAP(SAVEDATE)},
};

static const char *lacks(const Node *node, Capability caps)
{
	const char *missing = NULL;

	for (size_t i = 0; node->key && i < G_N_ELEMENTS(needs); i++)
		if (strcmp(node->key, needs[i].key) == 0 && !(caps & needs[i].offered))
			return needs[i].name;
	for (unsigned i = 0; !missing && node->children && i < node->children->len; i++)
		missing = lacks(g_ptr_array_index(node->children, i), caps);
	return missing;
}

const char *query_lacks(const Query *query, Capability caps)
{
	return lacks(query->root, caps);
}

bool query_finds_few(const Query *query)
{
	return has_string(query->root);
}

typedef struct {
	const QueryDialect *dialect;
	const QuerySink *sink;
	void *data;
} Emission;

static void emit_atom(const Emission *out, const char *atom)
{
	out->sink->atom(atom, out->data);
}

/* What the list shows as new; no "n:*", which is the last message where none is as high. */
static void emit_new(const Emission *out)
{
	g_autofree char *set = g_strdup_printf("%u:%u", out->dialect->new_from, G_MAXUINT32);

	emit_atom(out, out->dialect->new_from ? "UID" : "NOT");
	emit_atom(out, out->dialect->new_from ? set : "ALL");
}

/* By whole days, so that rather too many are found than too few. */
static void emit_age(const Node *node, bool negated, const Emission *out)
{
	bool younger = strcmp(node->key, "YOUNGER") == 0;

	emit_atom(out, younger ? "SINCE" : "BEFORE");
	emit_atom(out, node->days[younger == negated]);
}

static void emit_key(const Node *node, bool negated, const Emission *out)
{
	g_auto(GStrv) atoms = g_strsplit(node->key, " ", -1);

	if (node->days[0] && !out->dialect->within) {
		emit_age(node, negated, out);
		return;
	}
	if (out->dialect->no_recent && strcmp(node->key, "RECENT") == 0) {
		emit_new(out);
		return;
	}
	for (char **atom = atoms; *atom; atom++)
		emit_atom(out, *atom);
	if (node->string)
		out->sink->string(node->string, out->data);
	if (node->atom)
		emit_atom(out, node->atom);
}

/* `operand`: as an argument of OR or NOT a sequence needs parentheses; `negated`: below a NOT. */
static void emit(const Node *node, bool operand, bool negated, const Emission *out)
{
	bool several = node->kind == NODE_AND && node->children->len > 1 && operand;

	switch (node->kind) {
	case NODE_ALL:
		emit_atom(out, "ALL");
		return;
	case NODE_KEY:
		emit_key(node, negated, out);
		return;
	case NODE_OR:
		emit_atom(out, "OR");
		break;
	case NODE_NOT:
		emit_atom(out, "NOT");
		break;
	case NODE_AND:
		break;
	}
	if (several)
		emit_atom(out, "(");
	for (unsigned i = 0; i < node->children->len; i++)
		emit(g_ptr_array_index(node->children, i),
		     node->kind != NODE_AND || (operand && !several),
		     negated != (node->kind == NODE_NOT), out);
	if (several)
		emit_atom(out, ")");
}

void query_emit(const Query *query, const QueryDialect *dialect, const QuerySink *sink, void *data)
{
	Emission out = {dialect, sink, data};

	emit(query->root, false, false, &out);
}
