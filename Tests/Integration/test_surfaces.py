# SPDX-License-Identifier: MIT
"""Other surfaces than chat completions: where the model is named, lists of models, counts, and
state that providers want back and OpenAI's clients drop."""
import json
import urllib.error
import urllib.request

import pytest
from support import providers, wire

CALL = 'call=f:{"a":"b"}'
TOOL = {"type": "function", "function": {"name": "f", "parameters": {
    "type": "object", "properties": {"a": {"type": "string"}}}}}


def call(gateway, path, body=None, headers=None, key=wire.KEY):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{gateway.port}{path}", data=data,
        headers={"authorization": f"Bearer {key}", "content-type": "application/json",
                 **(headers or {})})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer), answer.headers


def chat(text, **more):
    return {"messages": [{"role": "user", "content": text}], **more}


@pytest.mark.parametrize("path", [
    "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
    "/openai/deployments/claude-sonnet-4-5/chat/completions?api-version=2024-10-21"])
def test_azures_clients_name_the_model_in_the_path(provider_gateway, path):
    for body in (chat("Hi [[script:text=Hello]]"), chat("Hi [[script:text=Hello]]", model="x")):
        answer, _ = call(provider_gateway, path, body, {"api-key": wire.KEY})
        assert answer["choices"][0]["message"]["content"] == "Hello"


def test_azures_newer_paths(provider_gateway):
    answer, _ = call(provider_gateway, "/openai/v1/chat/completions",
                     chat("Hi [[script:text=Hello]]", model="gpt-4o"))
    assert answer["choices"][0]["message"]["content"] == "Hello"


def test_lists_of_models_have_the_clients_shape(provider_gateway):
    openai, _ = call(provider_gateway, "/v1/models")
    assert openai["object"] == "list" and openai["data"][0]["object"] == "model"
    anthropic, _ = call(provider_gateway, "/v1/models",
                        headers={"anthropic-version": "2023-06-01"})
    assert anthropic["has_more"] is False and anthropic["data"][0]["type"] == "model"
    gemini, _ = call(provider_gateway, "/v1beta/models", headers={"x-goog-api-key": wire.KEY})
    assert gemini["models"][0]["name"].startswith("models/")
    one, _ = call(provider_gateway, "/v1/models/claude-sonnet-4-5",
                  headers={"anthropic-version": "2023-06-01"})
    assert one["id"] == "claude-sonnet-4-5" and one["created_at"].endswith("Z")


@pytest.fixture(scope="module")
def named(tmp_path_factory, provider_fake):
    """Models whose names are hard to write in a path."""
    one = providers.start(tmp_path_factory.mktemp("named"), provider_fake, models={
        "org/llama-3:8b": ("openai", "/v1", "gpt-4o"), "v/m+x=1&y": ("openai", "/v1", "gpt-4o")})
    yield one
    one.stop()


@pytest.mark.parametrize("path,name", [
    ("org/llama-3:8b", "org/llama-3:8b"), ("org%2Fllama-3%3A8b", "org/llama-3:8b"),
    ("v%2fm%2Bx%3d1%26y", "v/m+x=1&y"), ("v/m+x=1&y", "v/m+x=1&y")])
def test_models_are_found_by_any_name(named, path, name):
    one, _ = call(named, f"/v1/models/{path}")
    assert one["id"] == name and one["object"] == "model"
    for prefix in ("/v1beta/models/", "/models/"):
        answer, _ = call(named, f"{prefix}{path}:generateContent", {
            "contents": [{"parts": [{"text": "Hi [[script:text=Hello]]"}]}]})
        assert answer["candidates"][0]["content"]["parts"][0]["text"] == "Hello"
    answer, _ = call(named, f"/openai/deployments/{path.replace('/', '%2F')}/chat/completions",
                     chat("Hi [[script:text=Hello]]"))
    assert answer["choices"][0]["message"]["content"] == "Hello"
    answer, _ = call(named, f"/model/{path}/converse", {
        "messages": [{"role": "user", "content": [{"text": "Hi [[script:text=Hello]]"}]}]})
    assert answer["output"]["message"]["content"] == [{"text": "Hello"}]
    answer, _ = call(named, "/v1/chat/completions",
                     chat("Hi [[script:text=Hello]]", model=name))
    assert answer["choices"][0]["message"]["content"] == "Hello"


@pytest.mark.parametrize("path", ["mod%C3%A8le", "%", "%zz", "a%00b", "..%2f..",
                                  "%F0%9F%98%80", "a%0d%0ax-evil:%201"])
