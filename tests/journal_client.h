/* journal_client - plays a conversation against pool and journal, over TCP.
 * The client's marks (those of the server are in player.h):
 *
 *   open: INBOX                 connects, as alice with one connection; also: readonly, two (two
 *                               connections are allowed)
 *   select: Other               opens another mailbox
 *   store: 7:8 + \Seen          also -
 *   copy: 7 Trash, move: 7 Trash, expunge: 7
 *   rows: 7s 8 of 2             until the mailbox opened first is so (rows.h)
 *   outcome: Marked             until this is part of what was told of the next entry; "" of an
 *                               entry that went well
 *   pending: 0                  entries left
 *   held: 1 set \Seen on …      so many are held, and the first is listed so: "TEXT: WHY"
 *   retry-change: 1, drop-change: 1   what to do with a held one, by its number
 *   restart: Other              the program ends and is started again, with that mailbox
 *   state: WAITING              until the pool is so
 *   retry: now                  the person does not want to wait */
#ifndef SHEAF_TESTS_JOURNAL_CLIENT_H
#define SHEAF_TESTS_JOURNAL_CLIENT_H

#include <stdbool.h>

/* NULL where all went as written, else what did not (caller frees); see player_play(). */
char *journal_client_play(const char *path, bool bytewise);

#endif
