# SPDX-License-Identifier: MIT
"""Limits of concurrency: what a provider is given at a time, who waits, and who is refused."""
import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import configuration, process, replies, schemas, wire
from support.waiting import until


class Counter:
    """An answer after `seconds`; how many were being answered at a time, at most."""

    def __init__(self, seconds=0.02, status=200):
        self.now = self.most = self.total = 0
        self.seconds, self.status = seconds, status

    async def __call__(self, exchange):
        self.now += 1
        self.total += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1
        if self.status == 200:
            await replies.honest()(exchange)
        else:
            await replies.status(self.status)(exchange)


def limits(concurrency=None, deployment=None):
    def change(value):
        gateway = value["gateways"][0]
        if concurrency:
            gateway["concurrency"] = concurrency
        if deployment:
            gateway["deployment_concurrency"] = deployment
    return change


@pytest.fixture
def start(tmp_path, upstream):
    """Starts gateways with limits."""
    started = []

    def make(concurrency=None, deployment=None, change=None, policies=None, **options):
        folder = tmp_path / str(len(started))
        folder.mkdir()

        def edit(value):
            limits(concurrency, deployment)(value)
            value["timeouts"] = {**value["timeouts"], "first_header": "10s"}
            if change:
                change(value)
        made = configuration.write(folder, upstream, change=edit, **options)
        if policies:
            made.facts["policies"].write_text(policies, encoding="utf-8")
        gateway = process.Gateway(made.path).start()
        started.append(gateway)
        return gateway
    yield make
    for gateway in started:
        gateway.stop()


def ask(gateway, case, seconds=30, **more):
    return wire.ask(gateway.port, wire.chat_body(case.token, **more), seconds=seconds)


def together(count, function):
    """`count` clients at once."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: function(), range(count)))


def limits_of(gateway, model="gpt-4o"):
    """What `/models` says about the limits of a model's first deployment."""
    return gateway.models()[model]["deployments"][0]["limits"]


def queued_at(gateway):
    return sum(limit["queued"] for limit in limits_of(gateway))


@pytest.mark.parametrize("scope", ["concurrency", "deployment"])
def test_two_hundred_clients_before_eight_places(start, upstream, scope):
    gateway = start(**{scope: {"maximum": 8, "queue": 500, "queue_timeout": "20s"}})
    counter = Counter()
    case = upstream.case(counter)
    answers = together(200, lambda: ask(gateway, case))
    assert [answer.status for answer in answers] == [200] * 200
    assert counter.most == 8
    assert counter.total == 200


def test_what_the_queue_does_not_hold_is_refused(start, upstream):
    gateway = start({"maximum": 8, "queue": 30, "queue_timeout": "400ms"})
    counter = Counter(seconds=0.15)
    case = upstream.case(counter)
    begin = time.monotonic()
    answers = together(200, lambda: ask(gateway, case))
    assert time.monotonic() - begin < 15
    refused = [answer for answer in answers if answer.status != 200]
    assert {answer.status for answer in refused} == {429}
    assert counter.most == 8
    assert counter.total == 200 - len(refused)
    for answer in refused:
        error = schemas.check_error(answer, 429)
        assert answer.error["type"] == "rate_limit_error"
        assert answer.error["code"] == "concurrency_limit_exceeded"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert "x-should-retry" not in answer.headers, error
    messages = {answer.error["message"] for answer in refused}
    assert any("30 more are waiting" in message for message in messages)
    metrics = gateway.metrics()
    label = 'gateway="upstream"'
    assert f"gateway_concurrency_limit{{{label}}} 8" in metrics
    assert f"gateway_concurrency_in_flight{{{label}}} 0" in metrics
    assert f"gateway_concurrency_queued{{{label}}} 0" in metrics
    counted = [int(line.split()[-1]) for line in metrics.splitlines()
               if line.startswith("gateway_concurrency_rejected_total{")]
    assert sum(counted) == len(refused)
    assert limits_of(gateway)[0]["rejected"] == len(refused)


def test_a_place_that_does_not_come_in_time(start, upstream):
    gateway = start({"maximum": 1, "queue": 5, "queue_timeout": "200ms"})
    case = upstream.case(Counter(seconds=1))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, gateway, case)
        until(lambda: case.requests)
        begin = time.monotonic()
        late = ask(gateway, case)
        assert 0.15 < time.monotonic() - begin < 0.9
        assert late.status == 429 and "within 200 ms" in late.error["message"]
        assert first.result().status == 200
    assert len(case.requests) == 1
    assert ask(gateway, case).status == 200


