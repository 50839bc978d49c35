/* response - what the server said, typed.  Data only.
 * All pointers live in the session's arena until the sink returns: who keeps something copies it.
 * A GBytes body may be ref'd, a MimePart or UidSet stolen with arena_disown(). */
#ifndef SHEAF_CORE_RESPONSE_H
#define SHEAF_CORE_RESPONSE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "core/wire/framer.h"
#include "core/wire/uidset.h"
#include "mime/part.h"

typedef enum {
	RESPONSE_TAGGED = 0,
	RESPONSE_CONTINUE,
	RESPONSE_CONDITION, /* untagged OK NO BAD BYE PREAUTH */
	RESPONSE_CAPABILITY,
	RESPONSE_ENABLED,
	RESPONSE_FLAGS,
	RESPONSE_LIST,
	RESPONSE_LSUB,
	RESPONSE_STATUS,
	RESPONSE_SEARCH,
	RESPONSE_SORT,
	RESPONSE_THREAD,
	RESPONSE_ESEARCH,
	RESPONSE_EXISTS,
	RESPONSE_RECENT,
	RESPONSE_EXPUNGE,
	RESPONSE_VANISHED,
	RESPONSE_FETCH,
	RESPONSE_CHUNK, /* of a body above 1 MiB, as it arrives; its FETCH follows */
	RESPONSE_OTHER, /* anything else: kept as text */
	RESPONSE_KIND_COUNT
} ResponseKind;

typedef enum {
	CONDITION_OK,
	CONDITION_NO,
	CONDITION_BAD,
	CONDITION_BYE,
	CONDITION_PREAUTH
} Condition;

/* resp-text-code; the names are in the table of condition.c. */
typedef enum {
	CODE_NONE = 0,
	CODE_ALERT,
	CODE_BADCHARSET,
	CODE_CAPABILITY,
	CODE_PARSE,
	CODE_PERMANENTFLAGS,
	CODE_READ_ONLY,
	CODE_READ_WRITE,
	CODE_TRYCREATE,
	CODE_UIDNEXT,
	CODE_UIDVALIDITY,
	CODE_UNSEEN,
	CODE_APPENDUID,
	CODE_COPYUID,
	CODE_UIDNOTSTICKY,
	CODE_HIGHESTMODSEQ,
	CODE_NOMODSEQ,
	CODE_MODIFIED,
	CODE_CLOSED,
	CODE_UNAVAILABLE,
	CODE_AUTHENTICATIONFAILED,
	CODE_AUTHORIZATIONFAILED,
	CODE_EXPIRED,
	CODE_PRIVACYREQUIRED,
	CODE_CONTACTADMIN,
	CODE_NOPERM,
	CODE_INUSE,
	CODE_EXPUNGEISSUED,
	CODE_CORRUPTION,
	CODE_SERVERBUG,
	CODE_CLIENTBUG,
	CODE_CANNOT,
	CODE_LIMIT,
	CODE_OVERQUOTA,
	CODE_ALREADYEXISTS,
	CODE_NONEXISTENT,
	CODE_NOTSAVED,
	CODE_REFERRAL,
	CODE_COMPRESSIONACTIVE,
	CODE_INPROGRESS,
	CODE_NOTIFICATIONOVERFLOW,
	CODE_OTHER
} ResponseCode;

/* resp-cond-state and its tagged form.  A code whose arguments cannot be read is CODE_OTHER. */
typedef struct {
	Condition condition;
	ResponseCode code;
	const char *code_name;    /* as sent, or NULL */
	const char *code_text;    /* arguments as sent, or NULL */
	const char *const *words; /* CAPABILITY, PERMANENTFLAGS, BADCHARSET: NULL-terminated */
	uint32_t number;   /* UIDNEXT, UNSEEN; UIDVALIDITY of it, APPENDUID, COPYUID; INPROGRESS:
			      how far it is, 0 where that is not told */
	uint32_t goal;     /* INPROGRESS: how far it will go; 0: not known */
	const char *tag;   /* INPROGRESS: of which command; or NULL */
	uint64_t modseq;   /* HIGHESTMODSEQ */
	UidSet *from, *to; /* COPYUID (both NULL where they do not match one to one);
			      APPENDUID has `to`; MODIFIED has `from` */
	const char *text;  /* for people; raw, not yet text_clean'ed; may be "" */
} StatusLine;

/* The system flags as bits; keywords apart. */
enum {
	FLAG_SEEN = 1 << 0,
	FLAG_ANSWERED = 1 << 1,
	FLAG_FLAGGED = 1 << 2,
	FLAG_DELETED = 1 << 3,
	FLAG_DRAFT = 1 << 4,
	FLAG_RECENT = 1 << 5,
	FLAG_WILDCARD = 1 << 6 /* \* of PERMANENTFLAGS */
};

typedef struct {
	unsigned system;             /* FLAG_ bits */
	const char *const *keywords; /* NULL-terminated, or NULL where there are none */
} FlagList;

/* One mailbox or group of an ENVELOPE's address list; raw bytes as sent. */
typedef struct {
	const char *name, *route, *mailbox, *host; /* each may be NULL */
} EnvelopeAddress;

typedef struct {
	const EnvelopeAddress *items;
	size_t n;
} EnvelopeAddresses;

typedef struct {
	const char *date, *subject, *in_reply_to, *message_id; /* raw, NULL for NIL */
	EnvelopeAddresses from, sender, reply_to, to, cc, bcc;
} Envelope;

/* BODY[section]<origin>, BINARY[section], RFC822…: the words inside the brackets, upper case
 * where they are keywords ("1.2.MIME", "HEADER.FIELDS (REFERENCES)", ""). */
