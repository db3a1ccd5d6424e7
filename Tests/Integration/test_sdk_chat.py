# SPDX-License-Identifier: MIT
"""The official SDK, unchanged: chat, completions, embeddings, models."""
import struct

import pytest
from support import schemas

pytestmark = pytest.mark.sdk
MESSAGES = [{"role": "user", "content": "Hello!"}]


def test_chat(client, upstream):
    case = upstream.case()
    answer = client.chat.completions.create(
        model="gpt-4o-mini", messages=MESSAGES, user=case.token)
    assert answer.choices[0].message.content == "Hello there,"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert len(case.requests) == 1
    assert case.requests[0].headers["authorization"] == "Bearer sk-upstream-key"


def test_chat_body_is_valid_and_decision_is_named(client, upstream):
    case = upstream.case()
    raw = client.chat.completions.with_raw_response.create(
        model="gpt-4o-mini", messages=MESSAGES, user=case.token)
    schemas.check("CreateChatCompletionResponse", raw.http_response.json())
    assert raw.headers["x-gateway-decision-id"]
    assert raw.headers["x-gateway-model"] == "gpt-4o-mini"
    assert raw.headers["x-gateway-provider"]
    assert raw.headers["x-gateway-policy"] == "base"
    assert raw.headers["openai-organization"] == "org-test"


def test_unknown_fields_pass_untouched(client, upstream):
    case = upstream.case()
    extra = {"a_field_of_tomorrow": {"deep": [1, 2.50, "1e400", None]},
             "metadata": {"trace": "x"}}
    client.chat.completions.create(
        model="gpt-4o-mini", messages=MESSAGES, user=case.token, extra_body=extra)
    sent = case.requests[0].json()
    assert sent["a_field_of_tomorrow"] == extra["a_field_of_tomorrow"]
    assert sent["metadata"] == extra["metadata"]


def test_unknown_headers_pass_but_the_clients_key_does_not(client, upstream):
    case = upstream.case()
    client.chat.completions.create(
        model="gpt-4o-mini", messages=MESSAGES, user=case.token,
        extra_headers={"X-Trace-Of-Tomorrow": "abc", "Idempotency-Key": "one",
                       "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
    headers = case.requests[0].headers
    assert headers["x-trace-of-tomorrow"] == "abc"
    assert headers["idempotency-key"] == "one"
    # Third parties do not hear of traces.
    assert "traceparent" not in headers
    assert client.api_key not in str(headers)


def test_tools_reach_the_provider(client, upstream):
    case = upstream.case()
    tools = [{"type": "function", "function": {
        "name": "weather", "parameters": {"type": "object", "properties": {}}}}]
    client.chat.completions.create(
        model="gpt-4o-mini", messages=MESSAGES, tools=tools, tool_choice="auto", user=case.token)
    assert case.requests[0].json()["tools"] == tools


def test_group_names_choose_a_model(client, upstream):
    case = upstream.case()
    raw = client.chat.completions.with_raw_response.create(
        model="smart", messages=MESSAGES, user=case.token)
    chosen = raw.headers["x-gateway-model"]
    assert chosen in ("gpt-4o", "gpt-4o-mini")
    assert case.requests[0].json()["model"] == chosen


def test_completions(client, upstream):
    case = upstream.case()
    raw = client.completions.with_raw_response.create(
        model="gpt-4o-mini", prompt="Once", user=case.token)
    schemas.check("CreateCompletionResponse", raw.http_response.json())
    assert raw.parse().choices[0].text == " once upon"
    assert case.requests[0].path.endswith("/completions")


def test_embeddings_as_the_sdk_asks_for_them(client, upstream):
    case = upstream.case()
    answer = client.embeddings.create(
        model="text-embedding-3-small", input=["one", "two"], user=case.token)
    assert case.requests[0].json()["encoding_format"] == "base64"
    assert [item.index for item in answer.data] == [0, 1]
    assert list(answer.data[0].embedding) == [0.25, -0.5, 0.125]


def test_embeddings_as_floats(client, upstream):
    case = upstream.case()
    raw = client.embeddings.with_raw_response.create(
        model="text-embedding-3-small", input="one", encoding_format="float", user=case.token)
    value = raw.http_response.json()
    schemas.check("CreateEmbeddingResponse", value)
    assert struct.unpack("<f", struct.pack("<f", value["data"][0]["embedding"][1]))[0] == -0.5


def test_models_list(client):
    raw = client.models.with_raw_response.list()
    schemas.check("ListModelsResponse", raw.http_response.json())
    names = [model.id for model in raw.parse().data]
    assert {"gpt-4o-mini", "gpt-4o", "text-embedding-3-small"} <= set(names)
    assert len(names) == len(set(names))


def test_model_retrieve(client):
    raw = client.models.with_raw_response.retrieve("gpt-4o-mini")
    schemas.check("Model", raw.http_response.json())
    assert raw.parse().id == "gpt-4o-mini"


def test_async_client(gateway, openai_module, upstream):
    import asyncio
    case = upstream.case()

    async def ask():
        async with openai_module.AsyncOpenAI(
                base_url=f"http://127.0.0.1:{gateway.port}/v1",
                api_key=gateway.key, max_retries=0) as client:
            answers = await asyncio.gather(*(
                client.chat.completions.create(
                    model="gpt-4o-mini", messages=MESSAGES, user=case.token)
                for _ in range(40)))
            stream = await client.chat.completions.create(
                model="gpt-4o-mini", messages=MESSAGES, stream=True, user=case.token)
            return answers, [chunk async for chunk in stream]
    answers, chunks = asyncio.run(ask())
    assert {answer.choices[0].message.content for answer in answers} == {"Hello there,"}
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert len(case.requests) == 41
