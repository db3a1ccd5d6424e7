# SPDX-License-Identifier: MIT
"""Every ambiguity a smuggler uses is a 400 and a close, and nothing of it goes upstream."""
import pytest
from support import wire

BODY = wire.chat_body()
SMUGGLED = wire.request(wire.chat_body("smuggled"))


def head(*lines, target="POST /v1/chat/completions HTTP/1.1"):
    fixed = [target, "Host: gateway.test", f"Authorization: Bearer {wire.KEY}"]
    return "\r\n".join([*fixed, *lines]).encode("latin-1") + b"\r\n\r\n"


def length(count=len(BODY)):
    return f"Content-Length: {count}"


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
ATTEMPTS = {
    "length and chunked": head(length(), "Transfer-Encoding: chunked") + CHUNKED + SMUGGLED,
    "chunked and length": head("Transfer-Encoding: chunked", length(4)) + CHUNKED,
    "two lengths": head(length(), length(4)) + BODY,
    "two equal lengths": head(length(), length()) + BODY,
    "list of lengths": head(f"Content-Length: {len(BODY)}, {len(BODY)}") + BODY,
    "signed length": head(f"Content-Length: +{len(BODY)}") + BODY,
    "negative length": head("Content-Length: -1") + BODY,
    "hexadecimal length": head(f"Content-Length: {len(BODY):#x}") + BODY,
    "empty length": head("Content-Length:") + BODY,
    "length with space inside": head(f"Content-Length: {len(BODY)} 0") + BODY,
    "length beyond 64 bits": head("Content-Length: 99999999999999999999999") + BODY,
    "space before colon": head(f"Content-Length : {len(BODY)}") + BODY,
    "tab before colon": head("Transfer-Encoding\t: chunked") + CHUNKED,
    "folded header": head("X-A: one\r\n two", length()) + BODY,
    "folded coding": head("Transfer-Encoding:\r\n chunked") + CHUNKED,
    "leading space": head(" X-A: one", length()) + BODY,
    "bare LF in head": head(length()).replace(b"\r\n", b"\n", 1) + BODY,
    "bare LF head": head(length()).replace(b"\r\n", b"\n") + BODY,
    "bare CR in value": head("X-A: a\rb", length()) + BODY,
    "NUL in value": head("X-A: a\0b", length()) + BODY,
    "control in value": head("X-A: a\x01b", length()) + BODY,
    "NUL in name": head("X\0A: b", length()) + BODY,
    "bad name": head("X(A): b", length()) + BODY,
    "empty name": head(": b", length()) + BODY,
    "no colon": head("nonsense", length()) + BODY,
    "unknown coding": head("Transfer-Encoding: xchunked") + CHUNKED,
    "coding not last": head("Transfer-Encoding: chunked, identity") + CHUNKED,
    "chunked twice": head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + CHUNKED,
    "identity": head("Transfer-Encoding: identity") + CHUNKED,
    "vertical tab coding": head("Transfer-Encoding: \x0bchunked") + CHUNKED,
    "chunked in 1.0": head("Transfer-Encoding: chunked",
                           target="POST /v1/chat/completions HTTP/1.0") + CHUNKED,
    "two hosts": head("Host: other.test", length()) + BODY,
    "no host": head(length()).replace(b"Host: gateway.test\r\n", b"") + BODY,
    "bad version": head(length(), target="POST /v1/chat/completions HTTP/1.2x") + BODY,
    "no version": head(length(), target="POST /v1/chat/completions") + BODY,
    "two spaces": head(length(), target="POST  /v1/chat/completions HTTP/1.1") + BODY,
    "space in target": head(length(), target="POST /v1/chat completions HTTP/1.1") + BODY,
    "control in target": head(length(), target="POST /v1/chat\x7fx HTTP/1.1") + BODY,
    "bad method": head(length(), target="PO(ST /v1/chat/completions HTTP/1.1") + BODY,
    "chunk size not a number": head("Transfer-Encoding: chunked") + b"zz\r\n\r\n0\r\n\r\n",
    "chunk size 0x": head("Transfer-Encoding: chunked") + b"0x5\r\nhello\r\n0\r\n\r\n",
    "chunk size negative": head("Transfer-Encoding: chunked") + b"-5\r\nhello\r\n0\r\n\r\n",
    "chunk size too large": head("Transfer-Encoding: chunked") + b"ffffffffffffffff1\r\n",
    "chunk with bare LF": head("Transfer-Encoding: chunked") + b"5\nhello\r\n0\r\n\r\n",
    "chunk without CRLF": head("Transfer-Encoding: chunked") + b"5\r\nhelloXX0\r\n\r\n",
    "empty chunk size": head("Transfer-Encoding: chunked") + b"\r\nhello\r\n0\r\n\r\n",
    "long chunk extension": head("Transfer-Encoding: chunked") + b"5;" + b"a" * 100_000 + b"\r\n",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_refused_and_closed(gateway, upstream, attempt):
    smuggled = upstream.case()
    before = upstream.default_requests
    attempt = attempt.replace(b"smuggled", smuggled.token.encode().ljust(8)[:8])
    with wire.Wire(gateway.port) as connection:
        connection.send(attempt)
        answer = connection.answer()
        assert answer.status in (400, 413, 431, 501, 505), (answer.status, answer.body[:300])
        assert answer.headers.get("connection", "").lower() == "close"
        assert connection.closed()
    assert upstream.default_requests == before
    assert not smuggled.requests


def test_second_request_behind_a_refused_one_is_not_answered(gateway, upstream):
    case = upstream.case()
    good = wire.request(wire.chat_body(case.token))
    with wire.Wire(gateway.port) as connection:
        connection.send(ATTEMPTS["two lengths"] + good)
        assert connection.answer().status == 400
        assert connection.closed()
    assert not case.requests


def test_first_request_before_a_refused_one_is_answered(gateway, upstream):
    case = upstream.case()
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(wire.chat_body(case.token)) + ATTEMPTS["two lengths"])
        assert connection.answer().status == 200
        assert connection.answer().status == 400
        assert connection.closed()
    assert len(case.requests) == 1
