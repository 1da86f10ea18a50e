# SPDX-License-Identifier: GPL-2.0-or-later
"""A QEMU machine and its serial console: wait for a text, type a line, run a command in the guest.

Everything is driven by what the machine prints; a wait ends at its text, at its time limit or when QEMU does.
"""
import os
import re
import selectors
import subprocess
import sys
import time


# Colours, cursor movements and terminal modes; and one of them cut short.
ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>M78c])")
UNFINISHED_ESCAPE = re.compile(r"(\x1b[\[()]?[0-9;?]*)?$")


class Failed(Exception):
    """The machine did not do what was expected of it."""


class Console:
    def __init__(self, command, log_path, progress=()):
        """Start `command`, whose stdin and stdout are the console; keep what it prints in `log_path`.

        `progress` is a list of (pattern, text): the text is printed, with the time, when the pattern is first seen.
        """
        self.started = time.monotonic()
        self.log = open(log_path, "wb")
        self.text = ""          # all that was printed, without carriage returns and escape sequences
        self.rest = ""          # the beginning of an escape sequence whose end was not read yet
        self.position = 0       # what was waited for and found ends here
        self.progress = list(progress)
        self.commands = 0
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def say(self, text):
        print(f"# [{time.monotonic() - self.started:3.0f}s] {text}", flush=True)

    def _read(self, deadline):
        """Read once; False when QEMU has closed its side."""
        if not self.selector.select(max(0, deadline - time.monotonic())):
            return True
        data = self.process.stdout.read()
        if not data:
            return False
        self.log.write(data)
        self.log.flush()
        text = ESCAPE.sub("", self.rest + data.decode("utf-8", "replace").replace("\r", ""))
        self.rest = UNFINISHED_ESCAPE.search(text).group()
        self.text += text[:len(text) - len(self.rest)]
        for item in [i for i in self.progress if re.search(i[0], self.text)]:
            self.progress.remove(item)
            self.say(item[1])
        return True

    def expect(self, pattern, seconds, what=None, prompt=False):
        """Wait for the pattern after what was last found; return its match.

        Only lines that were read to their end are looked at, for a number cut short looks like a number; a prompt
        has no such end.
        """
        deadline = time.monotonic() + seconds
        alive = True
        while True:
            end = len(self.text) if prompt or not alive else self.text.rfind("\n") + 1
            match = re.compile(pattern, re.M).search(self.text, self.position, end)
            if match:
                self.position = match.end()
                return match
            if not alive:
                raise Failed(f"QEMU ended while waiting for {what or pattern}")
            if time.monotonic() >= deadline:
                raise Failed(f"{seconds} s passed without {what or pattern}")
            alive = self._read(deadline)

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def press(self, keys):
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()

    def run(self, command, seconds):
        """Run a shell command in the guest, logged in already; return (exit code, output)."""
        self.commands += 1
        mark = f"mark{self.commands}"
        # The quotes keep the echoed line from looking like the answer.
        self.type(f"echo {mark}'':; {command}; echo {mark}''=$?")
        self.expect(f"^{mark}:\n", seconds, f"'{command}' to begin")
        begin = self.position
        match = self.expect(f"^{mark}=([0-9]+)\n", seconds, f"'{command}' to end")
        return int(match.group(1)), self.text[begin:match.start()]

    def wait_for_exit(self, seconds):
        """Wait until QEMU has ended by itself; return its exit code."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            if time.monotonic() >= deadline:
                raise Failed(f"QEMU still runs {seconds} s later")
        return self.process.wait()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def tail(self, lines=25):
        return "\n".join(self.text.splitlines()[-lines:])


def report(console, results):
    """Print TAP lines for [(name, problem or None)]; return the exit code."""
    for number, (name, problem) in enumerate(results, 1):
        print(f"{'not ok' if problem else 'ok'} {number} - {name}")
        if problem:
            print("\n".join("# " + line for line in str(problem).splitlines()))
    if any(problem for _, problem in results) and console:
        print("# the console's end:")
        print("\n".join("# | " + line for line in console.tail().splitlines()))
    sys.stdout.flush()
    return 1 if any(problem for _, problem in results) else 0
