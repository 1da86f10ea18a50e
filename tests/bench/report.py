# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark's tables (text and Markdown) and chart (SVG)."""
import html

import machine

BASE_ROW = "hc_ioctl_base"      # the ioctl that every hc_ row and evtchn_send_pending contains
DEAR_TITLES = ("CR3", "other TLB/CR", "MSR", "iretq", "sysretq", "locked", "lfence", "port I/O")


def is_net(name):
    """Whether the hypervisor's part of this row is given without the ioctl's system call."""
    return name == "evtchn_send_pending" or (
        name.startswith("hc_") and name not in (BASE_ROW, "hc_multicall_64"))


def inside(run, name):
    """Instructions in the hypervisor for one operation, or None."""
    if run is None or name not in run.rows:
        return None
    value = run.rows[name].hypervisor
    if is_net(name):
        if BASE_ROW not in run.rows:
            return None
        value -= run.rows[BASE_ROW].hypervisor
    return value


def ticks(run, name):
    return run.rows[name].ticks if run and name in run.rows else None


def ratio(part, whole):
    return part / whole if part is not None and whole else None


def count_text(value):
    return "-" if value is None else f"{value:,.0f}"


def ratio_text(value):
    return "-" if value is None else f"{value:.2f}"


def row_names(runs):
    names = {}
    for run in runs.values():
        names.update({name: row.unit for name, row in run.rows.items()})
    return names


def is_compared(runs, name):
    """Rows in which the hypervisor works at all: below ten instructions is the timer's tick."""
    theirs = inside(runs.get("debian"), name)
    return theirs is not None and theirs >= 10


def cost_table(runs):
    head = ["row", "unit", "native", "Debian's Xen", "Zazen", "in Debian's", "in Zazen", "ratio",
            "off: in Debian's", "off: in Zazen", "off: ratio"]
    body = []
    for name, unit in row_names(runs).items():
        pairs = [(inside(runs.get("debian" + kind), name), inside(runs.get("ours" + kind), name))
                 for kind in ("", "-off")]
        cells = [name + (" (net)" if is_net(name) else ""), unit]
        cells += [count_text(ticks(runs.get(run), name)) for run in ("none", "debian", "ours")]
        for theirs, ours in pairs:
            shown = ratio(ours, theirs) if is_compared(runs, name) else None
            cells += [count_text(theirs), count_text(ours), ratio_text(shown)]
        body.append(cells)
    return head, body


def dear_text(runs, name, index, kind):
    """Theirs / ours."""
    values = [runs[run].rows[name].dear[index] if run in runs and name in runs[run].rows else None
              for run in ("debian" + kind, "ours" + kind)]
    if all(value is None or value < 0.05 for value in values):
        return "0"
    return " / ".join("-" if value is None else f"{value:,.0f}" if value >= 20 else f"{value:.1f}"
                      for value in values)


def dear_table(runs, kind):
    body = [[name] + [dear_text(runs, name, i, kind) for i in range(len(DEAR_TITLES))]
            for name in row_names(runs) if is_compared(runs, name)]
    return ["row", *DEAR_TITLES], body


def millions(value):
    return "-" if value is None else f"{value / 1e6:,.0f}"


def boot_table(runs, plain):
    """@plain: name to instructions before the kernel's first, given the kernel unpacked."""
    names = ("none", "debian", "ours")
    chosen = [runs.get(name) for name in names]

    def line(title, value):
        return [title] + [millions(value(run)) if run and any(run.stage) else "-"
                          for run in chosen]

    def hypervisor_after(run):
        if "hypervisor" not in run.first:
            return None
        return run.stage[2] - (run.first["kernel"] - run.first["hypervisor"])

    return ["stage, M instructions", "native", "Debian's Xen", "Zazen"], [
        line("until the hypervisor's first (firmware, loader)", lambda r: r.first.get("hypervisor")),
        line("until the kernel's first", lambda r: r.first.get("kernel")),
        ["the same, the kernel unpacked beforehand"] + [millions(plain.get(n)) for n in names],
        line("hypervisor, from there until /init", hypervisor_after),
        line("kernel until /init", lambda r: r.stage[1]),
        line("reset to /init", lambda r: sum(r.stage))]


