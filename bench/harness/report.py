# SPDX-License-Identifier: MIT
"""Figures of all rounds → one number each, ratios, thresholds, a table and JSON."""
import json
import os
import random
import statistics
from dataclasses import dataclass

from . import tools

ROUNDS_OF_INTERVAL_MIN = 5
DRAWS = 1000
# key: (label, unit, better, added over direct)
METRICS = {
    "closed.requests_per_second": ("throughput, 32 connections", "req/s", "high", False),
    "closed.cpu_per_request": ("CPU per request, 32 connections", "us", "low", False),
    "closed-256.requests_per_second": ("throughput, 256 connections", "req/s", "high", False),
    "closed-256.cpu_per_request": ("CPU per request, 256 connections", "us", "low", False),
    "once.cpu_per_request": ("CPU per new connection with one request", "us", "low", False),
    "open.p50": ("added p50 at 1,000 req/s", "us", "low", True),
    "open.p99": ("added p99 at 1,000 req/s", "us", "low", True),
    "open.cpu_per_request": ("CPU per request at 1,000 req/s", "us", "low", False),
    "stream.first_chunk_p50": ("SSE added to first chunk, p50", "us", "low", True),
    "stream.first_chunk_p99": ("SSE added to first chunk, p99", "us", "low", True),
    "stream.chunk_p50": ("SSE added per chunk, p50", "us", "low", True),
    "stream.chunk_p99": ("SSE added per chunk, p99", "us", "low", True),
    "stream.cpu_per_chunk": ("SSE CPU per chunk, paced", "us", "low", False),
    "stream-500.cpu_per_chunk": ("SSE CPU per chunk, 500 streams", "us", "low", False),
    "stream-500.chunks_per_second": ("SSE chunks, 500 streams", "1/s", "high", False),
    "hold.resident": ("resident, 1,000 streams open", "MiB", "low", False),
    "hold.proportional": ("proportional, 1,000 streams open", "MiB", "low", False),
    "idle.resident": ("resident, idle", "MiB", "low", False),
}


def _samples(rounds, key, name, added):
    """A value for each round, None where there is none."""
    workload, figure = key.split(".")
    values = []
    for one in rounds:
        value = one.get(name, {}).get(workload, {}).get(figure)
        if added and value is not None:
            direct = one.get("direct", {}).get(workload, {}).get(figure)
            value = None if direct is None else value - direct
        values.append(value)
    return values


def summarize(rounds, names):
    """{metric: {name: {value, low, high, rounds, samples}}}, value the median of the rounds.

    Not the best one: what shares the machine slows it down for seconds at a time and lets it run
    free for seconds, so that the best round is the luck of one server.
    """
    summary = {}
    for key, (_, _, _, added) in METRICS.items():
        row = {}
        for name in names:
            samples = _samples(rounds, key, name, added)
            values = [value for value in samples if value is not None]
            if values:
                row[name] = {"value": statistics.median(values), "low": min(values),
                             "high": max(values), "rounds": len(values), "samples": samples,
                             "added": added}
        if row:
            summary[key] = row
    return summary


def _pairs(row, name, peer):
    """Both servers' figures of each round in which both have one."""
    if name not in row or peer not in row or row[peer]["value"] <= 0:
        return []
    return [pair for pair in zip(row[name]["samples"], row[peer]["samples"])
            if None not in pair and (row[name]["added"] or pair[1])]


def _ratio_of_medians(pairs):
    return statistics.median(one for one, _ in pairs) / statistics.median(two for _, two in pairs)


def _median_of_ratios(pairs):
    return statistics.median(one / two for one, two in pairs)


def _statistic(row, name):
    """The median of the rounds' own ratios: both stood on the same machine within seconds.

    What was added to a run without a proxy can be next to nothing in a round; there it is the
    ratio of the medians.
    """
    return _ratio_of_medians if row[name]["added"] else _median_of_ratios


def ratio(row, name, peer):
    pairs = _pairs(row, name, peer)
    return _statistic(row, name)(pairs) if pairs else None


def interval(samples, statistic):
    """(low, high): where nine of ten figures fall that the same rounds give when they are drawn
    anew, some twice and some not (the bootstrap; B. Efron, Annals of Statistics 7, 1979).

    None of fewer than ROUNDS_OF_INTERVAL_MIN: too few to tell luck from speed.
    """
    if len(samples) < ROUNDS_OF_INTERVAL_MIN:
        return None
    draw, figures = random.Random(1), []
    for _ in range(DRAWS):
        try:
            figures.append(statistic(draw.choices(samples, k=len(samples))))
        except ZeroDivisionError:
            continue
    figures.sort()
    return (figures[len(figures) // 20], figures[-1 - len(figures) // 20]) if figures else None


def thresholds_of(program):
    with open(os.path.join(tools.BENCH, "thresholds.json"), encoding="utf-8") as file:
        return json.load(file)[program]


@dataclass
class Verdict:
    """One figure and what it is held to. `detail`: its interval, and what a ratio is made of."""
    what: str
    value: float
    wanted: str
    met: bool
    detail: str = ""
    # Beyond its bar, but the rounds differ by more than that: with others it may well be met.
    unclear: bool = False

    def fails(self):
        return not self.met and not self.unclear

    def state(self):
        return "met" if self.met else "unclear" if self.unclear else "MISSED"

    def line(self):
        more = f"; {self.detail}" if self.detail else ""
        return f"{self.state():<8}{self.what}: {self.value:.4g} (wanted {self.wanted}{more})"


def judge(what, value, limits, spread=None, detail=""):
    """`limits` has `max` or `min`; `spread` is the figure's interval, if it has one."""
    low, high = limits.get("min", float("-inf")), limits.get("max", float("inf"))
    wanted = f"<= {limits['max']}" if "max" in limits else f">= {limits['min']}"
    unclear = spread is not None and spread[0] <= high and spread[1] >= low
    if spread:
        detail = f"{spread[0]:.3g} to {spread[1]:.3g}" + (f"; {detail}" if detail else "")
    return Verdict(what, value, wanted, low <= value <= high, detail, unclear)


def check(summary, candidate, thresholds):
    """A verdict for each of the thresholds that can be judged."""
    verdicts = []
    for threshold in thresholds:
        row, peer = summary.get(threshold["metric"], {}), threshold.get("peer")
        label, unit, _, _ = METRICS[threshold["metric"]]
        if not peer:
            if candidate in row:
                verdicts.append(judge(f"{label}, {unit}", row[candidate]["value"], threshold))
            continue
        pairs = _pairs(row, candidate, peer)
        if not pairs:
            continue
        statistic = _statistic(row, candidate)
        both = (_number(row[name]["value"]) for name in (candidate, peer))
        verdicts.append(judge(
            f"{label}, ratio to {peer}", statistic(pairs), threshold, interval(pairs, statistic),
            "medians " + " / ".join(both) + f" {unit}"))
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
        label, unit, _, _ = METRICS[key]
        line = f"{label + ', ' + unit:<42}"
        line += "".join(f"{_number(row.get(name, {}).get('value')):>16}" for name in names)
        for peer in ratios:
            value = ratio(row, candidate, peer)
            digits = 2 if value is None or value >= 0.1 else 4
            line += f"{'-' if value is None else format(value, f'.{digits}f'):>24}"
        lines.append(line)
    return "\n".join(lines)
