#include "core/account/facts.h"

#include <string.h>

/* Of what a server wrote more is not kept. */
#define TEXT_OCTETS_MAX 4096

void facts_init(Facts *facts, const char *wire_name)
{
	*facts = (Facts){.mailbox = g_strdup(wire_name), .quotas = quota_list_new()};
}

void facts_clear(Facts *facts)
{
	g_ptr_array_unref(facts->quotas);
	g_free(facts->mailbox);
	g_free(facts->mailboxid);
	g_free(facts->rights);
	g_free(facts->private_comment);
	g_free(facts->shared_comment);
	g_free(facts->server);
	g_free(facts->version);
	g_free(facts->encryption);
	*facts = (Facts){0};
}

static void keep(char **slot, const char *text)
{
	g_free(*slot);
	*slot = text ? g_strndup(text, TEXT_OCTETS_MAX) : NULL;
}

static void take_status(Facts *facts, const StatusData *status)
{
	if (strcmp(status->name, facts->mailbox) != 0)
		return;
	if (status->has & STATUS_SIZE) {
		facts->has_size = true;
		facts->size = status->size;
	}
	if (status->has & STATUS_MAILBOXID)
		keep(&facts->mailboxid, status->mailboxid);
}

static void take_other(Facts *facts, const Response *response, Arena *arena)
{
	QuotaData quota;
	RightsData rights;
	NamedValues values;

	if (access_read_quota(response, arena, &quota)) {
		quota_take(facts->quotas, &quota);
	} else if (access_read_rights(response, arena, &rights)) {
		if (strcmp(rights.mailbox, facts->mailbox) == 0)
			keep(&facts->rights, rights.rights);
	} else if (access_read_metadata(response, arena, &values)) {
		if (strcmp(values.mailbox, facts->mailbox) != 0)
			return;
		keep(&facts->private_comment, access_value(&values, "/private/comment"));
		keep(&facts->shared_comment, access_value(&values, "/shared/comment"));
	} else if (access_read_id(response, arena, &values)) {
		keep(&facts->server, access_value(&values, "name"));
		keep(&facts->version, access_value(&values, "version"));
	}
}

void facts_take(Facts *facts, const Response *response)
{
	g_autoptr(Arena) arena = arena_new();

	if (response->kind == RESPONSE_STATUS)
		take_status(facts, &response->mailbox);
	else
		take_other(facts, response, arena);
}
