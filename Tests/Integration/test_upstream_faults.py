# SPDX-License-Identifier: MIT
"""A provider that breaks: the client gets a right status or an error event, never a false end."""
import asyncio
import json
import time

import pytest
from support import configuration, process, replies, schemas, wire

HEAD = replies.head(200, {"content-type": "application/json"}, 5000)


def ask(gateway, case, stream=False, seconds=8):
    return wire.ask(gateway.port, wire.chat_body(case.token, stream=stream), seconds)


BEFORE = {
    "reset": (replies.raw(b"", end="reset"), (502,)),
    "close": (replies.raw(b"", end="close"), (502,)),
    "hang": (replies.raw(b"", end="hang"), (504,)),
    "half a status line": (replies.raw(b"HTTP/1.1 2", end="close"), (502,)),
    "half a head": (replies.raw(HEAD[:40], end="close"), (502,)),
    "hang in the head": (replies.raw(HEAD[:40], end="hang"), (504,)),
    "not HTTP": (replies.raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", end="close"), (502,)),
    "an endless head": (replies.raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000, end="close"),
                        (502,)),
    "two lengths": (replies.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n"
                                b"\r\n{} ", end="close"), (502,)),
    "length and chunked": (replies.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"
                                       b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                                       end="close"), (502,)),
    "an HTML error page": (replies.html(502), (502, 503)),
    "an HTML page, 200": (replies.html(200), (502,)),
    "200 with an error": (replies.status(200, replies.error_object("broken inside")), (500, 502)),
    "error text": (replies.raw(replies.head(500, {"content-type": "text/plain"}, 4) + b"oops"),
                   (500, 502)),
    "un-nested error": (replies.status(400, {"object": "error", "message": "bad", "code": 400}),
                        (400,)),
}


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize(("reply", "statuses"), BEFORE.values(), ids=BEFORE.keys())
def test_before_anything_was_sent(gateway, upstream, reply, statuses, stream):
    case = upstream.case(reply)
    answer = ask(gateway, case, stream)
    assert answer.status in statuses, (answer.status, answer.body[:300])
    schemas.check_error(answer, answer.status)
    assert b"<html" not in answer.body
    assert answer.clean
    assert wire.ask(gateway.port, wire.chat_body()).status == 200


@pytest.mark.parametrize("end", ["close", "reset", "hang"])
def test_half_a_json_answer(gateway, upstream, end):
    body = json.dumps(replies.chat_completion("x" * 2000)).encode()
    head = replies.head(200, {"content-type": "application/json"}, len(body))
    answer = ask(gateway, upstream.case(replies.raw(head + body[:700], end=end)))
    if answer.status == 200:
        assert not answer.clean, "half an answer was passed off as a whole one"
    else:
        schemas.check_error(answer, 504 if end == "hang" else 502)


@pytest.mark.parametrize("end", ["close", "reset", "hang"])
def test_half_a_chunked_json_answer(gateway, upstream, end):
    body = json.dumps(replies.chat_completion("x" * 2000)).encode()
    head = replies.head(200, {"content-type": "application/json",
                              "transfer-encoding": "chunked"})
    case = upstream.case(replies.raw(head + replies.chunked(body[:700]), end=end))
    answer = ask(gateway, case)
    assert answer.status != 200 or not answer.clean


def failed(answer):
    """Whether the client can tell that this stream failed."""
    if answer.status != 200:
        schemas.check_error(answer, answer.status)
        return True
    events = answer.events()
    if any('"error"' in event for event in events):
        assert "[DONE]" not in events, "an error event and then a proper end"
        return True
    return not answer.clean


@pytest.mark.parametrize("end", ["close", "reset", "hang", "keep"])
def test_a_stream_cut_between_events(gateway, upstream, end):
    data = replies.STREAM_HEAD + b"".join(map(replies.chunked, replies.stream_events()[:3]))
    if end == "keep":
        data += b"0\r\n\r\n"
    case = upstream.case(replies.raw(data, end=end))
    begin = time.monotonic()
    answer = ask(gateway, case, stream=True)
    assert failed(answer)
    events = answer.events()
    assert '"error"' in events[-1], "the stream ended without an error event"
    error = json.loads(events[-1])["error"]
    assert error["type"] and error["message"]
    assert time.monotonic() - begin < gateway.between_seconds + 3


def test_a_stall_is_counted_from_the_last_chunk(gateway, upstream):
    """Longer in all than may be between two chunks: the time begins anew with each of them."""
    events = replies.stream_events(tokens=["x"] * 12)[:9]
    parts = [replies.STREAM_HEAD] + [replies.chunked(one) for one in events]
    case = upstream.case(replies.pieces(parts, delay=0.25, end="hang"))
    begin = time.monotonic()
    answer = ask(gateway, case, stream=True)
    lasted = time.monotonic() - begin
    assert failed(answer)
    assert len(answer.events()) == len(events) + 1, "cut before the stall, or not at all"
    # The last chunk goes out 2 s after the first write; `pieces` waits once more behind it.
    last = 0.25 * len(events)
    assert last + gateway.between_seconds - 0.05 < lasted < last + gateway.between_seconds + 1


