# SPDX-License-Identifier: MIT
"""The run folder, the tools that are built into it, and what the machine lacks."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(BENCH)
RUN = os.environ.get("BENCH_RUN") or os.path.join(
    tempfile.gettempdir(), f"gateway-bench-{os.getuid()}")
HOW_TO_INSTALL = {
    "cc": "apt-get install gcc", "nginx": "apt-get install nginx-light",
    "haproxy": "apt-get install haproxy", "strace": "apt-get install strace",
    "valgrind": "apt-get install valgrind", "strip": "apt-get install binutils",
}
BEGIN = time.monotonic()


def log(*words):
    print(f"[{time.monotonic() - BEGIN:6.1f}]", *words, file=sys.stderr, flush=True)


def find(program):
    """The program's path; /usr/sbin is where Debian puts servers."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def require(*programs):
    missing = [program for program in programs if not find(program)]
    if missing:
        lines = [f"{program} is missing: {HOW_TO_INSTALL[program]}" for program in missing]
        raise SystemExit("\n".join(lines) + "\n(do not start it as a service)")


def build_tools():
    """Compiles the upstream and the load client when their sources are newer."""
    require("cc")
    os.makedirs(RUN, exist_ok=True)
    common = os.path.join(BENCH, "common")
    for tool in ("upstream", "load"):
        folder, out = os.path.join(BENCH, tool), os.path.join(RUN, tool)
        sources = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        watched = sources + [os.path.join(common, name) for name in os.listdir(common)]
        if os.path.exists(out) and os.path.getmtime(out) > max(map(os.path.getmtime, watched)):
            continue
        subprocess.run(
            ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", out]
            + [source for source in sources if source.endswith(".c")] + ["-lm"],
            check=True, timeout=60)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fill(template, target, **values):
    """Writes `template` to the run folder with each @NAME@ replaced; returns the path."""
    with open(template, encoding="utf-8") as file:
        text = file.read()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    path = os.path.join(RUN, target)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def without_debug_information(program):
    """A copy of a native program without debug sections, which older valgrinds cannot read."""
    require("strip")
    if program.startswith(RUN):
        return program
    copy = os.path.join(RUN, os.path.basename(program) + ".stripped")
    done = subprocess.run(["strip", "--strip-debug", "-o", copy, program], timeout=60,
                          capture_output=True, check=False)
    return copy if done.returncode == 0 else program
