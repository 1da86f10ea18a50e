# SPDX-License-Identifier: GPL-2.0-or-later
"""As much of the GDB remote protocol as it takes to stop QEMU at a function and change memory there.

The protocol is described in the GDB manual, appendix "GDB Remote Serial Protocol".
"""
import socket
import time

PIECE = 1024    # bytes of memory in one packet


class Remote:
    """A connection to QEMU's -gdb unix socket."""

    def __init__(self, path, seconds=60):
        deadline = time.monotonic() + seconds
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
        while True:
            try:
                self.socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.pending = b""

    def _receive(self):
        """The next packet's content; what else comes is skipped."""
        while True:
            start = self.pending.find(b"$")
            end = self.pending.find(b"#", start + 1)
            if start >= 0 and end >= 0 and len(self.pending) >= end + 3:
                packet = self.pending[start + 1:end]
                self.pending = self.pending[end + 3:]
                self.socket.sendall(b"+")
                return packet.decode()
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("QEMU has closed the debugger's connection")
            self.pending += data

    def ask(self, text):
        data = text.encode()
        self.socket.sendall(b"$" + data + b"#%02x" % (sum(data) & 0xff))
        return self._receive()

    def use_physical_addresses(self):
        """From now on, in read() and write()."""
        if self.ask("Qqemu.PhyMemMode:1") != "OK":
            raise ConnectionError("no physical addresses")

    def registers(self):
        """rax rbx rcx rdx rsi rdi, in this order."""
        data = bytes.fromhex(self.ask("g"))
        return [int.from_bytes(data[8 * n:8 * n + 8], "little") for n in range(6)]

    def set_stack_pointer(self, value):
        self.ask("qXfer:features:read:target.xml:0,ffb")    # without which QEMU lets no single register be written
        if self.ask(f"P7={value.to_bytes(8, 'little').hex()}") != "OK":
            raise ConnectionError("no write to rsp")

    def run_to(self, address):
        """Go on until the processor is at `address`."""
        if self.ask(f"Z1,{address:x},1") != "OK":
            raise ConnectionError("no breakpoint")
        self.ask("c")
        self.ask(f"z1,{address:x},1")

    def read(self, address, length):
        data = b""
        while len(data) < length:
            piece = min(PIECE, length - len(data))
            data += bytes.fromhex(self.ask(f"m{address + len(data):x},{piece:x}"))
        return data

    def write(self, address, data):
        if self.ask(f"M{address:x},{len(data):x}:{data.hex()}") != "OK":
            raise ConnectionError(f"no write to {address:x}")

    def leave(self):
        """Let it run, for good."""
        self.ask("D")
        self.socket.close()
