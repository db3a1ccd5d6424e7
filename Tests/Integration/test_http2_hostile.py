# SPDX-License-Identifier: MIT
"""HTTP/2 clients that mean harm, or do not know better: each attack ends, the gateway goes on."""
import time

import pytest
from support import replies, wire

http2 = pytest.importorskip("support.http2", reason="needs hyper-h2; run setup.sh")
Encoder, frame = http2.Encoder, http2.frame
PROTOCOL_ERROR, ENHANCE_YOUR_CALM = 1, 11
START = [(":method", "POST"), (":scheme", "http"), (":authority", "gateway.test"),
         (":path", "/v1/chat/completions"), ("authorization", f"Bearer {wire.KEY}")]


def alive(gateway):
    with http2.Client(gateway.port) as one:
        return one.ask(path="/health").status == 200


MALFORMED = {
    "upper case": START + [("X-Upper", "a")],
    "line break in a value": START + [("x", "a\r\nevil: b")],
    "line feed in a value": START + [("x", "a\nevil: b")],
    "nul in a value": START + [("x", "a\0b")],
    "line break in a name": START + [("x\r\nevil", "a")],
    "white space around": START + [("x", " a ")],
    "connection": START + [("connection", "close")],
    "transfer-encoding": START + [("transfer-encoding", "chunked")],
    "keep-alive": START + [("keep-alive", "5")],
    "upgrade": START + [("upgrade", "websocket")],
    "te": START + [("te", "gzip")],
    "no method": START[1:],
    "no path": [one for one in START if one[0] != ":path"],
    "no scheme": [one for one in START if one[0] != ":scheme"],
    "two paths": START[:4] + [(":path", "/health")] + START[4:],
    "late pseudo-field": START + [(":path", "/health")],
    "unknown pseudo-field": START[:4] + [(":protocol", "websocket")] + START[4:],
    "request line in the path": [*START[:3], (":path", "/ HTTP/1.1\r\nx: y\r\n\r\nGET /")],
    "request line in the method": [(":method", "GET / HTTP/1.1\r\nx: y\r\n\r\nPOST"), *START[1:]],
    "host against authority": START + [("host", "other.test")],
    "two lengths": START + [("content-length", "1"), ("content-length", "2")],
    "a length that is none": START + [("content-length", "+1")],
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_are_reset(gateway, upstream, name):
    with http2.Client(gateway.port, check=False) as connection:
        before = upstream.default_requests
        number = connection.open(fields=MALFORMED[name], end=True)
        stream = connection.finish(number)
        assert stream.reset == PROTOCOL_ERROR or stream.status == 400, (stream, name)
        assert connection.ask(path="/health").status == 200, "the connection was lost"
        assert upstream.default_requests == before


@pytest.mark.parametrize("announced,sent", [(5, 6), (6, 5), (0, 4), (4, 0)])
def test_a_length_that_does_not_match(gateway, upstream, announced, sent):
    """More than announced would be the next request to a reader of HTTP/1.1."""
    with http2.Client(gateway.port, check=False) as connection:
        number = connection.open(fields=START + [("content-length", str(announced))], end=False)
        connection.frame(frame.DataFrame(number, b"x" * sent, flags=["END_STREAM"]))
        stream = connection.finish(number)
        assert stream.reset == PROTOCOL_ERROR or stream.status == 400
        assert alive(gateway)


def test_smuggled_requests_stay_body(gateway, upstream):
    case = upstream.case()
    hidden = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"
    with http2.Client(gateway.port) as connection:
        body = wire.chat_body(case.token) + b" " * 8 + hidden
        assert connection.ask(body).status == 400
        # The chunk framing that the gateway makes is not ended by what looks like its end.
        chunk_end = wire.chat_body(case.token) + b"\r\n0\r\n\r\n" + hidden
        assert connection.ask(chunk_end).status == 400
    assert not case.requests


def test_a_head_over_the_limit(gateway):
    with http2.Client(gateway.port) as connection:
        stream = connection.ask(path="/health", headers=[("x-large", "a" * 12_000)] * 6)
        assert stream.status == 431
        # With a body to come the stream is over all the same.
        number = connection.open(b"", end=False, method="POST",
                                 headers=[("x-large", "a" * 12_000)] * 6)
        stream = connection.streams[number]
        assert connection.until(lambda: stream.reset is not None) and stream.status == 431
        assert stream.reset == 0
        assert connection.ask(path="/health").status == 200


def test_an_hpack_bomb_ends_the_connection(gateway):
    """One entry of 4 KB in the table, named thousands of times."""
    encoder = Encoder()
    block = encoder.encode(START + [("x-bomb", "a" * 3_900)])
    index = bytes([0x80 | 62])
    with http2.Raw(gateway.port) as peer:
        peer.send(frame.HeadersFrame(1, block + index * 4_000, flags=["END_HEADERS"]).serialize())
        assert http2.goaway_code(peer.drain()) == ENHANCE_YOUR_CALM
    assert alive(gateway)


def test_a_flood_of_continuations(gateway):
    with http2.Raw(gateway.port) as peer:
        peer.send(frame.HeadersFrame(1, Encoder().encode(START)).serialize())
        piece = Encoder().encode([("x", "y")])
        sent = 0
        while sent < 10_000 and peer.send(frame.ContinuationFrame(1, piece).serialize()):
            sent += 1
        assert sent < 10_000 or peer.drain() is not None
        peer.drain()
    assert alive(gateway)


def flood(gateway, data, rounds=200, most=100):
    """Sends the bytes again and again until the gateway ends it; the code it gave."""
    with http2.Raw(gateway.port) as peer:
        for _ in range(rounds):
            if not peer.send(data * most):
                break
        return http2.goaway_code(peer.drain())


@pytest.mark.parametrize("name,one", [
    ("ping", frame.PingFrame(0, b"12345678")),
    ("settings", frame.SettingsFrame(0, {4: 65_535})),
    ("priority", frame.PriorityFrame(1, depends_on=0, stream_weight=5)),
    ("window", frame.WindowUpdateFrame(0, window_increment=1)),
])
def test_floods_of_frames_without_use(gateway, name, one):
    assert flood(gateway, one.serialize()) in (ENHANCE_YOUR_CALM, None)
    assert alive(gateway)


def test_empty_data_frames(gateway):
    with http2.Raw(gateway.port) as peer:
        peer.send(frame.HeadersFrame(
            1, Encoder().encode(START), flags=["END_HEADERS"]).serialize())
        empty = frame.DataFrame(1, b"").serialize() * 200
        for _ in range(100):
            if not peer.send(empty):
                break
        assert http2.goaway_code(peer.drain()) in (ENHANCE_YOUR_CALM, None)
    assert alive(gateway)


def test_rapid_reset(gateway, upstream):
    """CVE-2023-44487: streams that are opened only to be reset."""
    encoder = Encoder()
    data, count = b"", 3_000
    for number in range(1, 2 * count, 2):
        data += frame.HeadersFrame(
            number, encoder.encode(START), flags=["END_HEADERS"]).serialize()
        data += frame.RstStreamFrame(number, error_code=8).serialize()
    with http2.Raw(gateway.port) as peer:
        peer.send(data)
        assert http2.goaway_code(peer.drain()) == ENHANCE_YOUR_CALM
    assert alive(gateway)


def test_resets_that_the_client_provokes(gateway):
    """CVE-2025-8671: the gateway itself is made to reset the streams."""
    encoder = Encoder()
    data = b""
    for number in range(1, 6_000, 2):
        data += frame.HeadersFrame(
            number, encoder.encode(START), flags=["END_HEADERS"]).serialize()
        data += frame.WindowUpdateFrame(number, window_increment=0x7fffffff).serialize()
    with http2.Raw(gateway.port) as peer:
        peer.send(data)
        assert http2.goaway_code(peer.drain()) == ENHANCE_YOUR_CALM
    assert alive(gateway)


def test_streams_over_the_limit_are_refused(gateway):
    """`http2_streams`: 256. The ones over it are reset, or the connection ends."""
    encoder = Encoder()
    data = b"".join(frame.HeadersFrame(
        number, encoder.encode(START), flags=["END_HEADERS"]).serialize()
        for number in range(1, 600, 2))
    with http2.Raw(gateway.port, seconds=1.5) as peer:
        peer.send(data)
        received = peer.drain()
        resets = http2.frames(received, frame.RstStreamFrame)
        refused = [one.stream_id for one in resets if one.error_code == 7]
        assert len(refused) >= 44 or http2.goaway_code(received) is not None
    assert alive(gateway)


@pytest.mark.timeout(40)
def test_a_head_that_never_ends(gateway):
    with http2.Raw(gateway.port, seconds=20) as peer:
        peer.send(frame.HeadersFrame(1, Encoder().encode(START)).serialize())
        begin = time.monotonic()
        peer.drain()
        assert time.monotonic() - begin < gateway.idle_seconds + 6
    assert alive(gateway)