def test_clients_that_leave_the_queue_are_forgotten(start, upstream):
    gateway = start({"maximum": 1, "queue": 5, "queue_timeout": "10s"})
    case = upstream.case(Counter(seconds=0.8))
    body = wire.request(wire.chat_body(case.token))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, gateway, case)
        until(lambda: case.requests)
        queued = [wire.Wire(gateway.port) for _ in range(5)]
        for one in queued:
            one.send(body)
        until(lambda: queued_at(gateway) == 5)
        assert ask(gateway, case).status == 429, "the queue is full"
        for place, one in enumerate(queued):
            one.reset() if place % 2 else one.socket.close()
        until(lambda: queued_at(gateway) == 0, seconds=0.6)
        last = pool.submit(ask, gateway, case)
        assert first.result().status == 200 and last.result().status == 200
    assert len(case.requests) == 2, "those who left were not sent"


def test_a_stream_keeps_its_place_to_its_end(start, upstream):
    gateway = start({"maximum": 1, "queue": 5, "queue_timeout": "10s"})
    order = []

    async def slow(exchange):
        order.append("begin")
        *events, last = replies.stream_events()
        await exchange.send(replies.STREAM_HEAD)
        for event in events:
            await exchange.send(replies.chunked(event))
            await asyncio.sleep(0.1)
        order.append("end")
        await exchange.send(replies.chunked(last) + b"0\r\n\r\n")
    case = upstream.case(slow)
    answers = together(3, lambda: ask(gateway, case, stream=True))
    assert [answer.status for answer in answers] == [200] * 3
    assert all(answer.events()[-1] == "[DONE]" for answer in answers)
    assert order == ["begin", "end"] * 3


def test_a_client_that_leaves_its_stream_gives_its_place_back(start, upstream):
    gateway = start({"maximum": 1, "queue": 5, "queue_timeout": "10s"})
    endless, case = upstream.case(replies.endless_stream()), upstream.case()
    one = wire.Wire(gateway.port)
    one.send(wire.request(wire.chat_body(endless.token, stream=True)))
    assert one.head()[0] == 200
    with ThreadPoolExecutor(1) as pool:
        queued = pool.submit(ask, gateway, case)
        until(lambda: queued_at(gateway) == 1)
        one.reset()
        assert queued.result().status == 200


def test_a_full_deployment_is_passed_over(start, upstream):
    """The next in the plan has room; only when none has, the best one is waited for."""
    gateway = start(deployment={"maximum": 1, "queue": 9, "queue_timeout": "10s"})
    case = upstream.case(Counter(seconds=0.5))
    answers = together(3, lambda: ask(gateway, case, model="smart"))
    models = sorted(answer.headers["x-gateway-model"] for answer in answers)
    assert models == ["gpt-4o", "gpt-4o", "gpt-4o-mini"]


def test_a_full_queue_is_passed_over_as_well(start, upstream):
    """Of full deployments the best whose queue has room is waited for."""
    def change(value):
        value["gateways"].append({
            **value["gateways"][0], "name": "second",
            "deployment_concurrency": {"maximum": 1, "queue": 2, "queue_timeout": "10s"}})
        value["model_routing"]["gpt-4o-mini"] = ["second"]
    gateway = start(deployment={"maximum": 1, "queue": 0}, change=change)
    case = upstream.case(Counter(seconds=0.5))
    answers = together(5, lambda: ask(gateway, case, model="smart"))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 429]
    models = sorted(answer.headers["x-gateway-model"] for answer in answers
                    if answer.status == 200)
    assert models == ["gpt-4o"] + ["gpt-4o-mini"] * 3
    refused = next(answer for answer in answers if answer.status == 429)
    assert "'second', and 2 more are waiting" in refused.error["message"]
    assert [limit["queued"] for limit in limits_of(gateway) + limits_of(gateway, "gpt-4o-mini")] \
        == [0, 0]


def test_an_account_and_its_deployments(start, upstream):
    """Both limits hold: three at the account, two at each model."""
    gateway = start({"maximum": 3, "queue": 99, "queue_timeout": "20s"},
                    {"maximum": 2, "queue": 99, "queue_timeout": "20s"})
    one, two = Counter(), Counter()
    both = {"now": 0, "most": 0}

    async def reply(exchange):
        both["now"] += 1
        both["most"] = max(both["most"], both["now"])
        counter = one if exchange.request.json()["model"] == "gpt-4o" else two
        await counter(exchange)
        both["now"] -= 1
    case = upstream.case(reply)
    with ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(ask, gateway, case, model=name)
                 for name in ["gpt-4o", "gpt-4o-mini"] * 30]
        assert {answer.result().status for answer in asked} == {200}
    assert one.most == 2 and two.most == 2 and both["most"] == 3


def test_a_circuit_that_opens_frees_those_who_wait(start, upstream):
    gateway = start({"maximum": 1, "queue": 99, "queue_timeout": "20s"}, sensitive=True)
    case = upstream.case(Counter(seconds=0.02, status=500))
    begin = time.monotonic()
    answers = together(30, lambda: ask(gateway, case))
    assert time.monotonic() - begin < 5
    assert len(case.requests) == 8, "the circuit opens after eight failures"
    assert sum(answer.status == 503 for answer in answers) == 22
    for answer in answers:
        if answer.status == 503:
            assert answer.error["code"] == "no_healthy_deployment"
    until(lambda: ask(gateway, upstream.case()).status == 200)


