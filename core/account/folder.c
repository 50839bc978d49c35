#include "core/account/folder.h"

#include <string.h>

#include "core/wire/utf7.h"
#include "mime/text.h"

/* Deeper names hang below the last level: a name is a string, the tree only a way to show it. */
#define DEPTH_MAX 32

static const struct {
	unsigned attribute;
	FolderRole role;
} special_uses[] = {
	{LIST_DRAFTS, FOLDER_ROLE_DRAFTS},   {LIST_SENT, FOLDER_ROLE_SENT},
	{LIST_ARCHIVE, FOLDER_ROLE_ARCHIVE}, {LIST_JUNK, FOLDER_ROLE_JUNK},
	{LIST_TRASH, FOLDER_ROLE_TRASH},     {LIST_ALL, FOLDER_ROLE_ALL},
	{LIST_FLAGGED, FOLDER_ROLE_FLAGGED},
};

/* Names that serve where SPECIAL-USE is silent, best first for each role. */
static const struct {
	FolderRole role;
	const char *name;
} usual_names[] = {
	{FOLDER_ROLE_TRASH, "Trash"},
	{FOLDER_ROLE_TRASH, "Deleted Items"},
	{FOLDER_ROLE_TRASH, "Deleted Messages"},
	{FOLDER_ROLE_SENT, "Sent"},
	{FOLDER_ROLE_SENT, "Sent Items"},
	{FOLDER_ROLE_SENT, "Sent Messages"},
	{FOLDER_ROLE_DRAFTS, "Drafts"},
	{FOLDER_ROLE_ARCHIVE, "Archive"},
	{FOLDER_ROLE_ARCHIVE, "Archives"},
	{FOLDER_ROLE_JUNK, "Junk"},
	{FOLDER_ROLE_JUNK, "Spam"},
};

static Folder *folder_new(const char *name, char delimiter)
{
	Folder *f = g_new0(Folder, 1);

	f->name = g_strdup(name);
	f->delimiter = delimiter;
	f->children = g_ptr_array_new_with_free_func((GDestroyNotify)folder_free);
	return f;
}

Folder *folder_new_root(void)
{
	Folder *root = folder_new(NULL, 0);

	root->names = g_hash_table_new(g_str_hash, g_str_equal);
	return root;
}

void folder_free(Folder *root)
{
	if (!root)
		return;
	g_ptr_array_unref(root->children);
	g_clear_pointer(&root->names, g_hash_table_unref);
	g_clear_pointer(&root->namespaces, g_ptr_array_unref);
	g_free(root->name);
	g_free(root->title);
	g_free(root->path);
	g_free(root->sort_key);
	g_free(root);
}

static char *shown(const char *wire)
{
	g_autofree char *utf8 = utf7_decode(wire);

	return text_clean_name(utf8);
}

/* INBOX, then what has a role, then the rest by name; then what is not the person's own. */
static int rank(const Folder *f)
{
	return f->role == FOLDER_ROLE_NONE ? FOLDER_ROLE_FLAGGED + 1 : (int)f->role;
}

static int compare(gconstpointer a, gconstpointer b)
{
	const Folder *x = *(const Folder *const *)a, *y = *(const Folder *const *)b;
	int order = (int)x->kind - (int)y->kind;

	if (order == 0)
		order = rank(x) - rank(y);
	if (order == 0)
		order = strcmp(x->sort_key, y->sort_key);
	return order != 0 ? order : strcmp(x->name, y->name);
}

static Folder *add_child(Folder *root, Folder *parent, const char *name, size_t parent_len,
			 char delimiter)
{
	Folder *f = folder_new(name, delimiter);

	f->parent = parent;
	f->title = shown(name + parent_len);
	f->path = shown(name);
	g_autofree char *folded = g_utf8_casefold(f->title, -1);
	f->sort_key = g_utf8_collate_key(folded, -1);
	f->kind = namespace_kind(root->namespaces, name);
	if (strcmp(name, "INBOX") == 0)
		f->role = FOLDER_ROLE_INBOX;
	g_ptr_array_add(parent->children, f);
	parent->unsorted = true;
	g_hash_table_insert(root->names, f->name, f);
	return f;
}

/* Where the name of the parent ends in `name`, from `begin`; NULL where nothing hangs below. */
static const char *parent_end(const char *name, size_t begin, char delimiter)
{
	const char *end;

	if (!delimiter)
		return NULL;
	end = strchr(name + begin + (name[begin] == delimiter), delimiter);
	return end && end[1] != '\0' ? end : NULL;
}

