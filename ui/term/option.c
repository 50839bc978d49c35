#include "ui/term/option.h"

static const char *const ui_sort_choices[] = {
	[UI_SORT_ARRIVAL] = "arrival", [UI_SORT_DATE] = "date", [UI_SORT_FROM] = "from",
	[UI_SORT_SUBJECT] = "subject", [UI_SORT_SIZE] = "size", NULL};

static const char *const ui_threads_by_choices[] = {
	[UI_THREADS_BY_REFERENCES] = "references", [UI_THREADS_BY_SUBJECT] = "subject", NULL};

const OptionSpec ui_option_table[] = {
#define OPTION(field, name, type, fallback, min, max, choices, invalidates, help)                  \
	{name,        OPTION_##type, offsetof(UiOptions, field), fallback, min, max, choices,      \
	 invalidates, help},
#include "ui/term/option.def"
#undef OPTION
	{NULL},
};