def test_the_events_before_the_cut_are_delivered(gateway, upstream):
    data = replies.STREAM_HEAD + b"".join(map(replies.chunked, replies.stream_events()[:3]))
    answer = ask(gateway, upstream.case(replies.raw(data, end="close")), stream=True)
    assert "Hello" in answer.body.decode() and " there" in answer.body.decode()


@pytest.mark.parametrize("last", [
    b"data: {oops\n\n", replies.event(replies.error_object()), b"data: [DONE]\n\n"])
def test_what_comes_with_the_break_is_delivered(gateway, upstream, last):
    """Between two APIs, too: the words before it in the same read are not lost."""
    first, second, third = replies.stream_events()[:3]
    parts = [replies.STREAM_HEAD + replies.chunked(first + second), replies.chunked(third + last)]
    case = upstream.case(replies.pieces(parts, delay=0.25, end="close"))
    body = {**json.loads(wire.chat_body(stream=True)), "max_tokens": 100,
            "metadata": {"user_id": case.token}}
    answer = wire.ask(gateway.port, json.dumps(body).encode(), 8, path="/v1/messages")
    text = answer.body.decode()
    assert answer.status == 200 and "event: error" in text and "message_stop" not in text
    assert "Hello" in text and text.count(" there") == 1


@pytest.mark.timeout(180)
@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_stream_cut_at_every_byte(gateway, upstream, end):
    """A clean end only if the provider's own `[DONE]` event came through whole."""
    data = replies.stream_bytes(usage=True)
    done = data.index(b"data: [DONE]\n\n") + len(b"data: [DONE]\n\n")
    step = 1 if end == "close" else 7
    for cut in range(0, len(data), step):
        case = upstream.case(replies.raw(data[:cut], end=end))
        answer = ask(gateway, case, stream=True)
        if cut < done:
            assert failed(answer), f"cut at byte {cut} of {len(data)} looks like a proper end"
    # So many failures in a row open even this circuit; its cool-down is a millisecond.
    time.sleep(0.05)
    assert wire.ask(gateway.port, wire.chat_body()).status == 200


def test_a_malformed_chunk_ends_the_stream(gateway, upstream):
    events = replies.stream_events()
    data = replies.STREAM_HEAD + replies.chunked(events[0]) + b"zz\r\nnot a chunk"
    answer = ask(gateway, upstream.case(replies.raw(data, end="close")), stream=True)
    assert failed(answer)


def test_a_stream_without_usage_is_still_whole(gateway, upstream):
    answer = ask(gateway, upstream.case(replies.raw(replies.stream_bytes())), stream=True)
    schemas.check_chunks(answer.events())


def test_an_event_without_its_blank_line(gateway, upstream):
    """`[DONE]` is there but the stream ends before the blank line: no second end, no error."""
    body = b"".join(replies.stream_events())[:-1]
    data = replies.STREAM_HEAD + replies.chunked(body) + b"0\r\n\r\n"
    answer = ask(gateway, upstream.case(replies.raw(data)), stream=True)
    assert answer.clean and answer.body.count(b"[DONE]") <= 1


def test_a_megabyte_event(gateway, upstream):
    event = replies.event(replies.chunk({"content": "x" * 1_000_000}))
    events = replies.stream_events()
    body = [events[0], event, events[-2], events[-1]]
    data = replies.STREAM_HEAD + b"".join(map(replies.chunked, body)) + b"0\r\n\r\n"
    answer = ask(gateway, upstream.case(replies.raw(data)), stream=True)
    assert len(schemas.check_chunks(answer.events())) == 3


def test_a_dead_provider(gateway):
    """Nothing listens there: an error at once."""
    begin = time.monotonic()
    answer = wire.ask(gateway.port, wire.chat_body(model="dead-model"))
    schemas.check_error(answer, answer.status)
    assert answer.status in (502, 503)
    assert time.monotonic() - begin < 2


def test_nothing_of_the_provider_leaks(gateway, upstream):
    """Errors name neither the key nor the address of the provider."""
    for reply in (replies.raw(b"", end="reset"), replies.html(502)):
        answer = ask(gateway, upstream.case(reply))
        assert b"sk-upstream-key" not in answer.body
        assert str(upstream.port).encode() not in answer.body


def test_frames_without_an_answer_have_an_end(tmp_path, upstream):
    """What a stream says before its first content is kept back, but not without a bound."""
    async def reply(exchange):
        ping = b'event: ping\ndata: {"type": "ping"}\n\n' * 200
        await exchange.send(replies.STREAM_HEAD)
        exchange.keep = False
        for _ in range(100):
            await exchange.send(replies.chunked(ping))
            await asyncio.sleep(0.001)
        await exchange.wait_for_leaving()

    def change(value):
        value["limits"]["stream_event"] = "64KiB"
        value["timeouts"] = {**value["timeouts"], "first_token": "4s"}
        value["gateways"][0].update(type="anthropic", base_url=upstream.url)
    gateway = process.Gateway(configuration.write(tmp_path, upstream, change=change).path).start()
    try:
        case = upstream.case(reply)
        body = {"model": "gpt-4o", "max_tokens": 5, "stream": True,
                "metadata": {"user_id": case.token},
                "messages": [{"role": "user", "content": "Hello"}]}
        answer = wire.ask(gateway.port, json.dumps(body).encode(), path="/v1/messages")
        assert answer.status == 502 and case.requests, answer
        assert answer.json()["type"] == "error"
    finally:
        gateway.stop()