/* The folder of that name, made with the parents it needs; NULL where there are too many. */
static Folder *grow(Folder *root, const char *name, char delimiter)
{
	Folder *at = root, *known = g_hash_table_lookup(root->names, name);
	size_t begin = 0;

	if (known)
		return known;
	for (unsigned depth = 1;; depth++) {
		const char *end = depth < DEPTH_MAX ? parent_end(name, begin, delimiter) : NULL;
		g_autofree char *prefix = end ? g_strndup(name, end - name) : g_strdup(name);
		Folder *next = g_hash_table_lookup(root->names, prefix);
		if (!next && g_hash_table_size(root->names) >= FOLDERS_MAX)
			return NULL;
		if (!next)
			next = add_child(root, at, prefix, begin, delimiter);
		if (!end)
			return next;
		at = next;
		begin = end - name + 1;
	}
}

/* So that who reads `children` without folder_foreach() finds them in order, too. */
static void sort_all(Folder *parent)
{
	if (parent->unsorted)
		g_ptr_array_sort(parent->children, compare);
	parent->unsorted = false;
	for (unsigned i = 0; i < parent->children->len; i++)
		sort_all(g_ptr_array_index(parent->children, i));
}

static void set_role(Folder *f, FolderRole role)
{
	if (f->role == role)
		return;
	f->role = role;
	f->parent->unsorted = true;
}

static void take_over(Folder *f)
{
	f->exists = f->listed_exists;
	f->subscribed = f->listed_subscribed;
}

static void note_list(Folder *f, const ListData *list)
{
	f->listed_exists = !(list->attributes & LIST_NONEXISTENT);
	f->attributes = list->attributes;
	if (list->attributes & LIST_SUBSCRIBED)
		f->listed_subscribed = true;
	for (size_t i = 0; i < G_N_ELEMENTS(special_uses); i++)
		if (f->kind == NAMESPACE_PERSONAL && (list->attributes & special_uses[i].attribute))
			set_role(f, special_uses[i].role);
}

static Folder *apply_list(Folder *root, const ListData *list, bool lsub)
{
	Folder *f;

	/* A row for the hierarchy's root only tells the delimiter. */
	if (!*list->name)
		return NULL;
	f = grow(root, list->name, list->delimiter);
	if (!f)
		return NULL;
	if (!root->listing) {
		f->listed_exists = f->exists;
		f->listed_subscribed = f->subscribed;
	}
	if (lsub)
		f->listed_subscribed = !(list->attributes & LIST_NOSELECT);
	else
		note_list(f, list);
	if (!root->listing)
		take_over(f);
	return f;
}

const char *folder_status_items(Capability caps)
{
	return caps & CAP(IMAP4REV1) ? "MESSAGES UNSEEN UIDNEXT UIDVALIDITY RECENT"
				     : "MESSAGES UNSEEN UIDNEXT UIDVALIDITY";
}

static Folder *apply_status(Folder *root, const StatusData *status)
{
	Folder *f = folder_find(root, status->name);

	if (!f)
		return NULL;
	/* UIDs of another validity say nothing about what is new. */
	if ((status->has & STATUS_UIDVALIDITY) && f->uidvalidity != status->uidvalidity)
		f->uidnext = 0;
	if ((status->has & STATUS_UIDNEXT) && f->uidnext && status->uidnext > f->uidnext)
		f->fresh = true;
	if ((status->has & STATUS_RECENT) && status->recent > f->recent)
		f->fresh = true;
	if (status->has & STATUS_MESSAGES)
		f->messages = status->messages;
	if (status->has & STATUS_UNSEEN)
		f->unseen = status->unseen;
	if (status->has & STATUS_RECENT)
		f->recent = status->recent;
	if (status->has & STATUS_UIDNEXT)
		f->uidnext = status->uidnext;
	if (status->has & STATUS_UIDVALIDITY)
		f->uidvalidity = status->uidvalidity;
	f->counted |= (status->has & STATUS_UNSEEN) && (status->has & STATUS_MESSAGES);
	return f;
}

Folder *folder_apply(Folder *root, const Response *response)
{
	switch (response->kind) {
	case RESPONSE_LIST:
		return apply_list(root, &response->list, false);
	case RESPONSE_LSUB:
		return apply_list(root, &response->list, true);
	case RESPONSE_STATUS:
		return apply_status(root, &response->mailbox);
	default:
		return NULL;
	}
}

typedef struct {
	const char *text;
	FolderRole role;
	Folder *found;
} Sought;

static bool seek_path(Folder *f, unsigned depth, void *data)
{
	Sought *sought = data;

	(void)depth;
	if (strcmp(f->path, sought->text) == 0)
		sought->found = f;
	return !sought->found;
}

static bool seek_role(Folder *f, unsigned depth, void *data)
{
	Sought *sought = data;

	(void)depth;
	if (f->role == sought->role)
		sought->found = f;
	return !sought->found;
}

/* At the top or right below INBOX, where servers keep such folders. */
static bool seek_usual(Folder *f, unsigned depth, void *data)
{
	Sought *sought = data;
	bool near = depth == 0 || (depth == 1 && f->parent->role == FOLDER_ROLE_INBOX);

	if (near && f->kind == NAMESPACE_PERSONAL && f->role == FOLDER_ROLE_NONE &&
	    folder_is_selectable(f) && g_ascii_strcasecmp(f->title, sought->text) == 0)
		sought->found = f;
	return !sought->found;
}

