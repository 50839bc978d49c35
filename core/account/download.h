/* download - the bytes of BODY.PEEK[section], or BINARY.PEEK, of one message: in one FETCH where
 * small, else in slices, two in flight, so that it can be cancelled, shows its progress and leaves
 * the line usable.  A server that sends all where it was asked for a slice is asked for all. */
#ifndef SHEAF_CORE_DOWNLOAD_H
#define SHEAF_CORE_DOWNLOAD_H

#include "core/account/job.h"
#include "core/account/pool.h"

/* Where the bytes go as they come, in order, where nobody wants them in one piece. */
typedef struct {
	void (*take)(GBytes *bytes, void *data);
	bool (*is_full)(void *data); /* true: not so fast */
	/* Of a part in base64: comes ahead of the first bytes where the server decodes them
	 * (BINARY, RFC 3516).  NULL: it is not asked to. */
	void (*decoded)(void *data);
} DownloadSink;

typedef void (*DownloadProgress)(uint64_t have, uint64_t total, void *data);
/* Comes once; `bytes` is NULL where a sink had them.  An error names what happened; a message that
 * is gone is CORE_ERROR_NO. */
typedef void (*DownloadDone)(GBytes *bytes, const GError *error, void *data);

/* `section` as in FETCH BODY[section]; `size_hint` in octets, 0: not known (one FETCH).  `progress`
 * and `sink` (borrowed) may be NULL; what the sink was given is void where done has an error. */
void download_start(Pool *pool, JobList *jobs, Scope *scope, Mailbox *m, uint32_t uid,
		    const char *section, uint64_t size_hint, DownloadProgress progress,
		    const DownloadSink *sink, DownloadDone done, void *data);

#endif
