/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources: arch/x86/irq/guest_pirq.c arch/x86/irq/vectors.c test/fake/frame.c */
/* Interrupts from vector to event: numbers, bindings, masking of level lines until EOI, the EOI page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/page_allocator.h>
#include <hv/page_ref.h>
#include <hv/pirq.h>
#include <hv/timer.h>

#include <asm/apic.h>
#include <asm/guest_pirq.h>
#include <asm/iommu.h>
#include <asm/irq.h>
#include <asm/smp.h>
#include <asm/msi.h>
#include <asm/traps.h>

#define LINES	   24
#define EDGE_LINE  4
#define LEVEL_LINE 9
#define EOI_FRAME  5

static struct domain dom;
static struct vcpu vcpu;
static bool is_masked[IRQ_COUNT];
static unsigned int routed_to[IRQ_COUNT];
static unsigned int events, last_port, eois, timers, destroyed, host_calls, calls;

static void fake_program(struct irq *irq)
{
	is_masked[irq - irq_table] = true;
}

static void fake_mask(struct irq *irq)
{
	is_masked[irq - irq_table] = true;
}

static void fake_unmask(struct irq *irq)
{
	is_masked[irq - irq_table] = false;
}

static void fake_route(struct irq *irq)
{
	routed_to[irq - irq_table] = irq->cpu;
}

static const struct irq_controller fake_controller = { fake_program, fake_mask, fake_unmask,
						       fake_route };

bool iommu_remaps_to_x2apic(void)
{
	return false;
}

/* CPUs 0 to 2 can be named in routes. */
bool apic_can_be_destination(unsigned int cpu)
{
	return cpu < 3;
}

struct irq *irq_of_gsi(unsigned int gsi)
{
	return gsi < gsi_count ? &irq_table[gsi] : NULL;
}

/* Sources 200 to 203 are messages of one function. */
#define GROUP	    200
#define GROUP_COUNT 4

static bool is_in_group(const struct irq *irq)
{
	return irq >= irq_table + GROUP && irq < irq_table + GROUP + GROUP_COUNT;
}

unsigned int msi_count(const struct irq *irq)
{
	return is_in_group(irq) ? GROUP_COUNT : 1;
}

unsigned int msi_index(const struct irq *irq)
{
	return is_in_group(irq) ? irq - irq_table - GROUP : 0;
}

void msi_destroy(struct irq *irq)
{
	for (unsigned int i = 0; i < msi_count(irq); i++) {
		irq_vector_release(&irq[i]);
		irq[i].controller = NULL;
	}
	destroyed++;
}

void apic_eoi(void)
{
	eois++;
}

uint32_t apic_error_read(void)
{
	return 0;
}

void timer_interrupt(void)
{
	timers++;
}

void cpu_call_serve(void)
{
	calls++;
}

void evtchn_send_pirq(struct domain *d, unsigned int port)
{
	assert_ptr_equal(d, &dom);
	events++;
	last_port = port;
}

void *heap_alloc(size_t size)
{
	return calloc(1, size);
}

void heap_free(void *p)
{
	free(p);
}

int page_get_type(struct page_info *pg, const struct domain *owner, enum frame_type type)
{
	assert_int_equal(type, TYPE_WRITABLE);
	return owner == &dom && pg == page_of_mfn(mfn(EOI_FRAME)) ? 0 : -EINVAL;
}

void page_put_type(struct page_info *pg)
{
	assert_ptr_equal(pg, page_of_mfn(mfn(EOI_FRAME)));
}

static void host_handler(void)
{
	host_calls++;
}

static int setup(void **state)
{
	(void)state;
	fake_frames_init();
	memset(irq_table, 0, sizeof(*irq_table) * IRQ_COUNT);
	gsi_count = LINES;
	for (unsigned int i = 0; i < LINES; i++) {
		irq_table[i].controller = &fake_controller;
		irq_table[i].is_level = i == LEVEL_LINE;
	}
	events = last_port = eois = timers = destroyed = host_calls = calls = 0;
	memset(&dom, 0, sizeof(dom));
	memset(&vcpu, 0, sizeof(vcpu));
	memset(routed_to, 0, sizeof(routed_to));
	dom.is_hardware = true;
	return pirq_domain_init(&dom);
}

static int teardown(void **state)
{
	(void)state;
	pirq_domain_destroy(&dom);
	for (unsigned int i = 0; i < IRQ_COUNT; i++)
		irq_vector_release(&irq_table[i]);
	return 0;
}

