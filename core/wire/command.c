#include "core/wire/command.h"

#include <glib.h>

const CommandSpec command_table[COMMAND_COUNT] = {
#define COMMAND(id, verb, states, wants, flags, arguments, answers, help)                          \
	{COMMAND_ID_##id, verb, states, wants, flags, arguments, answers, help},
#include "core/wire/command.def"
#undef COMMAND
};

const CommandSpec *command_find(const char *verb)
{
	if (*verb == '\0')
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(command_table); i++) {
		if (g_ascii_strcasecmp(command_table[i].verb, verb) == 0)
			return &command_table[i];
	}
	return NULL;
}

const char *command_state_name(SessionState state)
{
	static const char *const names[] = {
		[SESSION_CONNECTING] = "CONNECTING",
		[SESSION_NONAUTH] = "NONAUTH",
		[SESSION_AUTH] = "AUTH",
		[SESSION_SELECTED] = "SELECTED",
		[SESSION_LOGOUT] = "LOGOUT",
	};

	return names[state];
}
