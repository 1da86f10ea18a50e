/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers: a queue for each CPU, kept as a pairing heap whose links live in
 * the timers themselves, so that nothing here can run out of memory. Relies
 * on the system clock and its event interrupt (hv/time.h) and on SOFTIRQ_TIMER.
 */
#include <hv/timer.h>

#include <hv/softirq.h>
#include <hv/spinlock.h>
#include <hv/time.h>

#include <asm/percpu.h>

/* Functions run in one go before other softirqs have their turn. */
#define TIMER_BATCH 64

struct timer_queue {
	struct spinlock lock;
	struct timer *root; /* lock: the earliest */
	const struct timer
		*running;  /* written with the lock: whose function runs; not to be followed */
	uint64_t armed_ns;  /* own CPU, interrupts off: next hardware interrupt; 0: none */
} __cacheline_aligned;

static struct timer_queue timer_queues[MAX_CPUS];

/* Two heaps into one. Each may be empty; roots have neither sibling nor prev. */
static struct timer *heap_merge(struct timer *a, struct timer *b)
{
	struct timer *earlier, *later;

	if (!a || !b)
		return a ? a : b;

	earlier = b->expires_ns < a->expires_ns ? b : a;
	later = earlier == a ? b : a;

	later->prev = earlier;
	later->sibling = earlier->child;
	if (earlier->child)
		earlier->child->prev = later;
	earlier->child = later;
	return earlier;
}

static struct timer *take_root(struct timer **list)
{
	struct timer *t = *list;

	if (t) {
		*list = t->sibling;
		t->sibling = NULL;
		t->prev = NULL;
	}
	return t;
}

/* The children of @t as one heap: merged in pairs from the left, then those from the right. */
static struct timer *heap_merge_children(struct timer *t)
{
	struct timer *list = t->child, *pairs = NULL, *heap = NULL, *first, *pair;

	t->child = NULL;
	while ((first = take_root(&list))) {
		pair = heap_merge(first, take_root(&list));
		pair->sibling = pairs;
		pairs = pair;
	}
	while ((pair = take_root(&pairs)))
		heap = heap_merge(heap, pair);
	return heap;
}

/* The heap under @root without @t, which is somewhere in it. */
static struct timer *heap_remove(struct timer *root, struct timer *t)
{
	struct timer *children = heap_merge_children(t);

	if (t == root)
		return children;

	/* prev is the left neighbour, or for the first child the parent */
	if (t->prev->child == t)
		t->prev->child = t->sibling;
	else
		t->prev->sibling = t->sibling;
	if (t->sibling)
		t->sibling->prev = t->prev;
	t->sibling = NULL;
	t->prev = NULL;
	return heap_merge(root, children);
}

static void queue_insert(struct timer_queue *q, struct timer *t)
{
	q->root = heap_merge(q->root, t);
	t->is_pending = true;
}

static void queue_remove(struct timer_queue *q, struct timer *t)
{
	q->root = heap_remove(q->root, t);
	t->is_pending = false;
}

/* The queue @t belongs to, locked: it may be migrating while we look. */
static struct timer_queue *queue_lock(struct timer *t, unsigned long *flags) __no_lock_check
{
	for (;;) {
		unsigned int cpu = READ_ONCE(t->cpu);
		struct timer_queue *q = &timer_queues[cpu];

		*flags = spin_lock_irqsave(&q->lock);
		if (t->cpu == cpu)
			return q;
		spin_unlock_irqrestore(&q->lock, *flags);
	}
}

static void queue_unlock(struct timer_queue *q, unsigned long flags) __no_lock_check
{
	spin_unlock_irqrestore(&q->lock, flags);
}

/*
 * See that this CPU is interrupted for the earliest timer. An interrupt that comes
 * too early, its timer having been stopped, is cheaper than cancelling each time.
 */
static void queue_arm(struct timer_queue *q)
{
	uint64_t expires;

	if (!q->root)
		return;

	expires = q->root->expires_ns;
	if (q->armed_ns && q->armed_ns <= expires)
		return;

	if (expires <= system_time_ns()) {
		softirq_raise(SOFTIRQ_TIMER);
	} else {
		q->armed_ns = expires;
		clock_event_set(expires);
	}
}

/* @t has come to the head of @q, which may be another CPU's. */
static void queue_head_changed(struct timer_queue *q, const struct timer *t)
{
	if (t->cpu == this_cpu())
		queue_arm(q);
	else
		softirq_raise_on(t->cpu, SOFTIRQ_TIMER);
}

