# SPDX-License-Identifier: MIT
"""HTTP/1.1 as it may be used: pipelining, chunked bodies, 100-continue, keep-alive."""
import time

import pytest
from support import replies, wire


def chunked_request(token, size=7, trailer=b"", extension=b""):
    body = wire.chat_body(token)
    parts = [body[index:index + size] for index in range(0, len(body), size)]
    data = b"".join(b"%X%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    head = wire.request(headers=["Transfer-Encoding: chunked"], length=False)
    return head + data + b"0\r\n" + trailer + b"\r\n", body


@pytest.mark.parametrize("options", [
    {}, {"size": 1}, {"size": 10_000}, {"extension": b";a=b"}, {"trailer": b"X-After: 1\r\n"}])
def test_chunked_bodies(gateway, upstream, options):
    case = upstream.case()
    data, body = chunked_request(case.token, **options)
    with wire.Wire(gateway.port) as connection:
        connection.send(data)
        assert connection.answer().status == 200
        assert case.requests[0].json() == replies.json.loads(body)
        assert "x-after" not in case.requests[0].headers
        connection.send(wire.request(wire.chat_body(case.token)))
        assert connection.answer().status == 200


def test_every_split_of_a_request(gateway, upstream):
    """One write, a pause, the rest: at every byte of a small request."""
    data = wire.request(b'{"model":"gpt-4o-mini","messages":[{}]}')
    with wire.Wire(gateway.port, 30) as connection:
        for cut in range(1, len(data)):
            connection.send(data[:cut])
            time.sleep(0.0005)
            connection.send(data[cut:])
            assert connection.answer().status == 200


def test_pipelined_requests_are_answered_in_order(gateway, upstream):
    slow = upstream.case(replies.honest(tokens=["first"], latency=0.3))
    fast = upstream.case(replies.honest(tokens=["second"]))
    models = wire.request(path="/v1/models", method="GET")
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(wire.chat_body(slow.token))
                        + wire.request(wire.chat_body(fast.token, stream=True))
                        + models + wire.request(wire.chat_body(fast.token)))
        first = connection.answer()
        assert first.json()["choices"][0]["message"]["content"] == "first"
        second = connection.answer()
        assert second.events()[-1] == "[DONE]" and "second" in second.events()[1]
        assert connection.answer().json()["object"] == "list"
        assert connection.answer().json()["choices"][0]["message"]["content"] == "second"


def test_requests_that_come_during_a_stream(gateway, upstream):
    """The stream's own request is gone from memory by then; the next ones are whole, though they
    come in pieces."""
    stream = upstream.case(replies.honest(tokens=["a", "b", "c", "d"], delay=0.1))
    next_one = upstream.case(replies.honest(tokens=["second"]))
    with wire.Wire(gateway.port) as connection:
        for _ in range(3):
            connection.send(wire.request(wire.chat_body(stream.token, stream=True)))
            while b"chat.completion.chunk" not in connection.buffer:
                assert connection.more()
            behind = wire.request(wire.chat_body(next_one.token)) * 2
            connection.send(behind[:50])
            time.sleep(0.1)
            connection.send(behind[50:])
            events = connection.answer().events()
            assert events[-1] == "[DONE]" and len(events) == 7
            for _ in range(2):
                message = connection.answer().json()["choices"][0]["message"]
                assert message["content"] == "second"


def test_a_hundred_pipelined(gateway, upstream):
    case = upstream.case()
    with wire.Wire(gateway.port, 20) as connection:
        connection.send(wire.request(wire.chat_body(case.token)) * 100)
        for _ in range(100):
            assert connection.answer().status == 200
    assert len(case.requests) == 100


def test_expect_continue(gateway, upstream):
    case = upstream.case()
    body = wire.chat_body(case.token)
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(
            headers=[f"Content-Length: {len(body)}", "Expect: 100-continue"], length=False))
        assert connection.head()[0] == 100
        assert not case.requests
        connection.send(body)
        assert connection.answer().status == 200


def test_expect_is_refused_before_the_body(gateway):
    """A wrong key or a body that is too large is answered without asking for the body."""
    for lines, key, status in (
            (["Content-Length: 100"], "sk-wrong", 401),
            ([f"Content-Length: {gateway.body_limit + 1}"], wire.KEY, 413)):
        with wire.Wire(gateway.port) as connection:
            connection.send(wire.request(
                headers=[*lines, "Expect: 100-continue"], length=False, key=key))
            assert connection.head()[0] == status


