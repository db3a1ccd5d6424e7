# SPDX-License-Identifier: MIT
"""Health, metrics and the log: what an operator reads."""
import re

import pytest
from support import replies, wire

LINE = re.compile(
    r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*",?)*\})? '
    r'([-+0-9.eE]+|NaN|[+-]Inf)( \d+)?$')


def metrics(gateway):
    answer = wire.ask(gateway.port, path="/metrics", method="GET", key=None)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.body.decode()


def total(text, *parts):
    """The sum of the samples whose line contains every part."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if not line.startswith("#") and all(part in line for part in parts))


@pytest.mark.parametrize("path", ["/health", "/health/liveliness", "/health/readiness"])
def test_health(gateway, path):
    assert wire.ask(gateway.port, path=path, method="GET", key=None).status == 200


def test_metrics_are_prometheus_text(gateway, upstream):
    wire.ask(gateway.port, wire.chat_body(upstream.case().token))
    text = metrics(gateway)
    typed, samples = {}, 0
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in typed, f"{name} is declared twice"
            typed[name] = kind
        elif line and not line.startswith("#"):
            found = LINE.match(line)
            assert found, line
            base = re.sub(r"_(bucket|sum|count|total)$", "", found.group(1))
            assert found.group(1) in typed or base in typed, line
            samples += 1
    assert samples > 10 and text.endswith("\n")


def test_metrics_count_requests(gateway, upstream):
    case = upstream.case()
    before = metrics(gateway)
    for _ in range(7):
        wire.ask(gateway.port, wire.chat_body(case.token))
    after = metrics(gateway)
    grown = [name for name in set(re.findall(r"^(\w+requests\w*total)", after, re.MULTILINE))
             if total(after, name) - total(before, name) >= 7]
    assert grown, "no request counter grew by 7"


def test_histograms_are_cumulative(gateway, upstream):
    wire.ask(gateway.port, wire.chat_body(upstream.case().token))
    series = {}
    for line in metrics(gateway).splitlines():
        if "_bucket{" in line:
            key = re.sub(r'le="[^"]*",?', "", line.rsplit(" ", 1)[0])
            series.setdefault(key, []).append(float(line.rsplit(" ", 1)[1]))
    assert series, "no histogram"
    for key, counts in series.items():
        assert counts == sorted(counts), key


def test_secrets_are_nowhere(gateway, upstream):
    for reply in (replies.honest(), replies.raw(b"", end="reset"), replies.status(401)):
        wire.ask(gateway.port, wire.chat_body(upstream.case(reply).token))
    wire.ask(gateway.port, wire.chat_body(), key="sk-a-wrong-key-0123456789")
    everything = metrics(gateway) + "\n".join(gateway.lines)
    for secret in (wire.KEY, "sk-upstream-key", "sk-a-wrong-key-0123456789"):
        assert secret not in everything


def test_request_ids(gateway, upstream):
    case = upstream.case()
    first = wire.ask(gateway.port, wire.chat_body(case.token))
    second = wire.ask(gateway.port, wire.chat_body(case.token))
    assert first.headers["x-gateway-decision-id"] != second.headers["x-gateway-decision-id"]
    assert first.headers["x-request-id"]
