/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the machine-to-physical table lies in memory: the hypervisor's map is asked. */
#include <asm/hypervisor_map.h>

#include <asm/frame.h>
#include <asm/layout.h>

mfn_t m2p_extent(unsigned long n)
{
	unsigned long va = M2P_RO_START + (n << 21);
	const pte_t *table = idle_root;
	unsigned int level;

	if (va >= M2P_RW_START || n >= (M2P_RW_START - M2P_RO_START) >> 21)
		return INVALID_MFN;
	for (level = 4; level > 2; level--) {
		pte_t e = table[table_index(va, level)];

		if (!(e & PTE_P))
			return INVALID_MFN;
		table = frame_map(pte_mfn(e));
	}
	if (!(table[table_index(va, 2)] & PTE_PSE))
		return INVALID_MFN;
	return pte_mfn(table[table_index(va, 2)]);
}
