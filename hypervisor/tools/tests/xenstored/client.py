# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the store for tests: speaks the wire protocol of xen/io/xs_wire.h itself, so that it can be wrong on purpose."""
import collections
import socket
import struct

(CONTROL, DIRECTORY, READ, GET_PERMS, WATCH, UNWATCH, TRANSACTION_START, TRANSACTION_END, INTRODUCE, RELEASE,
 GET_DOMAIN_PATH, WRITE, MKDIR, RM, SET_PERMS, WATCH_EVENT, ERROR, IS_DOMAIN_INTRODUCED, RESUME, SET_TARGET,
 _, RESET_WATCHES, DIRECTORY_PART) = range(23)


class StoreError(Exception):
    """The daemon answered with an error; its name is the first argument."""


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.number = 0
        self.events = collections.deque()

    def send(self, kind, *strings, tx=0, end=b"\0"):
        """Sends a request without waiting for the reply; returns its number."""
        self.number += 1
        body = b"\0".join(s if isinstance(s, bytes) else str(s).encode() for s in strings) + end
        self.socket.sendall(struct.pack("<IIII", kind, self.number, tx, len(body)) + body)
        return self.number

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the store closed the connection")
            data += more
        return data

    def message(self):
        """The next message of any kind: (kind, number, payload)."""
        kind, number, _, length = struct.unpack("<IIII", self._exactly(16))
        return kind, number, self._exactly(length)

    def reply(self, number):
        while True:
            kind, got, body = self.message()
            if kind == WATCH_EVENT:
                self.events.append(tuple(s.decode() for s in body.split(b"\0")[:2]))
                continue
            assert got == number, f"reply to {got}, expected {number}"
            if kind == ERROR:
                raise StoreError(body.rstrip(b"\0").decode())
            return body

    def ask(self, kind, *strings, **more):
        return self.reply(self.send(kind, *strings, **more))

    def event(self):
        """The next watch event: (path, token)."""
        while not self.events:
            kind, _, body = self.message()
            assert kind == WATCH_EVENT, f"message {kind} where an event was due"
            self.events.append(tuple(s.decode() for s in body.split(b"\0")[:2]))
        return self.events.popleft()

    def read(self, path, tx=0):
        return self.ask(READ, path, tx=tx).decode()

    def write(self, path, value, tx=0):
        self.ask(WRITE, path, value, tx=tx, end=b"")

    def start(self):
        return int(self.ask(TRANSACTION_START, "").rstrip(b"\0"))

    def end(self, tx, commit=True):
        self.ask(TRANSACTION_END, "T" if commit else "F", tx=tx)

    def close(self):
        self.socket.close()
