/* reply - how an IMAP command ended, printed: for people the type and each item of data on a line,
 * literals whole; for programs one JSON object a command. */
#ifndef SHEAF_UI_REPLY_H
#define SHEAF_UI_REPLY_H

#include <glib.h>
#include <stdbool.h>
#include "core/command/call.h"

/* Appends it.  `clean`: what acts on a terminal is escaped. */
void reply_append_text(GString *out, const Reply *reply, bool clean);

/* Appends what else came, where something did, under a heading: names, and what stood behind them.
 */
void reply_append_beside(GString *out, const Reply *reply, bool clean);

/* Appends {"type", "data", "untagged"} or, with an error, {"type", "error", "reason", "untagged"},
 * and a line end.  Bytes that are not UTF-8 are {"base64": …}; what did not come is
 * null. */
void reply_append_json(GString *out, const Reply *reply);

#endif
