#include "core/account/journal_row.h"

#include <sqlite3.h>
#include <string.h>

#include "core/mailbox/flags.h"
#include "mime/text.h"

static const char *text_at(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	/* A NUL inside would make it another text than the one that was written. */
	return text && strlen(text) == (size_t)sqlite3_column_bytes(row, column) ? text : NULL;
}

/* For the screen. */
static char *words_for_people(sqlite3_stmt *row, int column)
{
	const char *text = text_at(row, column);
	g_autofree char *utf8 = text ? text_to_utf8(text, strlen(text), NULL, NULL) : NULL;

	return utf8 ? text_clean(utf8, TEXT_ONE_LINE) : NULL;
}

static bool number_at(sqlite3_stmt *row, int column, int64_t max, int64_t *number)
{
	*number = sqlite3_column_int64(row, column);
	return sqlite3_column_type(row, column) == SQLITE_INTEGER && *number >= 0 && *number <= max;
}

static char **words_at(sqlite3_stmt *row, int column, bool *valid)
{
	const char *text = text_at(row, column);
	g_autoptr(FlagNames) names = flags_names_new();

	*valid = true;
	if (!text)
		return NULL;
	char **words = g_strsplit(text, " ", -1);
	for (size_t i = 0; words[i]; i++)
		*valid = *valid && flags_from_word(names, words[i], true) != 0;
	*valid = *valid && words[0] != NULL;
	return words;
}

static bool is_complete(const Intention *i)
{
	bool needs_target = i->kind == INTENTION_COPY || i->kind == INTENTION_MOVE;

	return i->uids && !uidset_is_empty(i->uids) && i->mailbox && *i->mailbox && i->what &&
	       (i->kind == INTENTION_STORE ? i->words != NULL && i->op <= STORE_REMOVE
					   : i->words == NULL) &&
	       needs_target == (i->target != NULL);
}

Intention *journal_row_read(sqlite3_stmt *row)
{
	g_autoptr(Intention) i = g_new0(Intention, 1);
	int64_t id, made, validity, count, op, target_validity, target_next;
	const char *uids = text_at(row, 6);
	bool valid = number_at(row, 0, INT64_MAX, &id) && number_at(row, 1, INT64_MAX, &made) &&
		     intention_kind_find(text_at(row, 2), &i->kind) &&
		     intention_step_find(text_at(row, 3), &i->step) &&
		     number_at(row, 5, UINT32_MAX, &validity) && validity > 0 &&
		     number_at(row, 7, UINT32_MAX, &count) &&
		     number_at(row, 8, STORE_REMOVE, &op) &&
		     number_at(row, 11, UINT32_MAX, &target_validity) &&
		     number_at(row, 12, UINT32_MAX, &target_next);
	bool words_valid;

	if (!valid || !uids)
		return NULL;
	i->id = id;
	i->made = made;
	i->mailbox = g_strdup(text_at(row, 4));
	i->uidvalidity = (uint32_t)validity;
	i->uids = uidset_parse(uids, strlen(uids), 0);
	i->count = (uint64_t)count;
	i->op = (StoreOp)op;
	i->words = words_at(row, 9, &words_valid);
	i->target = g_strdup(text_at(row, 10));
	i->target_uidvalidity = (uint32_t)target_validity;
	i->target_uidnext = (uint32_t)target_next;
	i->what = words_for_people(row, 13);
	i->reason = words_for_people(row, 14);
	i->state = i->reason ? INTENTION_HELD : INTENTION_UNKNOWN;
	return words_valid && is_complete(i) ? g_steal_pointer(&i) : NULL;
}

static void bind_text(sqlite3_stmt *row, int at, const char *text)
{
	sqlite3_bind_text(row, at, text, -1, SQLITE_TRANSIENT);
}

void journal_row_bind(sqlite3_stmt *row, const Intention *i)
{
	g_autofree char *uids = uidset_format(i->uids);
	g_autofree char *words = i->words ? g_strjoinv(" ", i->words) : NULL;

	sqlite3_bind_int64(row, 2, i->made);
	bind_text(row, 3, intention_kind_name(i->kind));
	bind_text(row, 4, intention_step_name(i->step));
	bind_text(row, 5, i->mailbox);
	sqlite3_bind_int64(row, 6, i->uidvalidity);
	bind_text(row, 7, uids);
	sqlite3_bind_int64(row, 8, (int64_t)i->count);
	sqlite3_bind_int(row, 9, i->op);
	bind_text(row, 10, words);
	bind_text(row, 11, i->target);
	sqlite3_bind_int64(row, 12, i->target_uidvalidity);
	sqlite3_bind_int64(row, 13, i->target_uidnext);
	bind_text(row, 14, i->what);
	bind_text(row, 15, i->state == INTENTION_HELD ? i->reason : NULL);
}