static unsigned int map(unsigned int line)
{
	unsigned int pirq;

	assert_int_equal(pirq_map(&dom, &irq_table[line], -1, &pirq), 0);
	return pirq;
}

static struct irq *message_make(unsigned int index)
{
	struct irq *irq = &irq_table[index];

	irq->controller = &fake_controller;
	return irq;
}

static void fire(struct irq *irq)
{
	irq_dispatch(NULL, irq->vector);
}

static void test_numbers(void **state)
{
	struct irq *msi = message_make(100);
	unsigned int pirq;

	(void)state;
	assert_int_equal(map(EDGE_LINE), EDGE_LINE);
	assert_int_equal(map(EDGE_LINE), EDGE_LINE);
	assert_int_equal(pirq_map(&dom, &irq_table[EDGE_LINE], 7, &pirq), -EEXIST);
	assert_int_equal(pirq_map(&dom, &irq_table[5], EDGE_LINE, &pirq), -EEXIST);
	assert_int_equal(pirq_map(&dom, &irq_table[5], IRQ_COUNT, &pirq), -EINVAL);
	assert_int_equal(pirq_map(&dom, &irq_table[5], -2, &pirq), -EINVAL);

	assert_int_equal(pirq_reserve(&dom, &pirq), 0);
	assert_int_equal(pirq, LINES);
	assert_int_equal(pirq_map(&dom, msi, -1, &pirq), 0);
	assert_int_equal(pirq, LINES + 1);
	assert_int_equal(pirq_unmap(&dom, LINES + 1), 0);
	assert_int_equal(destroyed, 1);
	assert_int_equal(pirq_unmap(&dom, LINES), 0);
	assert_int_equal(pirq_unmap(&dom, LINES), -EINVAL);
	assert_int_equal(pirq_unmap(&dom, ~0U), -EINVAL);
}

static void test_numbers_run_out(void **state)
{
	unsigned int pirq, count = 0;

	(void)state;
	while (!pirq_reserve(&dom, &pirq))
		count++;
	assert_int_equal(count, IRQ_COUNT - LINES);
	assert_int_equal(pirq_reserve(&dom, &pirq), -ENOSPC);
}

static void test_edge(void **state)
{
	struct irq *irq = &irq_table[EDGE_LINE];

	(void)state;
	assert_int_equal(pirq_bind(&dom, EDGE_LINE, 3, true, &vcpu), -EINVAL);
	map(EDGE_LINE);
	assert_int_equal(pirq_bind(&dom, EDGE_LINE, 3, true, &vcpu), 0);
	assert_int_equal(pirq_bind(&dom, EDGE_LINE, 4, true, &vcpu), -EEXIST);
	assert_in_range(irq->vector, VECTOR_DEVICE_FIRST, VECTOR_DEVICE_LAST);
	fire(irq);
	fire(irq);
	assert_int_equal(events, 2);
	assert_int_equal(last_port, 3);
	assert_int_equal(eois, 2);
	assert_false(is_masked[EDGE_LINE]);

	pirq_unbind(&dom, EDGE_LINE, 3);
	assert_true(is_masked[EDGE_LINE]);
	fire(irq);		/* a late one */
	assert_int_equal(events, 2);
	assert_int_equal(eois, 3);
}

static void test_level(void **state)
{
	struct irq *irq = &irq_table[LEVEL_LINE];

	(void)state;
	map(LEVEL_LINE);
	assert_int_equal(pirq_bind(&dom, LEVEL_LINE, 3, true, &vcpu), 0);
	fire(irq);
	assert_int_equal(events, 1);
	assert_true(is_masked[LEVEL_LINE]);
	pirq_guest_eoi(&dom, LEVEL_LINE);
	assert_false(is_masked[LEVEL_LINE]);

	/* EOI of another line, or of none, does nothing. */
	fire(irq);
	pirq_guest_eoi(&dom, EDGE_LINE);
	pirq_guest_eoi(&dom, ~0U);
	assert_true(is_masked[LEVEL_LINE]);

	/* Neither does EOI after the line was given up and unmasked by nobody. */
	pirq_unbind(&dom, LEVEL_LINE, 3);
	pirq_guest_eoi(&dom, LEVEL_LINE);
	assert_true(is_masked[LEVEL_LINE]);
}

