# SPDX-License-Identifier: MIT
"""What is asked of each server, and the figures taken from one run of it."""
import json
import os
import subprocess
import time

from . import tools
from .process import cpu_nanoseconds, memory_mebibytes, set_real_time

# name: (arguments of the load client, bound in seconds)
WORKLOADS = {
    "closed": ("--connections 32 --seconds 0.6 --warm-up 0.1", 8),
    "closed-256": ("--connections 256 --seconds 0.6 --warm-up 0.1", 8),
    "once": ("--connections 32 --seconds 0.8 --warm-up 0.1 --once", 8),
    "open": ("--connections 64 --rate 1000 --seconds 1.4 --warm-up 0.2", 8),
    "stream": ("--connections 300 --rate 151 --poisson --seconds 1.0 --warm-up 0.2 --stream"
               " --tokens 50 --script delay=10,tokens=50", 10),
    "stream-500": ("--connections 500 --seconds 2.4 --warm-up 1.2 --stream --tokens 50"
                   " --script delay=10,tokens=50", 12),
    "hold": ("--connections 1000 --hold --seconds 2.5 --script delay=500,tokens=50", 8),
}
# In each round. What ends soon and differs most from run to run is run more often.
TIMES = {"closed": 2, "open": 4, "stream": 3}
DEFAULT = "closed,open,stream,stream-500,hold"
TLS = "closed,once,open,stream-500"
# What does a hundred requests a second is asked no more than it can do.
FOR = {"litellm": {"closed": ("--connections 8 --seconds 2.5 --warm-up 0.1", 15)}}
# Where connecting would count for much (500 handshakes with TLS), CPU is taken of seconds in the
# middle of the run: (from, to) after its start.
WINDOWS = {"stream-500": (1.4, 3.4)}
WITH_DIRECT = {"open", "stream"}  # what these add is counted from the upstream without a proxy


class Machine:
    """Which CPU the measured server has and which one all the rest, and whether SCHED_RR."""

    def __init__(self, server_cpu, other_cpu, real_time):
        self.server_cpu, self.other_cpu, self.real_time = server_cpu, other_cpu, real_time

    def enter_client(self):
        os.sched_setaffinity(0, {self.other_cpu})
        if self.real_time:
            try:
                os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
            except OSError:
                pass


def _stolen_ticks():
    with open("/proc/stat", encoding="utf-8") as file:
        return int(file.readline().split()[8])


def _share_of_window(processes, begin_seconds, end_seconds):
    """Seconds of CPU per second that the processes use between two times from now."""
    def used():
        return sum(cpu_nanoseconds(process) for process in processes)
    time.sleep(begin_seconds)
    begin, before = time.monotonic(), used()
    time.sleep(end_seconds - begin_seconds)
    return (used() - before) / 1e9 / (time.monotonic() - begin)


def suits(workload, server):
    return server is None or server.name not in FOR or workload in FOR[server.name]


def run(workload, server, upstream, machine):
    """One run against `server` (None: the upstream itself). A dictionary of figures."""
    target = server or upstream
    arguments, bound = FOR.get(target.name, WORKLOADS)[workload]
    command = [os.path.join(tools.RUN, "load"), "--port", str(target.port), *arguments.split(),
               "--model", target.model]
    if target.bearer:
        command += ["--bearer", target.bearer]
    if target.trusted:
        command += ["--trusted", target.trusted]
    measured = server.processes() if server else []
    watched = measured + [upstream.process.pid]
    memory = None
    if machine.real_time:
        set_real_time(watched, True)
    try:
        stolen, begin = _stolen_ticks(), time.monotonic()
        before = {process: cpu_nanoseconds(process) for process in measured}
        client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  preexec_fn=machine.enter_client)
        share = _share_of_window(measured, *WINDOWS[workload]) if workload in WINDOWS else None
        if workload == "hold":
            time.sleep(1.8)
            memory = memory_mebibytes(measured)
        try:
            output, problem = client.communicate(timeout=bound)
        except subprocess.TimeoutExpired:
            client.kill()
            output, problem = client.communicate()
        used = sum(cpu_nanoseconds(process) - before[process] for process in measured)
        seconds = time.monotonic() - begin
    finally:
        if machine.real_time:
            set_real_time(watched, False)
    try:
        result = json.loads(output)
    except ValueError:
        return {"failures": 1, "problem": problem.decode(errors="replace")[-300:]}
    figures = extract(workload, result, used / 1e3, memory)
    if share is not None:
        figures["cpu_per_chunk"] = share * 1e6 / max(1.0, result["chunks_per_second"])
    figures["failures"] = result["failures"]
    if workload == "hold" and result["holding"] != 1000:
        figures["failures"] += 1000 - result["holding"]
    figures["stolen"] = (_stolen_ticks() - stolen) / 100 / seconds / (os.cpu_count() or 1)
    figures["load"] = result
    return figures


def extract(workload, result, cpu_microseconds, memory):
    if workload in ("closed", "closed-256", "once"):
        return {"requests_per_second": result["requests_per_second"],
                "cpu_per_request": cpu_microseconds / max(1, result["completed"])}
    if workload == "open":
        return {"p50": result["latency"]["p50"], "p99": result["latency"]["p99"],
                "cpu_per_request": cpu_microseconds / max(1, result["completed"])}
    if workload == "hold":
        return {"resident": memory[0], "proportional": memory[1]} if memory else {}
    chunks = max(1, result["chunk_delay"]["count"])
    # CPU counts the warm-up too: chunks in all are what the succeeded streams carried.
    sent = max(chunks, result["succeeded"] * 50)
    return {"first_chunk_p50": result["first_chunk"]["p50"],
            "first_chunk_p99": result["first_chunk"]["p99"],
            "chunk_p50": result["chunk_delay"]["p50"], "chunk_p99": result["chunk_delay"]["p99"],
            "cpu_per_chunk": cpu_microseconds / sent,
            "chunks_per_second": result["chunks_per_second"]}
