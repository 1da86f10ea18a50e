# SPDX-License-Identifier: GPL-2.0-or-later
"""Packages of Debian's archive, of any release, downloaded and unpacked below build/cache and never installed.

Each release has an apt of its own there, so that this machine's package lists do not change.  What is in the cache is
taken as it is; only what is missing goes through the network.
"""
import fcntl
import pathlib
import re
import shutil
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
CACHE = TOP / "build" / "cache" / "archive"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
MIRROR = "http://deb.debian.org"
SECURITY = ("bullseye", "bookworm", "trixie")   # releases with security updates of their own


class Unavailable(Exception):
    """Something of the archive could not be had."""


def run_tool(command, cwd=None):
    """The output of a command that must succeed."""
    done = subprocess.run([str(c) for c in command], cwd=cwd, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise Unavailable(f"{' '.join(map(str, command))}:\n{done.stdout[-2000:]}")
    return done.stdout


class Release:
    """One release of the archive, `bullseye` say."""

    def __init__(self, name):
        self.name = name
        self.home = CACHE / name
        self.apt_options = [
            "-o", f"Dir::Etc::sourcelist={self.home}/sources.list", "-o", "Dir::Etc::sourceparts=-",
            "-o", f"Dir::State::lists={self.home}/lists", "-o", f"Dir::State::status={self.home}/status",
            "-o", f"Dir::Cache={self.home}/cache", "-o", "Acquire::Languages=none",
            "-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64"]

    def apt(self, tool, *arguments, cwd=None):
        return run_tool([tool, "-q", *self.apt_options, *arguments], cwd=cwd)

    def _prepare(self):
        """The package lists, read once."""
        if (self.home / "ready").exists():
            return
        for directory in ("lists/partial", "cache/archives/partial", "debs"):
            (self.home / directory).mkdir(parents=True, exist_ok=True)
        sources = [f"deb [signed-by={KEYRING}] {MIRROR}/debian {self.name} main\n"]
        if self.name in SECURITY:
            sources.append(f"deb [signed-by={KEYRING}] {MIRROR}/debian-security {self.name}-security main\n")
        (self.home / "sources.list").write_text("".join(sources), encoding="ascii")
        (self.home / "status").touch()
        self.apt("apt-get", "update")
        (self.home / "ready").touch()

    def depends(self, package, wanted):
        """The packages whose name matches `wanted` that `package` needs, itself included, all the way down."""
        self._prepare()
        found, queue = [], [package]
        while queue:
            name = queue.pop()
            if name in found:
                continue
            found.append(name)
            queue += [d for d in re.findall(r"Depends: (\S+)", self.apt("apt-cache", "depends", name))
                      if re.match(wanted, d)]
        return [name for name in found if re.match(wanted, name)]

    def _download(self, package):
        """The file of a package, downloaded if need be."""
        known = sorted((self.home / "debs").glob(f"{package}_*.deb"))
        if not known:
            self._prepare()
            self.apt("apt-get", "download", package, cwd=self.home / "debs")
            known = sorted((self.home / "debs").glob(f"{package}_*.deb"))
        return known[-1]

    def unpacked(self, title, packages):
        """The tree of several packages unpacked over each other; `packages` is a list, or what makes it."""
        tree = self.home / f"{title}.tree"
        self.home.mkdir(parents=True, exist_ok=True)
        with open(self.home / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not tree.exists():
                new = self.home / f"{title}.new"
                shutil.rmtree(new, ignore_errors=True)
                for package in packages() if callable(packages) else packages:
                    deb = self._download(package)
                    run_tool(["dpkg-deb", "-x", deb, new])
                    deb.unlink()
                new.rename(tree)
        return tree


def kernel_tree(release):
    """Debian's stock kernel of a release: boot/vmlinuz-*, and its modules with their dependencies listed."""
    archive = Release(release)
    tree = archive.unpacked("kernel", lambda: archive.depends("linux-image-amd64",
                                                              r"linux-(image|binary|modules)-[0-9]"))
    for modules in (*tree.glob("lib/modules/*"), *tree.glob("usr/lib/modules/*")):
        if not (modules / "modules.dep").exists():
            run_tool(["depmod", "-b", modules.parents[2], modules.name])
    return tree


def newer_qemu():
    """The beginning of a command line of bookworm-backports' QEMU, which models newer processors."""
    tree = Release("bookworm-backports").unpacked(
        "qemu", ["qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios"])
    return [str(tree / "usr/bin/qemu-system-x86_64"), "-L", str(tree / "usr/share/qemu"),
            "-L", str(tree / "usr/share/seabios"), "-L", "/usr/lib/ipxe/qemu"]
