/* act_keyword - the commands that give messages keywords and take them away. */
#include "mime/text.h"
#include "ui/app.h"
#include "ui/panel/index.h"

Flags app_target_flags(App *app)
{
	Mailbox *m = index_mailbox(app->index);
	g_autoptr(UidSet) uids = app_targets(app);
	Flags flags = 0;
	bool pending;

	for (size_t k = 0; m && k < uidset_range_count(uids); k++) {
		UidRange range = uidset_range(uids, k);
		for (uint64_t uid = range.first; uid <= range.last; uid++)
			flags |= mailbox_flags(m, (uint32_t)uid, &pending);
	}
	return flags;
}

/* Its bit; 0 where it cannot be given, which is said. */
static Flags keyword_to_add(App *app, const char *word)
{
	Mailbox *m = index_mailbox(app->index);
	FlagNames *names = mailbox_flag_names(m);
	Flags flag = flags_find_keyword(names, word);
	g_autofree char *clean = text_clean_name(word);

	if (flag == 0 && !mailbox_can_add_keywords(m)) {
		app_say_error(app, "The server takes no new keywords in %s.", mailbox_title(m));
		return 0;
	}
	if (flag == 0 && word[0] != '\\')
		flag = flags_from_word(names, word, true);
	if (flag == 0)
		app_say_error(app, "%s cannot be a keyword here.", clean);
	else if (!(flag & mailbox_storable(m)))
		app_say_error(app, "The server does not let the keyword %s be changed in %s.",
			      clean, mailbox_title(m));
	return flag & mailbox_storable(m);
}

/* The same of one that is among `carried`, by its name or as it is shown. */
static Flags keyword_to_remove(App *app, const char *word, Flags carried)
{
	Mailbox *m = index_mailbox(app->index);
	Flags flag = flags_find_keyword(mailbox_flag_names(m), word) & carried;
	g_autofree char *clean = text_clean_name(word);

	if (flag == 0)
		flag = mailbox_find_keyword(m, carried, word);
	if (flag == 0)
		app_say_error(app, "No message here has the keyword %s.", clean);
	return flag;
}

/* All words or none. */
static void change(App *app, const char *text, StoreOp op)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	Flags carried = app_target_flags(app), flags = 0;

	for (char **word = words; *word; word++) {
		if (!**word)
			continue;
		Flags flag = op == STORE_ADD ? keyword_to_add(app, *word)
					     : keyword_to_remove(app, *word, carried);
		if (flag == 0)
			return;
		flags |= flag;
	}
	app_flag(app, op, flags);
}

void action_add_keyword(App *app, const Args *args)
{
	Mailbox *m = index_mailbox(app->index);

	if (!(mailbox_storable(m) & ~FLAGS_SYSTEM))
		app_say_error(app, "The server keeps no keywords in %s.", mailbox_title(m));
	else if (!args->text || !*args->text)
		app_ask_argument(app, "add-keyword", "Add keyword: ", NULL);
	else
		change(app, args->text, STORE_ADD);
}

void action_remove_keyword(App *app, const Args *args)
{
	if (!(app_target_flags(app) & ~FLAGS_SYSTEM))
		app_say_error(app, "No message here has a keyword.");
	else if (!args->text || !*args->text)
		app_ask_argument(app, "remove-keyword", "Remove keyword: ", NULL);
	else
		change(app, args->text, STORE_REMOVE);
}
