# SPDX-License-Identifier: MIT
"""Counts a gateway's heap allocations while it serves, by a library that is preloaded."""
import mmap
import os
import shutil
import subprocess

SOURCE = os.path.join(os.path.dirname(__file__), "allocations.c")
HEAD_BYTES, TRACES, DEPTH, TEXT_BYTES = 16, 16, 24, 256
FILE_BYTES = HEAD_BYTES + TRACES * DEPTH * TEXT_BYTES


def compiler():
    """The C compiler of the machine, or the one that comes with Swift."""
    swift = shutil.which("swift")
    beside = os.path.join(os.path.dirname(os.path.realpath(swift)), "clang") if swift else None
    return shutil.which("cc") or shutil.which("clang") or (
        beside if beside and os.path.exists(beside) else None)


class Counter:
    def __init__(self, folder):
        self.path, library = str(folder / "allocations"), str(folder / "allocations.so")
        subprocess.run([compiler(), "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"],
                       check=True, timeout=60)
        with open(self.path, "wb") as file:
            file.truncate(FILE_BYTES)
        with open(self.path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), FILE_BYTES)
        self.environment = {"LD_PRELOAD": library, "ALLOCATIONS_FILE": self.path}

    @property
    def count(self):
        return int.from_bytes(self._memory[0:8], "little")

    def arm(self):
        """From now on allocations leave traces."""
        self._memory[HEAD_BYTES:] = b"\0" * (FILE_BYTES - HEAD_BYTES)
        self._memory[8:16] = (1).to_bytes(4, "little") + b"\0\0\0\0"

    def disarm(self):
        self._memory[8:12] = b"\0\0\0\0"

    def traces(self):
        """What led to the first allocations since `arm`, innermost first."""
        found = []
        for slot in range(TRACES):
            lines = []
            for level in range(DEPTH):
                start = HEAD_BYTES + (slot * DEPTH + level) * TEXT_BYTES
                text = self._memory[start:start + TEXT_BYTES].split(b"\0")[0]
                if text:
                    lines.append(text.decode(errors="replace"))
            if lines:
                found.append("\n    ".join(lines))
        return "\n".join(f"allocation {number}:\n    {text}"
                         for number, text in enumerate(found))
