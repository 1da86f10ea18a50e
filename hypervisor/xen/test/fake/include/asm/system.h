/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's stand-in for asm/system.h: one CPU, interrupts never come. */
#ifndef ASM_SYSTEM_H
#define ASM_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

static inline unsigned long irq_save(void)
{
	return 0;
}

static inline void irq_restore(unsigned long f)
{
	(void)f;
}

static inline void irq_disable(void)
{
}

static inline void irq_enable(void)
{
}

#define EFLAGS_TF (1UL << 8)
#define EFLAGS_RF (1UL << 16)

static inline void cpu_relax(void)
{
}

static inline void invlpg(unsigned long va)
{
	(void)va;
}

struct cpuid_result {
	uint32_t eax, ebx, ecx, edx;
};

/* The processor that a test makes up. */
struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf);

/* The ports that a test makes up, if its sources use any. */
uint8_t inb(uint16_t port);
uint16_t inw(uint16_t port);
uint32_t inl(uint16_t port);
void outb(uint16_t port, uint8_t value);
void outw(uint16_t port, uint16_t value);
void outl(uint16_t port, uint32_t value);

#endif
