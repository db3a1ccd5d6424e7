# SPDX-License-Identifier: MIT
"""Limits of concurrency that follow the latency: what a provider can take is found out."""
import asyncio
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import configuration, process, replies, wire


class Server:
    """Works on `capacity` requests at a time; the others wait, and it says nothing of that."""

    def __init__(self, capacity, refuses_above=10_000):
        self.slots = asyncio.Semaphore(capacity)
        self.refuses_above = refuses_above
        self.now = self.most = self.refused = self.answered = 0

    def forget(self):
        self.most = self.refused = self.answered = 0

    async def __call__(self, exchange):
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.answer(exchange)
        finally:
            self.now -= 1

    async def answer(self, exchange):
        if self.now > self.refuses_above:
            self.refused += 1
            await replies.status(429)(exchange)
            return
        is_stream = exchange.request.json().get("stream")
        # As model servers do: the head comes before anything is done.
        if is_stream:
            await exchange.send(replies.STREAM_HEAD)
        async with self.slots:
            await asyncio.sleep(0.05)
        self.answered += 1
        if not is_stream:
            await replies.honest()(exchange)
            return
        for one in replies.stream_events():
            await exchange.send(replies.chunked(one))
        await exchange.send(b"0\r\n\r\n")


class Clients:
    """So many that ask all the time."""

    def __init__(self, count, ask):
        self.statuses = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=[ask]) for _ in range(count)]

    def run(self, ask):
        while not self.stopped.is_set():
            self.statuses.append(ask().status)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join(30)


@pytest.fixture
def start(tmp_path, upstream):
    started = []

    def make(change=lambda _: None, **limit):
        def edit(value):
            change(value)
            value["gateways"][0]["concurrency"] = {
                "adaptive": "gradient", "queue": 500, "queue_timeout": "20s", **limit}
            for name in ("first_header", "first_token"):
                value["timeouts"] = {**value["timeouts"], name: "10s"}
        made = configuration.write(tmp_path, upstream, change=edit)
        gateway = process.Gateway(made.path).start()
        started.append(gateway)
        return gateway
    yield make
    for gateway in started:
        gateway.stop()


def limit_of(gateway):
    return gateway.models()["gpt-4o"]["deployments"][0]["limits"][0]


@pytest.mark.parametrize("stream", [False, True])
def test_it_comes_near_what_the_server_can_take(start, upstream, stream):
    gateway = start(maximum=200)
    assert limit_of(gateway)["limit"] == 4 and limit_of(gateway)["adaptive"] is True
    server = Server(8)
    case = upstream.case(server)
    body = wire.chat_body(case.token, stream=stream)
    with Clients(50, lambda: wire.ask(gateway.port, body, seconds=30)) as clients:
        time.sleep(10)
        server.forget()
        seen = []
        for _ in range(20):
            time.sleep(0.2)
            seen.append(limit_of(gateway)["limit"])
        most, answered = server.most, server.answered
        shown = gateway.metric('gateway_concurrency_limit{gateway="upstream"}')
    assert set(clients.statuses) == {200}
    assert 7 <= min(seen) and max(seen) <= 24, seen
    assert most <= 24, "fifty would like to be there"
    assert answered > 4 / 0.05 * 8 * 0.5, "and the server is busy"
    assert abs(shown - seen[-1]) <= 6


def test_refusals_make_it_smaller(start, upstream):
    gateway = start(maximum=200, initial=100)
    server = Server(100, refuses_above=12)
    case = upstream.case(server)
    body = wire.chat_body(case.token)
    with Clients(40, lambda: wire.ask(gateway.port, body, seconds=30)):
        time.sleep(5)
        server.forget()
        time.sleep(4)
        refused, answered = server.refused, server.answered
    assert 5 <= limit_of(gateway)["limit"] <= 16
    assert refused < answered * 0.1, (refused, answered)


def test_how_fast_clients_take_an_answer_says_nothing_of_the_provider(start, upstream):
    """Sound passes in pieces, as fast as its client takes it."""
    def change(value):
        value["models"].append({"name": "tts", "provider": "openai", "capabilities": ["speech"],
                                "price": {"million_characters": 15}})
    gateway = start(change=change, maximum=200, initial=20)
    size = 8 << 20

    async def sound(exchange):
        await asyncio.sleep(0.02)
        await exchange.send(
            f"HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ncontent-length: {size}\r\n\r\n"
            .encode() + bytes(size))
    case = upstream.case(sound)
    body = json.dumps({"model": "tts", "voice": "alloy", "input": "Hi", "user": case.token})

    def listen(seconds):
        with wire.Wire(gateway.port, 30) as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
            client.send(wire.request(body.encode(), path="/v1/audio/speech"))
            assert client.head()[0] == 200
            time.sleep(seconds)
            assert len(client.exactly(size)[0]) == size

    def listen_together(seconds, rounds):
        with ThreadPoolExecutor(10) as pool:
            for _ in range(rounds):
                list(pool.map(listen, [seconds] * 10))
    listen_together(0, 8)
    # A busy machine makes latencies wander by a little; what a client takes would halve the limit.
    before = limit_of(gateway)["limit"]
    listen_together(1.5, 3)
    assert limit_of(gateway)["limit"] > 0.75 * before


def test_the_bounds_hold(start, upstream):
    gateway = start(minimum=3, maximum=5)
    case = upstream.case(Server(100))
    body = wire.chat_body(case.token)
    with Clients(20, lambda: wire.ask(gateway.port, body, seconds=30)):
        time.sleep(4)
        assert limit_of(gateway)["limit"] == 5
    broken = upstream.case(replies.status(429))
    for _ in range(100):
        # 503 while the circuit is open, for a millisecond.
        assert wire.ask(gateway.port, wire.chat_body(broken.token)).status in (429, 503)
    assert limit_of(gateway)["limit"] == 3
