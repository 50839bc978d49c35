/* demo - the mail that ships with Sheaf, copied to where it can be played with.
 * The mail is doc/demo/: folders of .eml files and mail.table, which says the folder and flags of
 * each.  It is taken from $SHEAF_DEMO, else from where `make install` put it, else from the source
 * tree of this build.  Blocks for a few milliseconds; called before the screen is opened. */
#ifndef SHEAF_UI_DEMO_H
#define SHEAF_UI_DEMO_H

#include <glib.h>
#include <stdbool.h>

/* Lays the mail out as a Maildir (Maildir++, as Dovecot reads it, with a `subscriptions` file) and
 * returns its path, for endpoint_parse().  Caller frees.  The place is sheaf/demo/N below
 * $XDG_CACHE_HOME, else ~/.cache, else (root, whose home nobody may enter) /var/cache, else the
 * folder for temporary files; N is 1, or the next number that no other running Sheaf holds.  What
 * an earlier run left there is removed first, unless `keep`.  Made by root, it belongs to nobody,
 * as whom Dovecot's imap then runs.  Error (CORE_ERROR_STATE): one sentence. */
char *demo_prepare(bool keep, GError **error);

#endif
