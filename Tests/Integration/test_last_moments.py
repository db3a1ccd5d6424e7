# SPDX-License-Identifier: MIT
"""Exchanges that end when nobody expects it: what is counted, looked at and told then."""
import asyncio
import json
import re
import signal
import time

import pytest
from support import configuration, hedging, process, replies, wire
from support.upstream import Upstream

WRONG_KEY = wire.request(wire.chat_body(), key="sk-nobody-knows-this-key")
TOO_LARGE = wire.request(headers=["Content-Length: 999999999"], length=False)
BROKEN = b"POST /v1/chat/completions HTTP/1.1\r\nHost : g\r\n\r\n"
NO_CODING = wire.request(wire.chat_body(), headers=["Content-Encoding: br"])


def gauge(gateway, name):
    text = wire.ask(gateway.port, path="/metrics", method="GET").body.decode()
    return float(re.search(rf"^{name} (\S+)$", text, re.M)[1])


@pytest.mark.parametrize("request_bytes", [WRONG_KEY, TOO_LARGE, BROKEN, NO_CODING],
                         ids=["a wrong key", "a large body", "no head", "an unknown coding"])
def test_a_refusal_that_cannot_be_sent(own_gateway, request_bytes):
    """The request and the client's reset come in one turn: the exchange ends all the same."""
    clients = [wire.Wire(own_gateway.port) for _ in range(8)]
    time.sleep(0.2)
    own_gateway.process.send_signal(signal.SIGSTOP)
    for client in clients:
        client.send(request_bytes)
        client.reset()
    own_gateway.process.send_signal(signal.SIGCONT)
    time.sleep(0.2)
    # The request that asks is one of them.
    assert gauge(own_gateway, "gateway_requests_in_flight") == 1


def test_a_stream_that_failed_before_its_first_event(own_gateway, upstream):
    """Nothing was open: a client that cannot be told of the failure does not close it."""
    async def reply(exchange):
        await exchange.send(replies.STREAM_HEAD + replies.chunked(b": wait\n\n"))
        await asyncio.sleep(0.6)
        exchange.reset()
    case = upstream.case(reply)
    with wire.Wire(own_gateway.port) as connection:
        connection.send(wire.request(wire.chat_body(case.token, stream=True)))
        assert case.arrived.wait(2)
        # So much ahead is not read, and so it is not seen that the client goes.
        connection.send(b"x" * 200_000)
        time.sleep(0.2)
        connection.reset()
    time.sleep(0.8)
    assert gauge(own_gateway, "gateway_open_streams") == 0


@pytest.mark.parametrize("behind", [b"P", wire.request(wire.chat_body())])
def test_a_stream_of_an_open_model_that_breaks_before_a_pipelined_request(
        tmp_path, upstream, behind):
    """Its request has been given back when the next one comes: what is said of the failure is not
    read from that."""
    async def reply(exchange):
        await exchange.send(replies.STREAM_HEAD + replies.chunked(replies.stream_events()[0]))
        await asyncio.sleep(0.4)
        exchange.reset()

    def change(value):
        value["model_routing"]["new-*"] = {
            "gateways": ["upstream"], "price": {"input": 1, "output": 2}}
    made = configuration.write(tmp_path, upstream, change=change)
    gateway = process.Gateway(made.path).start()
    try:
        case = upstream.case(reply)
        with wire.Wire(gateway.port) as connection:
            connection.send(wire.request(
                wire.chat_body(case.token, model="new-model-with-a-name", stream=True)))
            assert connection.head()[0] == 200
            connection.send(behind)
            assert connection.until(b"0\r\n\r\n") is not None, "no end of the stream"
        assert wire.ask(gateway.port, wire.chat_body()).status == 200
    finally:
        assert gateway.stop() == 0


def test_the_list_of_models_is_shown_as_its_own_client_wants_it(gateway):
    """Though longer heads of other clients come between its head and its body."""
    whole = wire.request(b"12345", path="/v1/models", method="GET")
    other = wire.request(path="/v1/models", method="GET", headers=[
        "x-padding: " + 500 * "x", "x-other: 1", "anthropic-version: 2023-06-01"])
    with wire.Wire(gateway.port) as slow:
        slow.send(whole[:-1])
        time.sleep(0.1)
        for _ in range(16):
            with wire.Wire(gateway.port) as connection:
                connection.send(other)
                assert connection.answer().json()["data"][0]["type"] == "model"
        slow.send(whole[-1:])
        assert slow.answer().json()["object"] == "list"


def test_an_array_of_a_whole_answer(tmp_path):
    """Google's streams without `alt=sse` are arrays of JSON, and said to be, whatever the provider
    answers with."""
    own = Upstream().start()
    case = own.case(replies.raw(replies.json_response(200, replies.chat_completion())))
    own._case_of = lambda _: case.requests.append(None) or case
    gateway = process.Gateway(configuration.write(tmp_path, own).path).start()
    try:
        body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}).encode()
        answer = wire.ask(
            gateway.port, body, path="/v1beta/models/gpt-4o-mini:streamGenerateContent")
        assert answer.status == 200 and isinstance(answer.json(), list), answer
        assert answer.headers["content-type"] == "application/json"
    finally:
        gateway.stop()
        own.stop()


def test_a_hedge_of_a_client_that_is_slow_to_take_the_answer_before(tmp_path, upstream):
    """What is queued for it says nothing about either attempt: both are read."""
    events = replies.stream_bytes()[len(replies.STREAM_HEAD):]
    first = replies.pieces([replies.STREAM_HEAD + replies.chunked(b": wait\n\n"), b"", events],
                           delay=0.7)
    second = replies.pieces([replies.STREAM_HEAD + replies.chunked(b": wait\n\n"), b"", b""],
                            delay=0.3, end="reset")
    large = upstream.case(replies.raw(replies.json_response(
        200, replies.chat_completion("x" * 4_000_000))))

    def change(value):
        value["workers"] = 1
        value["limits"]["relay_buffer"] = "4KiB"
    case = upstream.case(hedging.by_model(first, second))
    with hedging.serving(tmp_path / "hedging", upstream, change=change) as gateway:
        with wire.Wire(gateway.port, seconds=20) as connection:
            connection.send(
                wire.request(wire.chat_body(large.token))
                + wire.request(wire.chat_body(case.token, model="smart", stream=True)))
            time.sleep(0.6)
            assert connection.answer().status == 200
            answer = connection.answer()
            assert hedging.text_of(answer) == ("Hello there,", 1), answer.body[-400:]
