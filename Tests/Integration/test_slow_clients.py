# SPDX-License-Identifier: MIT
"""Clients that begin a request and do not end it, and such that do not read what they asked for."""
import asyncio
import contextlib
import re
import time

import pytest
from support import configuration, process, replies, wire


def in_flight(gateway):
    text = wire.ask(gateway.port, path="/metrics", method="GET").body.decode()
    # The request that asks is one of them.
    return int(re.search(r"^gateway_requests_in_flight (\S+)$", text, re.M)[1]) - 1


def test_half_a_head(gateway):
    before = in_flight(gateway)
    with wire.Wire(gateway.port) as connection:
        connection.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: g")
        answer = connection.answer()
        assert answer.status == 408 and answer.error["code"] == "request_timeout"
        assert connection.closed()
    assert in_flight(gateway) == before


def test_half_a_head_after_an_answer(gateway, upstream):
    """The exchange of the request before is over: nothing of it may be looked at."""
    case = upstream.case()
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(wire.chat_body(case.token)))
        assert connection.answer().status == 200
        connection.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: g")
        assert connection.answer().status == 408
    assert wire.ask(gateway.port, wire.chat_body()).status == 200


def after_others(gateway, whole, rest=b""):
    """The answer to a request whose last bytes come when other clients have sent half a head, or a
    broken one: on every worker."""
    with wire.Wire(gateway.port) as slow:
        slow.send(whole[:-10])
        time.sleep(0.1)
        others = [wire.Wire(gateway.port) for _ in range(16)]
        for other in others:
            other.send(b"POST /v1/a HTTP/1.1\r\nx: y\r\nx-other: two\r\nuser-a" + rest)
        time.sleep(0.1)
        slow.send(whole[-10:])
        answer = slow.answer()
        for other in others:
            other.reset()
    return answer


@pytest.mark.parametrize("rest", [b"", b"broken\r\n\r\n"])
def test_half_a_head_of_another_client(gateway, upstream, rest):
    """What is parsed of it stands in the table where the fields of a whole head were, whose body is
    still to come: these go to the provider all the same, and nothing else."""
    case = upstream.case()
    whole = wire.request(
        wire.chat_body(case.token), headers=["x-first: one", "User-Agent: waits/1.0"])
    assert after_others(gateway, whole, rest).status == 200
    headers = case.requests[0].headers
    assert headers["x-first"] == "one"
    assert headers["user-agent"] == "waits/1.0"
    assert headers["content-type"] == "application/json"
    assert "x-other" not in headers


def test_words_to_policies_before_another_head(tmp_path, upstream):
    """What a head says to policies counts whenever its body comes, and its request's id is given
    back."""
    made = configuration.write(tmp_path, upstream)
    made.facts["policies"].write_text(
        'permit (principal, action, resource);\n'
        'forbid (principal, action, resource) when { context.tags.contains("secret") };\n',
        encoding="utf-8")
    gateway = process.Gateway(made.path).start()
    try:
        for tags, status in ("open", 200), ("open, secret", 403):
            whole = wire.request(
                wire.chat_body(upstream.case().token),
                headers=[f"x-gateway-tags: {tags}", "x-request-id: mine-1"])
            answer = after_others(gateway, whole)
            assert answer.status == status
        assert answer.headers["x-request-id"] == "mine-1"
    finally:
        gateway.stop()


def test_usage_in_several_data_lines(gateway, upstream):
    """An event whose data stand in several lines is read like any other."""
    chunk = '"id":"c","object":"chat.completion.chunk","created":1,"model":"m"'
    events = (
        '{%s,"choices":[{"index":0,"delta":{"content":"hello"},"finish_reason":null}]}' % chunk,
        '{%s,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}' % chunk,
        '{%s,\ndata: "choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,'
        '"total_tokens":7}}' % chunk, "[DONE]")
    body = "".join(f"data: {event}\n\n" for event in events).encode()
    head = replies.head(200, {"content-type": "text/event-stream"}, len(body))
    for options, is_there in ({}, False), ({"stream_options": {"include_usage": True}}, True):
        case = upstream.case(replies.raw(head + body))
        answer = wire.ask(gateway.port, wire.chat_body(case.token, stream=True, **options))
        assert answer.status == 200 and b"hello" in answer.body
        assert (b"total_tokens" in answer.body) == is_there, answer.body
        assert answer.body.rstrip().endswith(b"data: [DONE]")


