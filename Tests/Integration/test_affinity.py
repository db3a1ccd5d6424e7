# SPDX-License-Identifier: MIT
"""Affinity: requests of one session, or with one beginning, go to one deployment."""
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import configuration, process, replies, wire
from support.waiting import until

KEYS = ["sk-one", "sk-two", "sk-three"]


@pytest.fixture(scope="module")
def start(tmp_path_factory, upstream):
    started = []

    def make(affinity, sensitive=False, **more):
        def change(value):
            value["routing"]["affinity"] = affinity
            gateway = value["gateways"][0]
            del gateway["api_key"]
            gateway["api_keys"] = [{"key": key} for key in KEYS]
            gateway.update(more)
            for model in value["models"]:
                model["price"] = {"input": 2, "output": 4, "cache_read": 0.5}
            if sensitive:
                value["retries"] = {"attempts": 4, "backoff": "5ms", "budget_ratio": 1,
                                    "budget_per_second": 1000}
        made = configuration.write(
            tmp_path_factory.mktemp("affinity"), upstream, change=change, sensitive=sensitive)
        gateway = process.Gateway(made.path).start()
        started.append(gateway)
        return gateway
    yield make
    for gateway in started:
        gateway.stop()


@pytest.fixture(scope="module")
def session_gateway(start):
    return start("session")


def ask(gateway, case, headers=None, path="/v1/chat/completions", **more):
    """The answer, and the key that the upstream was shown."""
    before = len(case.requests)
    body = wire.chat_body(case.token, **more)
    lines = [f"{name}: {value}" for name, value in (headers or {}).items()]
    answer = wire.ask(gateway.port, body, path=path, headers=lines)
    keys = [one.headers["authorization"].removeprefix("Bearer ") for one in case.requests[before:]]
    return answer, keys[-1] if keys else None


def decision(gateway, answer):
    return wire.ask_json(
        gateway.policy_port, "/decisions/" + answer.headers["x-gateway-decision-id"]).json()


def test_a_session_stays(session_gateway, upstream):
    case = upstream.case()
    keys = [ask(session_gateway, case, {"x-session-id": "s-1"})[1] for _ in range(100)]
    assert len(set(keys)) == 1
    others = {ask(session_gateway, case, {"x-session-id": f"s-{n}"})[1] for n in range(60)}
    assert others == set(KEYS)


def cached(prompt, read, completion=10):
    """An answer of which the provider had `read` tokens in its cache."""
    async def reply(exchange):
        usage = {"prompt_tokens": prompt, "completion_tokens": completion,
                 "total_tokens": prompt + completion,
                 "prompt_tokens_details": {"cached_tokens": read}}
        answer = {**replies.chat_completion("hi"), "usage": usage}
        await exchange.send(replies.json_response(200, answer))
    return reply


def test_the_decision_shows_key_and_prices(session_gateway, upstream):
    case = upstream.case(cached(10_000, 8_000))
    answer, _ = ask(session_gateway, case, {"X-Session-ID": "s-1"})
    affinity = decision(session_gateway, answer)["affinity"]
    assert affinity["key"] == "session" and affinity["among"] == "deployments"
    assert affinity["deployment"].startswith("upstream/gpt-4o-mini#")
    assert affinity["moved"] is False and affinity["served_by"] == affinity["deployment"]
    assert affinity["input_usd_per_1m_tokens"] == 2
    assert affinity["cache_read_usd_per_1m_tokens"] == 0.5
    assert affinity["cache_read_tokens"] == 8_000
    assert affinity["saved_usd"] == pytest.approx(8_000 * 1.5e-6)
    assert affinity["saving_usd"] == pytest.approx(0, abs=1e-3)
    asked = wire.ask_json(session_gateway.policy_port, "/route", {
        "requested_model": "gpt-4o-mini", "session_id": "s-1",
        "estimated_input_tokens": 20_000}).json()["affinity"]
    assert asked["deployment"] == affinity["deployment"], "as the data plane"
    assert asked["saving_usd"] == pytest.approx(20_000 * 1.5e-6)
    assert asked["served_by"] is None and asked["saved_usd"] is None
    nobody = wire.ask_json(
        session_gateway.policy_port, "/route", {"requested_model": "gpt-4o-mini"}).json()
    assert nobody["affinity"] is None


def test_what_is_no_chat_is_drawn_as_before(session_gateway, upstream):
    case = upstream.case()
    seen = set()
    for _ in range(40):
        body = json.dumps({"model": "text-embedding-3-small", "input": "x", "user": case.token})
        answer = wire.ask(session_gateway.port, body.encode(), path="/v1/embeddings",
                          headers=["x-session-id: s-1"])
        assert answer.status == 200, answer.body
        seen.add(case.requests[-1].headers["authorization"])
    assert len(seen) == 3


def test_the_clients_own_fields(session_gateway, upstream):
    case = upstream.case()
    # The case's token is the request's `user`.
    users = {ask(session_gateway, case)[1] for _ in range(20)}
    assert len(users) == 1
    cached = [{ask(session_gateway, case, prompt_cache_key=f"k-{n}")[1] for _ in range(5)}
              for n in range(30)]
    assert all(len(keys) == 1 for keys in cached)
    assert len(set.union(*cached)) == 3


