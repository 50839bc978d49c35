#include "core/base/error.h"

#include <gio/gio.h>

G_DEFINE_QUARK(core - error - quark, core_error)

bool error_is_abort(const GError *error)
{
	if (error == NULL || error->domain != CORE_ERROR)
		return false;
	return error->code == CORE_ERROR_ABORT || error->code == CORE_ERROR_TLS ||
	       error->code == CORE_ERROR_READONLY;
}

bool error_is_cancelled(const GError *error)
{
	return g_error_matches(error, CORE_ERROR, CORE_ERROR_CANCELLED) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

const char *error_class(const GError *error)
{
	if (error == NULL || error_is_cancelled(error))
		return NULL;
	if (g_error_matches(error, CORE_ERROR, CORE_ERROR_READONLY))
		return "readonly";
	return error_is_abort(error) ? "abort" : "error";
}
