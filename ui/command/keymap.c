#include "ui/command/keymap.h"

#include <string.h>
#include "core/base/error.h"

#define COUNT_MAX 9999999

typedef struct Node Node;

/* A key in a sequence: with a line it is the last one, with children it is not. */
struct Node {
	Key key;
	char *line;
	Node *children, *next; /* in the order they were bound */
};

static const struct {
	const char *name;
	unsigned context;
} contexts[] = {
	{"index", CONTEXT_INDEX}, {"pager", CONTEXT_PAGER}, {"folders", CONTEXT_FOLDERS},
	{"parts", CONTEXT_PARTS}, {"list", CONTEXT_LIST},   {"all", CONTEXT_ANY},
};

#define CONTEXT_COUNT (G_N_ELEMENTS(contexts) - 1)

struct Keymap {
	Node roots[CONTEXT_COUNT];
	/* What was typed so far. */
	Key typed[KEY_SEQUENCE_MAX];
	size_t n_typed;
	unsigned context;
	long count;
};

static void free_children(Node *node)
{
	while (node->children != NULL) {
		Node *child = node->children;
		node->children = child->next;
		free_children(child);
		g_free(child->line);
		g_free(child);
	}
}

static Node *find_child(const Node *node, Key key)
{
	for (Node *child = node->children; child != NULL; child = child->next) {
		if (child->key == key)
			return child;
	}
	return NULL;
}

static Node *add_child(Node *node, Key key)
{
	Node **end = &node->children;

	while (*end != NULL)
		end = &(*end)->next;
	*end = g_new0(Node, 1);
	(*end)->key = key;
	return *end;
}

/* The root of a context: one bit. */
static const Node *root_of(const Keymap *m, unsigned context)
{
	for (size_t i = 0; i < CONTEXT_COUNT; i++) {
		if (contexts[i].context == context)
			return &m->roots[i];
	}
	return NULL;
}

static const Node *walk(const Node *node, const Key *keys, size_t n)
{
	for (size_t i = 0; i < n && node != NULL; i++)
		node = find_child(node, keys[i]);
	return node;
}

static void bind_keys(Node *node, const Key *keys, size_t n, const char *line)
{
	for (size_t i = 0; i < n; i++) {
		Node *child = find_child(node, keys[i]);
		node = child != NULL ? child : add_child(node, keys[i]);
		/* A beginning that ran something would never let this be typed. */
		if (i + 1 < n)
			g_clear_pointer(&node->line, g_free);
	}
	free_children(node);
	g_free(node->line);
	node->line = g_strdup(line);
}

/* True where nothing is left below the node. */
static bool unbind_keys(Node *node, const Key *keys, size_t n)
{
	Node **at = &node->children;

	while (*at != NULL && (*at)->key != keys[0])
		at = &(*at)->next;
	Node *child = *at;
	if (child == NULL)
		return false;
	if (n > 1 && !unbind_keys(child, keys + 1, n - 1))
		return false;
	if (n > 1 && (child->line != NULL || child->children != NULL))
		return false;
	*at = child->next;
	free_children(child);
	g_free(child->line);
	g_free(child);
	return node->children == NULL;
}

/* The first word of a line, for action_find(). */
static bool check_line(const char *line, GError **error)
{
	g_autofree char *name = g_strndup(line, strcspn(line, " \t"));

	if (*line == '\0' || action_find(name) != NULL)
		return true;
	g_set_error(error, CORE_ERROR, CORE_ERROR_STATE, "There is no command %s.", name);
	return false;
}

static void bind_defaults(Keymap *m, const Action *action)
{
	g_auto(GStrv) sequences = g_strsplit(action->keys, " ", -1);

	for (char **keys = sequences; *keys != NULL; keys++) {
		if (**keys == '\0')
			continue;
		bool bound = keymap_bind(m, action->contexts, *keys, action->name, NULL);
		g_assert(bound);
	}
}

/* Digits are a count where no sequence begins with them. */
static bool take_digit(Keymap *m, const Node *node, Key key)
{
	if (m->n_typed > 0 || key < '0' || key > '9' || (key == '0' && m->count == 0) ||
	    find_child(node, key) != NULL)
		return false;
	m->count = MIN(m->count * 10 + (long)(key - '0'), COUNT_MAX);
	return true;
}

