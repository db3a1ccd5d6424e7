# SPDX-License-Identifier: MIT
"""A receiver that is down, slow, busy or choosy: clients notice nothing, and nothing is lost that
need not be. And how the export is configured by environment."""
import json
import re
import socket
import time

import pytest
from support import replies, wire
from test_tracing import Collector, Reply, ask, start  # noqa: F401  (a fixture)


def counter(gateway, name, label=""):
    text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
    found = re.search(rf"^{name}{re.escape(label)} (\d+)$", text, re.MULTILINE)
    return int(found.group(1)) if found else 0


def wait_until(ready, seconds=10):
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)
    return found


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_a_busy_receiver_gets_them_later(start, upstream):  # noqa: F811
    gateway, collector = start(Reply(429, {"retry-after": "1"}), Reply(503, {"retry-after": "0"}),
                               Reply())
    begin = time.monotonic()
    ask(gateway, upstream.case())
    collector.wait(lambda: len(collector.exports) == 3)
    # A loop's clock counts whole milliseconds.
    assert time.monotonic() - begin >= 0.99
    first, second, third = (export.body for export in collector.exports)
    assert first == second == third
    wait_until(lambda: counter(gateway, "gateway_telemetry_spans_exported_total") == 2)


@pytest.mark.parametrize("as_json", [True, False])
def test_partial_success_is_counted_and_logged(start, upstream, as_json):  # noqa: F811
    body = (json.dumps({"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}})
            .encode() if as_json else b"\x0a\x0b\x08\x01\x12\x07too old")
    kind = "application/json" if as_json else "application/x-protobuf"
    gateway, _ = start(Reply(headers={"content-type": kind}, body=body))
    ask(gateway, upstream.case())
    dropped = 'gateway_telemetry_spans_dropped_total', '{reason="rejected"}'
    wait_until(lambda: counter(gateway, *dropped) >= 1)
    wait_until(lambda: any("too old" in line for line in gateway.lines))


def test_refused_is_not_sent_again(start, upstream):  # noqa: F811
    gateway, collector = start(Reply(400))
    ask(gateway, upstream.case())
    wait_until(lambda: counter(
        gateway, "gateway_telemetry_spans_dropped_total", '{reason="rejected"}') == 2)
    assert len(collector.exports) == 1


def test_a_receiver_that_is_down_costs_clients_nothing(start, upstream):  # noqa: F811
    gateway, _ = start(otlp={
        "endpoint": f"http://127.0.0.1:{free_port()}", "queue": 128, "batch": 64})
    case = upstream.case()
    begin = time.monotonic()
    for _ in range(400):
        assert ask(gateway, case).status == 200
    assert time.monotonic() - begin < 20
    wait_until(lambda: counter(
        gateway, "gateway_telemetry_spans_dropped_total", '{reason="queue_full"}') > 0)
    begin = time.monotonic()
    assert gateway.stop() == 0
    # The end does not wait for it longer than the drain's limit (3 s here).
    assert time.monotonic() - begin < 6


def test_a_slow_receiver_holds_nobody_up(start, upstream):  # noqa: F811
    gateway, collector = start(Reply(seconds=2), Reply())
    ask(gateway, upstream.case())
    collector.wait(lambda: len(collector.exports) == 1)
    begin = time.monotonic()
    for _ in range(20):
        assert ask(gateway, upstream.case()).status == 200
    assert time.monotonic() - begin < 1.5
    assert len(collector.wait_for_spans(42)) == 42


def test_the_end_sends_what_is_left(start, upstream):  # noqa: F811
    gateway, collector = start(otlp={"batch_interval": "10m"})
    for _ in range(3):
        ask(gateway, upstream.case())
    assert not collector.exports
    assert gateway.stop() == 0
    assert len(collector.spans()) == 6


def test_environment(start, upstream):  # noqa: F811
    collector = Collector().start()
    try:
        gateway, other = start(environment={
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url + "/", "OTEL_SERVICE_NAME": "from-env",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_HEADERS":
            "authorization=Bearer%20abc, x-scope = one", "OTEL_EXPORTER_OTLP_TIMEOUT": "2000",
            "OTEL_RESOURCE_ATTRIBUTES": "service.version=1.2,team=a%20b",
            "OTEL_TRACES_SAMPLER": "always_on", "OTEL_METRICS_EXPORTER": "none"})
        ask(gateway, upstream.case(), {"traceparent": f"00-{'a' * 32}-{'b' * 16}-00"})
        request = collector.wait_for_spans(2)[1]
        assert request.resource["service.name"] == "from-env"
        assert request.resource["service.version"] == "1.2" and request.resource["team"] == "a b"
        headers = collector.exports[0].headers
        assert headers["authorization"] == "Bearer abc" and headers["x-scope"] == "one"
        assert headers["content-type"] == "application/json"
        assert not other.exports
    finally:
        collector.stop()


def test_values_that_make_no_sense_end_the_start(start):  # noqa: F811
    with pytest.raises(RuntimeError, match="OTEL_TRACES_SAMPLER"):
        start(environment={"OTEL_TRACES_SAMPLER": "sometimes"})
