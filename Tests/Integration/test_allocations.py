# SPDX-License-Identifier: MIT
"""In steady state a request that passes through allocates nothing on the heap: not one call of
malloc in thousands of requests, on any thread of the gateway."""
import os
import time

import pytest
from support import allocations, configuration, process, replies, wire

CONNECTIONS = 8
# More at once while warming up: pools have grown to more than the measured part needs at a time.
WARM_CONNECTIONS = 32

pytestmark = [
    pytest.mark.skipif(allocations.compiler() is None, reason="there is no C compiler"),
    pytest.mark.skipif("debug" in os.path.realpath(process.binary()),
                       reason="debug builds allocate; only a release build is measured")]


@pytest.fixture(scope="module", params=["plain", "access-log", "traced"])
def counted(tmp_path_factory, upstream, request):
    folder = tmp_path_factory.mktemp("counted")
    counter = allocations.Counter(folder)
    environment = dict(counter.environment)
    logging = {"access_log": str(folder / "access.log")} if request.param == "access-log" else None
    telemetry = None
    if request.param == "traced":
        # Every request leaves its spans. What sends them off is another thread, and may allocate.
        telemetry = {"otlp": {"endpoint": "http://127.0.0.1:1"}}
        environment["ALLOCATIONS_THREADS"] = "worker-"
    made = configuration.write(folder, upstream, logging=logging, telemetry=telemetry)
    gateway = process.Gateway(made.path, environment=environment).start()
    gateway.counter = counter
    yield gateway
    gateway.stop()


def allocated(gateway, data, warm_up, measured):
    """How many allocations `measured` requests make, on connections that are open already."""
    connections = [wire.Wire(gateway.port, 120) for _ in range(WARM_CONNECTIONS)]

    def ask(count, among):
        for _ in range(0, count, len(among)):
            for connection in among:
                connection.send(data)
            for connection in among:
                answer = connection.answer()
                assert answer.status == 200 and answer.clean
    try:
        ask(warm_up, connections)
        # What the warm-up leaves to other threads comes to its end.
        time.sleep(0.3)
        assert gateway.counter.count > 1_000, "the counter is not in place"
        gateway.counter.arm()
        before = gateway.counter.count
        ask(measured, connections[:CONNECTIONS])
        after = gateway.counter.count
        gateway.counter.disarm()
        return after - before
    finally:
        for connection in connections:
            connection.socket.close()


def test_chat(counted, upstream):
    data = wire.request(wire.chat_body(model="smart", padding="x" * 900))
    assert allocated(counted, data, 2_000, 5_000) == 0, counted.counter.traces()


def test_streams(counted, upstream):
    case = upstream.case(replies.honest(tokens=["word "] * 20))
    data = wire.request(wire.chat_body(case.token, stream=True))
    assert allocated(counted, data, 400, 1_000) == 0, counted.counter.traces()


def test_embeddings(counted, upstream):
    data = wire.request(b'{"model":"text-embedding-3-small","input":"some text"}',
                        path="/v1/embeddings")
    assert allocated(counted, data, 400, 1_000) == 0, counted.counter.traces()


def test_the_counter_counts(counted):
    """Metrics are rendered to a text, which does allocate."""
    data = wire.request(path="/metrics", method="GET")
    assert allocated(counted, data, 10, 10) > 10
    assert "allocation 0:" in counted.counter.traces()
