# SPDX-License-Identifier: MIT
"""The OpenAI SDK, unchanged, with a model of every provider behind the gateway."""
import json

import pytest
from support import providers, schemas, wire

pytestmark = pytest.mark.sdk
MODELS = list(providers.PROVIDERS)
WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "Weather at a place", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
CLOCK = {"type": "function", "function": {"name": "get_time", "description": "The time"}}
ARGUMENTS = '{"city":"Köln \\"Süd\\""}'
CALL = "call=get_weather:" + ARGUMENTS.replace(",", "%2C").replace("%", "%25")


def ask(client, model, text, **more):
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": text}], **more)


def collect(chunks):
    """Text, tool calls and reasons of a stream, put together as clients do."""
    text, calls, reasons = "", {}, []
    for chunk in chunks:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            for call in choice.delta.tool_calls or []:
                one = calls.setdefault(call.index, {"id": "", "name": "", "arguments": ""})
                one["id"] += call.id or ""
                one["name"] += call.function.name or ""
                one["arguments"] += call.function.arguments or ""
            if choice.finish_reason:
                reasons.append(choice.finish_reason)
    return text, [calls[index] for index in sorted(calls)], reasons


@pytest.mark.parametrize("model", MODELS)
def test_text(provider_client, model):
    answer = ask(provider_client, model, "Say [[script:text=Grüß Gott%2C 😀!]]")
    assert answer.choices[0].message.content == "Grüß Gott, 😀!"
    assert answer.choices[0].finish_reason == "stop"
    usage = answer.usage
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


