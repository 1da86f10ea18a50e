# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark's machine: what is booted, how QEMU is started, what comes back.

Inputs (Debian's packages, busybox, the cpio writer) are tests/boot-direct's.
"""
import dataclasses
import gzip
import importlib.machinery
import importlib.util
import lzma
import os
import pathlib
import struct
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
WORK = TOP / "build" / "bench"
OURS = TOP / "build" / "xen-zazen-amd64"
MODULES = ("xen-privcmd", "xen-evtchn", "xen-gntdev", "xen-gntalloc", "xenfs")
DEAR = ("cr3", "tlb", "msr", "iret", "sysret", "lock", "lfence", "io")
# norandmaps: page tables, and so the fork rows, depend on where the kernel puts a program.
KERNEL_ARGUMENTS = "quiet loglevel=4 panic=-1 nokaslr norandmaps random.trust_cpu=on"
HYPERVISOR_ARGUMENTS = "com1=115200,8n1 console=com1 dom0_mem=1024M"
MEMORY_MIB = 2048
RUN_SECONDS = 900

C_FLAGS = ("-std=gnu17 -O2 -Wall -Wextra -Werror -Wshadow -Wundef -Wstrict-prototypes "
           "-Wmissing-prototypes -Wvla -Wwrite-strings -Wcast-qual").split()


def load_boot_direct():
    """tests/boot-direct as a module: it has no .py in its name."""
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("boot_direct", str(TOP / "tests/boot-direct"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("boot_direct", loader))
    loader.exec_module(module)
    module.WORK = WORK
    return module


class Broken(Exception):
    """The environment is at fault, or a run did not come to its end."""


@dataclasses.dataclass
class Row:
    """One row of one run; counts are for one unit."""
    unit: str
    ticks: float
    user: float = 0
    kernel: float = 0
    hypervisor: float = 0
    dear: tuple = (0,) * len(DEAR)


@dataclasses.dataclass
class Run:
    name: str
    rows: dict
    first: dict             # layer: all instructions before it first ran
    stage: tuple            # user, kernel, hypervisor instructions until /init
    is_complete: bool
    seconds: float


def compile_c(output, sources, *flags):
    command = ["gcc", *C_FLAGS, "-o", str(output), *map(str, sources), *flags]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode:
        raise Broken(f"{output.name}:\n{done.stderr[-2000:]}")


def unpacked_module(tree, name):
    path = next(tree.rglob(f"{name}.ko*"))
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


class Inputs:
    """All files of the runs, made once."""

    def __init__(self, row_prefixes):
        WORK.mkdir(parents=True, exist_ok=True)
        self.parts = load_boot_direct()
        self.kernel = self.parts.fetch_kernel()
        self.debian = self.parts.fetch_reference()
        self.plugin = WORK / "count.so"
        compile_c(self.plugin, [HERE / "count.c"], "-shared", "-fPIC", "-fvisibility=hidden")
        compile_c(WORK / "guest-rows", sorted(HERE.glob("guest/*.c")), "-static", "-pthread")
        self.initramfs = self.make_initramfs(row_prefixes)

    def make_initramfs(self, row_prefixes):
        tree = self.kernel.parent.parent
        members = [(d, 0o40755, b"") for d in
                   ("bin", "proc", "sys", "dev", "tmp", "modules")]
        members += [
            ("bin/busybox", 0o100755, self.parts.fetch_busybox().read_bytes()),
            ("bin/guest-rows", 0o100755, (WORK / "guest-rows").read_bytes()),
            ("init", 0o100755, (HERE / "guest/init").read_bytes()),
            ("rows", 0o100644, " ".join(row_prefixes).encode()),
            ("dev/console", 0o20600, b"", (5, 1))]
        members += [(f"modules/{name}.ko", 0o100644, unpacked_module(tree, name))
                    for name in MODULES]
        archive = b"".join(self.parts.cpio_entry(n, *member)
                           for n, member in enumerate(members, 1))
        archive += self.parts.cpio_entry(0, "TRAILER!!!", 0)
        path = WORK / "initramfs.gz"
        path.write_bytes(gzip.compress(archive + bytes(-len(archive) % 512), mtime=0))
        return path

    def plain_kernel(self):
        """The ELF image inside the bzImage (Documentation/x86/boot.rst: payload_offset)."""
        image = self.kernel.read_bytes()
        setup_sectors = image[0x1f1] or 4
        offset, length = struct.unpack_from("<II", image, 0x248)
        start = (setup_sectors + 1) * 512 + offset
        path = WORK / "vmlinux"
        # Behind the XZ stream stands the unpacked size.
        path.write_bytes(lzma.decompress(image[start:start + length - 4]))
        return path


def qemu_command(inputs, name, hypervisor, kernel, extra, places):
    plugin = f"{inputs.plugin},out={WORK / name}.counts" + (",places=on" if places else "")
    command = ["qemu-system-x86_64", "-accel", "tcg", "-icount", "shift=0,sleep=off",
               "-cpu", "qemu64", "-m", str(MEMORY_MIB), "-smp", "1", "-display", "none",
               "-nodefaults", "-no-reboot", "-monitor", "none", "-serial",
               f"file:{WORK / name}.console", "-rtc", "base=2024-01-01,clock=vm",
               "-plugin", plugin]
    if hypervisor is None:
        return command + ["-kernel", str(kernel), "-initrd", str(inputs.initramfs),
                          "-append", f"console=ttyS0 {KERNEL_ARGUMENTS}"]
    modules = f"{kernel} console=hvc0 {KERNEL_ARGUMENTS},{inputs.initramfs}"
    return command + ["-kernel", str(hypervisor), "-initrd", modules,
                      "-append", f"{HYPERVISOR_ARGUMENTS} {extra}".strip()]


def counts_lines(name):
    path = WORK / f"{name}.counts"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def console_lines(name):
    return (WORK / f"{name}.console").read_text(errors="replace").splitlines()


def first_of(name):
    """Layer to the instructions before it first ran."""
    return {line[1]: int(line[2]) for line in counts_lines(name)
            if line and line[0] == "FIRST" and len(line) == 3}


def read_rows(name):
    """Join what the guest printed with what the plugin counted, in order."""
    printed = [line.split() for line in console_lines(name) if line.startswith("ROW ")]
    counted = [list(map(int, line[2:])) for line in counts_lines(name) if line[0] == "ROW"]
    rows = {}
    for (_, row, unit, units, ticks), numbers in zip(printed, counted):
        user, kernel, hypervisor, *dear = (number / int(units) for number in numbers)
        rows[row] = Row(unit, float(ticks), user, kernel, hypervisor, tuple(dear))
    return rows


def read_run(name, seconds):
    lines = counts_lines(name)
    stages = [tuple(map(int, line[1:])) for line in lines if line[0] == "STAGE"]
    return Run(name, read_rows(name),
               first_of(name),
               stages[0] if stages else (0, 0, 0),
               any(line.startswith("DONE") for line in console_lines(name)), seconds)


def run(inputs, name, hypervisor, extra="", places=False):
    """Boot, run the rows, power off."""
    start = time.monotonic()
    command = qemu_command(inputs, name, hypervisor, inputs.kernel, extra, places)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=RUN_SECONDS, check=False)
    except subprocess.TimeoutExpired as late:
        raise Broken(f"{name}: no end after {RUN_SECONDS} s") from late
    if done.returncode:
        raise Broken(f"{name}: QEMU: {done.stderr[-1000:]}")
    return read_run(name, time.monotonic() - start)


def run_until_kernel(inputs, name, hypervisor, kernel):
    """Instructions before the kernel's first one, or None; the machine is stopped there."""
    command = qemu_command(inputs, name, hypervisor, kernel, "", False)
    counts = WORK / f"{name}.counts"
    counts.unlink(missing_ok=True)
    end = time.monotonic() + RUN_SECONDS
    found = None
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as machine:
        while found is None and machine.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
            found = first_of(name).get("kernel")
        machine.kill()
    return found


def hypervisors(inputs):
    """Name to ELF; None: the kernel on the bare machine. Ours is copied, for it is rebuilt often."""
    ours = WORK / "xen-ours"
    if not OURS.exists():
        raise Broken(f"{OURS.relative_to(TOP)} is missing: make hypervisor")
    ours.write_bytes(OURS.read_bytes())
    symbols = OURS.with_name("xen-syms-zazen-amd64")
    if symbols.exists():
        (WORK / "xen-ours-syms").write_bytes(symbols.read_bytes())
    return {"none": None, "debian": inputs.debian, "ours": ours}


def clear_environment():
    """Nothing of the caller's may change the figures."""
    os.environ["LC_ALL"] = "C"