def test_unknown_expectation(gateway):
    answer = wire.ask(gateway.port, wire.chat_body(), headers=["Expect: 200-maybe"])
    assert answer.status == 417


def test_connection_close_is_honoured(gateway, upstream):
    case = upstream.case()
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(wire.chat_body(case.token), headers=["Connection: close"]))
        answer = connection.answer()
        assert answer.status == 200 and answer.headers["connection"] == "close"
        assert connection.closed()


def test_http_1_0_closes(gateway, upstream):
    case = upstream.case()
    data = wire.request(wire.chat_body(case.token)).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    with wire.Wire(gateway.port) as connection:
        connection.send(data)
        answer = connection.answer()
        assert answer.status == 200 and "transfer-encoding" not in answer.headers
        assert connection.closed()


def test_http_1_0_stream_is_not_chunked(gateway, upstream):
    case = upstream.case()
    data = wire.request(wire.chat_body(case.token, stream=True))
    with wire.Wire(gateway.port) as connection:
        connection.send(data.replace(b"HTTP/1.1", b"HTTP/1.0", 1))
        answer = connection.answer()
        assert "transfer-encoding" not in answer.headers
        assert answer.events()[-1] == "[DONE]"


def test_hop_by_hop_headers_stay_on_their_hop(gateway, upstream):
    case = upstream.case()
    wire.ask(gateway.port, wire.chat_body(case.token), headers=[
        "Connection: keep-alive, X-Private", "X-Private: 1", "Keep-Alive: timeout=5",
        "Proxy-Authorization: Basic eDp5", "TE: trailers", "Upgrade: h2c", "X-Public: 1"])
    headers = case.requests[0].headers
    for name in ("x-private", "keep-alive", "proxy-authorization", "te", "upgrade"):
        assert name not in headers, name
    assert headers["x-public"] == "1"
    assert headers["host"] != "gateway.test"


def test_head_of_a_response_is_not_duplicated(gateway, upstream):
    """Connection-level fields of the provider do not reach the client."""
    body = replies.json.dumps(replies.chat_completion()).encode()
    data = replies.head(200, {"content-type": "application/json", "connection": "X-Own, close",
                              "x-own": "1", "keep-alive": "timeout=1",
                              "set-cookie": "__cf_bm=x"}, len(body)) + body
    case = upstream.case(replies.raw(data, end="close"))
    with wire.Wire(gateway.port) as connection:
        for _ in range(2):
            connection.send(wire.request(wire.chat_body(case.token)))
            answer = connection.answer()
            assert answer.status == 200
            assert "x-own" not in answer.headers and "keep-alive" not in answer.headers


def test_interim_answers_of_the_provider_are_passed_over(gateway, upstream):
    body = replies.json_response(200, replies.chat_completion())
    case = upstream.case(replies.raw(
        b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + body))
    assert wire.ask(gateway.port, wire.chat_body(case.token)).status == 200


def test_close_delimited_answer(gateway, upstream):
    body = replies.json.dumps(replies.chat_completion()).encode()
    data = replies.head(200, {"content-type": "application/json"}) + body
    case = upstream.case(replies.raw(data, end="close"))
    answer = wire.ask(gateway.port, wire.chat_body(case.token))
    assert answer.status == 200 and answer.clean
    assert answer.body == body


def test_large_answers_and_slow_readers(gateway, upstream):
    """8 MB through a client that pauses: the gateway's memory must not hold it all."""
    body = replies.json.dumps(replies.chat_completion("x" * 8_000_000)).encode()
    data = replies.head(200, {"content-type": "application/json"}, len(body)) + body
    case = upstream.case(replies.raw(data))
    with wire.Wire(gateway.port, 20) as connection:
        connection.send(wire.request(wire.chat_body(case.token)))
        connection.more()
        time.sleep(0.5)
        answer = connection.answer()
    assert answer.status == 200 and answer.clean and answer.body == body


def test_idle_upstream_connection_closed_by_the_provider(gateway, upstream):
    """The provider closes right after answering: the next request must not fail for it."""
    data = replies.json_response(200, replies.chat_completion())
    case = upstream.case(replies.raw(data, end="close"))
    for _ in range(20):
        assert wire.ask(gateway.port, wire.chat_body(case.token)).status == 200
