# SPDX-License-Identifier: MIT
"""Spans at an OpenTelemetry receiver: what they say, how they hang together, who hears of them."""
import json
import re

import pytest
from support import configuration, process, replies, wire

collectors = pytest.importorskip("support.collector", reason="run Tests/Integration/setup.sh first")
Collector, Reply = collectors.Collector, collectors.Reply
SERVER, CLIENT = 2, 3
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{CALLER}-01"
SECRET = "a secret that only captured content may hold"
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])")


@pytest.fixture
def start(tmp_path, upstream):
    """Starts a collector and a gateway that exports to it; ends them with the test."""
    running = []

    def one(*answers, telemetry=None, environment=None, otlp=None, **options):
        collector = Collector(*answers).start()
        settings = {"otlp": {"endpoint": collector.url, "batch_interval": "50ms", **(otlp or {})},
                    "metrics": {"interval": "1h"}, **(telemetry or {})}
        made = configuration.write(tmp_path, upstream, telemetry=settings, **options)
        gateway = process.Gateway(made.path, environment=environment).start()
        running.append((gateway, collector))
        return gateway, collector

    yield one
    for gateway, collector in running:
        gateway.stop()
        collector.stop()


def lines(headers):
    return [f"{name}: {value}" for name, value in headers.items()]


def ask(gateway, case, headers=None, **more):
    body = wire.chat_body(case.token, **more)
    return wire.ask(gateway.port, body, headers=lines(headers or {}))


@pytest.mark.parametrize("protocol", ["http/protobuf", "http/json"])
@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_a_traced_chat(start, upstream, protocol, compression):
    gateway, collector = start(
        otlp={"protocol": protocol, "compression": compression, "headers": {"x-api-key": "k1"}},
        telemetry={"service_name": "gateway-test", "resource": {"deployment.environment": "test"}})
    case = upstream.case()
    answer = ask(gateway, case, {"traceparent": PARENT}, temperature=0.25, top_p=0.5, seed=7,
                 stop=["one", "t\"wo"], max_tokens=50, presence_penalty=-1, n=2,
                 messages=[{"role": "user", "content": SECRET}])
    assert answer.status == 200
    attempt, request = collector.wait_for_spans(2)
    assert (attempt.name, attempt.kind) == ("chat gpt-4o-mini", CLIENT)
    assert (request.name, request.kind) == ("POST /v1/chat/completions", SERVER)
    assert request.trace == attempt.trace == TRACE
    assert request.parent == CALLER and attempt.parent == request.id != attempt.id
    assert request.flags & 1 and not request.is_error and not attempt.is_error
    returned = TRACEPARENT.fullmatch(answer.headers["traceparent"])
    assert returned.groups() == (TRACE, request.id, "01")
    assert 0 < attempt.seconds <= request.seconds < 10
    expected = {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini", "gen_ai.request.temperature": 0.25,
        "gen_ai.request.top_p": 0.5, "gen_ai.request.seed": 7, "gen_ai.request.max_tokens": 50,
        "gen_ai.request.presence_penalty": -1, "gen_ai.request.choice.count": 2,
        "gen_ai.request.stop_sequences": ["one", 't"wo'],
        "gen_ai.response.id": "chatcmpl-test", "gen_ai.response.model": replies.MODEL,
        "gen_ai.response.finish_reasons": ["stop"], "gen_ai.usage.input_tokens": 9,
        "gen_ai.usage.output_tokens": 3, "server.address": "127.0.0.1",
        "http.response.status_code": 200, "gateway.account": "upstream", "gateway.attempt": 1}
    assert {key: attempt.attributes.get(key) for key in expected} == expected
    assert attempt["server.port"] == int(upstream.url.split(":")[2].split("/")[0])
    expected = {
        "http.request.method": "POST", "http.route": "/v1/chat/completions",
        "url.path": "/v1/chat/completions", "url.scheme": "http",
        "http.response.status_code": 200, "client.address": "127.0.0.1", "gateway.key": "test",
        "gateway.user": "test-user", "gateway.team": "engineering", "gateway.attempts": 1,
        "gateway.requested_model": "gpt-4o-mini",
        "gateway.decision.id": answer.headers["x-gateway-decision-id"]}
    assert {key: request.attributes.get(key) for key in expected} == expected
    assert request.resource["service.name"] == "gateway-test"
    assert request.resource["deployment.environment"] == "test"
    assert request.resource["service.instance.id"] and request.scope.name == "gateway"
    export = collector.exports[0]
    assert export.headers["x-api-key"] == "k1"
    assert ("content-encoding" in export.headers) == (compression == "gzip")
    assert SECRET not in str(attempt.attributes) and wire.KEY not in str(request.attributes)