def flood(counts):
    """Content as fast as it is taken; how much that was."""
    async def reply(exchange):
        counts.append(0)
        piece = replies.chunked(replies.event(replies.chunk({"content": "x" * 60_000})))
        await exchange.send(replies.STREAM_HEAD + replies.chunked(replies.stream_events()[0]))
        exchange.keep = False
        while True:
            await exchange.send(piece)
            counts[-1] += len(piece)
    return reply


def test_a_stream_that_was_broken_while_it_was_held_back(tmp_path, upstream):
    """The next one on the same connection is held back as well."""
    def change(value):
        value["workers"] = 1
        value["timeouts"] = {**value["timeouts"], "total": "2500ms", "client_write": "9s"}
    made = configuration.write(tmp_path, upstream, change=change)
    gateway, counts = process.Gateway(made.path).start(), []
    try:
        case = upstream.case(flood(counts))
        with wire.Wire(gateway.port, seconds=20) as connection:
            connection.send(wire.request(wire.chat_body(case.token, stream=True)))
            time.sleep(3)
            answer = connection.answer()
            assert answer.clean and "error" in answer.events()[-1]
            connection.send(wire.request(wire.chat_body(case.token, stream=True)))
            time.sleep(2)
            assert len(counts) == 2
            assert counts[1] < counts[0] + (8 << 20), "nothing holds the upstream back"
    finally:
        gateway.stop()


def test_slow_clients_are_no_failures_of_the_upstream(tmp_path, upstream):
    """The total time ends a stream that its client does not take: its circuit stays closed."""
    def change(value):
        value["workers"] = 1
        value["timeouts"] = {**value["timeouts"], "total": "1500ms", "client_write": "9s"}
        value["circuit_breaker"] = {**configuration.TOLERANT, "consecutive_failures": 2,
                                    "cool_down": "60s", "cool_down_maximum": "60s"}
    made = configuration.write(tmp_path, upstream, change=change)
    gateway, counts = process.Gateway(made.path).start(), []
    try:
        case = upstream.case(flood(counts))
        with contextlib.ExitStack() as stack:
            slow = [stack.enter_context(wire.Wire(gateway.port, seconds=20)) for _ in range(6)]
            for connection in slow:
                connection.send(wire.request(wire.chat_body(case.token, stream=True)))
            time.sleep(2.5)
            for connection in slow:
                answer = connection.answer()
                assert answer.clean and "more slowly than it came" in answer.events()[-1]
        assert not [line for line in gateway.lines if "upstream failed" in line]
        assert gateway.metric('gateway_broken_streams_total{side="client"}') == 6
        assert gateway.metric('gateway_broken_streams_total{side="upstream"}') == 0
        assert wire.ask(gateway.port, wire.chat_body(upstream.case().token)).status == 200
    finally:
        gateway.stop()


def test_a_stream_whose_client_cannot_be_told_of_its_end(own_gateway, upstream):
    """It ends once, though neither side is there any more."""
    async def reply(exchange):
        await exchange.send(replies.STREAM_HEAD + replies.chunked(replies.stream_events()[0]))
        await asyncio.sleep(0.6)
        exchange.reset()
    case = upstream.case(reply)
    with wire.Wire(own_gateway.port) as connection:
        connection.send(wire.request(wire.chat_body(case.token, stream=True)))
        assert connection.head()[0] == 200
        # So much ahead is not read, and so it is not seen that the client goes.
        connection.send(b"x" * 200_000)
        time.sleep(0.2)
        connection.reset()
    time.sleep(0.8)
    text = wire.ask(own_gateway.port, path="/metrics", method="GET").body.decode()
    assert "\ngateway_open_streams 0\n" in text, re.findall("gateway_open_streams.*", text)