def as_text(head, body):
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    lines = []
    for row in [head, *body]:
        cells = [row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def as_markdown(head, body):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write_tables(runs, plain, closing):
    """All tables, then @closing, to build/bench/report.txt and .md; returns the text."""
    parts = [("Instructions for one operation", cost_table(runs)),
             ("Dear instructions in the hypervisor, Debian's Xen / Zazen", dear_table(runs, "")),
             ("The same with hardening off on both", dear_table(runs, "-off")),
             ("From reset to /init", boot_table(runs, plain))]
    text = "\n\n".join(f"{title}\n\n{as_text(*table)}" for title, table in parts)
    markdown = "\n\n".join(f"## {title}\n\n{as_markdown(*table)}" for title, table in parts)
    (machine.WORK / "report.txt").write_text(f"{text}\n\n{closing}\n")
    (machine.WORK / "report.md").write_text(f"{markdown}\n\n{closing}\n")
    return f"{text}\n\n{closing}"


# The chart

BAR_LEFT, BAR_WIDTH, LINE_HEIGHT, TOP_MARGIN = 170, 480, 22, 64
BAR_MOST = 1.1                  # a longer bar is cut off; its number stands beside it
COLOURS = {"": "#2b6cb0", "-off": "#a0c4e8"}


def chart_line(runs, name, y):
    ratios = {kind: ratio(inside(runs.get("ours" + kind), name),
                          inside(runs.get("debian" + kind), name)) for kind in COLOURS}
    shown = {kind: value for kind, value in ratios.items() if value is not None}
    widths = {kind: min(value, BAR_MOST) * BAR_WIDTH for kind, value in shown.items()}
    label_x = BAR_LEFT + max(widths.values()) + 6
    parts = [f'<text x="{BAR_LEFT - 8}" y="{y + 13}" text-anchor="end">{html.escape(name)}</text>']
    parts += [f'<rect x="{BAR_LEFT}" y="{y + 1 + place * 9}" width="{widths[kind]:.1f}" '
              f'height="8" fill="{COLOURS[kind]}"/>'
              for place, kind in enumerate(COLOURS) if kind in shown]
    parts.append(f'<text x="{label_x:.1f}" y="{y + 13}" fill="#444">'
                 + " / ".join(f"{value:.2f}" for value in shown.values()) + "</text>")
    return "\n".join(parts)


def chart_guide(share, height, label):
    x = BAR_LEFT + share * BAR_WIDTH
    return (f'<line x1="{x}" y1="{TOP_MARGIN - 6}" x2="{x}" y2="{height - 10}" stroke="#888" '
            f'stroke-dasharray="3 3"/><text x="{x}" y="{TOP_MARGIN - 10}" '
            f'text-anchor="middle" fill="#444">{label}</text>')


def write_chart(runs):
    names = [name for name in row_names(runs)
             if is_compared(runs, name) and inside(runs.get("ours"), name) is not None]
    height = TOP_MARGIN + len(names) * LINE_HEIGHT + 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="{height}" '
             f'viewBox="0 0 800 {height}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             '<text x="12" y="20" font-size="15">Instructions in Zazen for one operation, '
             "as a share of those in Debian's Xen</text>",
             f'<text x="12" y="37" fill="#444"><tspan fill="{COLOURS[""]}">&#9632;</tspan> '
             f'default hardening  <tspan fill="{COLOURS["-off"]}">&#9632;</tspan> '
             'hardening off</text>',
             chart_guide(0.25, height, "1/4"), chart_guide(0.5, height, "1/2"),
             chart_guide(1, height, "Debian's Xen")]
    parts += [chart_line(runs, name, TOP_MARGIN + i * LINE_HEIGHT) for i, name in enumerate(names)]
    (machine.WORK / "report.svg").write_text("\n".join(parts) + "\n</svg>\n")