/* A bound line follows its vCPU's CPU, without being masked; one that is not bound, or cannot, stays. */
static void test_affinity(void **state)
{
	struct irq *irq = &irq_table[EDGE_LINE];

	(void)state;
	vcpu.cpu = 2;
	map(EDGE_LINE);
	assert_int_equal(pirq_bind(&dom, EDGE_LINE, 3, true, &vcpu), 0);
	assert_int_equal(irq->cpu, 2);
	pirq_set_cpu(&dom, EDGE_LINE, 1);
	assert_int_equal(routed_to[EDGE_LINE], 1);
	assert_false(is_masked[EDGE_LINE]);
	fire(irq);
	assert_int_equal(events, 1);

	pirq_set_cpu(&dom, EDGE_LINE, 3);
	assert_int_equal(irq_set_affinity(irq, 3), -EINVAL);
	assert_int_equal(irq->cpu, 1);
	pirq_set_cpu(&dom, 5, 1);
	pirq_set_cpu(&dom, ~0U, 1);
	assert_int_equal(routed_to[5], 0);
	pirq_unbind(&dom, EDGE_LINE, 3);
	pirq_set_cpu(&dom, EDGE_LINE, 0);
	assert_int_equal(irq->cpu, 1);
}

static void test_host_line(void **state)
{
	(void)state;
	assert_int_equal(irq_register_host(LINES, host_handler), -EINVAL);
	assert_int_equal(irq_register_host(EDGE_LINE, host_handler), 0);
	assert_int_equal(irq_register_host(EDGE_LINE, host_handler), -EBUSY);
	map(EDGE_LINE);
	assert_int_equal(pirq_bind(&dom, EDGE_LINE, 3, true, &vcpu), -EBUSY);
	fire(&irq_table[EDGE_LINE]);
	assert_int_equal(host_calls, 1);
	assert_int_equal(events, 0);
	pirq_unbind(&dom, EDGE_LINE, 3);
	assert_false(is_masked[EDGE_LINE]);
}

static void test_eoi_page(void **state)
{
	const uint64_t *bits = frame_map(mfn(EOI_FRAME));
	uint32_t flags;

	(void)state;
	map(LEVEL_LINE);
	assert_int_equal(pirq_eoi_page_set(&dom, ~0UL, false), -EINVAL);
	assert_int_equal(pirq_eoi_page_set(&dom, EOI_FRAME + 1, false), -EINVAL);
	assert_int_equal(pirq_eoi_page_set(&dom, EOI_FRAME, false), 0);
	assert_int_equal(pirq_eoi_page_set(&dom, EOI_FRAME, false), -EBUSY);
	assert_int_equal(bits[0], 1UL << LEVEL_LINE);
	map(EDGE_LINE);
	assert_int_equal(bits[0], 1UL << LEVEL_LINE);
	assert_int_equal(pirq_status(&dom, LEVEL_LINE, &flags), 0);
	assert_int_equal(flags, XENIRQSTAT_needs_eoi);
	assert_int_equal(pirq_status(&dom, EDGE_LINE, &flags), 0);
	assert_int_equal(flags, 0);
	assert_int_equal(pirq_status(&dom, 6, &flags), -EINVAL);
	assert_int_equal(pirq_unmap(&dom, LEVEL_LINE), 0);
	assert_int_equal(bits[0], 0);
}

/* What of the first version is different: an EOI names the port that it unmasks. */
static void test_eoi_page_v1(void **state)
{
	(void)state;
	map(LEVEL_LINE);
	assert_int_equal(pirq_bind(&dom, LEVEL_LINE, 3, true, &vcpu), 0);
	assert_int_equal(pirq_port_to_unmask(&dom, LEVEL_LINE), 0);
	assert_int_equal(pirq_eoi_page_set(&dom, EOI_FRAME, true), 0);
	assert_int_equal(pirq_port_to_unmask(&dom, LEVEL_LINE), 3);
	assert_int_equal(pirq_port_to_unmask(&dom, EDGE_LINE), 0);
	assert_int_equal(pirq_port_to_unmask(&dom, ~0U), 0);
	assert_int_equal(pirq_unmap(&dom, LEVEL_LINE), 0);
	assert_int_equal(pirq_port_to_unmask(&dom, LEVEL_LINE), 0);
}

