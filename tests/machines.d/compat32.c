/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 32-bit process without any library: enters the kernel in each way that its
 * processor and its kernel offer, a thousand times each, and checks that what
 * comes back is right and that no register is lost. Prints the ways that work,
 * or the first thing that does not. Ways: Linux, arch/x86/entry/vdso/vdso32.
 */
#define NR_EXIT		   1
#define NR_WRITE	   4
#define NR_GETPID	   20
#define NR_SET_THREAD_AREA 243

#define AT_SYSINFO 32
#define ROUNDS	   1000

struct registers {
	unsigned int eax, ebx, ecx, edx, esi, edi;
};

static unsigned int vdso_entry;

/* Each way is a call with the arguments in registers, as the kernel wants them; result in eax. */
__asm__(".pushsection .text\n"
	"way_int80:\n"
	"	int $0x80\n"
	"	ret\n"
	"way_vdso:\n"
	"	jmp *vdso_entry\n"
	/* Both return into the vdso, which takes three words off the stack. */
	"way_sysenter:\n"
	"	push %ecx\n"
	"	push %edx\n"
	"	push %ebp\n"
	"	mov %esp, %ebp\n"
	"	sysenter\n"
	"way_syscall:\n"
	"	push %ecx\n"
	"	push %edx\n"
	"	push %ebp\n"
	"	mov %ecx, %ebp\n"
	"	syscall\n"
	".popsection\n");

extern const char way_int80[], way_vdso[], way_sysenter[], way_syscall[];

/* Was ebp kept? */
static int call(const char *way, struct registers *r)
{
	unsigned int ebp_before, ebp_after;

	__asm__ volatile("mov %%ebp, %0" : "=r"(ebp_before));
	__asm__ volatile("call *%6"
			 : "+a"(r->eax), "+b"(r->ebx), "+c"(r->ecx), "+d"(r->edx), "+S"(r->esi), "+D"(r->edi)
			 : "m"(way)
			 : "memory", "cc");
	__asm__ volatile("mov %%ebp, %0" : "=r"(ebp_after));
	return ebp_before == ebp_after;
}

static int system_call(unsigned int number, unsigned int a, unsigned int b, unsigned int c)
{
	struct registers r = { number, a, b, c, 0, 0 };

	call(way_int80, &r);
	return r.eax;
}

static void print(const char *text)
{
	unsigned int length = 0;

	while (text[length])
		length++;
	system_call(NR_WRITE, 1, (unsigned int)text, length);
}

static void finish(const char *text)
{
	print(text);
	print("\n");
	system_call(NR_EXIT, 0, 0, 0);
}

/* The same answer as by int 0x80, and all registers as before. */
static void try(const char *way, const char *name)
{
	unsigned int pid = system_call(NR_GETPID, 0, 0, 0);

	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct registers r = { NR_GETPID, i, ~i, i << 8, i * 3, i * 5 };
		int is_ebp_kept = call(way, &r);

		if (r.eax != pid || !is_ebp_kept || r.ebx != i || r.ecx != ~i || r.edx != i << 8 ||
		    r.esi != i * 3 || r.edi != i * 5) {
			print(name);
			finish(" goes wrong");
		}
	}
	print(name);
	print(" ");
}

struct user_desc {
	unsigned int entry, base, limit, flags;
};

/* A segment of its own, as thread-local storage uses it. */
static void try_segment(void)
{
	static unsigned int storage[4] = { 0, 0x12345678, 0, 0 };
	struct user_desc d = { ~0U, (unsigned int)storage, 0xfffff, 0x51 };
	unsigned int value;

	if (system_call(NR_SET_THREAD_AREA, (unsigned int)&d, 0, 0))
		finish("set_thread_area is refused");
	__asm__ volatile("mov %1, %%gs\n\tmov %%gs:4, %0" : "=r"(value) : "r"(d.entry << 3 | 3));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		system_call(NR_GETPID, 0, 0, 0);
		__asm__ volatile("mov %%gs:4, %0" : "=r"(value));
		if (value != 0x12345678)
			finish("gs is lost");
	}
	print("gs ");
}

static int vendor_is_intel(void)
{
	unsigned int a = 0, b, c, d;

	__asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return b == 0x756e6547;
}

__attribute__((used)) static void start(unsigned int *stack)
{
	unsigned int *p = stack + 1 + stack[0] + 1;

	while (*p++)
		;
	for (; p[0]; p += 2)
		if (p[0] == AT_SYSINFO)
			vdso_entry = p[1];

	try(way_int80, "int80");
	if (!vdso_entry)
		finish("no vdso");
	try(way_vdso, "vdso");
	if (vendor_is_intel())
		try(way_sysenter, "sysenter");
	else
		try(way_syscall, "syscall");
	try_segment();
	finish("fine");
}

__asm__(".globl _start\n_start:\n\tmov %esp, %eax\n\tand $-16, %esp\n\tsub $12, %esp\n\tpush %eax\n\tcall start\n");