void folder_guess_roles(Folder *root, const char *trash)
{
	if (trash && *trash) {
		Folder *before = folder_find_role(root, FOLDER_ROLE_TRASH);
		Folder *named = folder_find_path(root, trash);
		if (named && before && before != named)
			set_role(before, FOLDER_ROLE_NONE);
		if (named)
			set_role(named, FOLDER_ROLE_TRASH);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(usual_names); i++) {
		Sought sought = {.text = usual_names[i].name};
		if (folder_find_role(root, usual_names[i].role))
			continue;
		folder_foreach(root, seek_usual, &sought);
		if (sought.found)
			set_role(sought.found, usual_names[i].role);
	}
	sort_all(root);
}

static bool note_kind(Folder *f, unsigned depth, void *data)
{
	NamespaceKind kind = namespace_kind(((Folder *)data)->namespaces, f->name);

	(void)depth;
	if (kind != f->kind)
		f->parent->unsorted = true;
	f->kind = kind;
	if (kind != NAMESPACE_PERSONAL)
		set_role(f, FOLDER_ROLE_NONE);
	return true;
}

void folder_set_namespaces(Folder *root, GPtrArray *namespaces_take)
{
	g_clear_pointer(&root->namespaces, g_ptr_array_unref);
	root->namespaces = namespaces_take;
	folder_foreach(root, note_kind, root);
	sort_all(root);
}

static bool forget_listed(Folder *f, unsigned depth, void *data)
{
	(void)depth;
	(void)data;
	f->listed_exists = f->listed_subscribed = false;
	return true;
}

void folder_begin_list(Folder *root)
{
	root->listing = true;
	folder_foreach(root, forget_listed, NULL);
}

static void drop_unnamed(Folder *root, Folder *parent)
{
	for (unsigned i = parent->children->len; i-- > 0;) {
		Folder *f = g_ptr_array_index(parent->children, i);
		drop_unnamed(root, f);
		take_over(f);
		if (f->exists || f->subscribed || f->children->len > 0)
			continue;
		g_hash_table_remove(root->names, f->name);
		g_ptr_array_remove_index(parent->children, i);
	}
}

void folder_end_list(Folder *root)
{
	root->listing = false;
	drop_unnamed(root, root);
	sort_all(root);
}

static bool take_listed(Folder *f, unsigned depth, void *data)
{
	(void)depth;
	(void)data;
	f->exists |= f->listed_exists;
	f->subscribed |= f->listed_subscribed;
	return true;
}

void folder_take_listed(Folder *root)
{
	folder_foreach(root, take_listed, NULL);
}

bool folder_is_listed_below(Folder *root, const char *prefix)
{
	GHashTableIter iter;
	void *f;

	g_hash_table_iter_init(&iter, root->names);
	while (g_hash_table_iter_next(&iter, NULL, &f))
		if (((Folder *)f)->listed_exists && g_str_has_prefix(((Folder *)f)->name, prefix))
			return true;
	return false;
}

Folder *folder_find(Folder *root, const char *wire_name)
{
	return g_hash_table_lookup(root->names, wire_name);
}

Folder *folder_find_path(Folder *root, const char *path)
{
	g_autofree char *prefix = shown(namespace_personal_prefix(root->namespaces));
	g_autofree char *whole = g_strconcat(prefix, path, NULL);
	Sought sought = {.text = path};

	folder_foreach(root, seek_path, &sought);
	sought.text = whole;
	if (!sought.found && *prefix)
		folder_foreach(root, seek_path, &sought);
	return sought.found;
}

Folder *folder_find_role(Folder *root, FolderRole role)
{
	Sought sought = {.role = role};

	folder_foreach(root, seek_role, &sought);
	return sought.found;
}

bool folder_is_selectable(const Folder *folder)
{
	return folder->exists && !(folder->attributes & (LIST_NOSELECT | LIST_NONEXISTENT));
}

uint32_t folder_unseen_below(const Folder *folder)
{
	uint64_t sum = folder->unseen;

	for (unsigned i = 0; i < folder->children->len; i++)
		sum += folder_unseen_below(g_ptr_array_index(folder->children, i));
	return MIN(sum, G_MAXUINT32);
}

static bool walk(Folder *parent, unsigned depth,
		 bool (*visit)(Folder *f, unsigned depth, void *data), void *data)
{
	if (parent->unsorted)
		g_ptr_array_sort(parent->children, compare);
	parent->unsorted = false;
	for (unsigned i = 0; i < parent->children->len; i++) {
		Folder *f = g_ptr_array_index(parent->children, i);
		if (!visit(f, depth, data) || !walk(f, depth + 1, visit, data))
			return false;
	}
	return true;
}

bool folder_foreach(Folder *root, bool (*visit)(Folder *f, unsigned depth, void *data), void *data)
{
	return walk(root, 0, visit, data);
}
