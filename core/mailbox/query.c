#include "core/mailbox/query_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

/* Deeper nesting than this is no question a person asks. */
#define DEPTH_MAX 50
/* A command line that servers take has room for no more; it also bounds the depth of "a or b or …".
 */
#define TEXT_MAX 4000

typedef struct {
	const char *at;
	int64_t now;
	unsigned depth;
	GError *error;
} Parser;

static void node_free(Node *node)
{
	if (!node)
		return;
	g_clear_pointer(&node->children, g_ptr_array_unref);
	g_free(node->string);
	g_free(node->atom);
	g_free(node->days[0]);
	g_free(node->days[1]);
	g_free(node);
}

static Node *node_new(NodeKind kind)
{
	Node *node = g_new0(Node, 1);

	node->kind = kind;
	if (kind != NODE_KEY && kind != NODE_ALL)
		node->children = g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
	return node;
}

static Node *node_key(const char *key, char *string_take, char *atom_take)
{
	Node *node = node_new(NODE_KEY);

	node->key = key;
	node->string = string_take;
	node->atom = atom_take;
	return node;
}

static Node *node_pair(NodeKind kind, Node *a_take, Node *b_take)
{
	Node *node = node_new(kind);

	g_ptr_array_add(node->children, a_take);
	if (b_take)
		g_ptr_array_add(node->children, b_take);
	return node;
}

static Node *fail(Parser *p, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

static Node *fail(Parser *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!p->error)
		p->error = g_error_new_valist(CORE_ERROR, CORE_ERROR_STATE, fmt, args);
	va_end(args);
	return NULL;
}

/* --- values --- */

/* What the words behind is: ask for. */
static const struct {
	const char *word, *key;
} states[] = {
	{"unread", "UNSEEN"},       {"read", "SEEN"},           {"flagged", "FLAGGED"},
	{"unflagged", "UNFLAGGED"}, {"answered", "ANSWERED"},   {"unanswered", "UNANSWERED"},
	{"deleted", "DELETED"},     {"undeleted", "UNDELETED"}, {"draft", "DRAFT"},
	{"new", "RECENT"},
};

static Node *read_state(Parser *p, const char *key, const char *value)
{
	(void)key;
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		if (g_ascii_strcasecmp(value, states[i].word) == 0)
			return node_key(states[i].key, NULL, NULL);
	return fail(p, "is:%s is unknown: unread, read, flagged, answered, deleted, draft or new.",
		    value);
}

static Node *read_string(Parser *p, const char *key, const char *value)
{
	if (!*value)
		return fail(p, "Something to look for is missing.");
	return node_key(key, g_strdup(value), NULL);
}

static Node *read_keyword(Parser *p, const char *key, const char *value)
{
	bool valid = *value != '\0';

	for (const char *c = value; *c; c++)
		valid &= *c > ' ' && *c < 0x7f && !strchr("(){%*\"\\]", *c);
	if (!valid)
		return fail(p, "keyword:%s cannot be the name of a keyword.", value);
	return node_key(key, NULL, g_strdup(value));
}

/* "3d", "2w", "1m", "1y" ago, "today", "yesterday", "2026-01-31". */
static bool read_day(const Parser *p, const char *value, GDate *day)
{
	static const struct {
		const char *unit;
		int64_t days;
	} units[] = {{"d", 1}, {"w", 7}, {"m", 30}, {"y", 365}};
	g_autoptr(GDateTime) today = g_date_time_new_from_unix_local(p->now);
	char *end;
	int64_t days = -1;
	long n = strtol(value, &end, 10);

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (end > value && n >= 0 && n <= 100000 && strcmp(end, units[i].unit) == 0)
			days = n * units[i].days;
	if (strcmp(value, "today") == 0)
		days = 0;
	else if (strcmp(value, "yesterday") == 0)
		days = 1;
	if (days >= 0 && today) {
		g_autoptr(GDateTime) then = g_date_time_add_days(today, -(int)MIN(days, 700000));
		if (!then)
			return false;
		g_date_set_dmy(day, g_date_time_get_day_of_month(then), g_date_time_get_month(then),
			       g_date_time_get_year(then));
		return true;
	}
	int year, month, date, used = 0;
	if (sscanf(value, "%4d-%2d-%2d%n", &year, &month, &date, &used) != 3 || value[used] ||
	    year < 1 || month < 1 || date < 1 || !g_date_valid_dmy(date, month, year))
		return false;
	g_date_set_dmy(day, date, month, year);
	return true;
}

