#include "core/library/submission.h"

#include <string.h>

Submission *submission_new(const char *verb)
{
	Submission *submission = g_new0(Submission, 1);

	submission->words = words_new();
	words_add_text(submission->words, verb);
	return submission;
}

void submission_wipe(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

void submission_free(Submission *submission)
{
	g_clear_pointer(&submission->words, g_ptr_array_unref);
	g_clear_error(&submission->error);
	g_free(submission->mechanism);
	g_free(submission->user);
	submission_wipe(submission->password);
	g_free(submission);
}

void submission_add_text(Submission *submission, const char *text)
{
	words_add_text(submission->words, text);
}

void submission_add_typed(Submission *submission, const char *text)
{
	words_add_typed(submission->words, text);
}

void submission_add_line(Submission *submission, const char *line)
{
	if (!submission->error && line)
		words_add_line(submission->words, line, &submission->error);
}

Submission *submission_typed(const char *line)
{
	Submission *submission = g_new0(Submission, 1);

	submission->words = words_split(line, &submission->error);
	return submission;
}