def test_no_name_is_too_strange(named, path):
    with pytest.raises(urllib.error.HTTPError) as caught:
        call(named, f"/v1/models/{path}")
    assert caught.value.code in (400, 404) and json.load(caught.value)["error"]["message"]
    assert "x-evil" not in caught.value.headers


def test_tokens_are_counted(provider_gateway):
    answer, _ = call(provider_gateway, "/v1/messages/count_tokens", {
        "model": "claude-sonnet-4-5", "system": "Be brief.",
        "messages": [{"role": "user", "content": "How many tokens are these words?"}]})
    assert 5 < answer["input_tokens"] < 50


def test_what_is_dropped_is_named(provider_gateway):
    body = chat("Hi", model="claude-sonnet-4-5", seed=1, logit_bias={"1": 1}, my_parameter=True)
    _, headers = call(provider_gateway, "/v1/chat/completions", body)
    assert set(headers["x-gateway-dropped-params"].split(",")) == {
        "seed", "logit_bias", "my_parameter"}


@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_thoughts_that_a_client_drops_are_put_back(provider_gateway, provider_fake, streams):
    """Anthropic wants the thoughts before a tool call back, signature and all."""
    question = {"role": "user", "content": f"Think [[script:reasoning=Hm.,{CALL}]]"}
    request = {"model": "claude-sonnet-4-5", "tools": [TOOL], "reasoning_effort": "low",
               "max_tokens": 3000}
    if streams:
        answer = wire.ask(provider_gateway.port, json.dumps(
            {**request, "messages": [question], "stream": True}).encode())
        chunks = [json.loads(event) for event in answer.events() if event != "[DONE]"]
        ids = [one["id"] for chunk in chunks for choice in chunk["choices"]
               for one in choice["delta"].get("tool_calls", []) if one.get("id")]
    else:
        answer, _ = call(provider_gateway, "/v1/chat/completions",
                         {**request, "messages": [question]})
        ids = [one["id"] for one in answer["choices"][0]["message"]["tool_calls"]]
    assert len(ids) == 1
    provider_fake.forget()
    final, _ = call(provider_gateway, "/v1/chat/completions", {**request, "messages": [
        question,
        {"role": "assistant", "content": None, "tool_calls": [{
            "id": ids[0], "type": "function", "function": {
                "name": "f", "arguments": '{"a":"b"}'}}]},
        {"role": "tool", "tool_call_id": ids[0], "content": "21"}]})
    assert final["choices"][0]["finish_reason"] == "stop"
    sent = json.loads(provider_fake.requests()[-1]["body"])
    turn = next(one for one in sent["messages"] if one["role"] == "assistant")
    assert turn["content"][0]["type"] == "thinking" and turn["content"][0]["signature"]


def test_anthropics_bodies_pass_to_googles_cloud(provider_gateway, provider_fake):
    """Two members differ there; all else, known to the gateway or not, goes on as it was sent."""
    provider_fake.forget()
    rest = ('"max_tokens":  1024, "temperature" : 1.0, "metadata": {"user_id": "u"},'
            ' "messages": [{"role": "user", "content": [{"type": "document", "source":'
            ' {"type": "text", "media_type": "text/plain", "data": "A \\u00e9"},'
            ' "citations": {"enabled": true}, "context": "c"},'
            ' {"type": "text", "text": "Say [[script:text=Hello]]"}]}],'
            ' "tools": [{"type": "web_search_20250305", "name": "web_search", "max_uses": 1}]')
    for stream in ("", ', "stream": true'):
        body = '{"model": "vertex-claude", ' + rest + stream + "}"
        answer = wire.ask(provider_gateway.port, body.encode(), path="/v1/messages")
        assert answer.status == 200 and b"Hello" in answer.body
        assert (b"message_stop" in answer.body) == bool(stream)
        assert "x-gateway-dropped-params" not in answer.headers
        asked = provider_fake.requests()[-1]
        sent, given = json.loads(asked["body"]), json.loads(body)
        assert sent.pop("anthropic_version") == "vertex-2023-10-16"
        assert given.pop("model") and sent == given and '1.0' in asked["body"]
        assert asked["target"].endswith(
            "claude-sonnet-4-5:" + ("streamRawPredict" if stream else "rawPredict"))


GEMINI_BODY = (
    '{"contents": [{"role": "user", "parts": [{"text": "Say [[script:text=Hello]] \\u00e9"}]}],'
    ' "generationConfig":  {"temperature" : 1.0, "thinkingConfig": {"thinkingBudget": 0}},'
    ' "labels": {"team": "t"}, "tools": [{"googleSearch": {}}]}')


@pytest.mark.parametrize("path", [
    "/v1beta/models/vertex-gemini", "/v1beta1/publishers/google/models/vertex-gemini",
    "/v1/projects/q/locations/l/publishers/google/models/vertex-gemini"])
