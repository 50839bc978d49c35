#include "core/base/error.h"
#include "core/command/answers.h"

bool imap_reply_is_ok(const ImapReply *reply)
{
	return !reply->error && g_strcmp0(reply->type, "NO") != 0;
}

static const GPtrArray *first_list(const ImapReply *reply)
{
	return reply->data && reply->data->len ? reply->data->pdata[0] : NULL;
}

guint imap_reply_count(const ImapReply *reply)
{
	const GPtrArray *list = first_list(reply);

	return list ? list->len : 0;
}

const ImapAnswer *imap_reply_answer(const ImapReply *reply, guint i)
{
	return i < imap_reply_count(reply) ? first_list(reply)->pdata[i] : NULL;
}

char *imap_reply_text(const ImapReply *reply, guint i)
{
	const ImapAnswer *answer = imap_reply_answer(reply, i);
	gsize len = 0;
	const char *text = answer ? g_bytes_get_data(answer->text, &len) : NULL;

	return g_strndup(text ? text : "", len);
}

GList *imap_answers_names(const ImapAnswers *answers)
{
	return answers_names(answers);
}

const GPtrArray *imap_answers_peek(const ImapAnswers *answers, const char *name)
{
	return answers_peek(answers, name);
}

ImapErrorCode imap_error_code(const GError *error)
{
	if (!error || error_is_cancelled(error))
		return IMAP_ERROR_NONE;
	if (g_error_matches(error, CORE_ERROR, CORE_ERROR_READONLY))
		return IMAP_ERROR_READONLY;
	return error_is_abort(error) ? IMAP_ERROR_ABORT : IMAP_ERROR_ERROR;
}

bool imap_error_is_error(const GError *error)
{
	return imap_error_code(error) >= IMAP_ERROR_ERROR;
}

bool imap_error_is_abort(const GError *error)
{
	return imap_error_code(error) >= IMAP_ERROR_ABORT;
}

bool imap_error_is_readonly(const GError *error)
{
	return imap_error_code(error) == IMAP_ERROR_READONLY;
}

bool imap_error_is_cancelled(const GError *error)
{
	return error_is_cancelled(error);
}

bool imap_error_is_login(const GError *error)
{
	return g_error_matches(error, CORE_ERROR, CORE_ERROR_AUTH);
}

bool imap_error_is_tls(const GError *error)
{
	return g_error_matches(error, CORE_ERROR, CORE_ERROR_TLS);
}

const char *imap_error_name(const GError *error)
{
	return error_class(error);
}
