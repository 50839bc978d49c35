#include "ui/panel/folder_info.h"

#include <string.h>

#include "core/wire/utf7.h"
#include "mime/render.h"
#include "mime/text.h"
#include "mime/wrap.h"

#define LABEL "%-12s"
/* Of what a server wrote, no more characters than these are shown. */
#define COMMENT_MAX 500
#define OUTSIDE_MAX 120
/* From so many percent on a quota is worth a warning. */
#define NEARLY_FULL 90

static void styled_field(Wrap *wrap, DocStyle style, const char *label, const char *value)
{
	g_autofree char *first = g_strdup_printf(LABEL, label);
	g_autofree char *rest = g_strdup_printf(LABEL, "");

	wrap_set_prefix(wrap, DOC_HEADER_NAME, 0, first, rest);
	wrap_add(wrap, style, value, strlen(value));
	wrap_end(wrap);
}

static void field(Wrap *wrap, const char *label, const char *value)
{
	styled_field(wrap, DOC_NORMAL, label, value);
}

/* What others wrote, fit to be shown; NULL where nothing is to be seen in it. */
static char *outside(const char *raw, glong max)
{
	g_autofree char *utf8 = text_to_utf8(raw, strlen(raw), NULL, NULL);
	g_autofree char *clean = g_strstrip(text_clean(utf8, TEXT_ONE_LINE));
	glong length = g_utf8_strlen(clean, -1);
	g_autofree char *cut = g_utf8_substring(clean, 0, MIN(length, max));

	return *clean ? g_strconcat(cut, length > max ? "…" : "", NULL) : NULL;
}

/* True where there is something to show; else says why there is not, or leaves the line out. */
static bool is_told(Wrap *wrap, const Facts *facts, FactKind kind, const char *label)
{
	switch (facts->state[kind]) {
	case FACT_TOLD:
		return true;
	case FACT_ASKED:
		field(wrap, label, "…");
		return false;
	case FACT_REFUSED:
		field(wrap, label, "not told");
		return false;
	default:
		return false;
	}
}

/* --- what the tree knows --- */

static const char *role_name(FolderRole role)
{
	static const char *const names[] = {
		[FOLDER_ROLE_INBOX] = "where new mail arrives",
		[FOLDER_ROLE_DRAFTS] = "Drafts",
		[FOLDER_ROLE_SENT] = "Sent",
		[FOLDER_ROLE_ARCHIVE] = "Archive",
		[FOLDER_ROLE_JUNK] = "Junk",
		[FOLDER_ROLE_TRASH] = "Trash",
		[FOLDER_ROLE_ALL] = "all messages",
		[FOLDER_ROLE_FLAGGED] = "all flagged messages",
	};

	return names[role];
}

/* Of others' and of shared folders; the rest is one's own. */
static const char *owner_name(NamespaceKind kind)
{
	static const char *const names[] = {
		[NAMESPACE_OTHERS] = "another person",
		[NAMESPACE_SHARED] = "shared by several",
	};

	return kind < G_N_ELEMENTS(names) ? names[kind] : NULL;
}

static void add_name(Wrap *wrap, const Folder *folder, const Facts *facts)
{
	g_autofree char *name = NULL;

	if (folder) {
		field(wrap, "Folder", folder->path);
		return;
	}
	g_autofree char *decoded = utf7_decode(facts->mailbox);
	name = text_clean_name(decoded);
	field(wrap, "Folder", name);
}

static void add_counts(Wrap *wrap, const Folder *folder)
{
	g_autofree char *counts = NULL;

	if (!folder_is_selectable(folder)) {
		field(wrap, "Messages", "none: it only holds other folders");
		return;
	}
	if (!folder->counted)
		return;
	counts = g_strdup_printf("%'u, %'u unread", folder->messages, folder->unseen);
	field(wrap, "Messages", counts);
}

/* --- what the server told --- */

static void add_size(Wrap *wrap, const Facts *facts)
{
	char size[8];

	if (facts->has_size)
		field(wrap, "Size", render_size(facts->size, size));
}

static void add_quota(Wrap *wrap, const QuotaUse *use, const char *label)
{
	unsigned percent = quota_percent(use);
	g_autofree char *text = quota_text(use);
	g_autofree char *root = outside(use->root, OUTSIDE_MAX);
	g_autofree char *part =
		use->limit ? g_strdup_printf(" (%u%%)", percent) : g_strdup(", no limit");
	g_autofree char *line =
		g_strdup_printf("%s%s%s used%s", root ? root : "", root ? ": " : "", text, part);

	styled_field(wrap, percent >= NEARLY_FULL ? DOC_NOTICE : DOC_NORMAL, label, line);
}

static void add_quotas(Wrap *wrap, const Facts *facts)
{
	if (!is_told(wrap, facts, FACT_QUOTA, "Quota"))
		return;
	for (guint i = 0; i < facts->quotas->len; i++)
		add_quota(wrap, facts->quotas->pdata[i], i == 0 ? "Quota" : "");
	if (facts->quotas->len == 0)
		field(wrap, "Quota", "no limit");
}

