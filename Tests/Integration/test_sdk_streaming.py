# SPDX-License-Identifier: MIT
"""Streams through the official SDK, and their chunks against OpenAI's schema."""
import time

import pytest
from support import replies, schemas, wire

pytestmark = pytest.mark.sdk
MESSAGES = [{"role": "user", "content": "Hello!"}]


def stream(client, case, **more):
    return client.chat.completions.create(
        model="gpt-4o-mini", messages=MESSAGES, stream=True, user=case.token, **more)


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_stream(client, upstream):
    chunks = list(stream(client, upstream.case()))
    assert text_of(chunks) == "Hello there,"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert len({chunk.id for chunk in chunks}) == 1


def test_usage_is_not_sent_to_clients_that_did_not_ask(client, upstream):
    """Chunks without choices crash clients that index `choices[0]`."""
    case = upstream.case()
    chunks = list(stream(client, case))
    assert all(chunk.choices for chunk in chunks)
    assert all(chunk.usage is None for chunk in chunks)
    assert case.requests[0].json()["stream_options"]["include_usage"] is True


def test_usage_is_sent_to_clients_that_asked(client, upstream):
    chunks = list(stream(client, upstream.case(), stream_options={"include_usage": True}))
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens == 12


def test_chunks_are_valid(gateway, upstream):
    for options in ({}, {"stream_options": {"include_usage": True}},
                    {"stream_options": {"include_usage": False}}):
        body = wire.chat_body(upstream.case().token, stream=True, **options)
        answer = wire.ask(gateway.port, body)
        assert answer.status == 200 and answer.clean
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-cache"
        chunks = schemas.check_chunks(answer.events())
        asked = options.get("stream_options", {}).get("include_usage", False)
        assert any(chunk.get("usage") for chunk in chunks) is asked


def test_chunks_are_not_held_back(client, upstream):
    case = upstream.case(replies.honest(tokens=["x"] * 10, delay=0.1))
    arrivals = []
    for chunk in stream(client, case):
        if chunk.choices and chunk.choices[0].delta.content:
            arrivals.append(time.monotonic())
    gaps = [later - earlier for earlier, later in zip(arrivals, arrivals[1:])]
    assert len(arrivals) == 10
    assert max(gaps) < 0.3 and sum(gaps) > 0.7, gaps


def test_tool_call_deltas_pass_as_sent(client, upstream):
    first = {"index": 0, "id": "call_1", "type": "function",
             "function": {"name": "weather", "arguments": ""}}
    parts = ['{"ci', 'ty":"\\u00', 'e9"}']
    deltas = [{"role": "assistant", "content": None, "tool_calls": [first]}]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": part}}]} for part in parts]
    events = [replies.event(replies.chunk(delta)) for delta in deltas]
    events += [replies.event(replies.chunk({}, "tool_calls")), replies.event("[DONE]")]
    data = replies.STREAM_HEAD + b"".join(map(replies.chunked, events)) + b"0\r\n\r\n"
    chunks = list(stream(client, upstream.case(replies.raw(data))))
    calls = [chunk.choices[0].delta.tool_calls[0] for chunk in chunks
             if chunk.choices[0].delta.tool_calls]
    assert calls[0].id == "call_1" and calls[0].function.name == "weather"
    assert "".join(call.function.arguments for call in calls) == "".join(parts)
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_and_split(gateway, upstream, line_end):
    """Events split at every byte, inside characters too, with comments between."""
    content = "naïve – 日本 🙂"
    events = [replies.event(replies.chunk({"role": "assistant", "content": ""})),
              b": keep-alive\n\n",
              ("data:" + replies.json.dumps(replies.chunk({"content": content}),
                                            ensure_ascii=False) + "\n\n").encode(),
              replies.event(replies.chunk({}, "stop")), replies.event("[DONE]")]
    body = b"".join(events).replace(b"\n", line_end.encode())
    parts = [replies.chunked(body[index:index + 1]) for index in range(len(body))]
    case = upstream.case(replies.pieces(
        [replies.STREAM_HEAD] + parts + [b"0\r\n\r\n"], delay=0))
    answer = wire.ask(gateway.port, wire.chat_body(case.token, stream=True))
    assert answer.clean
    chunks = schemas.check_chunks(answer.events())
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text == content


def test_leaving_a_stream_frees_the_upstream(client, upstream):
    case = upstream.case(replies.endless_stream())
    chunks = stream(client, case)
    for index, _ in enumerate(chunks):
        if index == 5:
            break
    chunks.close()
    assert case.gone.wait(3), "the upstream was not told that the client left"


def test_error_in_the_middle_reaches_the_sdk(client, openai_module, upstream):
    events = [replies.chunked(one) for one in replies.stream_events()[:2]]
    events.append(replies.chunked(replies.event(replies.error_object("overloaded"))))
    parts = [replies.STREAM_HEAD, *events, b"0\r\n\r\n"]
    with pytest.raises(openai_module.APIError) as caught:
        list(stream(client, upstream.case(replies.pieces(parts, delay=0.05))))
    assert "overloaded" in str(caught.value)


def test_a_broken_stream_never_looks_finished(client, openai_module, upstream):
    """The SDK takes a stream that merely ends for a success: the gateway must say otherwise."""
    events = [replies.chunked(one) for one in replies.stream_events()[:3]]
    for end, tail in (("close", b""), ("reset", b""), ("keep", b"0\r\n\r\n")):
        data = replies.STREAM_HEAD + b"".join(events) + tail
        with pytest.raises((openai_module.APIError, *transport_errors())):
            list(stream(client, upstream.case(replies.raw(data, end=end))))


def transport_errors():
    """The SDK of today stands on httpx2, that of 1.x on httpx."""
    found = []
    for name in ("httpx", "httpx2"):
        try:
            found.append(__import__(name).TransportError)
        except ImportError:
            continue
    return found
