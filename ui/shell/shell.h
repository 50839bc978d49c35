/* shell - sheaf imap: IMAP commands from a terminal or standard input, one a line, named and given
 * arguments as in Python's imaplib. */
#ifndef SHEAF_UI_SHELL_H
#define SHEAF_UI_SHELL_H

/* argv[0] is "imap".  Exit status: 0 every command was OK, 1 one was not, 2 wrong usage, 3 no
 * connection or no log-in. */
int shell_run(int argc, char **argv);

#endif
