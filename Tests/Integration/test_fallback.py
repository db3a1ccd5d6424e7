# SPDX-License-Identifier: MIT
"""The gateway's own retries, fallbacks and circuit breaker, with gateways that have them on."""
import time

import pytest
from support import configuration, process, replies, schemas, wire


def ask(gateway, case, stream=False, **more):
    return wire.ask(gateway.port, wire.chat_body(case.token, stream=stream, **more), seconds=15)


@pytest.mark.parametrize("fault", [
    replies.status(500), replies.status(503), replies.raw(b"", end="reset"),
    replies.raw(b"", end="close"), replies.html(502),
    replies.status(200, replies.error_object())], ids=[
        "500", "503", "reset", "close", "html", "200 with an error"])
@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_a_fault_before_the_first_byte_is_survived(retrying_gateway, upstream, fault, stream):
    case = upstream.case(fault, replies.honest())
    answer = ask(retrying_gateway, case, stream)
    assert answer.status == 200, answer.body
    assert len(case.requests) == 2
    if stream:
        schemas.check_chunks(answer.events())


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
def test_a_rate_limit_goes_elsewhere(retrying_gateway, upstream, stream):
    """A limited deployment is left alone; another model's answers, and alone its 429 is passed."""
    case = upstream.case(replies.status(429), replies.honest())
    answer = ask(retrying_gateway, case, stream, model="smart")
    assert answer.status == 200 and answer.headers["x-gateway-model"] == "gpt-4o-mini"
    alone = upstream.case(replies.status(429))
    assert ask(retrying_gateway, alone, stream, model="breaker-model").status == 429


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
    """`smart` has two models: when the first fails, the other answers and is named."""
    async def reply(exchange):
        is_first = exchange.request.json()["model"] == "gpt-4o"
        await (replies.status(500) if is_first else replies.honest())(exchange)
    case = upstream.case(reply)
    answer = ask(retrying_gateway, case, model="smart")
    assert answer.status == 200, answer.body
    models = [request.json()["model"] for request in case.requests]
    assert models[0] == "gpt-4o" and models[-1] == "gpt-4o-mini", models
    assert answer.headers["x-gateway-model"] == "gpt-4o-mini"


def test_attempts_are_bounded(retrying_gateway, upstream):
    case = upstream.case(replies.status(500))
    assert ask(retrying_gateway, case, model="smart").status in (500, 502, 503)
    assert 2 <= len(case.requests) <= 8


def test_the_circuit_opens_and_closes(breaking_gateway, upstream):
    """Many failures: the provider is left alone; after the cool-down it is tried again."""
    case = upstream.case(replies.status(500))
    for _ in range(20):
        answer = ask(breaking_gateway, case, model="breaker-model")
    sent = len(case.requests)
    assert 8 <= sent <= 12, sent
    assert answer.status == 503 and answer.headers["retry-after"]
    schemas.check_error(answer, 503)
    assert ask(breaking_gateway, upstream.case()).status == 200, "another model's circuit"
    models = wire.ask_json(breaking_gateway.policy_port, "/models").body.decode()
    assert '"open"' in models
    healed = upstream.case()
    limit = breaking_gateway.cool_down_seconds + 5
    assert poll(lambda: ask(breaking_gateway, healed, model="breaker-model").status == 200, limit)
    assert ask(breaking_gateway, healed, model="breaker-model").status == 200


def test_a_rate_limit_opens_the_circuit_for_its_time(breaking_gateway, upstream):
    limited = upstream.case(replies.status(429, headers={"retry-after": "1"}))
    assert ask(breaking_gateway, limited, model="breaker-model").status == 429
    answer = ask(breaking_gateway, upstream.case(), model="breaker-model")
    assert answer.status in (200, 503)  # `retry_after_maximum` bounds what is believed
    assert ask(breaking_gateway, upstream.case()).status == 200


@pytest.mark.parametrize("status", [429, 503])
def test_who_says_when_is_left_alone_until_then(tmp_path, upstream, status):
    def change(value):
        value["circuit_breaker"] = {**value["circuit_breaker"], "retry_after_maximum": "30s"}
    gateway = process.Gateway(configuration.write(tmp_path, upstream, change=change).path).start()
    try:
        told = upstream.case(replies.status(status, headers={"retry-after": "20"}))
        assert ask(gateway, told).status == status
        later = upstream.case()
        answer = ask(gateway, later)
        assert answer.status == 503 and not later.requests
        assert 15 <= int(answer.headers["retry-after"]) <= 20
    finally:
        gateway.stop()


def poll(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False
