/* log - GLib log writer: keeps the last 2,000 lines for :log, writes nothing to the terminal.
 * Secrets never come here (core hides them); lines are cleaned and cut. */
#ifndef SHEAF_UI_LOG_H
#define SHEAF_UI_LOG_H

#include "mime/doc.h"

/* Installs the writer; `file` (may be NULL) gets every line too, mode 0600. */
bool log_install(const char *file, GError **error);
MimeDoc *log_document(void);

#endif
