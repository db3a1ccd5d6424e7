# SPDX-License-Identifier: MIT
"""Hedging between APIs, over HTTP/2, with fetched credentials, traced, and through the SDK."""
import json
import time

import pytest
from support import credentials, hedging, providers, replies, wire
from support.hedging import FIRST, SECOND, Counts, ask, by_model, later, silent, text_of
from support.waiting import until

STREAM = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
ENTRA = {"type": "entra", "tenant_id": "tenant", "client_id": "client",
         "client_secret": "s3cret-of-the-client"}
SLOW = "[[script:first_chunk_delay_ms=2500,delay_ms=2500]]"


def two_accounts(first, second):
    """Configures one account for each of the two models."""
    def change(value):
        value["gateways"] = [{"name": "one", **first}, {"name": "two", **second}]
        value["model_routing"] = {FIRST: ["one"], SECOND: ["two"], "*": ["two"]}
    return change


def openai(url, **more):
    return {"type": "openai-compatible", "base_url": url, "api_key": "sk-upstream-key", **more}


def anthropic(fake):
    return {"type": "anthropic", "base_url": fake.url, "api_key": providers.KEY}


@STREAM
def test_a_translated_second_overtakes(tmp_path, upstream, provider_fake, stream):
    change = two_accounts(openai(upstream.url), anthropic(provider_fake))
    with hedging.serving(tmp_path, upstream, change=change) as gateway:
        case = upstream.case(silent())
        counts = Counts(gateway)
        answer = ask(gateway, case, stream, max_tokens=50,
                     messages=[{"role": "user", "content": "Hello [[script:text=Good day]]"}])
        assert answer.status == 200, answer.body
        assert answer.headers["x-gateway-model"] == SECOND
        assert text_of(answer) == ("Good day", 1)
        assert case.gone.wait(2) and len(case.requests) == 1
        assert counts.grown() == {
            "started": 1, "won": 1, (FIRST, "hedged"): 1, (SECOND, "success"): 1}


@STREAM
def test_a_translated_first_is_overtaken(tmp_path, upstream, provider_fake, stream):
    change = two_accounts(anthropic(provider_fake), openai(upstream.url))
    with hedging.serving(tmp_path, upstream, change=change) as gateway:
        case = upstream.case()
        answer = ask(gateway, case, stream, max_tokens=50,
                     messages=[{"role": "user", "content": "Hello " + SLOW}])
        assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
        assert text_of(answer) == ("Hello there,", 1)
        # What goes to OpenAI's API is the client's own body.
        assert case.requests[0].json()["max_tokens"] == 50


@STREAM
@pytest.mark.parametrize("slow", [FIRST, SECOND])
def test_both_translated(tmp_path, upstream, stream, slow):
    """A client of Anthropic's API, two servers of OpenAI's: what was read is written twice."""
    with hedging.serving(tmp_path, upstream) as gateway:
        quick = later(0.3, replies.honest())
        case = upstream.case(
            by_model(silent(), quick) if slow == FIRST else by_model(quick, silent()))
        body = {"model": "smart", "max_tokens": 50, "stream": stream,
                "metadata": {"user_id": case.token},
                "messages": [{"role": "user", "content": "Hello"}]}
        answer = wire.ask(gateway.port, json.dumps(body).encode(), path="/v1/messages")
        assert answer.status == 200, answer.body
        assert answer.headers["x-gateway-model"] == (SECOND if slow == FIRST else FIRST)
        assert [one.json()["model"] for one in case.requests] == [FIRST, SECOND]
        if stream:
            kinds = [json.loads(event)["type"] for event in answer.events()]
            assert kinds.count("message_start") == kinds.count("message_stop") == 1
        else:
            assert answer.json()["content"][0]["text"] == "Hello there,"