static void each_line(const Node *node, Key *keys, size_t n,
		      void (*each)(const Key *keys, size_t n, const char *line, void *data),
		      void *data)
{
	for (const Node *child = node->children; child != NULL; child = child->next) {
		keys[n] = child->key;
		if (child->line != NULL)
			each(keys, n + 1, child->line, data);
		if (n + 1 < KEY_SEQUENCE_MAX)
			each_line(child, keys, n + 1, each, data);
	}
}

typedef struct {
	void (*each)(const char *keys, const char *line, void *data);
	void *data;
} Continuations;

static void tell_continuation(const Key *keys, size_t n, const char *line, void *data)
{
	const Continuations *told = data;
	g_autofree char *text = key_format_sequence(keys, n);

	told->each(text, line, told->data);
}

typedef struct {
	const char *line;
	GString *out;
} KeysFor;

static void add_keys_for(const Key *keys, size_t n, const char *line, void *data)
{
	const KeysFor *wanted = data;

	if (strcmp(line, wanted->line) != 0)
		return;
	g_autofree char *text = key_format_sequence(keys, n);
	g_string_append_printf(wanted->out, "%s%s", wanted->out->len > 0 ? ", " : "", text);
}

Keymap *keymap_new(void)
{
	Keymap *m = g_new0(Keymap, 1);

	for (const Action *action = action_table; action->name != NULL; action++)
		bind_defaults(m, action);
	return m;
}

void keymap_free(Keymap *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < CONTEXT_COUNT; i++)
		free_children(&m->roots[i]);
	g_free(m);
}

bool keymap_bind(Keymap *m, unsigned context_bits, const char *keys, const char *line,
		 GError **error)
{
	Key sequence[KEY_SEQUENCE_MAX];
	size_t n;

	if (!key_parse(keys, sequence, &n, error) || !check_line(line, error))
		return false;
	keymap_reset(m);
	for (size_t i = 0; i < CONTEXT_COUNT; i++) {
		if ((context_bits & contexts[i].context) == 0)
			continue;
		if (*line == '\0')
			unbind_keys(&m->roots[i], sequence, n);
		else
			bind_keys(&m->roots[i], sequence, n, line);
	}
	return true;
}

KeymapResult keymap_feed(Keymap *m, unsigned context, Key key, const char **line, long *count)
{
	if (context != m->context)
		keymap_reset(m);
	m->context = context;
	const Node *root = root_of(m, context);
	const Node *node = root != NULL ? walk(root, m->typed, m->n_typed) : NULL;
	if (node == NULL) {
		keymap_reset(m);
		return KEYMAP_NONE;
	}
	if (take_digit(m, node, key))
		return KEYMAP_PENDING;
	const Node *child = find_child(node, key);
	/* Esc takes back what was typed, unless it goes on with a sequence. */
	if (key == SHEAF_KEY_ESCAPE && (m->n_typed > 0 ? child == NULL : m->count > 0)) {
		keymap_reset(m);
		return KEYMAP_PENDING;
	}
	if (child != NULL && child->line == NULL) {
		m->typed[m->n_typed++] = key;
		return KEYMAP_PENDING;
	}
	*line = child != NULL ? child->line : NULL;
	*count = m->count;
	keymap_reset(m);
	return child != NULL ? KEYMAP_RUN : KEYMAP_NONE;
}

void keymap_reset(Keymap *m)
{
	m->n_typed = 0;
	m->count = 0;
}

char *keymap_pending(const Keymap *m)
{
	g_autofree char *keys = key_format_sequence(m->typed, m->n_typed);

	return m->count > 0 ? g_strdup_printf("%ld%s", m->count, keys) : g_steal_pointer(&keys);
}

void keymap_foreach_continuation(Keymap *m, unsigned context,
				 void (*each)(const char *keys, const char *line, void *data),
				 void *data)
{
	const Node *root = root_of(m, context);
	const Node *node =
		root != NULL && context == m->context ? walk(root, m->typed, m->n_typed) : NULL;
	Continuations told = {each, data};
	Key keys[KEY_SEQUENCE_MAX];

	if (node != NULL)
		each_line(node, keys, 0, tell_continuation, &told);
}

char *keymap_keys_for(const Keymap *m, unsigned context, const char *line)
{
	const Node *root = root_of(m, context);
	KeysFor wanted = {line, g_string_new(NULL)};
	Key keys[KEY_SEQUENCE_MAX];

	if (root != NULL)
		each_line(root, keys, 0, add_keys_for, &wanted);
	return g_string_free(wanted.out, FALSE);
}

unsigned keymap_context(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(contexts); i++) {
		if (strcmp(contexts[i].name, name) == 0)
			return contexts[i].context;
	}
	return 0;
}