/* Every vector is used, none of the reserved ones, and then there are no more. */
static void test_vectors(void **state)
{
	bool used[256] = { false };
	unsigned int count = 0;

	(void)state;
	for (unsigned int i = LINES; i < IRQ_COUNT && !irq_vector_assign(&irq_table[i]); i++) {
		assert_false(used[irq_table[i].vector]);
		used[irq_table[i].vector] = true;
		count++;
	}
	assert_int_equal(count, VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1 - 2);
	assert_false(used[VECTOR_LEGACY_SYSCALL] || used[VECTOR_HYPERCALL_32]);
}

/* Several messages: neighbouring numbers and vectors, each with its own port, all gone with the first. */
static void test_several(void **state)
{
	struct irq *first = &irq_table[GROUP];
	unsigned int pirq, reserved;

	(void)state;
	assert_int_equal(irq_vectors_assign(first, GROUP_COUNT), 0);
	assert_int_equal(first->vector % GROUP_COUNT, 0);
	for (unsigned int i = 0; i < GROUP_COUNT; i++) {
		message_make(GROUP + i);
		assert_int_equal(first[i].vector, first->vector + i);
	}
	/* a hole of three is too small */
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(pirq_reserve(&dom, &reserved), 0);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(pirq_unmap(&dom, LINES + i), 0);
	assert_int_equal(pirq_map_several(&dom, first, GROUP_COUNT, &pirq), 0);
	assert_int_equal(pirq, LINES + 4);
	for (unsigned int i = 0; i < GROUP_COUNT; i++) {
		assert_int_equal(pirq_bind(&dom, pirq + i, 5 + i, true, &vcpu), 0);
		fire(&first[i]);
		assert_int_equal(last_port, 5 + i);
	}
	assert_int_equal(pirq_unmap(&dom, pirq + 1), -EINVAL);
	assert_int_equal(pirq_unmap(&dom, pirq), 0);
	assert_int_equal(destroyed, 1);
	assert_int_equal(pirq_unmap(&dom, pirq + 3), -EINVAL);
}

/* Blocks run out before single vectors do. */
static void test_several_vectors_run_out(void **state)
{
	unsigned int blocks = 0;

	(void)state;
	while (!irq_vectors_assign(&irq_table[LINES + 32 * blocks], 32))
		blocks++;
	/* 0x40 to 0x7f, 0xa0 to 0xdf: 0x80 and 0x82 are taken */
	assert_int_equal(blocks, 4);
	assert_int_equal(irq_vectors_assign(&irq_table[LINES + 32 * blocks], 16), 0);
	assert_int_equal(irq_vector_assign(&irq_table[IRQ_COUNT - 1]), 0);
}

static void test_own_vectors(void **state)
{
	(void)state;
	irq_dispatch(NULL, VECTOR_TIMER);
	assert_int_equal(timers, 1);
	assert_int_equal(eois, 1);
	irq_dispatch(NULL, VECTOR_KICK);
	irq_dispatch(NULL, VECTOR_APIC_ERROR);
	irq_dispatch(NULL, VECTOR_CALL);
	assert_int_equal(calls, 1);
	irq_dispatch(NULL, VECTOR_DEVICE_FIRST);	/* nobody's */
	assert_int_equal(eois, 5);
	irq_dispatch(NULL, VECTOR_SPURIOUS);
	irq_dispatch(NULL, VECTOR_PIC_FIRST + 7);
	assert_int_equal(eois, 5);
}

static void test_domain_without_devices(void **state)
{
	struct domain other = { .id = 1 };
	unsigned int pirq;

	(void)state;
	assert_int_equal(pirq_domain_init(&other), 0);
	assert_int_equal(pirq_bind(&other, 4, 3, true, &vcpu), -EINVAL);
	assert_int_equal(pirq_map(&other, &irq_table[4], 4, &pirq), -EINVAL);
	assert_int_equal(pirq_reserve(&other, &pirq), -EINVAL);
	pirq_guest_eoi(&other, 4);
	pirq_unbind(&other, 4, 3);
	assert_false(pirq_is_mapped(&other, 4));
	pirq_domain_destroy(&other);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers),
		TEST(test_numbers_run_out),
		TEST(test_edge),
		TEST(test_level),
		TEST(test_host_line),
		TEST(test_eoi_page),
		TEST(test_affinity),
		TEST(test_several),
		TEST(test_several_vectors_run_out),
		TEST(test_vectors),
		TEST(test_own_vectors),
		TEST(test_domain_without_devices),
		TEST(test_eoi_page_v1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
