#include "core/command/answers.h"

#include <string.h>
#include <stdbool.h>

struct ImapAnswers {
	GHashTable *by_name; /* name: GPtrArray of Answer* */
	GQueue names;        /* its keys, in order */
};

static void answer_free(void *data)
{
	Answer *answer = data;

	g_bytes_unref(answer->text);
	g_clear_pointer(&answer->literal, g_bytes_unref);
	g_free(answer);
}

Answers *answers_new(void)
{
	Answers *answers = g_new0(Answers, 1);

	g_queue_init(&answers->names);
	answers->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						 (GDestroyNotify)g_ptr_array_unref);
	return answers;
}

void answers_free(Answers *answers)
{
	if (!answers)
		return;
	g_queue_clear(&answers->names);
	g_hash_table_unref(answers->by_name);
	g_free(answers);
}

void answers_clear(Answers *answers)
{
	g_queue_clear(&answers->names);
	g_hash_table_remove_all(answers->by_name);
}

static GPtrArray *new_list(void)
{
	return g_ptr_array_new_with_free_func(answer_free);
}

static GPtrArray *list_of(Answers *answers, const char *name, size_t len)
{
	g_autofree char *key = g_ascii_strup(name, (gssize)len);
	GPtrArray *list = g_hash_table_lookup(answers->by_name, key);

	if (list)
		return list;
	list = new_list();
	g_queue_push_tail(&answers->names, key);
	g_hash_table_insert(answers->by_name, g_steal_pointer(&key), list);
	return list;
}

static void add(GPtrArray *list, GBytes *text_take, GBytes *literal)
{
	Answer *answer = g_new(Answer, 1);

	answer->text = text_take;
	answer->literal = literal ? g_bytes_ref(literal) : NULL;
	g_ptr_array_add(list, answer);
}

/* RFC 9051 resp-text-code; what is in it may hold ']', so that the last one ends it. */
static void take_code(Answers *answers, const char *text)
{
	const char *end = strrchr(text, ']');
	size_t len;

	if (text[0] != '[' || !end)
		return;
	text++;
	len = strcspn(text, " ]");
	if (len == 0)
		return;
	GPtrArray *list = list_of(answers, text, len);
	text += len;
	if (*text == ' ')
		text++;
	add(list, g_bytes_new(text, text < end ? (size_t)(end - text) : 0), NULL);
}

static bool is_condition(const char *name, size_t len)
{
	static const char *const conditions[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};

	for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++)
		if (strlen(conditions[i]) == len &&
		    g_ascii_strncasecmp(conditions[i], name, len) == 0)
			return true;
	return false;
}

/* `from` is where the response's own text goes on behind its name; `number` stood before that. */
static void take_rest(GPtrArray *list, const Frame *frame, const char *number, size_t digits,
		      const char *from)
{
	g_autoptr(GString) head = g_string_new_len(number, (gssize)digits);

	if (digits && *from)
		g_string_append_c(head, ' ');
	for (size_t i = 0; i < frame->n_literals; i++) {
		const FrameLiteral *literal = &frame->literals[i];
		const char *at = frame->text + literal->at;

		g_string_append_len(head, from, at - from);
		add(list, g_bytes_new(head->str, head->len), literal->data);
		g_string_truncate(head, 0);
		from = at;
	}
	g_string_append(head, from);
	add(list, g_bytes_new(head->str, head->len), NULL);
}

static void take_untagged(Answers *answers, const Frame *frame)
{
	const char *number = frame->text + 2, *name = number, *rest;
	size_t digits = strspn(number, "0123456789"), len;

	if (digits && number[digits] == ' ')
		name = number + digits + 1;
	else
		digits = 0;
	len = strcspn(name, " ");
	if (len == 0)
		return;
	rest = name + len + (name[len] == ' ');
	take_rest(list_of(answers, name, len), frame, number, digits, rest);
	if (is_condition(name, len))
		take_code(answers, rest);
}

void answers_take(Answers *answers, const Frame *frame)
{
	if (g_str_has_prefix(frame->text, "* "))
		take_untagged(answers, frame);
}

void answers_take_code(Answers *answers, const StatusLine *line)
{
	const char *text = line->code_text ? line->code_text : "";

	if (line->code_name)
		add(list_of(answers, line->code_name, strlen(line->code_name)),
		    g_bytes_new(text, strlen(text)), NULL);
}

GPtrArray *answers_one(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	return answers_bytes(bytes);
}

GPtrArray *answers_bytes(GBytes *bytes)
{
	GPtrArray *list = new_list();

	add(list, g_bytes_ref(bytes), NULL);
	return list;
}

GPtrArray *answers_pop(Answers *answers, const char *name)
{
	void *key, *list;

	if (!g_hash_table_steal_extended(answers->by_name, name, &key, &list))
		return NULL;
	g_queue_remove(&answers->names, key);
	g_free(key);
	return list;
}

void answers_put(Answers *answers, const char *name, GPtrArray *list)
{
	char *key;

	if (!list)
		return;
	key = g_strdup(name);
	g_queue_push_tail(&answers->names, key);
	g_hash_table_insert(answers->by_name, key, g_ptr_array_ref(list));
}

const GPtrArray *answers_peek(const Answers *answers, const char *name)
{
	return g_hash_table_lookup(answers->by_name, name);
}

GList *answers_names(const Answers *answers)
{
	return g_list_copy(answers->names.head);
}
