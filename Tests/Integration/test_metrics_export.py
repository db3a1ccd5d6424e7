# SPDX-License-Identifier: MIT
"""Metrics: both families of the conventions, at the receiver and under /metrics, and what costs."""
import json
import re
import time

import pytest
from support import replies, wire
from test_telemetry_faults import wait_until
from test_tracing import ask, start  # noqa: F401  (a fixture)

DURATIONS = [0.01 * 2 ** power for power in range(14)]
TOKENS = [4 ** power for power in range(14)]
USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
         "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 6},
         "completion_tokens_details": {"reasoning_tokens": 30}}
# The test's models cost 1 and 2 USD per million tokens; cached ones as much as others.
COST = (100 * 1 + 50 * 2) / 1e6
MODEL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o-mini",
         "gen_ai.provider.name": "openai"}


def completion(usage):
    value = replies.chat_completion()
    if usage is None:
        del value["usage"]
    else:
        value["usage"] = usage
    return replies.status(200, value)


def points(metric):
    """Attributes to data points."""
    data = getattr(metric, metric.WhichOneof("data"))
    return {tuple(sorted((one.key, one.value.string_value) for one in point.attributes)): point
            for point in data.data_points}


def point(metrics, name, **more):
    wanted = {**MODEL, **{key.replace("__", "."): value for key, value in more.items()}}
    return points(metrics[name])[tuple(sorted(wanted.items()))]


@pytest.mark.parametrize("protocol", ["http/protobuf", "http/json"])
def test_both_families_at_the_receiver(start, upstream, protocol):  # noqa: F811
    gateway, collector = start(otlp={"protocol": protocol}, telemetry={
        "metrics": {"interval": "200ms"}})
    assert ask(gateway, upstream.case(completion(USAGE))).status == 200
    assert ask(gateway, upstream.case(replies.honest(tokens=["a", "b", "c"], delay=0.03)),
               stream=True).status == 200
    assert ask(gateway, upstream.case(replies.status(500))).status == 500
    name = "gen_ai.client.operation.duration"
    metrics = collector.wait(
        lambda: (found := collector.metrics()).get(name) is not None
        and len(points(found[name])) == 2 and found)
    duration = point(metrics, name)
    assert metrics[name].unit == "s" and list(duration.explicit_bounds) == DURATIONS
    assert duration.count == 2 and sum(duration.bucket_counts) == 2 and duration.sum > 0
    assert duration.start_time_unix_nano < duration.time_unix_nano
    assert abs(duration.time_unix_nano / 1e9 - time.time()) < 30
    assert point(metrics, name, error__type="server_error").count == 1
    assert metrics[name].histogram.aggregation_temporality == 2
    old = metrics["gen_ai.client.token.usage"]
    usage = point(metrics, old.name, gen_ai__token__type="input")
    assert list(usage.explicit_bounds) == TOKENS and usage.count == 2
    new = "gen_ai.client.inference"
    assert point(metrics, f"{new}.operation.input_tokens").sum == usage.sum
    modality = {"gen_ai__token__modality": "unknown"}
    counted = point(metrics, f"{new}.usage.input_tokens", **modality).as_int
    audio = point(metrics, f"{new}.usage.input_tokens", gen_ai__token__modality="audio").as_int
    assert audio == 6 and counted + audio == usage.sum
    assert point(metrics, f"{new}.usage.cache_read.input_tokens", **modality).as_int == 64
    assert point(metrics, f"{new}.usage.reasoning.output_tokens", **modality).as_int == 30
    assert metrics[f"{new}.usage.input_tokens"].sum.is_monotonic
    assert point(metrics, "gen_ai.client.operation.time_to_first_chunk").count == 1
    later = point(metrics, "gen_ai.client.operation.time_per_output_chunk")
    assert later.count >= 2 and 0.05 < later.sum < 5
    assert point(metrics, "gen_ai.server.time_to_first_token").count == 1
    assert point(metrics, "gen_ai.server.time_per_output_token").count == 1
    assert point(metrics, "gen_ai.server.request.duration").count == 2
    assert point(metrics, "gen_ai.server.request.duration", error__type="5xx").count == 1
    assert points(metrics["gateway.requests.in_flight"])[()].as_int == 0
    assert points(metrics["process.memory.usage"])[()].as_int > 1_000_000


