# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the measured rows stand where they must: goals P1, P2 and P3 of the cost figures.

P1: no row dearer than on Debian's Xen, in total or in a kind of dear instruction.
P2: at most half of Debian's Xen's cost in every row, hardening on and off; and
    limits for a system call, a fault and an empty hypercall.
P3: limits for page tables.
P4, a quarter in every row, is told but not required.
"""
import json

import machine
import report

HALF, QUARTER = 0.5, 0.25
# Words that are copied or cleared, which a row is not judged on.
COPIED = {"mem_alloc_free": 512, "grant_copy_4k": 512}
# Nothing asks the hypervisor for anything: what is counted in it is the timer's tick, wherever that falls.
CONTROLS = ("cpu_spin", "cpu_memcpy")
# Below these differences a count is the timer's tick.
SLACK_SHARE, SLACK = 1.02, 0.1

# goal, name, row, limit in instructions of the hypervisor
LIMITS = (("P2", "system call", "sys_getppid", 400), ("P2", "empty hypercall", "hc_nosys", 140),
          ("P3", "direct PTE write", "mem_unmap", 700),
          ("P3", "PTE update, batched", "mem_mprotect256", 250),
          ("P3", "PTE update, unbatched", "populate_256m_4k", 450))
FAULT_LIMIT = 480               # a fault and the system call that ends its handler make fault_prot
RATIOS = (("fork_exit", 2.7), ("fork_32mb", 3.4))       # to the native machine


def part(goal, name, measured, limit):
    return {"goal": goal, "what": name, "measured": round(measured, 2), "limit": round(limit, 2),
            "met": measured <= limit}


def without_copy(name, value):
    return value - COPIED.get(name, 0)


def compared_rows(runs, kind):
    """(name, in theirs, in ours) of a kind of hardening: "" or "-off"."""
    theirs, ours = runs.get("debian" + kind), runs.get("ours" + kind)
    for name in report.row_names(runs):
        if not report.is_compared(runs, name):
            continue
        pair = report.inside(theirs, name), report.inside(ours, name)
        if None not in pair:
            yield name, *pair


def shares(runs, goal, share):
    return [part(goal, f"{name}{' (off)' if kind else ''}", without_copy(name, ours),
                 without_copy(name, theirs) * share)
            for kind in ("", "-off") for name, theirs, ours in compared_rows(runs, kind)]


def none_dearer(runs):
    found = []
    for kind in ("", "-off"):
        for name, theirs, ours in compared_rows(runs, kind):
            label = f"{name}{' (off)' if kind else ''}"
            found.append(part("P1", f"{label}: instructions", ours, theirs))
            if name in CONTROLS:
                continue
            a, b = (runs[who + kind].rows[name].dear for who in ("debian", "ours"))
            found += [part("P1", f"{label}: {title}", mine, its * SLACK_SHARE + SLACK)
                      for title, its, mine in zip(report.DEAR_TITLES, a, b)]
    return found


def limits(runs):
    ours, native = runs.get("ours"), runs.get("none")
    found = [part(goal, name, report.inside(ours, row), limit) for goal, name, row, limit in LIMITS
             if report.inside(ours, row) is not None]
    fault, call = report.inside(ours, "fault_prot"), report.inside(ours, "sys_getppid")
    if fault is not None and call is not None:
        found.append(part("P2", "fault bounce and iret", fault - call, FAULT_LIMIT))
    for row, limit in RATIOS:
        ratio = report.ratio(report.ticks(ours, row), report.ticks(native, row))
        if ratio is not None:
            found.append(part("P3", f"{row}, times native", ratio, limit))
    return found


def judge(runs):
    """All parts; written to build/bench/verdict.json."""
    parts = none_dearer(runs) + shares(runs, "P2", HALF) + limits(runs)
    quarter = shares(runs, "P4", QUARTER)
    (machine.WORK / "verdict.json").write_text(json.dumps(parts + quarter, indent=1) + "\n")
    return parts, quarter


def as_text(parts, quarter):
    lines = []
    for goal in ("P1", "P2", "P3"):
        mine = [p for p in parts if p["goal"] == goal]
        missed = [p for p in mine if not p["met"]]
        lines.append(f"{goal}: {len(mine) - len(missed)} of {len(mine)} met"
                     + "".join(f"\n  missed: {p['what']}: {p['measured']:,} (limit {p['limit']:,})"
                               for p in missed))
    reached = [p["what"] for p in quarter if p["met"] and "(off)" not in p["what"]]
    lines.append(f"P4 (a quarter) reached by {len(reached)} rows: {', '.join(reached)}")
    return "\n".join(lines)
