/* SPDX-License-Identifier: MIT */
#ifndef RT_LIST_H
#define RT_LIST_H

#include <stdbool.h>

#include "stack/base.h"

/*
 * Intrusive, circular, doubly linked list. A head and an entry are the same
 * structure; an entry that is on no list points at itself, so that removing
 * it twice does no harm.
 *
 * Never hold the next entry across a call that may change the list: take the
 * first entry and move it, or start again.
 */
struct rt_list {
	struct rt_list *prev;
	struct rt_list *next;
};

/* Makes `l` an empty head, or an entry on no list. */
static inline void rt_list_init(struct rt_list *l)
{
	l->prev = l;
	l->next = l;
}

/* True if the head has no entry, or the entry is on no list. */
static inline bool rt_list_empty(const struct rt_list *l)
{
	return l->next == l;
}

/* Takes the entry off its list, if it is on one. */
static inline void rt_list_del(struct rt_list *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	rt_list_init(e);
}

/* Puts the entry, which is on no list, at the end of `head`. */
static inline void rt_list_append(struct rt_list *head, struct rt_list *e)
{
	e->prev = head->prev;
	e->next = head;
	head->prev->next = e;
	head->prev = e;
}

/* The first entry of `head` as a `type` with the link `member`, or NULL. */
#define RT_LIST_FIRST(head, type, member)   \
	(rt_list_empty(head) ? (type *)NULL \
			     : RT_CONTAINER_OF((head)->next, type, member))

/* Walks over a list that does not change meanwhile. */
#define RT_LIST_EACH(it, head, member)                                        \
	for ((it) = RT_CONTAINER_OF((head)->next, __typeof__(*(it)), member); \
	     &(it)->member != (head);                                         \
	     (it) = RT_CONTAINER_OF((it)->member.next, __typeof__(*(it)),     \
				    member))

#endif