def test_the_old_family_can_be_dropped(start, upstream):  # noqa: F811
    gateway, _ = start(telemetry={"metrics": {"token_usage_histogram": False}})
    ask(gateway, upstream.case())
    text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
    assert "gen_ai_client_token_usage" not in text
    assert "gen_ai_client_inference_operation_input_tokens_sum" in text


def test_the_last_figures_are_sent_at_the_end(start, upstream):  # noqa: F811
    gateway, collector = start()
    ask(gateway, upstream.case())
    assert gateway.stop() == 0
    assert point(collector.metrics(), "gen_ai.client.operation.duration").count == 1


class TestCost:
    def cost(self, gateway, estimated):
        text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
        found = re.search(
            rf'^gateway_cost_usd_total{{model="gpt-4o-mini",provider="openai",'
            rf'estimated="{estimated}"}} (\S+)$', text, re.MULTILINE)
        return float(found.group(1)) if found else 0

    def test_reported_usage_is_charged(self, start, upstream, tmp_path):  # noqa: F811
        path = tmp_path / "access.log"
        gateway, collector = start(logging={"access_log": str(path)})
        answer = ask(gateway, upstream.case(completion(USAGE)))
        attempt, request = collector.wait_for_spans(2)
        assert attempt["gateway.cost.usd"] == request["gateway.cost.usd"] == pytest.approx(COST)
        assert attempt["gen_ai.usage.input_tokens"] == 100
        assert attempt["gen_ai.usage.cache_read.input_tokens"] == 64
        assert attempt["gen_ai.usage.audio.input_tokens"] == 6
        assert attempt["gen_ai.usage.reasoning.output_tokens"] == 30
        assert "gateway.usage.estimated" not in attempt
        assert self.cost(gateway, "false") == pytest.approx(COST)
        line = json.loads(wait_until(lambda: path.exists() and path.read_text()))
        assert line["cost_usd"] == pytest.approx(COST) and "usage_estimated" not in line
        assert line["trace_id"] == request.trace and line["span_id"] == request.id
        assert answer.headers["traceparent"].split("-")[1] == line["trace_id"]

    def test_silence_is_estimated_and_marked(self, start, upstream):  # noqa: F811
        gateway, collector = start()
        ask(gateway, upstream.case(completion(None)), messages=[
            {"role": "user", "content": "x" * 4_000}])
        attempt, request = collector.wait_for_spans(2)
        assert attempt["gateway.usage.estimated"] is True
        assert 1_000 < attempt["gen_ai.usage.input_tokens"] < 1_020
        assert attempt["gen_ai.usage.output_tokens"] > 1
        assert request["gateway.cost.usd"] == attempt["gateway.cost.usd"] > 0.001
        assert self.cost(gateway, "true") == pytest.approx(attempt["gateway.cost.usd"])
        text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
        assert "gen_ai_client_token_usage_sum" not in text

    def test_a_cut_stream_costs_what_came(self, start, upstream):  # noqa: F811
        gateway, collector = start()
        events = b"".join(map(replies.chunked, replies.stream_events()[:3]))
        ask(gateway, upstream.case(replies.raw(replies.STREAM_HEAD + events, end="close")),
            stream=True)
        attempt, _ = collector.wait_for_spans(2)
        assert attempt["gateway.usage.estimated"] is True
        assert attempt["gen_ai.usage.output_tokens"] == 3

    def test_refusals_cost_nothing(self, start, upstream):  # noqa: F811
        gateway, collector = start(retries=True)
        ask(gateway, upstream.case(replies.status(503), completion(USAGE)))
        failed, honest, request = collector.wait_for_spans(3)
        assert "gateway.cost.usd" not in failed
        assert request["gateway.cost.usd"] == honest["gateway.cost.usd"] == pytest.approx(COST)


def test_a_sampled_access_log_keeps_what_went_wrong(start, upstream, tmp_path):  # noqa: F811
    path = tmp_path / "access.log"
    gateway, _ = start(logging={"access_log": str(path), "access_log_sample_ratio": 0},
                       environment={"OTEL_SDK_DISABLED": "true"})
    trace = "0af7651916cd43dd8448eb211c80319c"
    ask(gateway, upstream.case())
    ask(gateway, upstream.case(replies.status(500)),
        {"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    (line,) = wait_until(lambda: path.exists() and path.read_text().splitlines())
    record = json.loads(line)
    assert record["status"] == 500 and record["trace_id"] == trace and "span_id" not in record
