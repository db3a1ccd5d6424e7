# SPDX-License-Identifier: MIT
"""Clients that are slow or gone: the upstream is freed, nothing leaks, others are served."""
import time

import pytest
from support import replies, wire


def served(gateway):
    return wire.ask(gateway.port, wire.chat_body()).status == 200


def in_flight(gateway):
    text = wire.ask(gateway.port, path="/metrics", method="GET").body.decode()
    lines = [line for line in text.splitlines()
             if "in_flight" in line and not line.startswith("#")]
    assert lines, "no in-flight gauge among the metrics"
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def settle_in_flight(gateway, seconds=3):
    """The gauge once it is down, or what it stays at. (The request before may still be counted by
    the worker that answered it when the next one asks another worker.)"""
    end = time.monotonic() + seconds
    while True:
        count = in_flight(gateway)
        if count <= 1 or time.monotonic() > end:
            return count
        time.sleep(0.05)


@pytest.mark.parametrize("reset", [False, True], ids=["fin", "rst"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_gone_while_sending(gateway, share, reset):
    data = wire.request(wire.chat_body())
    baseline = gateway.descriptors()
    for _ in range(20):
        connection = wire.Wire(gateway.port)
        connection.send(data[:int(len(data) * share)])
        connection.reset() if reset else connection.socket.close()
    assert served(gateway)
    assert gateway.settle(baseline) <= baseline + 2


@pytest.mark.parametrize("reset", [False, True], ids=["fin", "rst"])
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_gone_while_the_provider_thinks(gateway, upstream, stream, reset):
    case = upstream.case(replies.raw(b"", end="hang"))
    connection = wire.Wire(gateway.port)
    connection.send(wire.request(wire.chat_body(case.token, stream=stream)))
    assert case.arrived.wait(3)
    connection.reset() if reset else connection.socket.close()
    assert case.gone.wait(0.9), "the upstream was not freed"
    assert settle_in_flight(gateway) <= 1


@pytest.mark.parametrize("reset", [False, True], ids=["fin", "rst"])
def test_gone_within_a_stream(gateway, upstream, reset):
    case = upstream.case(replies.endless_stream())
    connection = wire.Wire(gateway.port)
    connection.send(wire.request(wire.chat_body(case.token, stream=True)))
    assert connection.head()[0] == 200
    connection.until(b"more")
    connection.reset() if reset else connection.socket.close()
    assert case.gone.wait(3), "the upstream was not freed"
    assert settle_in_flight(gateway) <= 1


def test_gone_within_a_large_answer(gateway, upstream):
    body = b'{"x":"' + b"x" * 30_000_000 + b'"}'
    data = replies.head(200, {"content-type": "application/json"}, len(body)) + body
    case = upstream.case(replies.raw(data, end="hang"))
    connection = wire.Wire(gateway.port)
    connection.send(wire.request(wire.chat_body(case.token)))
    assert connection.head()[0] == 200
    connection.reset()
    assert served(gateway)
    assert settle_in_flight(gateway) <= 1


def test_a_reader_that_stops_stops_its_upstream(gateway, upstream):
    """Back-pressure end to end: what is not read is not taken from the provider either."""
    sent = []

    async def flood(exchange):
        await exchange.send(replies.STREAM_HEAD)
        piece = replies.chunked(replies.event(replies.chunk({"content": "x" * 8000})))
        try:
            for _ in range(8000):
                await exchange.send(piece)
                sent.append(len(piece))
        except (ConnectionError, OSError):
            exchange.case.gone.set()
        exchange.keep = False
    case = upstream.case(flood)
    connection = wire.Wire(gateway.port)
    connection.send(wire.request(wire.chat_body(case.token, stream=True)))
    assert connection.head()[0] == 200
    time.sleep(0.7)
    before = sum(sent)
    time.sleep(0.5)
    assert sum(sent) == before, "the provider is still being read"
    assert before < 24 * 1024 * 1024
    connection.reset()
    assert case.gone.wait(3)


@pytest.mark.parametrize("part", ["none", "line", "head", "body"])
def test_slow_loris(gateway, part):
    """A client that does not go on is dropped (408 or a close) within its time-out."""
    data = wire.request(wire.chat_body())
    cuts = {"none": 0, "line": 10, "head": data.index(b"\r\n\r\n"), "body": len(data) - 5}
    begin = time.monotonic()
    with wire.Wire(gateway.port, 15) as connection:
        connection.send(data[:cuts[part]])
        try:
            assert connection.answer().status == 408
        except wire.Closed:
            assert not connection.buffer
    limit = gateway.idle_seconds if part == "none" else gateway.request_seconds
    assert time.monotonic() - begin < limit + 3


def test_slow_loris_a_byte_at_a_time(gateway):
    """Each byte must not buy more time: the whole head has one deadline."""
    data = wire.request(wire.chat_body())
    begin = time.monotonic()
    with wire.Wire(gateway.port, 15) as connection:
        try:
            for index in range(len(data)):
                connection.send(data[index:index + 1])
                time.sleep(0.1)
                if time.monotonic() - begin > gateway.request_seconds + 3:
                    pytest.fail("the gateway waits on")
        except ConnectionError:
            pass
    assert time.monotonic() - begin < gateway.request_seconds + 3


def test_slow_clients_do_not_slow_others(gateway, upstream):
    idle = [wire.Wire(gateway.port) for _ in range(200)]
    for connection in idle:
        connection.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n")
    begin = time.monotonic()
    for _ in range(20):
        assert served(gateway)
    assert time.monotonic() - begin < 2
    for connection in idle:
        connection.socket.close()


def test_a_thousand_connections_come_and_go(gateway):
    baseline = gateway.descriptors()
    for _ in range(5):
        many = [wire.Wire(gateway.port) for _ in range(200)]
        for connection in many:
            connection.send(wire.request(path="/health", method="GET"))
        assert all(connection.answer().status == 200 for connection in many)
        for connection in many:
            connection.socket.close()
    assert gateway.settle(baseline) <= baseline + 2
