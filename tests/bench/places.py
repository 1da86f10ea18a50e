# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a row's hypervisor instructions are: by function and by source line."""
import bisect
import collections
import subprocess

import machine

SHOWN = 40


def functions(symbols):
    """Sorted (address, name) of the code."""
    listing = subprocess.run(["nm", "-n", str(symbols)], text=True, capture_output=True, check=True)
    fields = (line.split() for line in listing.stdout.splitlines())
    return [(int(f[0], 16), f[2]) for f in fields if len(f) == 3 and f[1] in "tTwW"]


def source_lines(symbols, addresses):
    asked = "\n".join(f"{address:x}" for address in addresses)
    told = subprocess.run(["addr2line", "-e", str(symbols)], input=asked, text=True,
                          capture_output=True, check=True).stdout.splitlines()
    return {address: line.split(" ")[0].split("hypervisor/xen/")[-1]
            for address, line in zip(addresses, told)}


def counts_by_row(name):
    counts = collections.defaultdict(dict)
    for line in machine.counts_lines(name):
        if line[0] == "PLACE":
            counts[int(line[1])][int(line[2], 16)] = int(line[3])
    return counts


def row_units(name):
    """Row number to (name, units); row 0 is the boot until the kernel."""
    printed = [line.split() for line in machine.console_lines(name) if line.startswith("ROW ")]
    units = {number: (line[1], int(line[3])) for number, line in enumerate(printed, 1)}
    units[0] = ("boot", 1)
    return units


def listing(counter, units):
    total = sum(counter.values())
    return "".join(f"{count / units:14.2f} {100 * count / total:6.2f}%  {what}\n"
                   for what, count in counter.most_common(SHOWN))


def write(name, symbols):
    """places-ROW.txt for each row of the run @name."""
    starts, names = zip(*functions(symbols))
    counts = counts_by_row(name)
    lines = source_lines(symbols, sorted({a for row in counts.values() for a in row}))
    for number, (row, units) in row_units(name).items():
        by_function, by_line = collections.Counter(), collections.Counter()
        for address, count in counts.get(number, {}).items():
            at = bisect.bisect_right(starts, address) - 1
            by_function[names[at] if at >= 0 else "below the image"] += count
            by_line[lines[address]] += count
        if by_function:
            (machine.WORK / f"places-{row}.txt").write_text(
                f"{row}: {sum(by_function.values()) / units:.1f} instructions for one operation\n\n"
                + listing(by_function, units) + "\nby source line\n\n" + listing(by_line, units))
