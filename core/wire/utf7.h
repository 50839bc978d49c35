/* utf7 - mailbox names: modified UTF-7 (RFC 3501 5.1.3) and UTF-8.  Pure. */
#ifndef SHEAF_CORE_UTF7_H
#define SHEAF_CORE_UTF7_H

/* UTF-8 to what goes on the wire. Caller frees. */
char *utf7_encode(const char *utf8);

/* Wire name to UTF-8 for the screen.  Invalid sequences, encoded ASCII and controls come out
 * escaped, so that utf7_encode() of the result need not give the wire name back: commands use the
 * wire name.  Raw UTF-8 is passed where valid.  Caller frees. */
char *utf7_decode(const char *wire);

#endif
