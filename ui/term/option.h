/* option - the display options (option.def) as a struct and a table for core/base/option.h. */
#ifndef SHEAF_UI_OPTION_H
#define SHEAF_UI_OPTION_H

#include "core/base/option.h"

typedef struct {
#define OPTION(field, name, type, fallback, min, max, choices, invalidates, help)                  \
	OPTION_FIELD_##type(field)
#include "ui/term/option.def"
#undef OPTION
} UiOptions;

enum {
	UI_INVALIDATES_ORDER = 1 << 0,
	UI_INVALIDATES_PAGER = 1 << 1,
	UI_INVALIDATES_LAYOUT = 1 << 2,
	UI_INVALIDATES_THREADS = 1 << 3,
	UI_INVALIDATES_KEYWORDS = 1 << 4,
	UI_INVALIDATES_PREVIEWS = 1 << 5,
	UI_INVALIDATES_ALL = UI_INVALIDATES_LAYOUT | UI_INVALIDATES_PAGER
};

typedef enum { UI_SORT_ARRIVAL, UI_SORT_DATE, UI_SORT_FROM, UI_SORT_SUBJECT, UI_SORT_SIZE } UiSort;

typedef enum { UI_THREADS_BY_REFERENCES, UI_THREADS_BY_SUBJECT } UiThreadsBy;

/* Ends with a row whose name is NULL. */
extern const OptionSpec ui_option_table[];

#endif