def test_those_who_wait_are_served_while_the_gateway_drains(start, upstream):
    gateway = start({"maximum": 1, "queue": 9, "queue_timeout": "10s"})
    case = upstream.case(Counter(seconds=0.3))
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, gateway, case) for _ in range(3)]
        until(lambda: queued_at(gateway) == 2)
        gateway.terminate()
        assert [one.result().status for one in asked] == [200] * 3


def test_those_who_wait_longer_than_the_drain_are_told(start, upstream):
    gateway = start({"maximum": 1, "queue": 9, "queue_timeout": "10s"})
    case = upstream.case(Counter(seconds=8))
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask, gateway, case) for _ in range(2)]
        until(lambda: queued_at(gateway) == 1)
        gateway.terminate()
        answers = [one.result() for one in asked]
    assert [answer.status for answer in answers] == [503, 503]
    assert {answer.error["code"] for answer in answers} == {"draining"}


def test_the_sdk_sees_a_rate_limit(start, upstream, openai_module):
    gateway = start({"maximum": 1, "queue": 0})
    case = upstream.case(Counter(seconds=0.5))
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{gateway.port}/v1", api_key=wire.KEY,
                              max_retries=0, timeout=20) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, gateway, case)
        until(lambda: case.requests)
        with pytest.raises(openai_module.RateLimitError) as caught:
            client.chat.completions.create(
                model="gpt-4o", user=case.token, messages=[{"role": "user", "content": "hi"}])
        assert caught.value.code == "concurrency_limit_exceeded"
        assert int(caught.value.response.headers["retry-after"]) >= 1
        assert first.result().status == 200


def test_an_anthropic_client_is_told_in_its_words(start, upstream):
    gateway = start({"maximum": 1, "queue": 0})
    case = upstream.case(Counter(seconds=0.5))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, gateway, case)
        until(lambda: case.requests)
        body = {"model": "gpt-4o", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}
        answer = wire.ask(gateway.port, json.dumps(body).encode(), path="/v1/messages")
        assert answer.status == 429, answer.body
        assert answer.json()["type"] == "error"
        assert answer.json()["error"]["type"] == "rate_limit_error"
        assert answer.headers["retry-after"]
        assert first.result().status == 200


HASTY = configuration.POLICIES + '''
@id("hasty")
@priority(1)
@timeout_ms("500")
permit (principal, action == Action::"routing:select_model", resource)
when { context.requested_model == "smart" };
'''


def test_time_that_is_over_in_the_queue(start, upstream):
    """The request's own time is shorter than the queue's: no provider is at fault."""
    gateway = start({"maximum": 1, "queue": 5, "queue_timeout": "9s"}, policies=HASTY)
    holder, case = upstream.case(Counter(seconds=1.5)), upstream.case()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, gateway, holder)
        until(lambda: holder.requests)
        begin = time.monotonic()
        late = ask(gateway, case, model="smart")
        assert 0.4 < time.monotonic() - begin < 1.2
        assert late.status == 429, late.body
        assert late.error["code"] == "concurrency_limit_exceeded"
        assert first.result().status == 200
    assert not case.requests


def test_the_time_in_the_queue_is_measured(start, upstream):
    """Of those who waited, for a place or in vain; each at the limit where it waited."""
    gateway = start({"maximum": 9}, {"maximum": 1, "queue": 5, "queue_timeout": "300ms"})

    def waits():
        text = gateway.metrics()
        name = "gateway_concurrency_wait_duration_seconds_"
        found = {}
        for line in text.splitlines():
            if line.startswith((name + "count{", name + "sum{")) and not line.endswith(" 0"):
                label = line[line.index("{") + 1:line.index("}")]
                part = line[len(name):line.index("{")]
                found[part, label] = float(line.rpartition(" ")[2])
        return found
    assert ask(gateway, upstream.case()).status == 200 and not waits()
    case = upstream.case(Counter(seconds=0.2))
    assert {answer.status for answer in together(2, lambda: ask(gateway, case))} == {200}
    (count, first), (total, second) = sorted(waits())
    assert (count, total) == ("count", "sum") and first == second
    assert 'gateway="upstream"' in first and "gpt-4o-mini" in first
    assert waits()[count, first] == 1 and 0.1 < waits()[total, first] < 0.3
    case = upstream.case(Counter(seconds=0.9))
    answers = together(2, lambda: ask(gateway, case))
    assert sorted(answer.status for answer in answers) == [200, 429]
    assert waits()[count, first] == 2 and 0.4 < waits()[total, first] < 0.8
