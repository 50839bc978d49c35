/* threats - tests of the catalogue that a conversation cannot say, by number.  A file adds its
 * table to the list in check_threats.c. */
#ifndef SHEAF_TESTS_THREATS_H
#define SHEAF_TESTS_THREATS_H

#include <check.h>

typedef struct {
	const char *number; /* "T014", and what is tried where a number has several */
	const TTest *const *test;
	unsigned times; /* that it is run, with _i counting from 0; 0: once */
} Threat;

/* Each ends in a row without a number. */
extern const Threat threats_wire[], threats_secrets[], threats_limits[], threats_account[],
	threats_changes[], threats_line[], threats_race[], threats_killed[];

#endif
