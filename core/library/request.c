#include "core/library/request.h"

#include <string.h>

Request *request_new(const char *verb)
{
	Request *request = g_new0(Request, 1);

	request->words = words_new();
	words_add_text(request->words, verb);
	return request;
}

static void wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

void request_free(Request *request)
{
	g_clear_pointer(&request->words, g_ptr_array_unref);
	g_clear_error(&request->error);
	g_free(request->mechanism);
	g_free(request->user);
	wipe(request->password);
	g_free(request);
}

void request_add_text(Request *request, const char *text)
{
	words_add_text(request->words, text);
}

void request_add_typed(Request *request, const char *text)
{
	words_add_typed(request->words, text);
}

void request_add_line(Request *request, const char *line)
{
	if (!request->error && line)
		words_add_line(request->words, line, &request->error);
}

Request *request_typed(const char *line)
{
	Request *request = g_new0(Request, 1);

	request->words = words_split(line, &request->error);
	return request;
}
