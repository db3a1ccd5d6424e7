# SPDX-License-Identifier: MIT
"""A conversation that goes from one provider to another: each refuses what the other wants back of
its thoughts, also where the client's body passes as it came."""
import contextlib
import json

import pytest
from support import providers, wire

THINK = "Think [[script:reasoning=Hm.,text=Hello]]"
CALL = 'Think [[script:reasoning=Hm.,call=f:{"a":"b"}]]'
MORE = "More [[script:text=Hello]]"
PARAMETERS = {"type": "object", "properties": {"a": {"type": "string"}}}
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 1}
DROPPED = "x-gateway-dropped-params"
LOSS = "reasoning_of_earlier_turns"


def ask(gateway, path, body):
    answer = wire.ask(gateway.port, json.dumps(body).encode(), path=path)
    assert answer.status == 200, answer.body
    return answer, json.loads(answer.body)


def last(fake):
    asked = fake.requests()[-1]
    return asked["target"], json.loads(asked["body"])


def anthropic(gateway, model, messages, **more):
    return ask(gateway, "/v1/messages", {
        "model": model, "max_tokens": 3000, "messages": messages, **more})


THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


@pytest.mark.parametrize("other", ["gemini-2.5-flash", "llama3", "bedrock-claude"])
@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "vertex-claude"])
def test_anthropics_clients(provider_gateway, provider_fake, other, model):
    """Claude's own thoughts are good wherever Claude is; those of others stay away, and all else
    of the body, known to the gateway or not, is as it was sent."""
    question = {"role": "user", "content": THINK}
    _, first = anthropic(provider_gateway, other, [question], **THINKING)
    kinds = [block["type"] for block in first["content"]]
    assert kinds == ["thinking", "text"]
    messages = [question, {"role": "assistant", "content": first["content"]},
                {"role": "user", "content": MORE}]
    answer, _ = anthropic(provider_gateway, model, messages, tools=[SEARCH], **THINKING)
    target, sent = last(provider_fake)
    isOwn = other == "bedrock-claude"
    assert answer.headers.get(DROPPED) == (None if isOwn else LOSS)
    assert sent["messages"][1]["content"] == first["content"][0 if isOwn else 1:]
    assert sent["messages"][::2] == messages[::2] and sent["tools"] == [SEARCH]
    assert sent["thinking"] == THINKING["thinking"] and sent["max_tokens"] == 3000
    if model == "vertex-claude":
        assert "model" not in sent and target.endswith("claude-sonnet-4-5:rawPredict")
    else:
        assert sent["model"] == model


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "vertex-claude"])
def test_within_a_round_of_calls(provider_gateway, provider_fake, model):
    """Claude does not think on in a turn that lost its thoughts: it is asked not to think."""
    question = {"role": "user", "content": CALL}
    tools = [{"name": "f", "input_schema": PARAMETERS}]
    _, first = anthropic(provider_gateway, "gemini-2.5-flash", [question], tools=tools, **THINKING)
    use = next(block for block in first["content"] if block["type"] == "tool_use")
    result = {"type": "tool_result", "tool_use_id": use["id"], "content": "21"}
    answer, _ = anthropic(provider_gateway, model, [
        question, {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": [result]}], tools=tools, **THINKING)
    _, sent = last(provider_fake)
    assert LOSS in answer.headers[DROPPED] and "thinking" not in sent
    assert [block["type"] for block in sent["messages"][1]["content"]] == ["tool_use"]


def test_a_count_is_asked_for_without_them(provider_gateway, provider_fake):
    question = {"role": "user", "content": THINK}
    _, first = anthropic(provider_gateway, "gemini-2.5-flash", [question], **THINKING)
    body = {"model": "claude-sonnet-4-5", "messages": [
        question, {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": MORE}]}
    _, count = ask(provider_gateway, "/v1/messages/count_tokens", body)
    target, sent = last(provider_fake)
    assert count["input_tokens"] > 0 and target.startswith("/v1/messages/count_tokens")
    assert set(sent) == {"model", "messages"}
    assert sent["messages"][1]["content"] == first["content"][1:]


def test_openais_thoughts_are_not_claudes(provider_gateway, provider_fake):
    """As a client has them that is Anthropic's, and as one has them that is Responses'."""
    secret = "gAAAABo-_x"
    for data in (secret, "rs_1|" + secret):
        anthropic(provider_gateway, "claude-sonnet-4-5", [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [
                {"type": "redacted_thinking", "data": data}, {"type": "text", "text": "Hello"}]},
            {"role": "user", "content": MORE}])
        assert secret not in provider_fake.requests()[-1]["body"]
    for model in ("claude-sonnet-4-5", "bedrock-claude"):
        ask(provider_gateway, "/v1/responses", {"model": model, "input": [
            {"role": "user", "content": "Hi"},
            {"type": "reasoning", "id": "rs_1", "encrypted_content": secret,
             "summary": [{"type": "summary_text", "text": "Hm."}]},
            {"role": "assistant", "content": "Hello"}, {"role": "user", "content": MORE}]})
        assert secret not in provider_fake.requests()[-1]["body"]


def gemini(gateway, model, contents, **more):
    return ask(gateway, f"/v1beta/models/{model}:generateContent", {
        "contents": contents, "generationConfig": {
            "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 1024}}, **more})


@pytest.mark.parametrize("other", ["claude-sonnet-4-5", "bedrock-claude"])
@pytest.mark.parametrize("model", ["gemini-2.5-flash", "vertex-gemini"])
@pytest.mark.parametrize("says", [THINK, CALL], ids=["text", "call"])
def test_geminis_clients(provider_gateway, provider_fake, other, model, says):
    question = {"role": "user", "parts": [{"text": says}]}
    tools = [{"functionDeclarations": [{"name": "f", "parameters": PARAMETERS}]}]
    _, first = gemini(provider_gateway, other, [question], tools=tools)
    turn = first["candidates"][0]["content"]
    assert turn["parts"][0]["thoughtSignature"]
    follow = {"text": MORE} if says == THINK else {
        "functionResponse": {"name": "f", "response": {"result": "21"}}}
    contents = [question, turn, {"role": "user", "parts": [follow]}]
    answer, _ = gemini(provider_gateway, model, contents, tools=tools, labels={"team": "t"})
    _, sent = last(provider_fake)
    assert answer.headers[DROPPED] == LOSS and sent["labels"] == {"team": "t"}
    assert sent["contents"][::2] == contents[::2]
    assert sent["contents"][1]["parts"] == turn["parts"][1:]
    assert "thoughtSignature" not in json.dumps(sent)


def test_geminis_own_thoughts_pass(provider_gateway, provider_fake):
    question = {"role": "user", "parts": [{"text": THINK}]}
    _, first = gemini(provider_gateway, "vertex-gemini", [question])
    contents = [question, first["candidates"][0]["content"],
                {"role": "user", "parts": [{"text": MORE}]}]
    answer, _ = gemini(provider_gateway, "gemini-2.5-flash", contents)
    assert last(provider_fake)[1]["contents"] == contents and DROPPED not in answer.headers


def test_gemini_3_goes_on_from_calls_of_others(tmp_path, provider_fake):
    """It refuses calls without a signature, which no other model makes."""
    models = {"gpt-4o": ("openai", "/v1", None),
              "gemini-3": ("google", "", "gemini-3-pro-preview"),
              "vertex-gemini-3": ("vertex", providers.VERTEX, "gemini-3-pro-preview")}
    tools = [{"functionDeclarations": [{"name": "f", "parameters": PARAMETERS}]}]
    result = {"functionResponse": {"name": "f", "response": {"result": "21"}}}
    gateway = providers.start(tmp_path, provider_fake, models)
    with contextlib.ExitStack() as stack:
        stack.callback(gateway.stop)
        question = {"role": "user", "parts": [{"text": CALL}]}
        _, first = gemini(gateway, "gpt-4o", [question], tools=tools)
        turn = first["candidates"][0]["content"]
        assert "functionCall" in turn["parts"][-1] and "thoughtSignature" not in json.dumps(turn)
        contents = [question, turn, {"role": "user", "parts": [result]}]
        for model in ("gemini-3", "vertex-gemini-3"):
            answer, second = gemini(gateway, model, contents, tools=tools)
            assert DROPPED not in answer.headers
            sent = last(provider_fake)[1]["contents"]
            assert sent[::2] == contents[::2] and sent[1]["parts"][-1].pop("thoughtSignature")
            assert sent[1] == turn
        # Its own go back as they came.
        _, first = gemini(gateway, "gemini-3", [question], tools=tools)
        contents[1] = first["candidates"][0]["content"]
        gemini(gateway, "gemini-3", contents, tools=tools)
        assert last(provider_fake)[1]["contents"] == contents


@pytest.mark.parametrize("other", ["gemini-2.5-flash", "llama3", "claude-sonnet-4-5"])
def test_bedrocks_clients(provider_gateway, provider_fake, other):
    question = {"role": "user", "content": [{"text": THINK}]}
    fields = {"additionalModelRequestFields": THINKING,
              "inferenceConfig": {"maxTokens": 3000}}
    _, first = ask(provider_gateway, f"/model/{other}/converse", {
        "messages": [question], **fields})
    turn = first["output"]["message"]
    assert "reasoningContent" in turn["content"][0]
    body = {"messages": [question, turn, {"role": "user", "content": [{"text": MORE}]}],
            **fields, "requestMetadata": {"team": "t"}}
    answer, _ = ask(provider_gateway, "/model/bedrock-claude/converse", body)
    _, sent = last(provider_fake)
    isOwn = other == "claude-sonnet-4-5"
    assert answer.headers.get(DROPPED) == (None if isOwn else LOSS)
    kept = {**turn, "content": turn["content"][0 if isOwn else 1:]}
    assert sent == {**body, "messages": [question, kept, body["messages"][2]]}


@pytest.mark.parametrize("other", ["claude-sonnet-4-5", "llama3", "gemini-2.5-flash"])
def test_responses_clients(provider_gateway, provider_fake, other):
    """OpenAI reads neither another's content nor an id that it did not give."""
    tool = {"type": "function", "name": "f", "parameters": PARAMETERS}
    request = {"tools": [tool], "store": False, "include": ["reasoning.encrypted_content"],
               "reasoning": {"effort": "low", "summary": "auto"}, "max_output_tokens": 3000}
    question = {"role": "user", "content": CALL}
    _, first = ask(provider_gateway, "/v1/responses", {
        "model": other, "input": [question], **request})
    kinds = [item["type"] for item in first["output"]]
    assert kinds == ["reasoning", "function_call"]
    call = first["output"][1]
    body = {"model": "gpt-4o", **request, "truncation": "auto", "input": [
        question, *first["output"],
        {"type": "function_call_output", "call_id": call["call_id"], "output": "21"}]}
    answer, _ = ask(provider_gateway, "/v1/responses", body)
    _, sent = last(provider_fake)
    assert answer.headers[DROPPED] == LOSS
    call.pop("extra_content", None)
    assert sent == {**body, "input": [question, call, body["input"][3]]}