/* RFC 4314 2.1; `old` is the letter of RFC 2086 for the same. */
static const struct {
	char letter, old;
	const char *words;
} rights[] = {
	{'l', 0, "see that it is there"},   {'r', 0, "read"},
	{'s', 0, "mark as read or unread"}, {'w', 0, "change other flags"},
	{'i', 0, "put messages in"},        {'p', 0, "send mail to it"},
	{'k', 'c', "create folders below"}, {'x', 'd', "delete or rename it"},
	{'t', 'd', "mark as deleted"},      {'e', 'd', "remove what is marked so"},
	{'a', 0, "give rights to others"},
};

/* Servers of RFC 4314 tell the old letters too, which then mean nothing of their own (2.1.1). */
static bool is_given(const char *letters, size_t i)
{
	bool is_old = !strpbrk(letters, "kxte");

	return strchr(letters, rights[i].letter) ||
	       (is_old && rights[i].old && strchr(letters, rights[i].old));
}

/* Those that are given, or those that are not. */
static char *rights_text(const char *letters, bool given)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(rights); i++)
		if (is_given(letters, i) == given)
			g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
					       rights[i].words);
	return g_string_free(text, FALSE);
}

static void add_rights(Wrap *wrap, const Facts *facts)
{
	if (!is_told(wrap, facts, FACT_RIGHTS, "You may") || !facts->rights)
		return;
	g_autofree char *may = rights_text(facts->rights, true);
	g_autofree char *may_not = rights_text(facts->rights, false);
	field(wrap, "You may", !*may ? "nothing" : !*may_not ? "do everything" : may);
	if (*may && *may_not)
		field(wrap, "You may not", may_not);
}

static void add_comment(Wrap *wrap, const char *label, const char *raw)
{
	g_autofree char *text = raw ? outside(raw, COMMENT_MAX) : NULL;

	if (text)
		field(wrap, label, text);
}

static void add_comments(Wrap *wrap, const Facts *facts)
{
	if (!is_told(wrap, facts, FACT_COMMENT, "Comment"))
		return;
	add_comment(wrap, "My comment", facts->private_comment);
	add_comment(wrap, "Comment", facts->shared_comment);
}

static void add_identifiers(Wrap *wrap, const Folder *folder, const Facts *facts)
{
	g_autofree char *id = facts->mailboxid ? outside(facts->mailboxid, OUTSIDE_MAX) : NULL;
	GString *text = g_string_new(NULL);

	if (folder && folder->uidvalidity)
		g_string_append_printf(text, "UIDVALIDITY %u", folder->uidvalidity);
	if (id)
		g_string_append_printf(text, "%sMAILBOXID %s", text->len > 0 ? ", " : "", id);
	if (text->len > 0)
		field(wrap, "Identifiers", text->str);
	g_string_free(text, TRUE);
}

static void add_server(Wrap *wrap, const Facts *facts)
{
	g_autofree char *name = facts->server ? outside(facts->server, OUTSIDE_MAX) : NULL;
	g_autofree char *version = facts->version ? outside(facts->version, OUTSIDE_MAX) : NULL;

	if (!is_told(wrap, facts, FACT_SERVER, "Server"))
		return;
	g_autofree char *both = g_strconcat(name ? name : "not told", version && name ? " " : "",
					    version && name ? version : "", NULL);
	field(wrap, "Server", both);
}

static void add_line(Wrap *wrap, const Facts *facts)
{
	g_autofree char *encrypted = facts->encryption
					     ? g_strdup_printf("encrypted (%s)", facts->encryption)
				     : facts->secure ? g_strdup("a program on this machine")
						     : g_strdup("not encrypted");
	g_autofree char *line =
		g_strconcat(encrypted, facts->compressed ? ", compressed" : "", NULL);

	if (facts->connected)
		field(wrap, "Connection", line);
	else
		field(wrap, "Connection", "none: what the server knows comes when there is one");
}

MimeDoc *folder_info_document(const Folder *folder, const Facts *facts, int width)
{
	MimeDoc *doc = doc_new();
	g_autoptr(Wrap) wrap = wrap_new(doc, width);

	add_name(wrap, folder, facts);
	if (folder && role_name(folder->role))
		field(wrap, "Use", role_name(folder->role));
	if (folder && owner_name(folder->kind))
		field(wrap, "Owner", owner_name(folder->kind));
	if (folder)
		add_counts(wrap, folder);
	add_size(wrap, facts);
	add_quotas(wrap, facts);
	add_rights(wrap, facts);
	add_comments(wrap, facts);
	add_identifiers(wrap, folder, facts);
	add_server(wrap, facts);
	add_line(wrap, facts);
	return doc;
}
