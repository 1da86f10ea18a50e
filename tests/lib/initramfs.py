# SPDX-License-Identifier: GPL-2.0-or-later
"""Small initial file systems: an archive of busybox, some files, and the modules that a test needs."""
import gzip
import lzma
import pathlib
import shutil
import struct
import subprocess


class Unusable(Exception):
    """A file that belongs into the archive is not as it must be."""


def cpio_entry(number, name, mode, data=b"", device=(0, 0)):
    """One member of a "newc" archive (Linux: Documentation/driver-api/early-userspace/buffer-format.rst)."""
    fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def is_static(path):
    """An ELF64 file without interpreter."""
    data = path.read_bytes()[:4096]
    if data[:5] != b"\x7fELF\x02":
        return False
    phoff, = struct.unpack_from("<Q", data, 32)
    phentsize, phnum = struct.unpack_from("<HH", data, 54)
    return all(struct.unpack_from("<I", data, phoff + i * phentsize)[0] != 3 for i in range(phnum))


def archive_of(busybox, init, files, packed=True):
    """The archive, gzipped if `packed`: directories, busybox as /bin/sh, /init, and `files` as {path: (mode, data)}."""
    if not is_static(busybox):
        raise Unusable(f"{busybox} is not linked statically: apt-get install busybox-static")
    directories = {"bin", "proc", "sys", "dev", "tmp"}
    for name in files:
        directories.update(str(p) for p in pathlib.PurePath(name).parents if str(p) != ".")
    members = [(d, 0o40755, b"", (0, 0)) for d in sorted(directories)]
    members += [("dev/console", 0o20600, b"", (5, 1)),
                ("bin/busybox", 0o100755, busybox.read_bytes(), (0, 0)),
                ("bin/sh", 0o120777, b"busybox", (0, 0)),
                ("init", 0o100755, init, (0, 0))]
    members += [(name, 0o100000 | mode, data, (0, 0)) for name, (mode, data) in files.items()]
    archive = b"".join(cpio_entry(n, *member[:2], data=member[2], device=member[3])
                       for n, member in enumerate(members, 1))
    archive += cpio_entry(0, "TRAILER!!!", 0)
    archive += bytes(-len(archive) % 512)
    return gzip.compress(archive, compresslevel=1, mtime=0) if packed else archive


def module_name(path):
    """The name of a module from its file's: what stands before .ko, "-" and "_" being the same."""
    return pathlib.PurePath(path).name.split(".ko")[0].replace("-", "_")


def module_data(path):
    """A module's content, uncompressed."""
    data = path.read_bytes()
    if path.suffix == ".xz":
        return lzma.decompress(data)
    if path.suffix == ".zst":
        return subprocess.run([shutil.which("zstd"), "-dcq"], input=data, check=True,
                              stdout=subprocess.PIPE).stdout
    return data


def modules_of(tree, names):
    """[(name, content)] of the modules `names` and of what they need, in an order in which they load.

    One that the kernel has built in, or does not have at all, is left out.
    """
    home = (*tree.glob("lib/modules/*"), *tree.glob("usr/lib/modules/*"))[0]
    needs, files = {}, {}
    for line in (home / "modules.dep").read_text(encoding="ascii").splitlines():
        file, needed = line.split(":")
        files[module_name(file)] = home / file
        needs[module_name(file)] = [module_name(n) for n in needed.split()]
    # modules.dep lists what is needed with the most basic one last.
    order = []
    for name in names:
        for wanted in [*reversed(needs.get(name, [])), name]:
            if wanted in files and wanted not in order:
                order.append(wanted)
    return [(name, module_data(files[name])) for name in order]