def test_anthropics_user(session_gateway, upstream):
    upstream.default_requests = 0
    seen = set()
    for _ in range(10):
        body = {"model": "gpt-4o", "max_tokens": 5, "metadata": {"user_id": "u-7"},
                "messages": [{"role": "user", "content": "hi"}]}
        answer = wire.ask(session_gateway.port, json.dumps(body).encode(), path="/v1/messages")
        assert answer.status == 200, answer.body
        found = decision(session_gateway, answer)["affinity"]
        assert found["key"] == "session"
        seen.add(found["deployment"])
    assert len(seen) == 1


def test_the_prompts_beginning(start, upstream):
    gateway = start({"by": ["session", "prefix"], "header": "x-conversation", "prefix": "200B"})
    case = upstream.case()

    def turn(start, rest):
        messages = [{"role": "system", "content": start}, {"role": "user", "content": rest}]
        body = json.dumps({"model": "gpt-4o", "messages": messages}).encode()
        answer = wire.ask(gateway.port, body)
        assert answer.status == 200
        return decision(gateway, answer)["affinity"]
    long = [f"system prompt {n} " * 20 for n in range(40)]
    seen = [{turn(text, f"turn {n}")["deployment"] for n in range(4)} for text in long]
    assert all(len(one) == 1 for one in seen)
    assert len(set.union(*seen)) == 3
    assert turn(long[0], "x")["key"] == "prefix"
    assert turn("short", "x") is None, "there is nothing to keep"
    for text in long[:6]:
        messages = [{"role": "system", "content": text}, {"role": "user", "content": "x"}]
        asked = wire.ask_json(gateway.policy_port, "/route", {
            "requested_model": "gpt-4o", "prompt": [json.dumps(messages)]}).json()["affinity"]
        assert asked["key"] == "prefix"
        assert asked["deployment"] == turn(text, "y")["deployment"], "as the data plane"
    answer, _ = ask(gateway, case, {"x-conversation": "c"})
    assert decision(gateway, answer)["affinity"]["key"] == "session"


def test_an_open_circuit_is_passed_over_and_returned_to(start, upstream):
    gateway = start("session", sensitive=True)
    case = upstream.case()
    own = ask(gateway, case, {"x-session-id": "s"})[1]

    async def failing(exchange):
        shown = exchange.request.headers["authorization"].removeprefix("Bearer ")
        await (replies.status(500) if shown == own else replies.honest())(exchange)
    broken = upstream.case(failing)
    keys = [ask(gateway, broken, {"x-session-id": "s"})[1] for _ in range(12)]
    assert own not in keys and len(set(keys)) == 1, "its second choice, each time"
    sent = [one.headers["authorization"] for one in broken.requests]
    assert sent.count("Bearer " + own) == 8, "until the circuit opens"
    def counted(result):
        return gateway.metric(
            f'gateway_affinity_requests_total{{key="session",result="{result}"}}')

    # The case names a session in the body as well; the header counts.
    assert (counted("kept"), counted("failed"), counted("circuit_open")) == (1, 8, 4)
    away, _ = ask(gateway, case, {"x-session-id": "s"})
    assert decision(gateway, away)["affinity"]["moved"] is True
    until(lambda: ask(gateway, case, {"x-session-id": "s"})[1] == own)


def test_a_deployment_that_cannot_take_a_request_is_not_full(start, upstream):
    """A response is gone on with where it is kept: affinity has no choice, whatever it prefers."""
    gateway, made = start("session", responses_api=True), []

    async def reply(exchange):
        made.append(exchange.request.headers["authorization"].removeprefix("Bearer "))
        await exchange.send(replies.json_response(200, {
            "id": f"resp_{len(made)}", "object": "response", "status": "completed",
            "model": "gpt-4o", "output": [],
            "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}))
    case = upstream.case(reply)

    def ask_for(session, **more):
        body = {"model": "gpt-4o", "input": "Hi", "user": case.token, **more}
        answer = wire.ask(gateway.port, json.dumps(body).encode(), path="/v1/responses",
                          headers=[f"x-session-id: {session}"])
        assert answer.status == 200
        return made[-1]
    places = {f"s{number}": ask_for(f"s{number}") for number in range(12)}
    assert len(set(places.values())) > 1
    for session, place in places.items():
        other = next(name for name, key in places.items() if key != place)
        kept = list(places).index(other) + 1
        assert ask_for(session, previous_response_id=f"resp_{kept}") == places[other]
    assert gateway.metric('gateway_affinity_requests_total{key="session",result="full"}') == 0
    assert gateway.metric('gateway_affinity_requests_total{key="session",result="kept"}') >= 12


def test_a_full_deployment_is_passed_over(start, upstream):
    gateway = start("session", deployment_concurrency={"maximum": 1, "queue": 9})
    case = upstream.case(replies.honest(latency=0.4))
    own = ask(gateway, case, {"x-session-id": "s"})[1]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: ask(gateway, case, {"x-session-id": "s"}), range(2)))
    shown = [one.headers["authorization"].removeprefix("Bearer ") for one in case.requests[1:]]
    assert own in shown and len(set(shown)) == 2
    name = 'gateway_affinity_requests_total{key="session",result='
    until(lambda: gateway.metric(name + '"full"}') == 1)
    assert gateway.metric(name + '"kept"}') == 2
    assert ask(gateway, case, {"x-session-id": "s"})[1] == own