def test_a_traced_stream(start, upstream):
    gateway, collector = start()
    case = upstream.case(replies.honest(tokens=["one", "two", "three"]))
    answer = ask(gateway, case, stream=True)
    assert answer.status == 200
    attempt, request = collector.wait_for_spans(2)
    assert attempt["gen_ai.request.stream"] is True
    assert attempt["gen_ai.response.finish_reasons"] == ["stop"]
    assert attempt["gen_ai.response.id"] and attempt["gen_ai.response.model"]
    assert 0 < attempt["gen_ai.response.time_to_first_chunk"] <= attempt.seconds
    assert attempt["gen_ai.usage.input_tokens"] > 0
    # No caller's trace: a new one, with a random id.
    assert request.parent == "" and request.flags == 3
    assert answer.headers["traceparent"] == f"00-{request.trace}-{request.id}-03"


def test_retries_are_attempts_of_one_request(start, upstream):
    gateway, collector = start(retries=True)
    case = upstream.case(replies.status(500), replies.status(503), replies.honest())
    assert ask(gateway, case).status == 200
    first, second, third, request = collector.wait_for_spans(4)
    assert [one["gateway.attempt"] for one in (first, second, third)] == [1, 2, 3]
    assert [one.attributes.get("error.type") for one in (first, second, third)] == [
        "server_error", "server_error", None]
    assert first.is_error and second.is_error and not third.is_error
    assert first["http.response.status_code"] == 500
    assert {one.parent for one in (first, second, third)} == {request.id}
    assert request["gateway.attempts"] == 3 and not request.is_error


@pytest.mark.parametrize("bad", [
    PARENT.upper(), PARENT[:-1], f"00-{'0' * 32}-{CALLER}-01", f"ff-{TRACE}-{CALLER}-01", "x"])
def test_a_bad_parent_begins_a_new_trace(start, upstream, bad):
    gateway, collector = start()
    ask(gateway, upstream.case(), {"traceparent": bad})
    _, request = collector.wait_for_spans(2)
    assert request.trace != TRACE and request.parent == ""


class TestSampling:
    NONE = {"traces": {"sampler": "parentbased_traceidratio", "ratio": 0}}

    def test_a_parent_decides(self, start, upstream):
        gateway, collector = start(telemetry=self.NONE)
        first = ask(gateway, upstream.case())
        assert first.headers["traceparent"].endswith("-02")
        ask(gateway, upstream.case(), {"traceparent": PARENT})
        assert {span.trace for span in collector.wait_for_spans(2)} == {TRACE}

    def test_errors_are_kept(self, start, upstream):
        gateway, collector = start(telemetry=self.NONE, retries=True)
        ask(gateway, upstream.case())
        case = upstream.case(replies.status(503), replies.honest())
        assert ask(gateway, case).status == 200
        failed, honest, request = collector.wait_for_spans(3)
        assert failed.is_error and failed["gateway.attempt"] == 1
        assert not honest.is_error and honest["gateway.attempt"] == 2
        assert failed.parent == honest.parent == request.id and request.flags == 2
        assert len(collector.spans()) == 3

    def test_a_broken_stream_is_an_error(self, start, upstream):
        gateway, collector = start(telemetry=self.NONE)
        events = b"".join(map(replies.chunked, replies.stream_events()[:3]))
        case = upstream.case(replies.raw(replies.STREAM_HEAD + events, end="close"))
        ask(gateway, case, stream=True)
        attempt, request = collector.wait_for_spans(2)
        assert attempt.is_error and attempt["error.type"] == "interrupted"
        assert request.is_error
        assert request["error.type"] in ("upstream_incomplete", "upstream_reset")

    def test_probes_leave_no_spans(self, start, upstream):
        gateway, collector = start()
        for path in ("/health", "/metrics", "/health/readiness"):
            wire.ask(gateway.port, path=path, method="GET", key=None)
        ask(gateway, upstream.case())
        spans = collector.wait_for_spans(2)
        assert [span.name for span in spans] == ["chat gpt-4o-mini", "POST /v1/chat/completions"]


