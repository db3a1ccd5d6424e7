# SPDX-License-Identifier: MIT
"""The tools of these tests against each other: a fault in them must not read as the gateway's."""
import pytest
from support import replies, schemas, wire


def test_the_honest_upstream_is_honest(upstream):
    case = upstream.case()
    answer = wire.ask(upstream.port, wire.chat_body(case.token))
    schemas.check("CreateChatCompletionResponse", answer.json())
    answer = wire.ask(upstream.port, b'{"input":"x"}', path="/v1/embeddings")
    schemas.check("CreateEmbeddingResponse", answer.json())
    answer = wire.ask(upstream.port, b'{"prompt":"x"}', path="/v1/completions")
    schemas.check("CreateCompletionResponse", answer.json())


@pytest.mark.parametrize(("options", "count"), [
    ({}, 5), ({"stream_options": {"include_usage": True}}, 6)])
def test_its_streams_are_honest(upstream, options, count):
    body = wire.chat_body(upstream.case().token, stream=True, **options)
    answer = wire.ask(upstream.port, body)
    assert answer.clean and len(schemas.check_chunks(answer.events())) == count


@pytest.mark.parametrize("end", ["close", "reset"])
def test_cuts_are_seen(upstream, end):
    case = upstream.case(replies.raw(replies.stream_bytes()[:700], end=end))
    answer = wire.ask(upstream.port, wire.chat_body(case.token, stream=True))
    assert answer.status == 200 and not answer.clean and answer.body


def test_leaving_is_seen(upstream):
    case = upstream.case(replies.endless_stream())
    connection = wire.Wire(upstream.port)
    connection.send(wire.request(wire.chat_body(case.token, stream=True)))
    assert connection.until(b"more")
    connection.reset()
    assert case.gone.wait(3)


def test_replies_come_in_order(upstream):
    case = upstream.case(replies.status(500), replies.honest())
    statuses = [wire.ask(upstream.port, wire.chat_body(case.token)).status for _ in range(3)]
    assert statuses == [500, 200, 200] and len(case.requests) == 3


def test_the_schema_check_can_fail():
    with pytest.raises(AssertionError):
        schemas.check("CreateChatCompletionResponse", {"id": "x"})
    with pytest.raises(AssertionError):
        schemas.check_chunks(["{}", "[DONE]"])
