/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory operations in the middle of an extent, from one call of a vCPU to its next: hv/memory_work.h. */
#include <hv/memory_work.h>

#include <hv/domain.h>
#include <hv/errno.h>

static void domain_hold(struct memory_work *w, struct domain *d)
{
	w->d = domain_get(d->id);
}

void memory_work_leave_block(struct vcpu *v, struct domain *d, const struct page_block *b)
{
	struct memory_work *w = &v->memory_work;

	domain_hold(w, d);
	w->is_exchange = false;
	w->block = *b;
}

void memory_work_leave_exchange(struct vcpu *v, const struct exchange *x)
{
	struct memory_work *w = &v->memory_work;

	domain_hold(w, x->d);
	w->is_exchange = true;
	w->exchange = *x;
}

int memory_work_resume(struct vcpu *v)
{
	struct memory_work *w = &v->memory_work;
	int rc;

	if (likely(!w->d))
		return 0;
	rc = w->is_exchange ? exchange_run(&w->exchange) : domain_block_give(w->d, &w->block);
	if (rc)
		return rc;
	domain_put(w->d);
	w->d = NULL;
	return 0;
}

int memory_work_abandon(struct vcpu *v)
{
	struct memory_work *w = &v->memory_work;

	if (w->d && w->is_exchange && !w->exchange.is_abandoned)
		exchange_abandon(&w->exchange);
	return memory_work_resume(v);
}
