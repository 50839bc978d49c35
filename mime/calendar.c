#include "mime/calendar.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef enum { METHOD, SUMMARY, STARTS, ENDS, PLACE, ORGANIZER, PROPERTY_COUNT } Property;

static const char *const names[PROPERTY_COUNT] = {
	[METHOD] = "METHOD", [SUMMARY] = "SUMMARY", [STARTS] = "DTSTART",
	[ENDS] = "DTEND",    [PLACE] = "LOCATION",  [ORGANIZER] = "ORGANIZER",
};

static const struct {
	const char *method, *label;
} methods[] = {
	{"REQUEST", "Invitation"},
	{"CANCEL", "Cancelled"},
	{"REPLY", "Reply"},
	{"COUNTER", "Counter-proposal"},
};

/* Unfolds (RFC 5545 3.1). */
static char *unfold(const char *text)
{
	GString *out = g_string_sized_new(strlen(text));

	for (; *text != '\0'; text++) {
		if (text[0] == '\n' && (text[1] == ' ' || text[1] == '\t'))
			text++;
		else
			g_string_append_c(out, *text);
	}
	return g_string_free(out, FALSE);
}

/* The colon that ends a property's parameters; those in quotes may hold one. */
static char *value_of(char *line)
{
	bool quoted = false;

	for (char *p = line; *p != '\0'; p++) {
		quoted = quoted != (*p == '"');
		if (*p == ':' && !quoted)
			return p + 1;
	}
	return NULL;
}

/* Undoes the escapes of a text value, each line end as a blank. */
static void unescape(char *value)
{
	char *to = value;

	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
			*to++ = *p == 'n' || *p == 'N' ? ' ' : *p;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
}

/* Notes a property's line in `found`, unless it was there already. */
static void read_line(char *line, char *found[PROPERTY_COUNT])
{
	char *value = value_of(line);

	for (int i = 0; value != NULL && i < PROPERTY_COUNT; i++) {
		size_t len = strlen(names[i]);
		if (g_ascii_strncasecmp(line, names[i], len) == 0 && found[i] == NULL &&
		    (line[len] == ':' || line[len] == ';'))
			found[i] = line;
	}
}

/* "20261112T100000" with its zone to "2026-11-12 10:00 (Europe/Vienna)". */
static char *format_time(char *line)
{
	int year, month, day, hour, minute;
	const char *value = value_of(line);
	char *zone = strstr(line, "TZID=");
	int n = sscanf(value, "%4d%2d%2dT%2d%2d", &year, &month, &day, &hour, &minute);

	if (n < 3)
		return g_strdup(value);
	if (n < 5)
		return g_strdup_printf("%04d-%02d-%02d", year, month, day);
	g_autofree char *name =
		zone == NULL || zone > value ? NULL : g_strndup(zone + 5, strcspn(zone + 5, ";:"));
	const char *suffix = g_str_has_suffix(value, "Z") ? "UTC" : name;
	return g_strdup_printf("%04d-%02d-%02d %02d:%02d%s%s%s", year, month, day, hour, minute,
			       suffix == NULL ? "" : " (", suffix == NULL ? "" : suffix,
			       suffix == NULL ? "" : ")");
}

static const char *label_of(const char *method)
{
	for (size_t i = 0; method != NULL && i < G_N_ELEMENTS(methods); i++)
		if (g_ascii_strcasecmp(method, methods[i].method) == 0)
			return methods[i].label;
	return "Event";
}

static void append(GString *out, const char *label, char *line)
{
	if (line == NULL)
		return;
	char *value = value_of(line);
	unescape(value);
	if (g_ascii_strncasecmp(value, "mailto:", 7) == 0)
		value += 7;
	if (*g_strstrip(value) != '\0')
		g_string_append_printf(out, "%s: %s\n", label, value);
}

char *calendar_summary(const char *text)
{
	g_autofree char *unfolded = unfold(text);
	char *found[PROPERTY_COUNT] = {NULL};
	bool event = false, over = false;

	for (char *line = unfolded, *next; !over && line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		event = event || g_ascii_strcasecmp(line, "BEGIN:VEVENT") == 0;
		over = event && (g_ascii_strcasecmp(line, "END:VEVENT") == 0 ||
				 g_ascii_strcasecmp(line, "BEGIN:VALARM") == 0);
		if (event || g_ascii_strncasecmp(line, names[METHOD], strlen(names[METHOD])) == 0)
			read_line(line, found);
	}
	if (!event)
		return NULL;
	GString *out = g_string_new(NULL);
	append(out, label_of(found[METHOD] == NULL ? NULL : value_of(found[METHOD])),
	       found[SUMMARY]);
	if (found[STARTS] != NULL) {
		g_autofree char *start = format_time(found[STARTS]);
		g_autofree char *end = found[ENDS] == NULL ? NULL : format_time(found[ENDS]);
		g_string_append_printf(out, "When: %s%s%s\n", start, end == NULL ? "" : " to ",
				       end == NULL ? "" : end);
	}
	append(out, "Where", found[PLACE]);
	append(out, "Organizer", found[ORGANIZER]);
	return g_string_free(out, FALSE);
}