@pytest.mark.parametrize("model", MODELS)
def test_stream(provider_client, model):
    stream = ask(
        provider_client, model,
        "Say [[script:text=Grüß Gott%2C 😀!,chunk_tokens=1,split_bytes=7]]",
        stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    text, calls, reasons = collect(chunks)
    assert (text, calls, reasons) == ("Grüß Gott, 😀!", [], ["stop"])
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens > 0


@pytest.mark.parametrize("model", MODELS)
def test_usage_comes_only_when_asked_for(provider_client, model):
    chunks = list(ask(provider_client, model, "Hello", stream=True))
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_a_tool_call_and_its_result(provider_client, model, streams):
    tools = [WEATHER, CLOCK]
    question = {"role": "user", "content": f"Weather? [[script:{CALL}]]"}
    create = provider_client.chat.completions.create
    if streams:
        chunks = create(model=model, messages=[question], tools=tools, stream=True)
        _, calls, reasons = collect(chunks)
        assert reasons == ["tool_calls"]
    else:
        answer = create(model=model, messages=[question], tools=tools)
        assert answer.choices[0].finish_reason == "tool_calls"
        calls = [{"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
                 for call in answer.choices[0].message.tool_calls]
    assert len(calls) == 1 and calls[0]["name"] == "get_weather" and calls[0]["id"]
    assert json.loads(calls[0]["arguments"]) == json.loads(ARGUMENTS)
    final = create(model=model, tools=tools, messages=[
        question,
        {"role": "assistant", "content": None, "tool_calls": [{
            "id": calls[0]["id"], "type": "function", "function": {
                "name": calls[0]["name"], "arguments": calls[0]["arguments"]}}]},
        {"role": "tool", "tool_call_id": calls[0]["id"], "content": "21 degrees"}])
    assert "21 degrees" in final.choices[0].message.content


@pytest.mark.parametrize("model", MODELS)
def test_parallel_tool_calls(provider_client, model):
    chunks = ask(
        provider_client, model, f"Both! [[script:{CALL},call=get_time,chunk_tokens=1]]",
        tools=[WEATHER, CLOCK], stream=True)
    _, calls, reasons = collect(chunks)
    assert [call["name"] for call in calls] == ["get_weather", "get_time"]
    assert len({call["id"] for call in calls}) == 2 and reasons == ["tool_calls"]
    assert isinstance(json.loads(calls[1]["arguments"] or "{}"), dict)


@pytest.mark.parametrize("model", MODELS)
def test_a_length_limit(provider_client, model):
    answer = ask(provider_client, model, "Tell [[script:tokens=50]]", max_tokens=5)
    assert answer.choices[0].finish_reason == "length"


@pytest.mark.parametrize("model", MODELS)
def test_errors(provider_client, openai_module, model):
    cases = [("rate_limit", openai_module.RateLimitError), ("server", openai_module.APIStatusError),
             ("context_length", openai_module.BadRequestError)]
    for word, kind in cases:
        with pytest.raises(kind) as caught:
            ask(provider_client, model, f"Hello [[script:error={word}]]")
        body = caught.value.response.json()["error"]
        assert body["message"]
        if word == "context_length":
            assert body["code"] == "context_length_exceeded", body


# Bedrock has its errors by status and by frame alone.
@pytest.mark.parametrize("model", [one for one in MODELS if one != "bedrock-claude"])
def test_errors_under_a_status_of_success(provider_client, provider_fake, openai_module, model):
    """They mean what they say, and what is the request's own fault is not asked again."""
    provider_fake.forget()
    with pytest.raises(openai_module.BadRequestError) as caught:
        provider_client.chat.completions.create(model=model, messages=[
            {"role": "user", "content": "Go [[script:error=context_length,error_body=1]]"}])
    assert caught.value.code == "context_length_exceeded"
    assert len(provider_fake.requests()) == 1


@pytest.mark.parametrize("model", MODELS)
def test_a_refused_key_is_not_the_clients_fault(provider_client, openai_module, model):
    with pytest.raises(openai_module.APIStatusError) as caught:
        ask(provider_client, model, "Hello [[script:error=authentication]]")
    assert caught.value.status_code == 502, caught.value


FAULTS = ["error_at_chunk=2", "cut_at=300", "reset_at=300", "stall_at=300", "no_done",
          "malformed_chunk=3"]


# Without Bedrock's last frame, `metadata`, an answer lacks its usage and nothing else.
@pytest.mark.parametrize("model, fault", [
    (model, fault) for model in MODELS for fault in FAULTS
    if (model, fault) != ("bedrock-claude", "no_done")])
def test_a_broken_stream_says_so(provider_client, openai_module, model, fault):
    with pytest.raises((openai_module.APIError, openai_module.APIConnectionError)):
        for _ in ask(provider_client, model,
                     f"Go [[script:text=one two three four five six,chunk_tokens=1,{fault}]]",
                     stream=True):
            pass


@pytest.mark.parametrize("model", MODELS)
def test_chunks_match_openais_schema(provider_gateway, model):
    body = json.dumps({"model": model, "stream": True, "tools": [WEATHER],
                       "stream_options": {"include_usage": True},
                       "messages": [
                           {"role": "user", "content": f"Hi [[script:before=So,{CALL}]]"}]})
    answer = wire.ask(provider_gateway.port, body.encode())
    assert answer.status == 200 and answer.clean, answer.body
    schemas.check_chunks(answer.events())


@pytest.mark.parametrize("model", list(providers.EMBEDDERS))
@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_embeddings(provider_client, model, encoding):
    texts = ["one", "two words", "drei"]
    answer = provider_client.embeddings.create(model=model, input=texts, encoding_format=encoding)
    assert [one.index for one in answer.data] == [0, 1, 2]
    if encoding == "float":
        assert all(isinstance(one.embedding[0], float) for one in answer.data)
    assert answer.data[0].embedding != answer.data[1].embedding
    again = provider_client.embeddings.create(model=model, input="one", encoding_format=encoding)
    assert again.data[0].embedding == answer.data[0].embedding


def test_many_embeddings(provider_client):
    """More than the 4 MiB up to which an answer that passes as it is would be held."""
    answer = provider_client.embeddings.create(
        model="vertex-text-embedding", input=[f"text {index}" for index in range(160)])
    assert len(answer.data) == 160 and answer.data[159].index == 159
