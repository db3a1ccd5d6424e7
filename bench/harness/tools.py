# SPDX-License-Identifier: MIT
"""The run folder, the tools that are built into it, and what the machine lacks."""
import os
import platform
import resource
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
    "openssl": "apt-get install openssl",
}
DESCRIPTORS = 40_000
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
    """Compiles the upstream and the load client when their sources are newer; needs the headers of
    OpenSSL and nghttp2, as the gateway does (libssl-dev, libnghttp2-dev)."""
    require("cc")
    os.makedirs(RUN, exist_ok=True)
    raise_descriptor_limit()
    common = os.path.join(BENCH, "common")
    for tool in ("upstream", "load"):
        out = os.path.join(RUN, tool)
        sources = [os.path.join(folder, name) for folder in (os.path.join(BENCH, tool), common)
                   for name in sorted(os.listdir(folder))]
        if os.path.exists(out) and os.path.getmtime(out) > max(map(os.path.getmtime, sources)):
            continue
        subprocess.run(
            ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", out]
            + [source for source in sources if source.endswith(".c")]
            + ["-lssl", "-lcrypto", "-lm"] + ["-lnghttp2"] * (tool == "load"),
            check=True, timeout=60)


def raise_descriptor_limit():
    """Everything started from here may have as many descriptors as it needs, or as is allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (max(hard, DESCRIPTORS), hard):
        try:
            return resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except (OSError, ValueError):
            continue


def versions():
    """{program: what it says of itself} of all that takes part."""
    commands = {"nginx": ("nginx", "-v"), "haproxy": ("haproxy", "-v"),
                "openssl": ("openssl", "version")}
    found = {}
    for name, (program, *arguments) in commands.items():
        if find(program):
            done = subprocess.run([find(program), *arguments], capture_output=True, text=True,
                                  timeout=10, check=False)
            line = (done.stdout + done.stderr).strip().splitlines()[0]
            found[name] = next((word for word in line.replace("/", " ").split()
                                if word[0].isdigit()), line)
    return found


def machine():
    """What a reader of the figures wants to know of the machine; no names."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    with open("/proc/meminfo", encoding="utf-8") as file:
        kibibytes = int(file.readline().split()[1])
    return {"cpu": models[0] if models else platform.machine(), "cpus": os.cpu_count(),
            "memory_gib": round(kibibytes / 2**20), "kernel": platform.release().split("-")[0]}


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
