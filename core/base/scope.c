#include "core/base/scope.h"

#include <stddef.h>

void scope_init(Scope *scope)
{
	scope->head.next = scope->head.prev = &scope->head;
	scope->head.cancel = NULL;
}

void scope_add(Scope *scope, ScopeItem *item, void (*cancel)(ScopeItem *item))
{
	item->cancel = cancel;
	if (scope == NULL) {
		item->next = item->prev = NULL;
		return;
	}
	item->next = &scope->head;
	item->prev = scope->head.prev;
	item->prev->next = item;
	scope->head.prev = item;
}

void scope_remove(ScopeItem *item)
{
	if (item->next == NULL)
		return;
	item->prev->next = item->next;
	item->next->prev = item->prev;
	item->next = item->prev = NULL;
}

bool scope_is_empty(const Scope *scope)
{
	return scope == NULL || scope->head.next == &scope->head;
}

void scope_cancel(Scope *scope)
{
	if (scope == NULL)
		return;
	/* Always from the front: a callback may remove any other item, or cancel the scope again.
	 */
	while (!scope_is_empty(scope)) {
		ScopeItem *item = scope->head.next;
		scope_remove(item);
		item->cancel(item);
	}
}
