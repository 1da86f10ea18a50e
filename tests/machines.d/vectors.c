/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process without any library that keeps a pattern of its own in all vector
 * and floating-point registers, and looks again and again whether it is still
 * there, while others like it do the same on the same CPUs. Its number is its
 * argument. Prints the widest registers that were used, or what was lost.
 */
#define NR_WRITE       1
#define NR_SCHED_YIELD 24
#define NR_EXIT	       60

#define ROUNDS	      400
#define REGISTERS     16
#define VECTOR_QWORDS 8	/* of the widest */

#define CPUID_OSXSAVE (1U << 27)
#define XCR0_AVX      0x06UL
#define XCR0_AVX512   0xe6UL

typedef unsigned long u64;

static u64 wanted[REGISTERS][VECTOR_QWORDS] __attribute__((aligned(64)));
static u64 found[REGISTERS][VECTOR_QWORDS] __attribute__((aligned(64)));

static long system_call(long number, long a, const void *b, long c)
{
	long rc;

	__asm__ volatile("syscall" : "=a"(rc) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return rc;
}

static void finish(const char *text)
{
	long length = 0;

	while (text[length])
		length++;
	system_call(NR_WRITE, 1, text, length);
	system_call(NR_WRITE, 1, "\n", 1);
	system_call(NR_EXIT, 0, 0, 0);
}

#define ALL(ROW)                                                                                                       \
	ROW(0) ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) ROW(7)                                                        \
	ROW(8) ROW(9) ROW(10) ROW(11) ROW(12) ROW(13) ROW(14) ROW(15)

#define LOAD_SSE(n)    "movdqa 64*" #n "(%0), %%xmm" #n "\n\t"
#define STORE_SSE(n)   "movdqa %%xmm" #n ", 64*" #n "(%0)\n\t"
#define LOAD_AVX(n)    "vmovdqa 64*" #n "(%0), %%ymm" #n "\n\t"
#define STORE_AVX(n)   "vmovdqa %%ymm" #n ", 64*" #n "(%0)\n\t"
#define LOAD_AVX512(n) "vmovdqa64 64*" #n "(%0), %%zmm" #n "\n\t"
#define STORE_AVX512(n) "vmovdqa64 %%zmm" #n ", 64*" #n "(%0)\n\t"

/* Load, give up the CPU in the kernel, store: nothing between may touch the registers. */
#define ROUND(load, store)                                                                                             \
	__asm__ volatile(ALL(load) "mov %2, %%eax\n\tsyscall\n\tmov %1, %0\n\t" ALL(store)                             \
			 :                                                                                             \
			 : "D"(wanted), "r"(found), "i"(NR_SCHED_YIELD)                                                \
			 : "rax", "rcx", "r11", "memory")

/* MXCSR and the x87 control word: rounding, which differs from one process to the next. */
static void check_rounding(unsigned int number)
{
	unsigned int mxcsr = 0x1f80 | (number & 3) << 13, mxcsr_now;
	unsigned short control = 0x37f | (number & 3) << 10, control_now;

	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(control));
	system_call(NR_SCHED_YIELD, 0, 0, 0);
	__asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr_now), "=m"(control_now));
	if ((mxcsr ^ mxcsr_now) & 0xffc0 || control != control_now)
		finish("rounding is lost");
}

static unsigned int width(void)
{
	unsigned int a = 1, b, c = 0, d, low, high;

	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (!(c & CPUID_OSXSAVE))
		return 2;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	if ((low & XCR0_AVX512) == XCR0_AVX512)
		return 8;
	return (low & XCR0_AVX) == XCR0_AVX ? 4 : 2;
}

static void check_vectors(unsigned int qwords)
{
	if (qwords == 8)
		ROUND(LOAD_AVX512, STORE_AVX512);
	else if (qwords == 4)
		ROUND(LOAD_AVX, STORE_AVX);
	else
		ROUND(LOAD_SSE, STORE_SSE);
	for (unsigned int i = 0; i < REGISTERS; i++)
		for (unsigned int k = 0; k < qwords; k++)
			if (found[i][k] != wanted[i][k])
				finish("a vector is lost");
}

__attribute__((used)) static void start(const u64 *stack)
{
	const char *argument = stack[0] > 1 ? (const char *)stack[2] : "0";
	unsigned int number = 0, qwords = width();

	while (*argument >= '0' && *argument <= '9')
		number = number * 10 + (*argument++ - '0');
	for (unsigned int n = 0; n < ROUNDS; n++) {
		for (unsigned int i = 0; i < REGISTERS; i++)
			for (unsigned int k = 0; k < VECTOR_QWORDS; k++)
				wanted[i][k] = (u64)number << 48 | (u64)n << 24 | i << 8 | k;
		check_vectors(qwords);
		check_rounding(number);
	}
	finish(qwords == 8 ? "avx512" : qwords == 4 ? "avx" : "sse");
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start\n");
