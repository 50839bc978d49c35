/* restore - gives the terminal back on every way out but KILL: line discipline as it was found, and
 * the bytes that leave the screen.  What a fatal signal can call is safe there.  Used by term.c
 * only. */
#ifndef SHEAF_UI_RESTORE_H
#define SHEAF_UI_RESTORE_H

/* Remembers the line discipline of standard input.  Before curses changes it. */
void restore_remember(void);

/* From now on restore_now() has something to do; `bytes` (copied, cut at 512) undo what was written
 * to the terminal. */
void restore_arm(const char *bytes);
/* It was undone in order: nothing to do any more. */
void restore_disarm(void);

/* Handlers for the signals of a crash, which restore and then let it happen; on a stack of their
 * own.  restore_uncatch() puts back what was there. */
void restore_catch(void);
void restore_uncatch(void);

/* Safe in signal handlers and from atexit(); harmless twice. */
void restore_now(void);

#endif
