#include "core/wire/uidset.h"

#include <stdlib.h>
#include <string.h>

/* "4294967295:4294967295," */
#define RANGE_TEXT_MAX 22

struct UidSet {
	UidRange *ranges; /* ascending, never touching */
	size_t n, capacity;
};

static void reserve(UidSet *set, size_t n)
{
	if (n <= set->capacity)
		return;
	set->capacity = MAX(n, set->capacity + set->capacity / 2 + 4);
	set->ranges = g_renew(UidRange, set->ranges, set->capacity);
}

/* Index of the first range that ends at `uid` or behind it. */
static size_t find(const UidSet *set, uint32_t uid)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (set->ranges[middle].last < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Appends a range that begins nowhere before the last one does. */
static void append(UidSet *set, UidRange range)
{
	if (set->n > 0) {
		UidRange *last = &set->ranges[set->n - 1];
		if (range.first <= last->last || range.first - 1 == last->last) {
			last->last = MAX(last->last, range.last);
			return;
		}
	}
	reserve(set, set->n + 1);
	set->ranges[set->n++] = range;
}

static int compare_ranges(const void *a, const void *b)
{
	const UidRange *left = a, *right = b;
	return left->first < right->first ? -1 : left->first > right->first;
}

/* Sorts what was appended in any order and joins it. */
static void normalise(UidSet *set)
{
	size_t n = set->n;

	qsort(set->ranges, n, sizeof(UidRange), compare_ranges);
	set->n = 0;
	for (size_t i = 0; i < n; i++)
		append(set, set->ranges[i]);
}

static bool read_number(const char **at, const char *end, uint32_t star, uint32_t *out)
{
	const char *p = *at;
	uint64_t value = 0;

	if (p < end && *p == '*') {
		*at = p + 1;
		*out = star;
		return star != 0;
	}
	for (; p < end && g_ascii_isdigit(*p); p++) {
		value = value * 10 + (uint64_t)(*p - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*at = p;
	*out = (uint32_t)value;
	return value != 0;
}

/* One seq-number or seq-range; `first` may be above `last`, as sent. */
static bool read_range(const char **at, const char *end, uint32_t star, UidRange *out)
{
	if (!read_number(at, end, star, &out->first))
		return false;
	out->last = out->first;
	if (*at < end && **at == ':') {
		(*at)++;
		return read_number(at, end, star, &out->last);
	}
	return true;
}

/* Steps over the comma between two ranges; false at the end, which must be `end`. */
static bool read_comma(const char **at, const char *end)
{
	if (*at < end && **at == ',') {
		(*at)++;
		return true;
	}
	return false;
}

static UidRange ordered(UidRange range)
{
	if (range.first > range.last)
		return (UidRange){range.last, range.first};
	return range;
}

static void append_range_text(GString *text, UidRange range)
{
	if (text->len > 0)
		g_string_append_c(text, ',');
	g_string_append_printf(text, "%u", range.first);
	if (range.last != range.first)
		g_string_append_printf(text, ":%u", range.last);
}

UidSet *uidset_new(void)
{
	return g_new0(UidSet, 1);
}

UidSet *uidset_new_range(uint32_t first, uint32_t last)
{
	UidSet *set = uidset_new();
	uidset_add_range(set, first, last);
	return set;
}

UidSet *uidset_new_numbers(const uint32_t *numbers, size_t n)
{
	UidSet *set = uidset_new();
	bool sorted = true;

	for (size_t i = 0; i < n; i++) {
		UidRange range = {numbers[i], numbers[i]};
		if (numbers[i] == 0)
			continue;
		sorted = sorted && (set->n == 0 || set->ranges[set->n - 1].first <= numbers[i]);
		if (sorted) {
			append(set, range);
		} else {
			reserve(set, set->n + 1);
			set->ranges[set->n++] = range;
		}
	}
	if (!sorted)
		normalise(set);
	return set;
}

UidSet *uidset_copy(const UidSet *set)
{
	UidSet *copy = uidset_new();

	reserve(copy, set->n);
	if (set->n > 0)
		memcpy(copy->ranges, set->ranges, set->n * sizeof(UidRange));
	copy->n = set->n;
	return copy;
}

void uidset_free(UidSet *set)
{
	if (set == NULL)
		return;
	g_free(set->ranges);
	g_free(set);
}

UidSet *uidset_parse(const char *text, size_t len, uint32_t star)
{
	const char *at = text, *end = text + len;
	g_autoptr(UidSet) set = uidset_new();
	bool sorted = true;

	do {
		UidRange range;
		if (!read_range(&at, end, star, &range))
			return NULL;
		range = ordered(range);
		sorted = sorted && (set->n == 0 || set->ranges[set->n - 1].first <= range.first);
		if (sorted) {
			append(set, range);
		} else {
			/* Inserting each where it belongs would be quadratic. */
			reserve(set, set->n + 1);
			set->ranges[set->n++] = range;
		}
	} while (read_comma(&at, end));
	if (at != end)
		return NULL;
	if (!sorted)
		normalise(set);
	return g_steal_pointer(&set);
}

bool uidset_text_numbers(const char *text, size_t len, size_t most, GArray *numbers)
{
	const char *at = text, *end = text + len;

	do {
		UidRange range;
		if (!read_range(&at, end, 0, &range))
			return false;
		int64_t step = range.first <= range.last ? 1 : -1, past = range.last + step;
		if (numbers->len + (uint64_t)((past - range.first) * step) > most)
			return false;
		for (int64_t n = range.first; n != past; n += step) {
			uint32_t number = (uint32_t)n;
			g_array_append_val(numbers, number);
		}
	} while (read_comma(&at, end));
	return at == end;
}

bool uidset_text_ascends(const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	uint32_t highest = 0;

	do {
		UidRange range;
		if (!read_range(&at, end, 0, &range))
			return false;
		if (range.first <= highest || range.last < range.first)
			return false;
		highest = range.last;
	} while (read_comma(&at, end));
	return at == end;
}

char *uidset_format(const UidSet *set)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < set->n; i++)
		append_range_text(text, set->ranges[i]);
	return g_string_free(text, FALSE);
}

void uidset_add(UidSet *set, uint32_t uid)
{
	uidset_add_range(set, uid, uid);
}

void uidset_add_range(UidSet *set, uint32_t first, uint32_t last)
{
	UidRange range = ordered((UidRange){first, last});
	g_return_if_fail(range.first != 0);

	if (set->n == 0 || range.first >= set->ranges[set->n - 1].first) {
		append(set, range);
		return;
	}
	/* [from, to) are the ranges that the new one overlaps or touches. */
	size_t from = find(set, range.first - 1), to = from;
	while (to < set->n && set->ranges[to].first - 1 <= range.last)
		to++;
	if (to > from) {
		range.first = MIN(range.first, set->ranges[from].first);
		range.last = MAX(range.last, set->ranges[to - 1].last);
	} else {
		reserve(set, set->n + 1);
	}
	memmove(&set->ranges[from + 1], &set->ranges[to], (set->n - to) * sizeof(UidRange));
	set->n = set->n - (to - from) + 1;
	set->ranges[from] = range;
}

void uidset_add_set(UidSet *set, const UidSet *other)
{
	UidSet merged = {NULL, 0, 0};
	size_t i = 0, j = 0;

	if (set == other || other->n == 0)
		return;
	/* What comes in pieces comes in order. */
	if (set->n == 0 || other->ranges[0].first >= set->ranges[set->n - 1].first) {
		for (; j < other->n; j++)
			append(set, other->ranges[j]);
		return;
	}
	reserve(&merged, set->n + other->n);
	while (i < set->n || j < other->n) {
		bool left = j == other->n ||
			    (i < set->n && set->ranges[i].first <= other->ranges[j].first);
		append(&merged, left ? set->ranges[i++] : other->ranges[j++]);
	}
	g_free(set->ranges);
	*set = merged;
}

void uidset_remove(UidSet *set, uint32_t uid)
{
	size_t i = find(set, uid);

	if (i == set->n || set->ranges[i].first > uid)
		return;
	UidRange *range = &set->ranges[i];
	if (range->first == range->last) {
		memmove(range, range + 1, (set->n - i - 1) * sizeof(UidRange));
		set->n--;
	} else if (range->first == uid) {
		range->first++;
	} else if (range->last == uid) {
		range->last--;
	} else {
		reserve(set, set->n + 1);
		range = &set->ranges[i];
		memmove(range + 1, range, (set->n - i) * sizeof(UidRange));
		set->n++;
		range[0].last = uid - 1;
		range[1].first = uid + 1;
	}
}

void uidset_remove_set(UidSet *set, const UidSet *other)
{
	UidSet left = {NULL, 0, 0};
	size_t j = 0;

	if (set == other) {
		set->n = 0;
		return;
	}
	for (size_t i = 0; i < set->n; i++) {
		UidRange range = set->ranges[i];
		bool rest = true;
		while (j < other->n && other->ranges[j].last < range.first)
			j++;
		for (size_t k = j; rest && k < other->n && other->ranges[k].first <= range.last;
		     k++) {
			UidRange hole = other->ranges[k];
			if (hole.first > range.first)
				append(&left, (UidRange){range.first, hole.first - 1});
			rest = hole.last < range.last;
			if (rest)
				range.first = hole.last + 1;
			j = k;
		}
		if (rest)
			append(&left, range);
	}
	g_free(set->ranges);
	*set = left;
}

bool uidset_has(const UidSet *set, uint32_t uid)
{
	size_t i = find(set, uid);
	return i < set->n && set->ranges[i].first <= uid;
}

bool uidset_has_next(const UidSet *set, size_t *at, uint32_t uid)
{
	while (*at < set->n && set->ranges[*at].last < uid)
		++*at;
	return *at < set->n && set->ranges[*at].first <= uid;
}

bool uidset_overlaps(const UidSet *set, const UidSet *other)
{
	size_t a = 0, b = 0;

	while (a < uidset_range_count(set) && b < uidset_range_count(other)) {
		UidRange one = uidset_range(set, a), two = uidset_range(other, b);
		if (one.first <= two.last && two.first <= one.last)
			return true;
		if (one.last < two.last)
			a++;
		else
			b++;
	}
	return false;
}

bool uidset_is_empty(const UidSet *set)
{
	return set->n == 0;
}

uint64_t uidset_count(const UidSet *set)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->n; i++)
		count += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
	return count;
}

