# SPDX-License-Identifier: MIT
"""Figures of all rounds → one number each, ratios, thresholds, a table and JSON."""
import json
import os
import statistics
from dataclasses import dataclass

from . import tools

# key: (label, unit, better, statistic, added over direct)
# Noise only ever makes a machine slower, so CPU and throughput take the best round; latencies
# take the median of the rounds, since the best of a tail is luck. So does the CPU of 500 streams at
# a time: who comes late finds several chunks to pass on at once, and looks cheap by being slow.
METRICS = {
    "closed.requests_per_second": ("throughput, 32 connections", "req/s", "high", "best", False),
    "closed.cpu_per_request": ("CPU per request, 32 connections", "us", "low", "best", False),
    "closed-256.requests_per_second": ("throughput, 256 connections", "req/s", "high", "best",
                                       False),
    "closed-256.cpu_per_request": ("CPU per request, 256 connections", "us", "low", "best", False),
    "once.cpu_per_request": ("CPU per new connection with one request", "us", "low", "best",
                             False),
    "open.p50": ("added p50 at 1,000 req/s", "us", "low", "median", True),
    "open.p99": ("added p99 at 1,000 req/s", "us", "low", "median", True),
    "open.cpu_per_request": ("CPU per request at 1,000 req/s", "us", "low", "best", False),
    "stream.first_chunk_p50": ("SSE added to first chunk, p50", "us", "low", "median", True),
    "stream.first_chunk_p99": ("SSE added to first chunk, p99", "us", "low", "median", True),
    "stream.chunk_p50": ("SSE added per chunk, p50", "us", "low", "median", True),
    "stream.chunk_p99": ("SSE added per chunk, p99", "us", "low", "median", True),
    "stream.cpu_per_chunk": ("SSE CPU per chunk, paced", "us", "low", "best", False),
    "stream-500.cpu_per_chunk": ("SSE CPU per chunk, 500 streams", "us", "low", "median",
                                 False),
    "stream-500.chunks_per_second": ("SSE chunks, 500 streams", "1/s", "high", "best", False),
    "hold.resident": ("resident, 1,000 streams open", "MiB", "low", "best", False),
    "hold.proportional": ("proportional, 1,000 streams open", "MiB", "low", "best", False),
    "idle.resident": ("resident, idle", "MiB", "low", "best", False),
}


def _samples(rounds, key, name, added):
    workload, figure = key.split(".")
    values = []
    for one in rounds:
        figures = one.get(name, {}).get(workload, {})
        if figure not in figures:
            continue
        value = figures[figure]
        if added:
            direct = one.get("direct", {}).get(workload, {}).get(figure)
            if direct is None:
                continue
            value -= direct
        values.append(value)
    return values


def summarize(rounds, names):
    """{metric: {name: {value, low, high, rounds}}}"""
    summary = {}
    for key, (_, _, better, statistic, added) in METRICS.items():
        row = {}
        for name in names:
            values = _samples(rounds, key, name, added)
            if not values:
                continue
            if statistic == "median":
                value = statistics.median(values)
            else:
                value = max(values) if better == "high" else min(values)
            row[name] = {"value": value, "low": min(values), "high": max(values),
                         "rounds": len(values)}
        if row:
            summary[key] = row
    return summary


def ratio(row, name, peer):
    if name not in row or peer not in row or row[peer]["value"] <= 0:
        return None
    return row[name]["value"] / row[peer]["value"]


def thresholds_of(program):
    with open(os.path.join(tools.BENCH, "thresholds.json"), encoding="utf-8") as file:
        return json.load(file)[program]


@dataclass
class Verdict:
    """One figure and what it is held to. `detail` is what a ratio is made of."""
    what: str
    value: float
    wanted: str
    met: bool
    detail: str = ""

    def line(self):
        detail = f" = {self.detail}" if self.detail else ""
        return (("met     " if self.met else "MISSED  ")
                + f"{self.what}: {self.value:.4g}{detail} (wanted {self.wanted})")


def check(summary, candidate, thresholds):
    """A verdict for each of the thresholds that can be judged."""
    verdicts = []
    for threshold in thresholds:
        row = summary.get(threshold["metric"], {})
        peer, detail = threshold.get("peer"), ""
        label, unit, _, _, _ = METRICS[threshold["metric"]]
        if peer:
            value = ratio(row, candidate, peer)
            label += f", ratio to {peer}"
        else:
            value = row.get(candidate, {}).get("value")
            label += f", {unit}"
        if value is None:
            continue
        if peer:
            both = (_number(row[name]["value"]) for name in (candidate, peer))
            detail = " / ".join(both) + f" {unit}"
        met = value <= threshold.get("max", float("inf")) and value >= threshold.get("min", 0)
        wanted = f"<= {threshold['max']}" if "max" in threshold else f">= {threshold['min']}"
        verdicts.append(Verdict(label, value, wanted, met, detail))
    return verdicts


def _number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}"


def table(summary, names, candidate):
    names = [name for name in names if name != "direct"]
    ratios = [peer for peer in names if candidate and peer != candidate]
    columns = [f"{name:>16}" for name in names]
    columns += [f"{candidate + '/' + peer:>24}" for peer in ratios]
    head = " " * 42 + "".join(columns)
    lines = [head, "-" * len(head)]
    for key, row in summary.items():
        label, unit, _, _, _ = METRICS[key]
        line = f"{label + ', ' + unit:<42}"
        line += "".join(f"{_number(row.get(name, {}).get('value')):>16}" for name in names)
        for peer in ratios:
            value = ratio(row, candidate, peer)
            digits = 2 if value is None or value >= 0.1 else 4
            line += f"{'-' if value is None else format(value, f'.{digits}f'):>24}"
        lines.append(line)
    return "\n".join(lines)
