/* scope - the lifetime of asynchronous work.  A struct that starts such work embeds a Scope; its
 * _free begins with scope_cancel(), after which no callback of that work runs any more.
 *
 * The one rule: a done callback runs exactly once, from the main loop, never from inside the call
 * that submitted the work.  scope_cancel() is the one exception: it calls each at once with
 * CORE_ERROR_CANCELLED, and afterwards `data` is not touched again. */
#ifndef SHEAF_CORE_SCOPE_H
#define SHEAF_CORE_SCOPE_H

#include <stdbool.h>

typedef struct ScopeItem ScopeItem;

/* Embedded in the work. All fields private to scope.c. */
struct ScopeItem {
	ScopeItem *next, *prev;
	void (*cancel)(ScopeItem *item);
};

typedef struct {
	ScopeItem head;
} Scope;

void scope_init(Scope *scope);

/* `cancel` must end the work and call its done; the item is already removed when it runs.  A NULL
 * scope is allowed everywhere and means "for ever". */
void scope_add(Scope *scope, ScopeItem *item, void (*cancel)(ScopeItem *item));

/* Takes the item out; harmless when it is in no scope. */
void scope_remove(ScopeItem *item);

bool scope_is_empty(const Scope *scope);

/* Cancels everything, also what the callbacks add meanwhile. */
void scope_cancel(Scope *scope);

#endif
