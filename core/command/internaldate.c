#include "config.h"
#include "core/command/internaldate.h"

#include <math.h>
#include <string.h>

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
				     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* `date` is UTC by name, but holds the local time. */
static char *format(GDateTime *date, long offset)
{
	long away = labs(offset);
	int odd = (int)(away % 60); /* zones of the 19th century */
	g_autofree char *seconds = odd ? g_strdup_printf("%02d", odd) : g_strdup("");

	return g_strdup_printf("\"%02d-%s-%04d %02d:%02d:%02d %c%02ld%02ld%s\"",
			       g_date_time_get_day_of_month(date),
			       months[g_date_time_get_month(date) - 1], g_date_time_get_year(date),
			       g_date_time_get_hour(date), g_date_time_get_minute(date),
			       g_date_time_get_second(date), offset < 0 ? '-' : '+', away / 3600,
			       away / 60 % 60, seconds);
}

char *internaldate_from_seconds(double seconds)
{
	/* To the microsecond, as clocks tell it. */
	double whole = floor(rint(seconds * 1e6) / 1e6);
	struct tm local;
	time_t when;

	if (!isfinite(whole) || fabs(whole) > 1e12)
		return NULL;
	when = (time_t)whole;
	tzset();
	if (!localtime_r(&when, &local))
		return NULL;
	return internaldate_from_tm(&local, true);
}

/* How far the zone is ahead of UTC this year, in its summer or out of it. */
static long offset_of_season(bool summer)
{
	time_t now = time(NULL);
	struct tm when;

	tzset();
	localtime_r(&now, &when);
	for (int month = 0; summer && month < 12; month++) {
		struct tm day = {.tm_year = when.tm_year,
				 .tm_mon = month,
				 .tm_mday = 1,
				 .tm_hour = 12,
				 .tm_isdst = -1};

		mktime(&day);
		if (day.tm_isdst > 0)
			return day.tm_gmtoff;
	}
	return -timezone;
}

char *internaldate_from_tm(const struct tm *local, bool has_offset)
{
	g_autoptr(GDateTime) date =
		g_date_time_new_utc(local->tm_year + 1900, local->tm_mon + 1, local->tm_mday,
				    local->tm_hour, local->tm_min, local->tm_sec);
	struct tm copy = *local;

	if (!date)
		return NULL;
	if (has_offset)
		return format(date, local->tm_gmtoff);
	if (copy.tm_isdst < 0)
		mktime(&copy);
	return format(date, offset_of_season(copy.tm_isdst > 0));
}

static int month_of(const char *name)
{
	for (int i = 0; i < (int)G_N_ELEMENTS(months); i++)
		if (strcmp(months[i], name) == 0)
			return i + 1;
	return 0;
}

static int number(const GMatchInfo *match, int group)
{
	g_autofree char *text = g_match_info_fetch(match, group);

	return (int)g_ascii_strtoll(g_strstrip(text), NULL, 10);
}

bool internaldate_find(const char *text, int64_t *seconds)
{
	static const char pattern[] =
		"^.*INTERNALDATE \"([ 0123][0-9])-([A-Z][a-z][a-z])-([0-9]{4}) "
		"([0-9]{2}):([0-9]{2}):([0-9]{2}) ([-+])([0-9]{2})([0-9]{2})\"";
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autoptr(GDateTime) first = NULL;
	g_autofree char *month = NULL, *sign = NULL;
	int64_t zone;

	if (!g_regex_match(regex, text, 0, &match))
		return false;
	month = g_match_info_fetch(match, 2);
	sign = g_match_info_fetch(match, 7);
	first = g_date_time_new_utc(number(match, 3), month_of(month), 1, 0, 0, 0);
	if (!first)
		return false;
	zone = (number(match, 8) * 60 + number(match, 9)) * 60;
	*seconds = g_date_time_to_unix(first) + (int64_t)(number(match, 1) - 1) * 86400 +
		   number(match, 4) * 3600 + number(match, 5) * 60 + number(match, 6) -
		   (*sign == '-' ? -zone : zone);
	return true;
}

char *internaldate_letters(int64_t number)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	GString *letters = g_string_new(NULL);

	for (; left; left /= 16)
		g_string_prepend_c(letters, (char)('A' + left % 16));
	return g_string_free(letters, FALSE);
}

char **internaldate_flags(const char *text)
{
	g_autoptr(GRegex) regex = g_regex_new("^.*FLAGS \\(([^\\)]*)\\)", G_REGEX_RAW, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) words = NULL;

	if (g_regex_match(regex, text, 0, &match)) {
		g_autofree char *flags = g_match_info_fetch(match, 1);
		words = g_strsplit_set(flags, " \t\r\n\v\f", -1);
	}
	for (char **word = words; word && *word; word++)
		if (**word)
			g_strv_builder_add(builder, *word);
	return g_strv_builder_end(builder);
}
