/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86 part of domains and vCPUs. Keys as in hv/domain.h. */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <hv/abi.h>
#include <hv/types.h>

#include <asm/cpu_features.h>
#include <asm/layout.h>

#define GUEST_GDT_PAGES FIRST_RESERVED_GDT_PAGE

struct guest_callback {
	unsigned long rip;	/* 0: not registered */
	bool	      masks_events;
};

struct fpu_state;

struct arch_vcpu {
	struct cpu_user_regs
		regs; /* [v] while it is not on a CPU; on it, the stack's top has them */

	/* Address spaces. */
	mfn_t	      kernel_root;	/* [v] L4 frame, type reference held */
	mfn_t	      user_root;	/* [v] likewise; INVALID_MFN: none */
	struct page_info *
		dropping_table; /* [v] type reference that a preempted operation still has to give back */
	int	      context_refused;	/* [l] VCPUOP_initialise: why, while what it took is given back */
	bool	      took_long;	/* [v] changing a table may have: look whether to stop, or dropping_table was set */
	/*
	 * The guest's own copies of its two roots, without the hypervisor's memory, and their CR3; NULL and
	 * 0 where it needs none. Index: in_kernel. Made anew with each root, changed with each entry.
	 */
	void	     *isolated_root[2];		/* [I] */
	unsigned long isolated_cr3[2];		/* [I] */
	bool	      in_kernel;	/* [v] which of the two, and which GS, is in use */

	/* Entry points. */
	unsigned long kernel_ss, kernel_sp;	/* [v] of stack_switch */
	struct guest_callback event_callback, failsafe_callback, syscall_callback,
		syscall32_callback, sysenter_callback; /* [v] */
	struct trap_info trap[256];		/* [v] address 0: not registered */
	unsigned long short_rip,
		short_sp; /* [v] syscall_callback.rip and kernel_sp, aligned, or 0: see callbacks.c */

	/* Segments. */
	unsigned long fs_base, gs_base_kernel,
		gs_base_user;			     /* [v] valid while not loaded on a CPU */
	uint16_t      ds, es, fs, gs;		/* [v] likewise */
	struct page_info *gdt_page[GUEST_GDT_PAGES]; /* [v] type reference held */
	unsigned int  gdt_entries;		/* [v] */
	unsigned long ldt_base;			/* [v] guest address */
	unsigned int  ldt_entries;		/* [v] 0: none */
	struct page_info *ldt_page[16];		/* [v] filled on demand */

	/* Registers that the guest thinks it has. */
	unsigned long cr0_guest;		/* [v] TS is the only bit that lives */
	unsigned long cr4_guest;		/* [v] */
	unsigned long debug_register[8];	/* [v] */
	uint32_t      tsc_aux;			/* [v] MSR TSC_AUX */
	unsigned int  iopl;			/* [v] virtual: 0 to 3 */
	unsigned long io_bitmap;		/* [v] guest address of PHYSDEVOP_set_iobitmap, or 0 */
	unsigned int  io_bitmap_ports;		/* [v] */

	/* These four are looked at as one word on the short ways in and out: entry/syscall.S. */
	bool nmi_pending __aligned(4);	/* [a] VCPUOP_send_nmi: deliver when it runs next */
	bool nmi_in_progress;		/* [v] its handler runs: until its iret no further one */
	bool iopl_is_shown;		/* [a] VMASST_TYPE_architectural_iopl of its domain */
	bool short_way_unused;

	struct fpu_state *fpu;			/* [I] */
	bool	      fpu_is_loaded;		/* [v] its registers are in this CPU */
	int	      on_cpu;			/* [a] the CPU that runs it, or still puts its registers away; -1: none */
	int	      loaded_cpu;		/* the CPU whose segment and FPU registers are this vCPU's; -1: none */
	unsigned int  time_version;
};

struct arch_domain {
	void	     *perdomain_l3;		/* [I] table behind L4 slot PERDOMAIN_SLOT */
	unsigned long *perdomain_l1[MAX_VCPUS];	/* [I] 32 entries of each vCPU's window */
	struct pirq_domain *pirq;		/* [I] private to irq/guest_pirq.c */
	struct page_info *pirq_eoi_page;	/* [l] PHYSDEVOP_pirq_eoi_gmfn */
	uint32_t hidden_feature
		[CPU_FEATURE_WORDS]; /* [v] all of its vCPUs: bits of CPUID that it is not told of */
	bool is_l1tf_judged;			/* [I] asm/l1tf.h */
	uint32_t      tsc_mode;			/* [v] all of its vCPUs; see time/guest_tsc.c */
	uint32_t      tsc_incarnation;		/* [v] likewise: counted by tools alone */
};

#endif
