/* option - typed option tables: one OptionSpec row gives parsing, range check, default, help and
 * what a change invalidates.  core/base/option.def holds an account's options; ui/term/option.def
 * the display's.  Pure. */
#ifndef SHEAF_CORE_OPTION_H
#define SHEAF_CORE_OPTION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
	OPTION_BOOL,   /* bool: yes no true false on off 1 0 */
	OPTION_NUMBER, /* long, min..max */
	OPTION_SECS,   /* long in seconds, written 90, 90s, 2m, 1h */
	OPTION_STRING, /* char *, owned by the struct, never NULL */
	OPTION_CHOICE  /* int, index into `choices` */
} OptionType;

typedef struct {
	const char *name; /* "poll-interval": as in file, :set and --set */
	OptionType type;
	size_t offset;              /* of the field in the options struct */
	const char *fallback;       /* the default as text */
	long min, max;              /* NUMBER, SECS */
	const char *const *choices; /* CHOICE, NULL-terminated */
	unsigned invalidates;       /* bits of the table's owner: what to redraw or restart */
	const char *help;           /* one line, for :set, help and the manual */
} OptionSpec;

/* What an account is made of; fields from option.def. Free with account_options_free(). */
typedef struct {
#define OPTION(field, name, type, fallback, min, max, choices, invalidates, help)                  \
	OPTION_FIELD_##type(field)
#define OPTION_FIELD_BOOL(field)   bool field;
#define OPTION_FIELD_NUMBER(field) long field;
#define OPTION_FIELD_SECS(field)   long field;
#define OPTION_FIELD_STRING(field) char *field;
#define OPTION_FIELD_CHOICE(field) int field;
#include "core/base/option.def"
#undef OPTION
} AccountOptions;

/* Bits for `invalidates` in option.def. */
enum {
	INVALIDATES_NOTHING = 0,
	INVALIDATES_CONNECTION = 1 << 0,
	INVALIDATES_WATCH = 1 << 1,
	INVALIDATES_FOLDERS = 1 << 2
};

typedef enum { TLS_MODE_VERIFY, TLS_MODE_NONE } TlsMode;
typedef enum { COMPRESS_AUTO, COMPRESS_ALWAYS, COMPRESS_NEVER } CompressMode;

/* Ends with a row whose name is NULL. */
extern const OptionSpec account_option_table[];

/* Sets every field of `options` (zeroed memory) to its default. */
void option_init(void *options, const OptionSpec *table);

/* Frees the strings; the struct itself is the caller's. */
void option_clear(void *options, const OptionSpec *table);

/* Parses `value` into the field.  False with a sentence in `error` (range and choices named) and
 * nothing changed where it does not fit. */
bool option_set(void *options, const OptionSpec *table, const char *name, const char *value,
		GError **error);

/* The value as text that option_set() takes. Caller frees. */
char *option_get(const void *options, const OptionSpec *spec);

const OptionSpec *option_find(const OptionSpec *table, const char *name);

/* The known word nearest to `name` by edit distance (2 or less), or NULL: "did you mean …?".
 * `words` is NULL-terminated. */
const char *option_nearest(const char *const *words, const char *name);

#endif