@STREAM
def test_over_http2_the_loser_is_reset(tmp_path, upstream, stream):
    """Both attempts are streams of one connection: one is reset, the connection goes on."""
    http2 = pytest.importorskip("support.http2_upstream", reason="needs hyper-h2; run setup.sh")

    async def script(connection, number, request):
        if json.loads(request.body)["model"] == SECOND:
            await http2.honest(connection, number, request)

    with http2.HTTP2Upstream(script) as server:
        def change(value):
            value["workers"] = 1
            value["gateways"][0].update(base_url=server.url, http2="prior_knowledge")
        with hedging.serving(tmp_path, upstream, change=change) as gateway:
            for number in range(1, 6):
                answer = ask(gateway, None, stream)
                assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
                assert text_of(answer)[1] == 1
                until(lambda: len(server.facts.resets) == number)
            assert server.facts.connections == 1


@STREAM
def test_with_credentials(tmp_path, upstream, stream):
    """Each attempt shows the credential of its own account."""
    from support.tokens import TokenServer
    with TokenServer() as tokens:
        def account(tenant):
            auth = {**ENTRA, "tenant_id": tenant, "authority_url": tokens.url}
            return credentials.gateway(upstream.url, "azure", auth=auth)
        change = two_accounts(
            {**account("one"), "name": "one"}, {**account("two"), "name": "two"})
        with hedging.serving(tmp_path, upstream, change=change,
                             environment=credentials.CLEAN) as gateway:
            case = upstream.case(by_model(silent(), replies.honest()))
            answer = ask(gateway, case, stream)
            assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
            shown = [request.headers["authorization"] for request in case.requests]
            assert len(shown) == 2 and all(one.startswith("Bearer ") for one in shown)
            assert case.gone.wait(2)


def test_a_first_that_waits_for_its_credential_is_hedged(tmp_path, upstream):
    """The token server of the first account never answers."""
    import socket
    with socket.create_server(("127.0.0.1", 0)) as stuck:
        auth = {**ENTRA, "authority_url": f"http://127.0.0.1:{stuck.getsockname()[1]}"}
        change = two_accounts(
            {**credentials.gateway(upstream.url, "azure", auth=auth), "name": "one"},
            openai(upstream.url))
        with hedging.serving(tmp_path, upstream, change=change,
                             environment=credentials.CLEAN) as gateway:
            case, start = upstream.case(), time.monotonic()
            answer = ask(gateway, case)
            assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
            assert time.monotonic() - start < 1.5 and len(case.requests) == 1


def test_what_is_told_of_it(tmp_path, upstream):
    """The access log's line, the costs of both, and the obligation in the decision."""
    log = tmp_path / "access.log"
    with hedging.serving(tmp_path / "one", upstream, logging={"access_log": str(log)}) as gateway:
        case = upstream.case(by_model(silent(), replies.honest()))
        answer = ask(gateway, case)
        assert ask(gateway, upstream.case()).status == 200
        until(lambda: log.exists() and log.read_text().count('"hedge"') == 1
              and log.read_text().count("/v1/chat/completions") == 2)
        line = json.loads(next(one for one in log.read_text().splitlines() if '"hedge"' in one))
        assert line["hedge"] == "won" and line["attempts"] == 2 and line["model"] == SECOND
        # The winner's tokens, as it said; the cost has the loser's prompt in it.
        assert (line["input_tokens"], line["output_tokens"]) == (9, 3)
        assert line["cost_usd"] > (9 * 1 + 3 * 2) / 1_000_000
        text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
        cost = [row for row in text.splitlines()
                if row.startswith("gateway_cost_usd_total") and f'"{FIRST}"' in row]
        assert any('estimated="true"' in row and not row.endswith(" 0") for row in cost), cost
        decision = wire.ask_json(
            gateway.policy_port, "/decisions/" + answer.headers["x-gateway-decision-id"])
        assert decision.status == 200, decision.body
        assert decision.json()["obligations"]["hedge"] == "150ms"


