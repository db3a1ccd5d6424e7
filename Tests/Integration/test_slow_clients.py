# SPDX-License-Identifier: MIT
"""Clients that begin a request and do not end it. Found by the simulation (Tests/Simulation)."""
import re

from support import replies, wire


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
