# SPDX-License-Identifier: MIT
"""LiteLLM as a client, unchanged, with a model of every provider behind the gateway: as OpenAI's
and as Anthropic's API."""
import json

import pytest
from support import providers, wire

pytestmark = pytest.mark.frameworks
MODELS = list(providers.PROVIDERS)
PREFIXES = ("openai", "anthropic")
SAY = "Say [[script:text=Grüß Gott%2C 😀!,chunk_tokens=1,split_bytes=7]]"
WORDS = "Grüß Gott, 😀!"
CALL = 'Both? [[script:before=So,call=get_weather:{"city":"Köln"},call=get_time]]'
TOOLS = [{"type": "function", "function": {
    "name": "get_weather", "description": "Weather at a place", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}},
    {"type": "function", "function": {
        "name": "get_time", "description": "The time",
        "parameters": {"type": "object", "properties": {}}}}]


@pytest.fixture(scope="module")
def litellm():
    module = pytest.importorskip("litellm", reason="run Tests/Integration/setup.sh first")
    module.telemetry = False
    module.suppress_debug_info = True
    return module


@pytest.fixture(scope="module")
def ask(litellm, provider_gateway):
    """`ask(prefix, model, text)`; Anthropic's base URL is without `/v1`, as its SDK has it."""
    def call(prefix, model, messages, **more):
        base = f"http://127.0.0.1:{provider_gateway.port}"
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        return litellm.completion(
            model=f"{prefix}/{model}", api_base=base + "/v1" * (prefix == "openai"),
            api_key=wire.KEY, messages=messages, timeout=20,
            **{"num_retries": 0, "max_retries": 0, "max_tokens": 500, **more})
    return call


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_completion(ask, prefix, model):
    answer = ask(prefix, model, SAY)
    assert answer.choices[0].message.content == WORDS
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens > 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_stream(litellm, ask, prefix, model):
    pieces = list(ask(prefix, model, SAY, stream=True, stream_options={"include_usage": True}))
    answer = litellm.stream_chunk_builder(pieces)
    assert answer.choices[0].message.content == WORDS and len(pieces) > 3
    assert answer.choices[0].finish_reason == "stop" and answer.usage.completion_tokens > 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_tools_and_their_results(litellm, ask, prefix, model, streams):
    question = {"role": "user", "content": CALL}
    answer = ask(prefix, model, [question], tools=TOOLS, stream=streams)
    if streams:
        answer = litellm.stream_chunk_builder(list(answer))
    message = answer.choices[0].message
    assert answer.choices[0].finish_reason == "tool_calls"
    assert [call.function.name for call in message.tool_calls] == ["get_weather", "get_time"]
    assert json.loads(message.tool_calls[0].function.arguments) == {"city": "Köln"}
    final = ask(prefix, model, [question, message.model_dump(exclude_none=True), *[
        {"role": "tool", "tool_call_id": call.id, "content": f"result {index}"}
        for index, call in enumerate(message.tool_calls)]], tools=TOOLS)
    assert "result 1" in final.choices[0].message.content


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "vertex-claude", "bedrock-claude",
                                   "gemini-2.5-flash", "llama3"])
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize("script", ["reasoning=I think so.", "reasoning=Hm.,hidden_reasoning=9"])
def test_thoughts_come_back(litellm, ask, model, streams, script):
    question = {"role": "user", "content":
                f'Go [[script:{script},call=get_weather:{{"city":"Köln"}},chunk_tokens=1]]'}
    more = {"tools": TOOLS, "reasoning_effort": "medium", "max_tokens": 3000,
            "allowed_openai_params": ["reasoning_effort"]}
    answer = ask("openai", model, [question], stream=streams, **more)
    if streams:
        answer = litellm.stream_chunk_builder(list(answer))
    message = answer.choices[0].message
    final = ask("openai", model, [question, message.model_dump(exclude_none=True), {
        "role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "sunny"}], **more)
    assert "sunny" in final.choices[0].message.content


@pytest.mark.parametrize("model", list(providers.EMBEDDERS))
def test_embeddings(litellm, provider_gateway, model):
    answer = litellm.embedding(
        model=f"openai/{model}", input=["one text", "another one"], api_key=wire.KEY,
        api_base=f"http://127.0.0.1:{provider_gateway.port}/v1", encoding_format="float")
    one, other = (row["embedding"] for row in answer.data)
    assert len(one) == len(other) > 3 and one != other
    # Google's own API of embeddings tells none.
    assert answer.usage.prompt_tokens > 0 or providers.EMBEDDERS[model][0] == "google"


# LiteLLM tells a prompt that is too long by the words of the message, and these are the provider's.
ERRORS = [("rate_limit", ["RateLimitError"]), ("invalid_request", ["BadRequestError"]),
          ("context_length", ["ContextWindowExceededError", "BadRequestError"]),
          ("server", ["InternalServerError", "BadGatewayError"])]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("word", "names"), ERRORS, ids=[word for word, _ in ERRORS])
def test_errors(litellm, ask, prefix, model, word, names):
    with pytest.raises(tuple(getattr(litellm, name) for name in names)):
        ask(prefix, model, f"Hello [[script:error={word}]]")


@pytest.mark.parametrize(("prefix", "model"), [("openai", "gpt-4o"), ("anthropic", "gpt-4o"),
                                               ("anthropic", "claude-sonnet-4-5")])
def test_a_prompt_that_is_too_long(litellm, ask, prefix, model):
    with pytest.raises(litellm.ContextWindowExceededError):
        ask(prefix, model, "Hello [[script:error=context_length]]")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_wrong_key_and_an_unknown_model(litellm, ask, prefix):
    with pytest.raises(litellm.NotFoundError):
        ask(prefix, "no-such-model", "Hello")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_its_own_retries(ask, prefix, model):
    script = f"error=rate_limit,retry_after_ms=1,times=1,id=litellm-{prefix}-{model}"
    answer = ask(prefix, model, f"Hello [[script:{script}]]", num_retries=2)
    assert "Hello" in answer.choices[0].message.content


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("fault", ["cut_at=300", "error_at_chunk=2"])
def test_a_broken_stream_says_so(ask, prefix, model, fault):
    openai = pytest.importorskip("openai")
    text = f"Go [[script:text=one two three four five,chunk_tokens=1,{fault}]]"
    with pytest.raises(openai.APIError):  # every error of LiteLLM is one of these
        list(ask(prefix, model, text, stream=True))
