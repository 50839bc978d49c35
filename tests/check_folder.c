/* check_folder - the tree that LIST, LSUB and STATUS build. */
#include <string.h>

#include "core/account/folder.h"
#include "tests/run.h"

static Folder *root;

static void setup(void)
{
	root = folder_new_root();
}

static void teardown(void)
{
	folder_free(root);
}

static void list(const char *name, char delimiter, unsigned attributes)
{
	Response r = {.kind = RESPONSE_LIST,
		      .list = {.attributes = attributes, .delimiter = delimiter, .name = name}};

	folder_apply(root, &r);
}

static void lsub(const char *name, char delimiter, unsigned attributes)
{
	Response r = {.kind = RESPONSE_LSUB,
		      .list = {.attributes = attributes, .delimiter = delimiter, .name = name}};

	folder_apply(root, &r);
}

static bool add_line(Folder *f, unsigned depth, void *data)
{
	g_string_append_printf(data, "%*s%s%s\n", (int)depth * 2, "", f->title,
			       folder_is_selectable(f) ? "" : " -");
	return true;
}

static void expect_tree(const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);

	folder_foreach(root, add_line, text);
	ck_assert_str_eq(text->str, expected);
}

START_TEST(inbox_first_then_roles_then_names)
{
	list("zebra", '/', 0);
	list("Trash", '/', LIST_TRASH);
	list("apple", '/', 0);
	list("INBOX", '/', 0);
	list("Gesendet", '/', LIST_SENT);
	expect_tree("INBOX\nGesendet\nTrash\napple\nzebra\n");
	ck_assert_str_eq(folder_find_role(root, FOLDER_ROLE_SENT)->name, "Gesendet");
}
END_TEST

START_TEST(missing_parents_stand_but_cannot_be_opened)
{
	list("a/b/c", '/', 0);
	list("a/d", '/', LIST_NOSELECT);
	expect_tree("a -\n  b -\n    c\n  d -\n");
	list("a", '/', 0);
	expect_tree("a\n  b -\n    c\n  d -\n");
}
END_TEST

START_TEST(names_are_shown_decoded_and_found_both_ways)
{
	list("lists.caf&AOk-", '.', 0);
	Folder *f = folder_find(root, "lists.caf&AOk-");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->title, "café");
	ck_assert_str_eq(f->path, "lists.café");
	ck_assert_ptr_eq(folder_find_path(root, "lists.café"), f);
}
END_TEST

START_TEST(odd_names_make_no_odd_trees)
{
	list("/", '/', 0);
	list("a/", '/', 0);
	list("b//c", '/', 0);
	list("", '/', LIST_NOSELECT);
	list("flat", 0, 0);
	ck_assert_ptr_nonnull(folder_find(root, "a/"));
	ck_assert_ptr_nonnull(folder_find(root, "b//c"));
	ck_assert_ptr_nonnull(folder_find(root, "flat"));
	ck_assert_ptr_null(folder_find(root, ""));
}
END_TEST

static bool deepest(Folder *f, unsigned depth, void *data)
{
	unsigned *most = data;

	(void)f;
	*most = MAX(*most, depth);
	return true;
}

START_TEST(depth_is_bounded)
{
	g_autoptr(GString) name = g_string_new("a");
	unsigned most = 0;

	for (int i = 0; i < 100000; i++)
		g_string_append(name, "/a");
	list(name->str, '/', 0);
	folder_foreach(root, deepest, &most);
	ck_assert_uint_lt(most, 40);
	ck_assert_ptr_nonnull(folder_find(root, name->str));
}
END_TEST

START_TEST(a_flood_is_bounded_and_quick)
{
	char name[32];

	for (int i = 0; i < 300000; i++) {
		g_snprintf(name, sizeof(name), "f%d", i);
		list(name, '/', 0);
	}
	ck_assert_uint_le(root->children->len, FOLDERS_MAX);
	ck_assert_uint_gt(root->children->len, FOLDERS_MAX - 100);
}
END_TEST

START_TEST(duplicates_do_not_double_rows)
{
	list("INBOX", '/', 0);
	list("INBOX", '/', 0);
	list("Inbox2", '/', 0);
	list("inbox2", '/', 0);
	expect_tree("INBOX\nInbox2\ninbox2\n");
}
END_TEST

START_TEST(a_new_list_drops_what_it_does_not_name)
{
	list("INBOX", '/', 0);
	list("old/child", '/', 0);
	lsub("gone", '/', 0);
	lsub("old/child", '/', 0);
	folder_begin_list(root);
	list("INBOX", '/', 0);
	list("new", '/', 0);
	/* Until it is whole the tree stands, and can be used. */
	ck_assert(folder_is_selectable(folder_find(root, "old/child")));
	ck_assert(folder_find(root, "old/child")->subscribed);
	folder_end_list(root);
	expect_tree("INBOX\nnew\n");
	ck_assert_ptr_null(folder_find(root, "old/child"));
}
END_TEST

START_TEST(subscriptions_of_missing_folders_are_kept)
{
	list("INBOX", '/', 0);
	lsub("INBOX", '/', 0);
	lsub("work", '/', LIST_NOSELECT);
	lsub("work/x", '/', 0);
	ck_assert(folder_find(root, "INBOX")->subscribed);
	ck_assert(!folder_find(root, "work")->subscribed);
	ck_assert(folder_find(root, "work/x")->subscribed);
	ck_assert(!folder_is_selectable(folder_find(root, "work/x")));
}
END_TEST

