/* check_journal - plays the conversations of tests/wire/journal (journal_client.h). */
#include "config.h"

#include <glib.h>

#include "tests/conversations.h"
#include "tests/journal_client.h"
#include "tests/place.h"
#include "tests/run.h"

static GPtrArray *conversations;

/* Each twice: lines in one piece, and in single bytes. */
START_TEST(a_conversation_goes_as_written)
{
	g_autofree char *wrong = journal_client_play(conversations->pdata[_i / 2], _i % 2);

	ck_assert_msg(!wrong, "%s%s", wrong ? wrong : "", _i % 2 ? " (in single bytes)" : "");
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = one_case("journal", &tcase);
	g_autofree char *state = place_temporary();

	g_setenv("XDG_STATE_HOME", state, TRUE);
	conversations = conversations_find(WIRE_DIR);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, a_conversation_goes_as_written, 0, (int)conversations->len * 2);
	int status = conversations->len > 0 ? run_suite(suite) : EXIT_FAILURE;
	g_ptr_array_unref(conversations);
	place_remove(state);
	return status;
}
