# SPDX-License-Identifier: MIT
"""The gateway's own retries, fallbacks and circuit breaker, with a gateway that has them on."""
import time

import pytest
from support import replies, schemas, wire


def ask(gateway, case, stream=False, **more):
    return wire.ask(gateway.port, wire.chat_body(case.token, stream=stream, **more), seconds=15)


@pytest.mark.parametrize("fault", [
    replies.status(500), replies.status(503), replies.status(429),
    replies.raw(b"", end="reset"), replies.raw(b"", end="close"), replies.html(502),
    replies.status(200, replies.error_object())], ids=[
        "500", "503", "429", "reset", "close", "html", "200 with an error"])
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_a_fault_before_the_first_byte_is_survived(retrying_gateway, upstream, fault, stream):
    case = upstream.case(fault, replies.honest())
    answer = ask(retrying_gateway, case, stream)
    assert answer.status == 200, answer.body
    assert len(case.requests) == 2
    if stream:
        schemas.check_chunks(answer.events())


def test_a_fault_after_the_first_byte_is_not_retried(retrying_gateway, upstream):
    data = replies.STREAM_HEAD + b"".join(map(replies.chunked, replies.stream_events()[:3]))
    case = upstream.case(replies.raw(data, end="reset"), replies.honest())
    answer = ask(retrying_gateway, case, stream=True)
    assert '"error"' in answer.events()[-1]
    assert len(case.requests) == 1


def test_the_callers_faults_are_not_retried(retrying_gateway, upstream):
    case = upstream.case(replies.status(400), replies.honest())
    assert ask(retrying_gateway, case).status == 400
    assert len(case.requests) == 1


def test_nothing_of_the_first_attempt_leaks_into_the_second(retrying_gateway, upstream):
    case = upstream.case(
        replies.status(500, headers={"x-first-attempt": "1", "retry-after-ms": "1"}),
        replies.honest())
    answer = ask(retrying_gateway, case)
    assert answer.status == 200 and "x-first-attempt" not in answer.headers
    assert case.requests[0].body == case.requests[1].body


def test_fallback_to_the_next_model(retrying_gateway, upstream):
    """`smart` has two models: when one fails, the other answers and is named."""
    case = upstream.case(*[replies.status(500)] * 2, replies.honest())
    answer = ask(retrying_gateway, case, model="smart")
    assert answer.status == 200, answer.body
    models = [request.json()["model"] for request in case.requests]
    assert len(set(models)) == 2, models
    assert answer.headers["x-gateway-model"] == models[-1]


def test_attempts_are_bounded(retrying_gateway, upstream):
    case = upstream.case(replies.status(500))
    assert ask(retrying_gateway, case, model="smart").status in (500, 502, 503)
    assert 2 <= len(case.requests) <= 8


def test_the_circuit_opens_and_closes(retrying_gateway, upstream):
    """Many failures: the provider is left alone; after the cool-down it is tried again."""
    case = upstream.case(replies.status(500))
    for _ in range(20):
        answer = ask(retrying_gateway, case, model="breaker-model")
    sent = len(case.requests)
    assert answer.status == 503 and answer.headers["retry-after"]
    schemas.check_error(answer, 503)
    for _ in range(20):
        ask(retrying_gateway, case, model="breaker-model")
    assert len(case.requests) - sent <= 3, "an open circuit lets requests through"
    models = wire.ask_json(retrying_gateway.policy_port, "/models").body.decode()
    assert "open" in models
    healed = upstream.case()
    end = retrying_gateway.cool_down_seconds + 5
    assert poll(lambda: ask(retrying_gateway, healed, model="breaker-model").status == 200, end)


def poll(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False
