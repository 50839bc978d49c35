/* show - `sheaf show`: a message from a file on standard output, without a screen. */
#ifndef SHEAF_UI_SHOW_H
#define SHEAF_UI_SHOW_H

/* argv[0] is "show".  Returns the exit status: 0 shown, 1 not readable or no mail, 2 usage. */
int show_run(int argc, char **argv);

#endif
