#include "core/account/quota.h"

#include <string.h>

#include "mime/render.h"
#include "mime/text.h"

#define KIB 1024

/* RFC 9208 5, and Cyrus's own. */
static const struct {
	const char *name;
	bool octets;       /* it counts 1,024 of them */
	const char *words; /* behind the numbers */
} resources[] = {
	{"STORAGE", true, ""},
	{"MESSAGE", false, " messages"},
	{"MAILBOX", false, " folders"},
	{"ANNOTATION-STORAGE", true, " of annotations"},
	{"X-NUM-FOLDERS", false, " folders"},
	{"X-ANNOTATION-STORAGE", true, " of annotations"},
};

static void use_free(void *data)
{
	QuotaUse *use = data;

	g_free(use->root);
	g_free(use->resource);
	g_free(use);
}

GPtrArray *quota_list_new(void)
{
	return g_ptr_array_new_with_free_func(use_free);
}

static void forget_root(GPtrArray *list, const char *root)
{
	for (guint i = list->len; i > 0; i--) {
		const QuotaUse *use = list->pdata[i - 1];
		if (strcmp(use->root, root) == 0)
			g_ptr_array_remove_index(list, i - 1);
	}
}

void quota_take(GPtrArray *list, const QuotaData *told)
{
	forget_root(list, told->root);
	for (size_t i = 0; i < told->n && list->len < QUOTA_USES_MAX; i++) {
		QuotaUse *use = g_new(QuotaUse, 1);
		*use = (QuotaUse){g_strdup(told->root), g_strdup(told->resources[i].name),
				  told->resources[i].used, told->resources[i].limit};
		g_ptr_array_add(list, use);
	}
}

unsigned quota_percent(const QuotaUse *use)
{
	double percent;

	/* So servers say that there is no limit; nobody is to be warned of that. */
	if (use->limit == 0)
		return 0;
	percent = 100.0 * (double)use->used / (double)use->limit;
	return percent > 999 ? 999 : (unsigned)percent;
}

const QuotaUse *quota_fullest(const GPtrArray *list)
{
	const QuotaUse *fullest = NULL;

	for (guint i = 0; i < list->len; i++) {
		const QuotaUse *use = list->pdata[i];
		if (!fullest || quota_percent(use) > quota_percent(fullest))
			fullest = use;
	}
	return fullest;
}

/* A number of them, without what they are. */
static char *amount_text(uint64_t amount, bool octets)
{
	char size[8];

	/* A server may tell more than can be counted. */
	if (octets)
		return g_strdup(render_size(MIN(amount, UINT64_MAX / KIB) * KIB, size));
	return g_strdup_printf("%'" G_GUINT64_FORMAT, amount);
}

/* The row of resources[], or -1. */
static int find_resource(const QuotaUse *use)
{
	for (size_t i = 0; i < G_N_ELEMENTS(resources); i++)
		if (g_ascii_strcasecmp(use->resource, resources[i].name) == 0)
			return (int)i;
	return -1;
}

static char *words_of(const QuotaUse *use, int resource)
{
	if (resource >= 0)
		return g_strdup(resources[resource].words);
	g_autofree char *utf8 = text_to_utf8(use->resource, strlen(use->resource), NULL, NULL);
	g_autofree char *clean = text_clean_name(utf8);
	return g_strconcat(" ", clean, NULL);
}

static char *amount_with_words(const QuotaUse *use, uint64_t amount)
{
	int resource = find_resource(use);
	g_autofree char *number = amount_text(amount, resource >= 0 && resources[resource].octets);
	g_autofree char *words = words_of(use, resource);

	return g_strconcat(number, words, NULL);
}

char *quota_limit_text(const QuotaUse *use)
{
	return amount_with_words(use, use->limit);
}

char *quota_text(const QuotaUse *use)
{
	int resource = find_resource(use);
	g_autofree char *used = NULL, *limit = quota_limit_text(use);

	if (use->limit == 0)
		return amount_with_words(use, use->used);
	used = amount_text(use->used, resource >= 0 && resources[resource].octets);

	return g_strconcat(used, " of ", limit, NULL);
}