uint32_t uidset_last(const UidSet *set)
{
	return set->n > 0 ? set->ranges[set->n - 1].last : 0;
}

uint32_t uidset_first(const UidSet *set)
{
	return set->n > 0 ? set->ranges[0].first : 0;
}

size_t uidset_range_count(const UidSet *set)
{
	return set->n;
}

UidRange uidset_range(const UidSet *set, size_t i)
{
	return set->ranges[i];
}

GPtrArray *uidset_split(const UidSet *set, size_t max_text)
{
	GPtrArray *pieces = g_ptr_array_new_with_free_func((GDestroyNotify)uidset_free);
	UidSet *piece = NULL;
	size_t used = 0;

	for (size_t i = 0; i < set->n; i++) {
		char text[RANGE_TEXT_MAX + 1];
		UidRange range = set->ranges[i];
		size_t size = (size_t)(range.first == range.last
					       ? g_snprintf(text, sizeof(text), ",%u", range.first)
					       : g_snprintf(text, sizeof(text), ",%u:%u",
							    range.first, range.last));
		if (piece == NULL || used + size > max_text) {
			piece = uidset_new();
			g_ptr_array_add(pieces, piece);
			used = 0;
			size--; /* no comma in front of the first */
		}
		used += size;
		append(piece, range);
	}
	return pieces;
}
