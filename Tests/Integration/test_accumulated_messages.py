# SPDX-License-Identifier: MIT
"""What the official SDK makes of a stream, its message, goes back as it is: thoughts and the
signatures that their provider wants with them; and what it makes of the older functions."""
import json
import types

import pytest
from support import providers, replies, schemas, wire

pytestmark = pytest.mark.sdk
CALL = 'call=get_weather:{"city":"Köln"}'
FUNCTION = {"name": "get_weather", "description": "Weather at a place", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
TOOLS = [{"type": "function", "function": FUNCTION}]
THINKERS = ["claude-sonnet-4-5", "vertex-claude", "bedrock-claude", "gemini-2.5-flash",
            "vertex-gemini", "llama3"]
TRANSLATED = THINKERS
BLOCKS = [
    {"type": "thinking", "thinking": "First thought.", "signature": "c2lnMQ=="},
    {"type": "text", "text": "Let me look."},
    {"type": "redacted_thinking", "data": "cmVkYWN0ZWQ="},
    {"type": "thinking", "thinking": "Second \"thought\".", "signature": "c2lnMg=="},
    {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Köln"}}]


def interleaved():
    """Anthropic's stream of thoughts between text and call."""
    def event(kind, **members):
        value = json.dumps({"type": kind, **members})
        return f"event: {kind}\ndata: {value}\n\n"

    def delta(index, kind, name, value):
        return event("content_block_delta", index=index, delta={"type": kind, name: value})

    out = event("message_start", message={
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": [], "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 5, "output_tokens": 1}})
    for index, block in enumerate(BLOCKS):
        start = {"thinking": {"thinking": "", "signature": ""}, "text": {"text": ""},
                 "tool_use": {"input": {}}}.get(block["type"], {})
        out += event("content_block_start", index=index, content_block={**block, **start})
        if block["type"] == "thinking":
            for piece in (block["thinking"][:8], block["thinking"][8:]):
                out += delta(index, "thinking_delta", "thinking", piece)
            out += delta(index, "signature_delta", "signature", block["signature"])
        elif block["type"] == "text":
            out += delta(index, "text_delta", "text", block["text"])
        elif block["type"] == "tool_use":
            out += delta(index, "input_json_delta", "partial_json", json.dumps(block["input"]))
        out += event("content_block_stop", index=index)
    out += event("message_delta", delta={"stop_reason": "tool_use", "stop_sequence": None},
                 usage={"output_tokens": 9})
    data = (out + event("message_stop")).encode()
    return replies.head(200, {"content-type": "text/event-stream"}, len(data)) + data


@pytest.fixture(scope="module")
def behind_anthropic(tmp_path_factory, upstream):
    fake = types.SimpleNamespace(url=f"http://127.0.0.1:{upstream.port}")
    one = providers.start(tmp_path_factory.mktemp("interleaved"), fake, {
        "claude-sonnet-4-5": ("anthropic", "", None)})
    yield one
    one.stop()


def streamed(client, **request):
    """The message that the SDK's helper makes of a stream."""
    with client.chat.completions.stream(**request) as stream:
        for _ in stream:
            pass
        choice = stream.get_final_completion().choices[0]
    message = choice.message.model_dump(exclude_none=True)
    message.pop("parsed", None)
    for call in message.get("tool_calls", []):
        call["function"].pop("parsed_arguments", None)
    return message


def test_interleaved_thoughts_come_back_as_they_were(behind_anthropic, openai_module, upstream):
    case = upstream.case(replies.raw(interleaved()))
    request = {"model": "claude-sonnet-4-5", "tools": TOOLS, "user": case.token,
               "max_completion_tokens": 3000, "reasoning_effort": "medium"}
    question = {"role": "user", "content": "Weather?"}
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{behind_anthropic.port}/v1",
                              api_key=wire.KEY, max_retries=0, timeout=20) as client:
        message = streamed(client, messages=[question], **request)
        assert message["reasoning_content"] == "First thought.Second \"thought\"."
        result = {"role": "tool", "tool_call_id": "toolu_1", "content": "21"}
        streamed(client, messages=[question, message, result], **request)
    turn = case.requests[1].json()["messages"][1]
    thoughts = [block for block in BLOCKS if "thinking" in block["type"]]
    assert turn["content"] == [*thoughts, BLOCKS[1], BLOCKS[4]]


@pytest.mark.parametrize("script", ["reasoning=I think so.", "reasoning=Hm.,hidden_reasoning=9",
                                    "hidden_reasoning=9"])
@pytest.mark.parametrize("model", THINKERS)
def test_thoughts_of_a_stream_come_back(provider_client, model, script):
    question = {"role": "user", "content": f"Go [[script:{script},chunk_tokens=1,{CALL}]]"}
    request = {"model": model, "tools": TOOLS, "max_completion_tokens": 3000,
               "reasoning_effort": "medium"}
    message = streamed(provider_client, messages=[question], **request)
    final = provider_client.chat.completions.create(messages=[question, message, {
        "role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "sunny"}],
        **request)
    assert "sunny" in final.choices[0].message.content


# The older functions.

def older(text, model, **more):
    return {"model": model, "functions": [FUNCTION], "max_completion_tokens": 500,
            "messages": [{"role": "user", "content": text}], **more}


@pytest.mark.parametrize("model", TRANSLATED)
def test_functions_are_answered_as_they_were_asked(provider_client, model):
    request = older(f"Go [[script:{CALL},call=get_weather:{{}}]]", model)
    raw = provider_client.chat.completions.with_raw_response.create(**request)
    schemas.check("CreateChatCompletionResponse", raw.http_response.json())
    assert "parallel_tool_calls" not in raw.headers.get("x-gateway-dropped-params", "")
    choice = raw.parse().choices[0]
    assert choice.finish_reason == "function_call" and choice.message.tool_calls is None
    call = choice.message.function_call
    assert call.name == "get_weather" and json.loads(call.arguments) == {"city": "Köln"}
    messages = [*request["messages"], choice.message.model_dump(exclude_none=True),
                {"role": "function", "name": "get_weather", "content": "sunny"}]
    final = provider_client.chat.completions.create(**{**request, "messages": messages})
    assert final.choices[0].finish_reason == "stop"
    assert "sunny" in final.choices[0].message.content


@pytest.mark.parametrize("model", TRANSLATED)
def test_functions_of_a_stream(provider_client, provider_gateway, model):
    request = older(f"Go [[script:{CALL},call=get_weather:{{}},chunk_tokens=1]]", model)
    answer = wire.ask(provider_gateway.port, json.dumps({**request, "stream": True}).encode())
    chunks = schemas.check_chunks(answer.events())
    assert chunks[-1]["choices"][0]["finish_reason"] == "function_call"
    message = streamed(provider_client, **request)
    assert "tool_calls" not in message
    assert message["function_call"]["name"] == "get_weather"
    assert json.loads(message["function_call"]["arguments"]) == {"city": "Köln"}
