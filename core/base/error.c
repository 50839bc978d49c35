#include "core/base/error.h"

#include <gio/gio.h>

typedef struct {
	gpointer box;
	GDestroyNotify release;
} CoreErrorPrivate;

static void core_error_private_init(CoreErrorPrivate *facts)
{
	*facts = (CoreErrorPrivate){0};
}

static void core_error_private_copy(const CoreErrorPrivate *from, CoreErrorPrivate *to)
{
	*to = *from;
	if (to->box)
		g_atomic_rc_box_acquire(to->box);
}

static void core_error_private_clear(CoreErrorPrivate *facts)
{
	if (facts->box)
		facts->release(facts->box);
}

G_DEFINE_EXTENDED_ERROR(CoreError, core_error)

bool error_is_abort(const GError *error)
{
	if (error == NULL || error->domain != CORE_ERROR)
		return false;
	return error->code == CORE_ERROR_ABORT || error->code == CORE_ERROR_DEAD ||
	       error->code == CORE_ERROR_TLS || error->code == CORE_ERROR_READONLY;
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

void error_attach(GError *error, gpointer box_take, GDestroyNotify release)
{
	CoreErrorPrivate *facts = core_error_get_private(error);

	core_error_private_clear(facts);
	*facts = (CoreErrorPrivate){box_take, release};
}

gconstpointer error_attached(const GError *error, GDestroyNotify release)
{
	const CoreErrorPrivate *facts =
		error && error->domain == CORE_ERROR ? core_error_get_private(error) : NULL;

	return facts && facts->release == release ? facts->box : NULL;
}
