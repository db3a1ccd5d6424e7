# SPDX-License-Identifier: MIT
"""A real LiteLLM proxy as the gateway's upstream: client → gateway → LiteLLM → fake provider."""
import json
import types

import pytest
from support import configuration, providers, wire

pytestmark = [pytest.mark.frameworks, pytest.mark.timeout(120)]
MODELS = ["gpt-4o", "claude-sonnet-4-5"]
EMBEDDER = "text-embedding-3-small"
PATIENT = {**configuration.TIMEOUTS, "first_header": "15s", "first_token": "15s"}
WORDS = "Grüß Gott, 😀!"
SAY = "Say [[script:text=Grüß Gott%2C 😀!,chunk_tokens=1]]"
CALL = 'Both? [[script:call=get_weather:{"city":"Köln"},call=get_time]]'
TOOLS = [{"type": "function", "function": {
    "name": "get_weather", "description": "Weather at a place", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}},
    {"type": "function", "function": {
        "name": "get_time", "description": "The time",
        "parameters": {"type": "object", "properties": {}}}}]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, provider_fake):
    pytest.importorskip("litellm.proxy", reason="run Tests/Integration/setup.sh first")
    from support.litellm_proxy import LiteLLMProxy
    with LiteLLMProxy(tmp_path_factory.mktemp("litellm"), provider_fake) as one:
        yield one


@pytest.fixture(scope="module")
def front(proxy, tmp_path_factory):
    """The gateway, for which the proxy is one server with OpenAI's API that has every model."""
    gateways = [{"name": "litellm", "type": "openai-compatible", "base_url": proxy.url + "/v1",
                 "api_key": providers.KEY}]
    one = providers.start(
        tmp_path_factory.mktemp("front"), types.SimpleNamespace(url=proxy.url),
        {name: ("openai-compatible", "/v1", None) for name in MODELS}, gateways=gateways,
        model_routing={"*": ["litellm"]}, timeouts=PATIENT)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def client(front):
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"http://127.0.0.1:{front.port}/v1", api_key=wire.KEY,
                       max_retries=0, timeout=20) as one:
        yield one


def ask(client, model, text, **more):
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": text}], **more)


@pytest.mark.parametrize("model", MODELS)
def test_chat(client, model):
    raw = client.chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": SAY}])
    answer = raw.parse()
    assert answer.choices[0].message.content == WORDS
    assert answer.choices[0].finish_reason == "stop" and answer.usage.total_tokens > 0
    assert raw.headers["x-gateway-model"] == model and "x-litellm-version" in raw.headers


@pytest.mark.parametrize("model", MODELS)
def test_stream_with_usage(client, model):
    chunks = list(ask(client, model, SAY, stream=True, stream_options={"include_usage": True}))
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == WORDS
    assert [one.usage.total_tokens > 0 for one in chunks if one.usage] == [True]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_tools_and_their_results(client, model, streams):
    calls = {}
    if streams:
        for chunk in ask(client, model, CALL, tools=TOOLS, stream=True):
            for choice in chunk.choices:
                for piece in choice.delta.tool_calls or []:
                    one = calls.setdefault(piece.index, {"id": "", "name": "", "arguments": ""})
                    one["id"] += piece.id or ""
                    one["name"] += piece.function.name or ""
                    one["arguments"] += piece.function.arguments or ""
        calls = list(calls.values())
    else:
        message = ask(client, model, CALL, tools=TOOLS).choices[0].message
        calls = [{"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
                 for call in message.tool_calls]
    assert [call["name"] for call in calls] == ["get_weather", "get_time"]
    assert json.loads(calls[0]["arguments"]) == {"city": "Köln"}
    final = client.chat.completions.create(model=model, tools=TOOLS, messages=[
        {"role": "user", "content": CALL},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": call["id"], "type": "function", "function": {
                "name": call["name"], "arguments": call["arguments"] or "{}"}}
            for call in calls]},
        *[{"role": "tool", "tool_call_id": call["id"], "content": f"result {index}"}
          for index, call in enumerate(calls)]])
    assert "result 1" in final.choices[0].message.content


def test_embeddings(client):
    answer = client.embeddings.create(model=EMBEDDER, input=["one", "two"])
    assert len(answer.data) == 2 and answer.data[0].embedding != answer.data[1].embedding


ERRORS = [("rate_limit", "RateLimitError"), ("context_length", "BadRequestError"),
          ("server", "InternalServerError")]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("word", "name"), ERRORS)
def test_errors(client, model, word, name):
    openai = pytest.importorskip("openai")
    with pytest.raises(getattr(openai, name)):
        ask(client, model, f"Hello [[script:error={word}]]")


@pytest.mark.parametrize("model", MODELS)
def test_a_broken_stream_says_so(client, model):
    openai = pytest.importorskip("openai")
    text = "Go [[script:text=one two three four five,chunk_tokens=1,error_at_chunk=3]]"
    with pytest.raises(openai.APIError):
        list(ask(client, model, text, stream=True))


@pytest.mark.parametrize("model", MODELS)
def test_an_anthropic_client(front, model):
    """Anthropic's API in, OpenAI's to the proxy, Anthropic's from the proxy to the provider."""
    from litellm import completion
    answer = completion(
        model=f"anthropic/{model}", api_base=f"http://127.0.0.1:{front.port}",
        api_key=wire.KEY, max_tokens=200, messages=[{"role": "user", "content": SAY}])
    assert answer.choices[0].message.content == WORDS
