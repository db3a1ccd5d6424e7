# SPDX-License-Identifier: MIT
"""One run of many slow streams at once through one server, and what it added."""
import json
import os
import subprocess
import time
from dataclasses import dataclass

from . import tools
from .process import cpu_nanoseconds, memory_mebibytes, set_real_time

FIGURES = ("first_chunk", "jitter", "chunk_delay")
PER_CONNECTION = 250  # streams of one HTTP/2 connection


@dataclass
class Shape:
    """Streams that arrive by chance (Poisson) and last `tokens` times `delay_milliseconds`, so
    that `streams` of them are open once the first ones have ended."""
    streams: int
    tokens: int
    delay_milliseconds: int
    seconds: float

    @property
    def life(self):
        return self.tokens * self.delay_milliseconds / 1000

    @property
    def warm_up(self):
        return self.life + 1

    def load(self, target, http2):
        # Room for the streams that chance adds: five standard deviations, and some.
        slots = int(self.streams + 5 * self.streams ** 0.5 + 100)
        command = [
            os.path.join(tools.RUN, "load"), "--port", str(target.port), "--steady", "--poisson",
            "--distribution", "--connections", str(slots),
            "--rate", f"{self.streams / self.life:.4f}", "--tokens", str(self.tokens),
            "--warm-up", f"{self.warm_up:.2f}", "--seconds", f"{self.warm_up + self.seconds:.2f}",
            "--script", f"delay={self.delay_milliseconds},tokens={self.tokens}",
            "--first-after", str(self.delay_milliseconds), "--model", target.model]
        if target.bearer:
            command += ["--bearer", target.bearer]
        return command + ["--http2", str(PER_CONNECTION)] * http2


def run(shape, server, upstream, machine, http2=False):
    """Figures of one run against `server` (None: the upstream itself)."""
    target = server or upstream
    measured = server.processes() if server else []
    idle = memory_mebibytes(measured)[0]
    watched = measured + [upstream.process.pid]
    if machine.real_time:
        set_real_time(watched, True)
    try:
        client = subprocess.Popen(
            shape.load(target, http2), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=machine.enter_client)
        others = [upstream.process.pid, client.pid]
        time.sleep(shape.warm_up + 0.1 * shape.seconds)
        begin = time.monotonic()
        before = [sum(map(cpu_nanoseconds, group)) for group in (measured, others)]
        time.sleep(0.4 * shape.seconds)
        resident = memory_mebibytes(measured)[0]
        time.sleep(0.4 * shape.seconds)
        after = [sum(map(cpu_nanoseconds, group)) for group in (measured, others)]
        passed = time.monotonic() - begin
        try:
            output, problem = client.communicate(timeout=shape.seconds + 20)
        except subprocess.TimeoutExpired:
            client.kill()
            output, problem = client.communicate()
    finally:
        if machine.real_time:
            set_real_time(watched, False)
    try:
        result = json.loads(output)
    except ValueError:
        raise SystemExit(f"the load client failed: {problem.decode(errors='replace')[-500:]}")
    shares = [(end - start) / 1e9 / passed for start, end in zip(before, after)]
    return figures(shape, result, shares, idle, resident)


def figures(shape, result, shares, idle, resident):
    open_streams = max(1, result["unfinished"])
    rate = result["chunks"] / shape.seconds
    return {
        "failures": result["failures"], "streams": result["unfinished"],
        "chunks_per_second": rate, "server_core": shares[0], "load_core": shares[1],
        "cpu_per_chunk": shares[0] * 1e6 / rate if rate else None,
        "resident_idle": idle, "resident": resident,
        "kib_per_stream": resident * 1024 / open_streams,
        "kib_grown_per_stream": (resident - idle) * 1024 / open_streams,
        **{name: result[name] for name in FIGURES},
    }


def _middle(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def _without_proxy(rounds, figure, value):
    """The least of the runs without a proxy: noise only ever makes a run slower, and a low base
    makes what the servers added look larger, never smaller."""
    return min(value(direct[figure]) for one in rounds for direct in one["direct"])


def _added(rounds, name, figure, value):
    mine = [value(one[name][figure]) for one in rounds if name in one]
    return _middle(mine) - _without_proxy(rounds, figure, value)


def added(rounds, name, figure):
    """[(share, microseconds)]: at each share of the samples, how much later than without a proxy;
    the median of the rounds."""
    shares = [share for share, _ in rounds[0][name][figure]["distribution"]]
    return [(share, _added(rounds, name, figure, lambda one, at=at: one["distribution"][at][1]))
            for at, share in enumerate(shares)]


def summarize(rounds):
    """{server: {figure: number}}; latencies are what the server added, in microseconds."""
    summary = {}
    for name in rounds[0]:
        runs = [one[name] for one in rounds]
        if name == "direct":
            runs = [direct for both in runs for direct in both]
        row = summary[name] = {
            key: _middle([one[key] for one in runs])
            for key in ("streams", "chunks_per_second", "server_core", "load_core",
                        "cpu_per_chunk", "resident", "kib_per_stream", "kib_grown_per_stream")}
        for figure in FIGURES if name != "direct" else ():
            for percentile in ("p50", "p99", "p999"):
                row[f"{figure}_{percentile}"] = _added(
                    rounds, name, figure, lambda one, at=percentile: one[at])
    return summary