class TestPropagation:
    HEADERS = {"traceparent": PARENT, "tracestate": "vendor=one", "baggage": "user=alice"}
    NAMES = tuple(HEADERS)

    @pytest.mark.parametrize("traced", [True, False])
    def test_third_parties_hear_nothing(self, start, upstream, traced):
        gateway, _ = start(environment={} if traced else {"OTEL_SDK_DISABLED": "true"})
        case = upstream.case()
        ask(gateway, case, self.HEADERS)
        assert not set(self.NAMES) & set(case.requests[0].headers)

    def test_trusted_upstreams_hear_everything(self, start, upstream):
        gateway, collector = start(trusted=True)
        case = upstream.case()
        ask(gateway, case, self.HEADERS)
        attempt, request = collector.wait_for_spans(2)
        sent = case.requests[0].headers
        assert sent["traceparent"] == f"00-{TRACE}-{attempt.id}-01"
        assert sent["tracestate"] == "vendor=one" and sent["baggage"] == "user=alice"
        assert attempt.span.trace_state == request.span.trace_state == "vendor=one"

    def test_what_is_not_valid_goes_nowhere(self, start, upstream):
        gateway, _ = start(trusted=True)
        case = upstream.case()
        ask(gateway, case, {"traceparent": PARENT, "tracestate": "A=1", "baggage": "a\"b=1"})
        ask(gateway, case, {"traceparent": "bad", "tracestate": "vendor=one"})
        for request in case.requests:
            assert TRACEPARENT.fullmatch(request.headers["traceparent"])
            assert "tracestate" not in request.headers and "baggage" not in request.headers

    def test_an_untraced_gateway_hands_on_what_came(self, start, upstream):
        gateway, collector = start(trusted=True, environment={"OTEL_SDK_DISABLED": "true"})
        case = upstream.case()
        answer = ask(gateway, case, self.HEADERS)
        assert {name: case.requests[0].headers[name] for name in self.NAMES} == self.HEADERS
        ask(gateway, case)
        assert not set(self.NAMES) & set(case.requests[1].headers)
        assert "traceparent" not in answer.headers
        assert not collector.exports

    def test_request_ids(self, start, upstream):
        gateway, _ = start()
        answer = ask(gateway, upstream.case(), {"x-request-id": "mine-1"})
        assert answer.headers["x-request-id"] == replies.PROVIDER_HEADERS["x-request-id"]
        models = {"path": "/v1/models", "method": "GET"}
        assert wire.ask(gateway.port, headers=["x-request-id: mine-1"],
                        **models).headers["x-request-id"] == "mine-1"
        own = wire.ask(gateway.port, headers=["x-request-id: a b"], **models)
        assert re.fullmatch(r"req_[0-9a-f]{32}", own.headers["x-request-id"])


def test_captured_content(start, upstream):
    gateway, collector = start(telemetry={"capture_content": True, "captured_content": "1KiB"})
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": SECRET}]
    ask(gateway, upstream.case(), messages=messages)
    ask(gateway, upstream.case(replies.honest(tokens=["one", "two"])), messages=messages,
        stream=True)
    ask(gateway, upstream.case(), messages=[{"role": "user", "content": "x" * 2_000}])
    whole, streamed, large = [span for span in collector.wait_for_spans(6) if span.kind == CLIENT]
    for span in (whole, streamed):
        assert json.loads(span["gen_ai.input.messages"]) == [
            {"role": one["role"], "parts": [{"type": "text", "content": one["content"]}]}
            for one in messages]
    (answer,) = json.loads(whole["gen_ai.output.messages"])
    assert answer["finish_reason"] == "stop" and answer["role"] == "assistant"
    assert answer["parts"] == [{"type": "text", "content": "Hello there,"}]
    (answer,) = json.loads(streamed["gen_ai.output.messages"])
    assert answer["parts"][0]["content"].startswith("one")
    assert "gen_ai.input.messages" not in large