def test_a_stream_that_had_begun_is_paid_for(tmp_path, upstream):
    """Its head shows that the provider has taken the request; the answer never came to a word."""
    beginning = replies.raw(replies.STREAM_HEAD + replies.chunked(b": wait\n\n"), end="hang")
    with hedging.serving(tmp_path, upstream) as gateway:
        answer = ask(gateway, upstream.case(by_model(beginning, replies.honest())), stream=True)
        assert answer.headers["x-gateway-model"] == SECOND
        text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
        cost = [row for row in text.splitlines()
                if row.startswith("gateway_cost_usd_total") and f'"{FIRST}"' in row]
        assert any('estimated="true"' in row and not row.endswith(" 0") for row in cost), cost


@STREAM
def test_a_second_that_cannot_be_reached(tmp_path, upstream, stream):
    """Its connect fails at once; the first has as much time as ever."""
    def change(value):
        two_accounts(openai(upstream.url), openai("http://255.255.255.255:9/v1"))(value)
        value["timeouts"]["connect"] = "200ms"
    late = [replies.STREAM_HEAD, replies.stream_bytes()[len(replies.STREAM_HEAD):]]
    with hedging.serving(tmp_path, upstream, change=change) as gateway:
        case = upstream.case(
            replies.pieces(late, delay=0.8) if stream else later(0.8, replies.honest()))
        counts = Counts(gateway)
        answer = ask(gateway, case, stream)
        assert answer.status == 200 and text_of(answer) == ("Hello there,", 1)
        assert len(case.requests) == 1
        assert counts.grown() == {
            "started": 1, "failed": 1, (FIRST, "success"): 1, (SECOND, "connect_failed"): 1}


def test_spans_of_both(tmp_path, upstream):
    collectors = pytest.importorskip(
        "support.collector", reason="run Tests/Integration/setup.sh first")
    collector = collectors.Collector().start()
    telemetry = {"otlp": {"endpoint": collector.url, "batch_interval": "50ms"},
                 "metrics": {"interval": "1h"}}
    try:
        with hedging.serving(tmp_path, upstream, telemetry=telemetry) as gateway:
            assert ask(gateway, upstream.case(by_model(silent(), replies.honest()))).status == 200
            *attempts, request = collector.wait_for_spans(3)
            # What came whole in one read has ended with its head.
            loser, winner = sorted(attempts, key=lambda one: one["gateway.attempt"])
            assert loser["gateway.hedge"] == "overtaken" and loser["gateway.attempt"] == 1
            assert not loser.is_error and loser["gen_ai.request.model"] == FIRST
            assert winner["gateway.attempt"] == 2 and "gateway.hedge" not in winner
            assert request["gateway.hedge"] == "won" and request["gateway.attempts"] == 2
    finally:
        collector.stop()


@pytest.mark.sdk
def test_the_sdk_sees_one_answer(tmp_path, upstream):
    openai_sdk = pytest.importorskip("openai")
    with hedging.serving(tmp_path, upstream) as gateway:
        client = openai_sdk.OpenAI(
            base_url=f"http://127.0.0.1:{gateway.port}/v1", api_key=gateway.key, max_retries=0,
            timeout=10)
        case = upstream.case(by_model(silent(), replies.honest()))
        raw = client.chat.completions.with_raw_response.create(
            model="smart", messages=[{"role": "user", "content": "Hello!"}], user=case.token)
        assert raw.headers["x-gateway-model"] == SECOND
        assert raw.parse().choices[0].message.content == "Hello there,"
        case = upstream.case(by_model(silent(), replies.honest()))
        chunks = list(client.chat.completions.create(
            model="smart", messages=[{"role": "user", "content": "Hello!"}], user=case.token,
            stream=True))
        text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
        assert text == "Hello there," and chunks[-1].choices[0].finish_reason == "stop"
        assert len(case.requests) == 2 and case.gone.wait(2)