START_TEST(usual_names_get_roles_unless_the_server_told)
{
	list("INBOX", '.', 0);
	list("INBOX.Deleted Items", '.', 0);
	list("x.Trash", '.', 0);
	list("Sent", '.', 0);
	list("Versendet", '.', LIST_SENT);
	folder_guess_roles(root, "");
	ck_assert_str_eq(folder_find_role(root, FOLDER_ROLE_TRASH)->name, "INBOX.Deleted Items");
	ck_assert_str_eq(folder_find_role(root, FOLDER_ROLE_SENT)->name, "Versendet");
	folder_guess_roles(root, "x.Trash");
	ck_assert_str_eq(folder_find_role(root, FOLDER_ROLE_TRASH)->name, "x.Trash");
}
END_TEST

static Folder *status(const char *name, unsigned has, uint32_t unseen, uint32_t uidnext)
{
	Response r = {.kind = RESPONSE_STATUS,
		      .mailbox = {.name = name,
				  .has = has,
				  .messages = 100,
				  .unseen = unseen,
				  .uidnext = uidnext}};

	return folder_apply(root, &r);
}

START_TEST(status_counts_and_tells_what_is_new)
{
	const unsigned all = STATUS_MESSAGES | STATUS_UNSEEN | STATUS_UIDNEXT;

	list("a", '/', 0);
	list("a/b", '/', 0);
	ck_assert_ptr_null(status("nowhere", all, 1, 2));
	ck_assert(!folder_find(root, "a")->counted);
	ck_assert(!status("a", all, 3, 10)->fresh);
	ck_assert(folder_find(root, "a")->counted);
	ck_assert(status("a/b", all, 4, 10) != NULL);
	ck_assert_uint_eq(folder_unseen_below(folder_find(root, "a")), 7);
	ck_assert(status("a", all, 4, 11)->fresh);
}
END_TEST

static bool recent(uint32_t n)
{
	Response r = {.kind = RESPONSE_STATUS,
		      .mailbox = {.name = "a", .has = STATUS_RECENT, .recent = n}};

	return folder_apply(root, &r)->fresh;
}

/* Where UIDs tell nothing, RECENT does: more than there were. */
START_TEST(recent_tells_what_is_new)
{
	list("a", '/', 0);
	ck_assert(!recent(0));
	ck_assert(recent(2));
	folder_find(root, "a")->fresh = false;
	ck_assert(!recent(2));
	ck_assert(!recent(1));
	ck_assert(recent(2));
	ck_assert(strstr(folder_status_items(CAP_KNOWN | CAP(IMAP4REV1)), "RECENT") != NULL);
	ck_assert(strstr(folder_status_items(CAP_KNOWN | CAP(IMAP4REV2)), "RECENT") == NULL);
}
END_TEST

/* Their Trash is nobody else's. */
START_TEST(others_behind_ones_own)
{
	list("INBOX", '.', 0);
	list("user.bob.Trash", '.', LIST_TRASH);
	list("Announcements", '.', 0);
	list("INBOX.Trash", '.', 0);
	folder_set_namespaces(root, namespaces_parse("* NAMESPACE ((\"INBOX.\" \".\")) "
						     "((\"user.\" \".\")) ((\"\" \".\"))"));
	folder_guess_roles(root, "");
	list("user.eve.Sent", '.', LIST_SENT);
	expect_tree("INBOX\n  Trash\nuser -\n  bob -\n    Trash\n  eve -\n    Sent\n"
		    "Announcements\n");
	ck_assert_str_eq(folder_find_role(root, FOLDER_ROLE_TRASH)->name, "INBOX.Trash");
	ck_assert_ptr_null(folder_find_role(root, FOLDER_ROLE_SENT));
	ck_assert_str_eq(folder_find_path(root, "Trash")->name, "INBOX.Trash");
	ck_assert_str_eq(folder_find_path(root, "INBOX.Trash")->name, "INBOX.Trash");
	ck_assert_ptr_null(folder_find_path(root, "bob"));
}
END_TEST

START_TEST(what_a_list_told)
{
	list("INBOX", '/', 0);
	list("shared/bob", '/', 0);
	folder_begin_list(root);
	list("INBOX", '/', 0);
	ck_assert(!folder_is_listed_below(root, "shared/"));
	list("News", '/', 0);
	ck_assert(!folder_is_selectable(folder_find(root, "News")));
	folder_take_listed(root);
	ck_assert(folder_is_selectable(folder_find(root, "News")));
	ck_assert(folder_is_selectable(folder_find(root, "shared/bob")));
	list("shared/bob", '/', 0);
	ck_assert(folder_is_listed_below(root, "shared/"));
	folder_end_list(root);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("folder", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, inbox_first_then_roles_then_names);
	tcase_add_test(tcase, missing_parents_stand_but_cannot_be_opened);
	tcase_add_test(tcase, names_are_shown_decoded_and_found_both_ways);
	tcase_add_test(tcase, odd_names_make_no_odd_trees);
	tcase_add_test(tcase, depth_is_bounded);
	tcase_add_test(tcase, a_flood_is_bounded_and_quick);
	tcase_add_test(tcase, duplicates_do_not_double_rows);
	tcase_add_test(tcase, a_new_list_drops_what_it_does_not_name);
	tcase_add_test(tcase, subscriptions_of_missing_folders_are_kept);
	tcase_add_test(tcase, usual_names_get_roles_unless_the_server_told);
	tcase_add_test(tcase, status_counts_and_tells_what_is_new);
	tcase_add_test(tcase, recent_tells_what_is_new);
	tcase_add_test(tcase, others_behind_ones_own);
	tcase_add_test(tcase, what_a_list_told);
	return run_suite(suite);
}