@pytest.mark.parametrize("method", ["generateContent", "streamGenerateContent?alt=sse"])
def test_geminis_bodies_pass_to_googles_cloud(provider_gateway, provider_fake, path, method):
    provider_fake.forget()
    answer = wire.ask(
        provider_gateway.port, GEMINI_BODY.encode(), path=f"{path}:{method}")
    assert answer.status == 200 and b"Hello" in answer.body
    assert "x-gateway-dropped-params" not in answer.headers
    asked = provider_fake.requests()[-1]
    assert asked["body"] == GEMINI_BODY
    assert asked["target"].endswith("/publishers/google/models/gemini-2.5-flash:" + method)


def test_a_turn_without_a_role_has_one_on_googles_cloud(provider_gateway, provider_fake):
    """Google AI takes it as the user's; Vertex AI refuses it."""
    provider_fake.forget()
    body = GEMINI_BODY.replace('"role": "user", ', "")
    answer = wire.ask(
        provider_gateway.port, body.encode(), path="/v1beta/models/vertex-gemini:generateContent")
    assert answer.status == 200 and b"Hello" in answer.body
    sent = provider_fake.requests()[-1]["body"]
    assert json.loads(sent) == json.loads(GEMINI_BODY) and "1.0" in sent


def test_a_stream_without_events_is_made_an_array(provider_gateway, provider_fake):
    answer = wire.ask(
        provider_gateway.port, GEMINI_BODY.replace(' "labels": {"team": "t"},', "").encode(),
        path="/v1beta/models/vertex-gemini:streamGenerateContent")
    assert answer.status == 200 and isinstance(json.loads(answer.body), list)


# MARK: Azure by deployment and version

@pytest.fixture(scope="module")
def azure(tmp_path_factory, provider_fake):
    """An Azure resource reached as its older API wants it."""
    names = {"gpt-4o": "my gpt/4o", "old": "gpt-4o", "text-embedding-3-small": "embedder"}
    gateways = [
        {"name": "new", "type": "azure", "base_url": provider_fake.url, "api_key": providers.KEY,
         "api_version": "2024-10-21", "upstream_models": names},
        {"name": "old", "type": "azure", "base_url": provider_fake.url + "/openai",
         "api_key": providers.KEY, "api_version": "2024-02-15-preview", "upstream_models": names}]
    one = providers.start_with(tmp_path_factory.mktemp("azure"), provider_fake, {
        "gateways": gateways, "model_routing": {"old": ["old"], "*": ["new"]},
        "models": [{"name": name, "provider": "azure", "price": {"input": 1, "output": 2},
                    "capabilities": ["embeddings" if name.startswith("text") else "chat"]}
                   for name in names]})
    yield one
    one.stop()


def test_azures_sdk_in_front_of_azure(azure, provider_fake, openai_module):
    provider_fake.forget()
    with openai_module.AzureOpenAI(
            azure_endpoint=f"http://127.0.0.1:{azure.port}", api_key=wire.KEY,
            api_version="2024-06-01", max_retries=0, timeout=20) as client:
        say = [{"role": "user", "content": "Hi [[script:text=Hello]]"}]
        answer = client.chat.completions.create(model="gpt-4o", messages=say)
        assert answer.choices[0].message.content == "Hello"
        chunks = list(client.chat.completions.create(model="gpt-4o", messages=say, stream=True))
        assert "".join(one.choices[0].delta.content or "" for one in chunks) == "Hello"
        assert client.embeddings.create(model="text-embedding-3-small", input="x").data[0].embedding
    targets = {one["target"] for one in provider_fake.requests()}
    assert targets == {
        "/openai/deployments/my%20gpt%2f4o/chat/completions?api-version=2024-10-21",
        "/openai/deployments/embedder/embeddings?api-version=2024-10-21"}


def test_anthropics_clients_in_front_of_azure(azure, provider_fake):
    provider_fake.forget()
    answer, _ = call(azure, "/v1/messages", {"model": "gpt-4o", "max_tokens": 20, "messages": [
        {"role": "user", "content": "Hi [[script:text=Hello]]"}]})
    assert answer["content"][0]["text"] == "Hello"
    assert provider_fake.requests()[-1]["target"] == (
        "/openai/deployments/my%20gpt%2f4o/chat/completions?api-version=2024-10-21")


def test_an_old_version_is_not_asked_for_usage(azure):
    answer = wire.ask(azure.port, json.dumps(chat(
        "Hi [[script:text=Hello]]", model="old", stream=True)).encode())
    assert answer.status == 200 and answer.events()[-1] == "[DONE]"
