/* rows - a mailbox as one line: "7s 8? 9fdp of 12": UIDs with s f d a (seen, flagged, deleted,
 * answered), ? (flags not known), p (waits for the server), and how many there are in all; behind
 * it "loading" and "readonly". */
#ifndef SHEAF_TESTS_ROWS_H
#define SHEAF_TESTS_ROWS_H

#include "core/mailbox/mailbox.h"

/* Caller frees. */
static inline char *rows_format(Mailbox *m)
{
	static const struct {
		Flags flag;
		char letter;
	} letters[] = {
		{FLAG_SEEN, 's'}, {FLAG_FLAGGED, 'f'}, {FLAG_DELETED, 'd'}, {FLAG_ANSWERED, 'a'}};
	GString *text = g_string_new(NULL);

	for (uint32_t i = 0; i < mailbox_known(m); i++) {
		uint32_t uid = mailbox_uid_at(m, i);
		bool pending;
		Flags flags = mailbox_flags(m, uid, &pending);
		g_string_append_printf(text, "%u", uid);
		if (!mailbox_flags_known(m, uid))
			g_string_append_c(text, '?');
		for (size_t k = 0; k < G_N_ELEMENTS(letters); k++)
			if (flags & letters[k].flag)
				g_string_append_c(text, letters[k].letter);
		if (pending)
			g_string_append_c(text, 'p');
		g_string_append_c(text, ' ');
	}
	g_string_append_printf(text, "of %u", mailbox_total(m));
	if (mailbox_is_loading(m))
		g_string_append(text, " loading");
	if (mailbox_is_readonly(m))
		g_string_append(text, " readonly");
	return g_string_free(text, FALSE);
}

#endif
