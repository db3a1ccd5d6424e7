# SPDX-License-Identifier: MIT
"""SIGTERM: readiness fails, what is in flight is finished, exit 0."""
import threading
import time

import pytest
from support import replies, wire


def ready(gateway):
    return wire.ask(gateway.port, path="/health/readiness", method="GET").status


def test_drain(own_gateway, upstream):
    case = upstream.case(replies.honest(tokens=["x"] * 20, delay=0.1))
    slow = upstream.case(replies.honest(latency=0.7))
    answers = {}

    def ask(name, token, stream):
        answers[name] = wire.ask(
            own_gateway.port, wire.chat_body(token, stream=stream), seconds=20)
    threads = [threading.Thread(target=ask, args=("stream", case.token, True)),
               threading.Thread(target=ask, args=("json", slow.token, False))]
    kept = wire.Wire(own_gateway.port)
    kept.send(wire.request(path="/health", method="GET"))
    assert kept.answer().status == 200
    for thread in threads:
        thread.start()
    assert case.arrived.wait(3) and slow.arrived.wait(3)
    assert ready(own_gateway) == 200
    own_gateway.terminate()
    time.sleep(0.3)
    try:
        assert ready(own_gateway) == 503
    except (OSError, wire.Closed):
        pass  # refusing new connections says the same
    assert kept.closed(), "an idle connection is left open while draining"
    for thread in threads:
        thread.join(15)
    assert own_gateway.wait() == 0
    assert answers["json"].status == 200 and answers["json"].clean
    assert answers["stream"].clean and answers["stream"].events()[-1] == "[DONE]"
    assert len(answers["stream"].events()) == 23


def test_idle_gateway_ends_at_once(own_gateway):
    begin = time.monotonic()
    own_gateway.terminate()
    assert own_gateway.wait() == 0
    assert time.monotonic() - begin < 2


@pytest.mark.timeout(60)
def test_drain_is_bounded(own_gateway, upstream):
    """A stream without an end does not keep the process for ever: it is told, then cut."""
    case = upstream.case(replies.endless_stream(delay=0.1))
    with wire.Wire(own_gateway.port, 40) as connection:
        connection.send(wire.request(wire.chat_body(case.token, stream=True)))
        assert connection.head()[0] == 200
        own_gateway.terminate()
        begin = time.monotonic()
        assert own_gateway.wait(own_gateway.drain_seconds + 10) == 0
        assert time.monotonic() - begin >= own_gateway.drain_seconds - 1.5
        while connection.more():
            pass
        assert b'"error"' in connection.buffer
        assert b"[DONE]" not in connection.buffer
