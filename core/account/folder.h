/* folder - the tree of mailboxes from LIST, LSUB, SPECIAL-USE, STATUS and NAMESPACE.  The person's
 * own first, of these roles, then by name; wire names kept byte for byte, only display decoded.
 * Pure. */
#ifndef SHEAF_CORE_FOLDER_H
#define SHEAF_CORE_FOLDER_H

#include <glib.h>
#include <stdbool.h>
#include "core/account/namespace.h"
#include "core/wire/capability.h"
#include "core/wire/response.h"

typedef enum {
	FOLDER_ROLE_NONE,
	FOLDER_ROLE_INBOX,
	FOLDER_ROLE_DRAFTS,
	FOLDER_ROLE_SENT,
	FOLDER_ROLE_ARCHIVE,
	FOLDER_ROLE_JUNK,
	FOLDER_ROLE_TRASH,
	FOLDER_ROLE_ALL,
	FOLDER_ROLE_FLAGGED
} FolderRole;

typedef struct Folder Folder;

struct Folder {
	char *name;  /* wire name; NULL at the root */
	char *title; /* last component, decoded, clean */
	char *path;  /* whole name, decoded, clean: what pickers show */
	char delimiter;
	unsigned attributes; /* LIST_ bits */
	NamespaceKind kind;
	FolderRole role;
	bool subscribed;
	bool exists;  /* LIST told it; false: only a parent of one that does, or LSUB */
	bool counted; /* the counts below are known */
	uint32_t messages, unseen, recent, uidnext, uidvalidity;
	bool fresh;     /* something arrived since it was last open */
	char *sort_key; /* private to folder.c, as are those below */
	bool unsorted;
	bool listing;                          /* at the root: a new LIST is under way, */
	bool listed_exists, listed_subscribed; /* which told this so far */
	GHashTable *names;     /* at the root: wire name to Folder, of the whole tree */
	GPtrArray *namespaces; /* at the root: as folder_set_namespaces() has them, or NULL */
	Folder *parent;
	GPtrArray *children; /* owned, in display order */
};

/* A server that lists more has no person behind it. */
#define FOLDERS_MAX 100000

/* What to ask STATUS for; RECENT only of a server that may know the word, which RFC 9051 has no
 * more. */
const char *folder_status_items(Capability caps);

Folder *folder_new_root(void);
void folder_free(Folder *root);

/* LIST, LSUB or STATUS response; other kinds are ignored, as is what goes beyond FOLDERS_MAX.
 * Returns the folder touched or NULL. */
Folder *folder_apply(Folder *root, const Response *response);
/* The Trash and the other roles by name, where SPECIAL-USE did not tell. `trash` is the account's
 * option or "".  Call after the LIST is complete, and when an unasked LIST brought something: this
 * puts all in order, too. */
void folder_guess_roles(Folder *root, const char *trash);
/* Whose each folder is (namespace.h); NULL where that is not known.  A role is only of the person's
 * own. */
void folder_set_namespaces(Folder *root, GPtrArray *namespaces_take);
/* A new LIST begins: the tree stays as it is until folder_end_list(), which takes over what LIST
 * and LSUB told and drops what they did not name (pointers to that end). */
void folder_begin_list(Folder *root);
void folder_end_list(Folder *root);
/* What it told so far is there; what it did not name is kept until its end. */
void folder_take_listed(Folder *root);
/* Whether the LIST under way told something whose wire name begins so. */
bool folder_is_listed_below(Folder *root, const char *prefix);

Folder *folder_find(Folder *root, const char *wire_name);
/* Without the person's own prefix, too, where nothing has that name. */
Folder *folder_find_path(Folder *root, const char *path);
Folder *folder_find_role(Folder *root, FolderRole role);
bool folder_is_selectable(const Folder *folder);
/* Unseen of it and all below. */
uint32_t folder_unseen_below(const Folder *folder);
/* Depth-first in display order; stops when `visit` returns false. */
bool folder_foreach(Folder *root, bool (*visit)(Folder *f, unsigned depth, void *data), void *data);

#endif
