# SPDX-License-Identifier: MIT
"""Prompts and answers in spans, whichever API the client speaks and whichever the provider."""
import json

import pytest
from support import providers, wire

collectors = pytest.importorskip("support.collector", reason="run Tests/Integration/setup.sh first")
TOOL = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ASKED = "Weather in Oslo?"
SYSTEM = [{"type": "text", "content": "Be brief."}]
INPUT = [{"role": "user", "parts": [{"type": "text", "content": ASKED}]}]
DEFINED = [{"type": "function", "name": "weather", "parameters": TOOL}]
SCRIPT = "text=Sunny today"


@pytest.fixture(scope="module")
def traced(tmp_path_factory, provider_fake):
    collector = collectors.Collector().start()
    gateway = providers.start(tmp_path_factory.mktemp("content"), provider_fake, telemetry={
        "otlp": {"endpoint": collector.url, "batch_interval": "50ms"},
        "metrics": {"interval": "1h"}, "capture_content": True, "captured_content": "8KiB"})
    yield gateway, collector
    gateway.stop()
    collector.stop()


def anthropic(model, stream):
    return "/v1/messages", {
        "model": model, "max_tokens": 100, "stream": stream, "system": "Be brief.",
        "messages": [{"role": "user", "content": ASKED}],
        "tools": [{"name": "weather", "input_schema": TOOL}]}


def gemini(model, stream):
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/v1beta/models/{model}:{verb}", {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": ASKED}]}],
        "tools": [{"functionDeclarations": [
            {"name": "weather", "parametersJsonSchema": TOOL}]}]}


def bedrock(model, stream):
    return f"/model/{model}/converse{'-stream' if stream else ''}", {
        "system": [{"text": "Be brief."}],
        "messages": [{"role": "user", "content": [{"text": ASKED}]}],
        "toolConfig": {"tools": [
            {"toolSpec": {"name": "weather", "inputSchema": {"json": TOOL}}}]}}


def responses(model, stream):
    return "/v1/responses", {
        "model": model, "stream": stream, "instructions": "Be brief.", "input": ASKED,
        "tools": [{"type": "function", "name": "weather", "parameters": TOOL}]}


def openai(model, stream):
    return "/v1/chat/completions", {
        "model": model, "stream": stream,
        "messages": [{"role": "system", "content": "Be brief."},
                     {"role": "user", "content": ASKED}],
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": TOOL}}]}


def attempt(traced, provider_fake, made, script):
    gateway, collector = traced
    before = len(collector.spans())
    provider_fake.queue(script)
    path, body = made
    answer = wire.ask(gateway.port, json.dumps(body).encode(), path=path)
    assert answer.status == 200
    spans = collector.wait_for_spans(before + 2)[before:]
    one = next(span for span in spans if span.name.startswith("chat "))
    request, = [span for span in spans if span is not one]
    # Also where the path names it.
    assert request["gateway.requested_model"] == one["gen_ai.request.model"]
    return one


def said(span, name):
    return json.loads(span[f"gen_ai.{name}"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash",
                                   "bedrock-claude"])
@pytest.mark.parametrize("client", [anthropic, gemini, bedrock, responses, openai])
def test_words(traced, provider_fake, client, model, stream):
    span = attempt(traced, provider_fake, client(model, stream), SCRIPT)
    answer, = said(span, "output.messages")
    assert answer == {"role": "assistant", "finish_reason": "stop",
                      "parts": [{"type": "text", "content": "Sunny today"}]}
    assert said(span, "tool.definitions") == DEFINED
    if client is openai:
        assert said(span, "input.messages") == [{"role": "system", "parts": SYSTEM}] + INPUT
    else:
        assert said(span, "system_instructions") == SYSTEM
        assert said(span, "input.messages") == INPUT


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("client,model", [
    (anthropic, "claude-sonnet-4-5"), (gemini, "gpt-4o"), (bedrock, "gemini-2.5-flash"),
    (responses, "claude-sonnet-4-5"), (openai, "gemini-2.5-flash"), (openai, "gpt-4o")])
def test_calls(traced, provider_fake, client, model, stream):
    span = attempt(
        traced, provider_fake, client(model, stream), 'call=weather:{"city":"Oslo"}')
    answer, = said(span, "output.messages")
    call, = [part for part in answer["parts"] if part["type"] == "tool_call"]
    assert call["name"] == "weather" and call["arguments"] == {"city": "Oslo"} and call["id"]
    assert answer["finish_reason"] == "tool_call"


def test_what_is_larger_is_left_out(traced, provider_fake):
    path, body = anthropic("claude-sonnet-4-5", False)
    body["messages"][0]["content"] = "x" * 9_000
    span = attempt(traced, provider_fake, (path, body), SCRIPT)
    assert "gen_ai.input.messages" not in span.attributes
    assert said(span, "system_instructions") == SYSTEM
    assert said(span, "output.messages")
    body["messages"][0]["content"] = "x" * 40_000
    span = attempt(traced, provider_fake, (path, body), SCRIPT)
    assert "gen_ai.system_instructions" not in span.attributes