static char *date_word(int year, int month, int day)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	return g_strdup_printf("%d-%s-%04d", day, months[month - 1], year);
}

static Node *read_date(Parser *p, const char *key, const char *value)
{
	GDate day;

	g_date_clear(&day, 1);
	if (!read_day(p, value, &day))
		return fail(p, "\"%s\" is no date: 2026-01-31, 3d, 2w, today or yesterday.", value);
	return node_key(
		key, NULL,
		date_word(g_date_get_year(&day), g_date_get_month(&day), g_date_get_day(&day)));
}

static char *day_word(GDateTime *then)
{
	return date_word(g_date_time_get_year(then), g_date_time_get_month(then),
			 g_date_time_get_day_of_month(then));
}

static int64_t read_seconds(const char *value)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"min", 60},   {"h", 3600},       {"d", 86400},
		     {"w", 604800}, {"m", 30 * 86400}, {"y", 365 * 86400}};
	char *end;
	long n = strtol(value, &end, 10);

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (end > value && n > 0 && n <= 100000 && strcmp(end, units[i].unit) == 0)
			return n * units[i].seconds;
	return 0;
}

static Node *read_age(Parser *p, const char *key, const char *value)
{
	int64_t seconds = read_seconds(value);
	g_autoptr(GDateTime) then = NULL, next = NULL;
	Node *node;

	if (seconds > 0 && seconds <= G_MAXUINT32)
		then = g_date_time_new_from_unix_local(p->now - seconds);
	next = then ? g_date_time_add_days(then, 1) : NULL;
	if (!next)
		return fail(p, "\"%s\" is no age: 30min, 3h, 2d, 1w, 1m or 1y.", value);
	node = node_key(key, NULL, g_strdup_printf("%" G_GINT64_FORMAT, seconds));
	node->days[0] = day_word(then);
	node->days[1] = day_word(next);
	return node;
}

static Node *read_size(Parser *p, const char *key, const char *value)
{
	static const char units[] = "kmg";
	char *end;
	guint64 size = g_ascii_strtoull(value, &end, 10);
	const char *unit = *end ? strchr(units, g_ascii_tolower(*end)) : NULL;

	if (unit)
		end++;
	if (!g_ascii_isdigit(*value) || *end || size > G_MAXUINT32)
		return fail(p, "\"%s\" is no size: 500, 100K or 2M.", value);
	for (const char *u = units; unit && u <= unit; u++)
		size *= 1024;
	if (size > G_MAXUINT32)
		return fail(p, "\"%s\" is larger than messages can be.", value);
	return node_key(key, NULL, g_strdup_printf("%" G_GUINT64_FORMAT, size));
}

static const struct {
	const char *prefix, *key;
	Node *(*read)(Parser *p, const char *key, const char *value);
} prefixes[] = {
	{"from", "FROM", read_string},
	{"to", "TO", read_string},
	{"cc", "CC", read_string},
	{"bcc", "BCC", read_string},
	{"subject", "SUBJECT", read_string},
	{"body", "BODY", read_string},
	{"text", "TEXT", read_string},
	{"id", "HEADER Message-ID", read_string},
	{"gmail", "X-GM-RAW", read_string},
	{"is", NULL, read_state},
	{"since", "SINCE", read_date},
	{"before", "BEFORE", read_date},
	{"on", "ON", read_date},
	{"saved-since", "SAVEDSINCE", read_date},
	{"saved-before", "SAVEDBEFORE", read_date},
	{"saved-on", "SAVEDON", read_date},
	{"younger", "YOUNGER", read_age},
	{"older", "OLDER", read_age},
	{"larger", "LARGER", read_size},
	{"smaller", "SMALLER", read_size},
	{"keyword", "KEYWORD", read_keyword},
};

/* --- grammar --- */

static void skip_blanks(Parser *p)
{
	while (g_ascii_isspace(*p->at))
		p->at++;
}

/* The operator word at the cursor, taken where it is `word`. */
static bool take_word(Parser *p, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(p);
	if (g_ascii_strncasecmp(p->at, word, len) != 0)
		return false;
	if (p->at[len] && !g_ascii_isspace(p->at[len]) && p->at[len] != '(')
		return false;
	p->at += len;
	return true;
}

