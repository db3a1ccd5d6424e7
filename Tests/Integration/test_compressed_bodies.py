# SPDX-License-Identifier: MIT
"""Request bodies with `Content-Encoding`: upstream they are plain, and no bomb goes off."""
import gzip
import threading
import time

import pytest
from support import coding, replies, schemas, wire

CODINGS = sorted(coding.ENCODERS)


def compressed(name, body, headers=(), **more):
    return wire.request(coding.ENCODERS[name](body),
                        headers=[f"Content-Encoding: {name}", *headers], **more)


def ask(gateway, data, seconds=10):
    with wire.Wire(gateway.port, seconds) as connection:
        connection.send(data)
        return connection.answer()


@pytest.mark.parametrize("name", CODINGS)
def test_the_upstream_sees_a_plain_body(gateway, upstream, name):
    case = upstream.case()
    body = wire.chat_body(case.token, padding="x" * 100_000)
    with wire.Wire(gateway.port) as connection:
        for _ in range(3):
            connection.send(compressed(name, body))
            assert connection.answer().status == 200
    for request in case.requests:
        assert request.json() == replies.json.loads(body)
        assert "content-encoding" not in request.headers
        assert request.headers["content-length"] == str(len(request.body))


@pytest.mark.parametrize("name", CODINGS)
def test_pipelined_and_streamed_behind_it(gateway, upstream, name):
    case = upstream.case(replies.honest(tokens=["token"]))
    body = wire.chat_body(case.token, padding="y" * 20_000)
    with wire.Wire(gateway.port) as connection:
        connection.send(compressed(name, body) + wire.request(wire.chat_body(case.token))
                        + compressed(name, wire.chat_body(case.token, stream=True))
                        + wire.request(path="/v1/models", method="GET"))
        assert connection.answer().status == 200
        assert connection.answer().status == 200
        assert connection.answer().events()[-1] == "[DONE]"
        assert connection.answer().json()["object"] == "list"
    assert case.requests[0].json()["padding"] == "y" * 20_000


@pytest.mark.parametrize("name", CODINGS)
def test_chunked_in_transfer_too(gateway, upstream, name):
    case = upstream.case()
    body = coding.ENCODERS[name](wire.chat_body(case.token))
    chunks = b"".join(b"%X\r\n%s\r\n" % (len(body[at:at + 9]), body[at:at + 9])
                      for at in range(0, len(body), 9)) + b"0\r\n\r\n"
    head = wire.request(length=False, headers=[
        f"Content-Encoding: {name}", "Transfer-Encoding: chunked"])
    with wire.Wire(gateway.port) as connection:
        connection.send(head + chunks + wire.request(wire.chat_body(case.token)))
        assert connection.answer().status == 200
        assert connection.answer().status == 200
    assert case.requests[0].json()["user"] == case.token


def test_gzip_of_several_members(gateway, upstream):
    case = upstream.case()
    body = wire.chat_body(case.token)
    data = gzip.compress(body[:10]) + gzip.compress(b"") + gzip.compress(body[10:])
    assert ask(gateway, wire.request(data, headers=["Content-Encoding: GZIP"])).status == 200
    assert case.requests[0].json() == replies.json.loads(body)


@pytest.mark.parametrize("name", CODINGS)
def test_damaged_bodies(gateway, name):
    """The request's end is known, so the connection goes on."""
    whole = coding.ENCODERS[name](wire.chat_body())
    headers = [f"Content-Encoding: {name}"]
    with wire.Wire(gateway.port) as connection:
        for body in (b"", whole[:5], whole[:-1], whole + b"x", wire.chat_body(), b"\0" * 50):
            connection.send(wire.request(body, headers=headers))
            error = schemas.check_error(connection.answer(), 400)
            assert error["code"] == "malformed_content_encoding"
        connection.send(wire.request(coding.ENCODERS[name](b'{"model":}'), headers=headers))
        error = schemas.check_error(connection.answer(), 400)
        assert error["code"] == "malformed_json" and "byte 9" in error["message"]
        connection.send(compressed(name, wire.chat_body()))
        assert connection.answer().status == 200


@pytest.mark.parametrize("name", CODINGS)
def test_bombs(gateway, name):
    """A gigabyte of nothing would be a megabyte on the wire: it is refused at the limit."""
    bomb = coding.ENCODERS[name](b" " * 100_000_000)
    assert len(bomb) < gateway.body_limit
    with wire.Wire(gateway.port) as connection:
        start = time.monotonic()
        connection.send(wire.request(bomb, headers=[f"Content-Encoding: {name}"]))
        schemas.check_error(connection.answer(), 413)
        assert time.monotonic() - start < 2
        connection.send(compressed(name, wire.chat_body()))
        assert connection.answer().status == 200


@pytest.mark.parametrize("name", CODINGS)
def test_exactly_at_the_limit(gateway, upstream, name):
    case = upstream.case()
    body = wire.chat_body(case.token)
    body = body[:-1] + b" " * (gateway.body_limit - len(body)) + b"}"
    assert ask(gateway, compressed(name, body)).status == 200
    schemas.check_error(ask(gateway, compressed(name, body + b" ")), 413)


@pytest.mark.parametrize("value", ["br", "gzip, zstd", "deflate", "gzip\r\nContent-Encoding: gzip"])
def test_other_codings(gateway, value):
    answer = ask(gateway, wire.request(b"x", headers=[f"Content-Encoding: {value}"]))
    schemas.check_error(answer, 415)
    assert answer.headers["accept-encoding"] == "gzip, zstd"


@pytest.mark.parametrize("name", CODINGS)
def test_large_bodies_leave_others_their_turn(roomy_gateway, name):
    """Sixty megabytes are decoded in pieces. They end in damage, so nothing else is done with
    them; clients that leave in between free what they had."""
    cut = coding.ENCODERS[name](wire.chat_body(padding=" " * 60_000_000))[:-1]
    data = wire.request(cut, headers=[f"Content-Encoding: {name}"])
    slowest = [0.0]
    is_over = threading.Event()

    def others():
        while not is_over.is_set():
            start = time.monotonic()
            assert wire.ask(roomy_gateway.port, path="/health", method="GET").status == 200
            slowest[0] = max(slowest[0], time.monotonic() - start)

    beside = threading.Thread(target=others)
    beside.start()
    try:
        for _ in range(20):
            with wire.Wire(roomy_gateway.port) as connection:
                connection.send(data)
        schemas.check_error(ask(roomy_gateway, data, 30), 400)
    finally:
        is_over.set()
        beside.join()
    assert slowest[0] < 0.5


@pytest.mark.parametrize("name", CODINGS)
def test_a_large_body_arrives(roomy_gateway, upstream, name):
    case = upstream.case()
    body = wire.chat_body(case.token, padding="0123456789" * 600_000)
    assert ask(roomy_gateway, compressed(name, body), 30).status == 200
    assert case.requests[0].body == body