void timer_init(struct timer *t, void (*function)(void *data), void *data, unsigned int cpu)
{
	*t = (struct timer){ .function = function, .data = data, .cpu = cpu };
}

void timer_set(struct timer *t, uint64_t expires_ns)
{
	unsigned long flags;
	struct timer_queue *q = queue_lock(t, &flags);

	if (t->is_pending)
		queue_remove(q, t);
	t->expires_ns = expires_ns;
	queue_insert(q, t);
	if (q->root == t)
		queue_head_changed(q, t);
	queue_unlock(q, flags);
}

void timer_stop(struct timer *t)
{
	unsigned long flags;
	struct timer_queue *q = queue_lock(t, &flags);

	if (t->is_pending)
		queue_remove(q, t);
	queue_unlock(q, flags);
}

static bool is_running(const struct timer *t)
{
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		if (__atomic_load_n(&timer_queues[cpu].running, __ATOMIC_ACQUIRE) == t)
			return true;
	return false;
}

/* Who took it off its queue has said before that it runs: stopped first, looked for then. */
void timer_end(struct timer *t)
{
	for (;;) {
		timer_stop(t);
		if (!is_running(t))
			return;
		cpu_relax();
	}
}

/* Two queues at once, always the lower CPU's first. */
static void queues_lock(struct timer_queue *a, struct timer_queue *b) __no_lock_check
{
	spin_lock(a < b ? &a->lock : &b->lock);
	spin_lock(a < b ? &b->lock : &a->lock);
}

void timer_migrate(struct timer *t, unsigned int cpu) __no_lock_check
{
	struct timer_queue *from, *to = &timer_queues[cpu];
	unsigned long flags = irq_save();

	for (;;) {
		unsigned int old = READ_ONCE(t->cpu);

		from = &timer_queues[old];
		if (from == to) {
			irq_restore(flags);
			return;
		}
		queues_lock(from, to);
		if (t->cpu == old)
			break;
		spin_unlock(&from->lock);
		spin_unlock(&to->lock);
	}

	WRITE_ONCE(t->cpu, cpu);
	if (t->is_pending) {
		queue_remove(from, t);
		queue_insert(to, t);
		if (to->root == t)
			queue_head_changed(to, t);
	}
	spin_unlock(&from->lock);
	spin_unlock(&to->lock);
	irq_restore(flags);
}

void timers_leave(unsigned int from, unsigned int to) __no_lock_check
{
	struct timer_queue *source = &timer_queues[from], *target = &timer_queues[to];
	unsigned long flags;
	struct timer *t;

	if (from == to)
		return;
	flags = irq_save();
	queues_lock(source, target);
	while ((t = source->root)) {
		queue_remove(source, t);
		WRITE_ONCE(t->cpu, to);
		queue_insert(target, t);
		if (target->root == t)
			queue_head_changed(target, t);
	}
	spin_unlock(&source->lock);
	spin_unlock(&target->lock);
	irq_restore(flags);
}

void timer_interrupt(void)
{
	timer_queues[this_cpu()].armed_ns = 0;
	softirq_raise(SOFTIRQ_TIMER);
}

void timer_softirq(void)
{
	struct timer_queue *q = &timer_queues[this_cpu()];
	uint64_t now = system_time_ns();
	unsigned long flags = spin_lock_irqsave(&q->lock);
	unsigned int run;

	/* one that arms itself again for a time not after now waits for the next round */
	for (run = 0; run < TIMER_BATCH; run++) {
		struct timer *t = q->root;
		void (*function)(void *data);
		void *data;

		if (!t || t->expires_ns > now)
			break;
		queue_remove(q, t);
		function = t->function;
		data = t->data;
		__atomic_store_n(&q->running, t, __ATOMIC_RELEASE);
		spin_unlock_irqrestore(&q->lock, flags);

		function(data);

		flags = spin_lock_irqsave(&q->lock);
		__atomic_store_n(&q->running, NULL, __ATOMIC_RELEASE);
	}
	queue_arm(q);
	spin_unlock_irqrestore(&q->lock, flags);
}

void timer_cpu_init(unsigned int cpu)
{
	struct timer_queue *q = &timer_queues[cpu];

	spin_lock_init(&q->lock);
	q->root = NULL;
	q->armed_ns = 0;
}
