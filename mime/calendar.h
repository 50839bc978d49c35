/* calendar - what a text/calendar part (RFC 5545) says in a few lines: the first event's name,
 * time, place and organizer.  A reader's glance and no calendar: nothing is computed or converted.
 * Pure, linear. */
#ifndef SHEAF_MIME_CALENDAR_H
#define SHEAF_MIME_CALENDAR_H

/* Lines with '\n' behind each, or NULL where there is no event.  `text` is clean and has '\n' line
 * ends.  Caller frees. */
char *calendar_summary(const char *text);

#endif