/* A word up to a blank or parenthesis; quotes hold blanks and parentheses together. */
static char *take_value(Parser *p)
{
	GString *value = g_string_new(NULL);

	if (*p->at == '"') {
		for (p->at++; *p->at && *p->at != '"'; p->at++) {
			if (*p->at == '\\' && p->at[1])
				p->at++;
			g_string_append_c(value, *p->at);
		}
		if (*p->at == '"')
			p->at++;
		else
			fail(p, "A closing \" is missing.");
		return g_string_free(value, FALSE);
	}
	while (*p->at && !g_ascii_isspace(*p->at) && *p->at != '(' && *p->at != ')')
		g_string_append_c(value, *p->at++);
	return g_string_free(value, FALSE);
}

/* Without a prefix: in the subject or of this sender, which is what rows show. */
static Node *read_plain(Parser *p, const char *value)
{
	if (!*value)
		return fail(p, "Something to look for is missing.");
	return node_pair(NODE_OR, node_key("SUBJECT", g_strdup(value), NULL),
			 node_key("FROM", g_strdup(value), NULL));
}

static Node *read_term(Parser *p)
{
	for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		size_t len = strlen(prefixes[i].prefix);
		if (g_ascii_strncasecmp(p->at, prefixes[i].prefix, len) != 0 || p->at[len] != ':')
			continue;
		p->at += len + 1;
		g_autofree char *value = take_value(p);
		return p->error ? NULL : prefixes[i].read(p, prefixes[i].key, value);
	}
	g_autofree char *value = take_value(p);
	return p->error ? NULL : read_plain(p, value);
}

static Node *read_or(Parser *p);

static Node *read_not(Parser *p)
{
	bool negated = false;
	Node *node;

	while (take_word(p, "not"))
		negated = !negated;
	skip_blanks(p);
	if (*p->at == '(') {
		if (++p->depth > DEPTH_MAX)
			return fail(p, "Too many parentheses inside each other.");
		p->at++;
		node = read_or(p);
		skip_blanks(p);
		if (node && *p->at != ')') {
			node_free(node);
			return fail(p, "A closing ) is missing.");
		}
		p->at++;
		p->depth--;
	} else if (!*p->at || *p->at == ')') {
		return fail(p, "Something to look for is missing%s.", *p->at ? " before )" : "");
	} else {
		node = read_term(p);
	}
	return node && negated ? node_pair(NODE_NOT, node, NULL) : node;
}

static bool at_or(Parser *p)
{
	const char *before = p->at;
	bool is = take_word(p, "or");

	p->at = before;
	return is;
}

static Node *read_and(Parser *p)
{
	Node *all = node_new(NODE_AND);

	do {
		Node *node = read_not(p);
		if (!node) {
			node_free(all);
			return NULL;
		}
		g_ptr_array_add(all->children, node);
		take_word(p, "and");
		skip_blanks(p);
	} while (*p->at && *p->at != ')' && !at_or(p));
	return all;
}

static Node *read_or(Parser *p)
{
	Node *left = read_and(p);

	while (left && take_word(p, "or")) {
		Node *right = read_and(p);
		if (!right) {
			node_free(left);
			return NULL;
		}
		left = node_pair(NODE_OR, left, right);
	}
	return left;
}

Query *query_parse(const char *text, int64_t now, GError **error)
{
	Parser p = {.at = text, .now = now};
	Node *root;

	skip_blanks(&p);
	if (strlen(text) > TEXT_MAX)
		root = fail(&p, "This search is too long for one command.");
	else
		root = *p.at ? read_or(&p) : node_new(NODE_ALL);
	if (root && *p.at == ')') {
		node_free(root);
		root = fail(&p, "There is a ) without a ( before it.");
	}
	if (!root) {
		g_propagate_error(error, p.error);
		return NULL;
	}
	Query *query = g_new(Query, 1);
	query->references = 1;
	query->root = root;
	return query;
}

Query *query_ref(Query *query)
{
	query->references++;
	return query;
}

void query_free(Query *query)
{
	if (!query || --query->references > 0)
		return;
	node_free(query->root);
	g_free(query);
}
