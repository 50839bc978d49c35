/* choice - the candidates of a prompt: which of them fit what was typed, best first, and which word
 * of the line they complete.  Pure. */
#ifndef SHEAF_UI_CHOICE_H
#define SHEAF_UI_CHOICE_H

#include <glib.h>
#include <stddef.h>

typedef struct Choice Choice;

/* `candidates` are "text\thelp" each, NULL-terminated, taken; NULL is none. */
Choice *choice_new(char **candidates_take);
void choice_free(Choice *c);

/* Of those that fit now, best first. Borrowed until the next call that changes the choice. */
size_t choice_count(const Choice *c);
const char *choice_text(const Choice *c, size_t i);
const char *choice_help(const Choice *c, size_t i);

/* Only those that hold the letters of `typed` in this order, wherever they stand, in any case,
 * with or without accents; first the same text, then beginnings, beginnings of a component,
 * parts, scattered letters. */
void choice_narrow(Choice *c, const char *typed);
/* That text, where it is a candidate, to the front. */
void choice_raise(Choice *c, const char *text);

/* Where the word before `cursor` (bytes) begins that the candidates would replace: the longest end
 * of the line, from the beginning of a word, that all of them hold. */
size_t choice_word_start(const Choice *c, const char *line, size_t cursor);
/* Bytes with which all begin alike. */
size_t choice_common(const Choice *c);

#endif