typedef struct {
	const char *section;
	bool binary;
	bool partial;
	uint32_t origin;
	GBytes *data;     /* NULL for NIL, and for what came in chunks */
	uint64_t chunked; /* octets that came in chunks, else 0 */
} FetchBody;

enum {
	FETCH_UID = 1 << 0,
	FETCH_FLAGS = 1 << 1,
	FETCH_INTERNALDATE = 1 << 2,
	FETCH_SIZE = 1 << 3,
	FETCH_ENVELOPE = 1 << 4,
	FETCH_STRUCTURE = 1 << 5,
	FETCH_MODSEQ = 1 << 6,
	FETCH_BODY = 1 << 7,
	FETCH_PREVIEW = 1 << 8
};

typedef struct {
	uint32_t seq;
	unsigned has; /* FETCH_ bits */
	uint32_t uid;
	FlagList flags;
	int64_t internal_date; /* unix seconds */
	uint64_t size;
	uint64_t modseq;
	const Envelope *envelope;
	const char *preview; /* raw; NULL for NIL */
	MimePart *structure; /* owned by the arena */
	const FetchBody *bodies;
	size_t n_bodies;
	const Frame *frame; /* as it was sent; NULL where it was not */
} FetchData;

/* The next bytes of the last body of `fetch`, which is as much of the response as came in front of
 * that body: its UID may be missing.  `bytes` NULL (and len 0): the chunks so far are void, for the
 * response came to be another's, or cannot be read. */
typedef struct {
	FetchData fetch;
	const char *bytes; /* borrowed until the sink returns, as all of it */
	size_t len;
	uint64_t offset, total;
} ChunkData;

/* mailbox-list attributes as bits; unknown ones are dropped. */
enum {
	LIST_NOINFERIORS = 1 << 0,
	LIST_NOSELECT = 1 << 1,
	LIST_MARKED = 1 << 2,
	LIST_UNMARKED = 1 << 3,
	LIST_HASCHILDREN = 1 << 4,
	LIST_HASNOCHILDREN = 1 << 5,
	LIST_NONEXISTENT = 1 << 6,
	LIST_SUBSCRIBED = 1 << 7,
	LIST_REMOTE = 1 << 8,
	LIST_ALL = 1 << 9,
	LIST_ARCHIVE = 1 << 10,
	LIST_DRAFTS = 1 << 11,
	LIST_FLAGGED = 1 << 12,
	LIST_JUNK = 1 << 13,
	LIST_SENT = 1 << 14,
	LIST_TRASH = 1 << 15,
	LIST_IMPORTANT = 1 << 16
};

typedef struct {
	unsigned attributes;
	char delimiter;   /* 0 for NIL */
	const char *name; /* wire name, byte for byte; INBOX in any case is "INBOX" */
} ListData;

enum {
	STATUS_MESSAGES = 1 << 0,
	STATUS_RECENT = 1 << 1,
	STATUS_UIDNEXT = 1 << 2,
	STATUS_UIDVALIDITY = 1 << 3,
	STATUS_UNSEEN = 1 << 4,
	STATUS_HIGHESTMODSEQ = 1 << 5,
	STATUS_SIZE = 1 << 6,
	STATUS_DELETED = 1 << 7,
	STATUS_MAILBOXID = 1 << 8
};

typedef struct {
	const char *name; /* wire name */
	unsigned has;     /* STATUS_ bits */
	uint32_t messages, recent, uidnext, uidvalidity, unseen, deleted;
	uint64_t highestmodseq, size;
	const char *mailboxid; /* the mailbox under any name (RFC 8474 4) */
} StatusData;

typedef struct {
	const char *tag; /* or NULL */
	bool uid;
	uint32_t min, max, count;
	bool has_count;
	UidSet *all;          /* or NULL */
	const char *all_text; /* the same as it was sent, len bytes: the order of a SORT */
	size_t all_len;
	uint64_t modseq;
} EsearchData;

typedef struct {
	const uint32_t *items;
	size_t n;
	uint64_t modseq; /* 0 where none */
} NumberList;

/* A number of a THREAD, and how many parentheses close and then open between the one before and it;
 * those that enclose nothing are left out.  The last step of a response has `uid` 0 and tells what
 * stands behind the last number: a long THREAD comes as several responses (framer.h), cut anywhere
 * but within a number. */
typedef struct {
	uint32_t uid;
	uint16_t closed, opened;
} ThreadStep;

/* Parentheses within each other, within a response and over all responses to one command. */
#define THREAD_DEPTH_MAX 2000

typedef struct {
	const ThreadStep *steps;
	size_t n; /* at least 1 */
} ThreadData;

typedef struct {
	ResponseKind kind;
	const char *tag;    /* TAGGED */
	const Frame *frame; /* as it was sent; NULL where it was not */
	union {
		StatusLine status;        /* TAGGED, CONDITION */
		const char *text;         /* CONTINUE, OTHER: the whole line behind "* " or "+ " */
		const char *const *words; /* CAPABILITY, ENABLED */
		FlagList flags;           /* FLAGS */
		ListData list;            /* LIST, LSUB */
		StatusData mailbox;       /* STATUS */
		NumberList numbers;       /* SEARCH, SORT */
		ThreadData threads;       /* THREAD */
		EsearchData esearch;
		uint32_t number; /* EXISTS, RECENT, EXPUNGE */
		struct {
			UidSet *uids;
			bool earlier;
		} vanished;
		FetchData fetch;
		ChunkData chunk;
	};
} Response;

#endif
