# SPDX-License-Identifier: MIT
"""The OpenAI SDK in front of DeepSeek and xAI, whose chats are OpenAI's but for little: what they
refuse is not sent, what they want back is, and their answers stay theirs."""
import json

import pytest
from support import providers, wire
from support.fakes import FakeProvider

pytestmark = pytest.mark.sdk
TOOLS = [{"type": "function", "function": {
    "name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]
DEEPSEEK = ("deepseek-reasoner", "deepseek-chat")
XAI = ("grok-4", "grok-4.3", "grok-4-non-reasoning")


@pytest.fixture(scope="module")
def fakes():
    with FakeProvider("--wire", "deepseek", "--key", providers.KEY) as deepseek:
        with FakeProvider("--wire", "xai", "--key", providers.KEY) as xai:
            yield {"deepseek": deepseek, "xai": xai}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, fakes):
    models = {name: ("deepseek", "/v1", None) for name in DEEPSEEK}
    models |= {name: ("xai", "/v1", None) for name in XAI}
    gateways = [{"name": name, "type": kind, "base_url": fakes[kind].url + path,
                 "api_key": providers.KEY} for name, (kind, path, _) in models.items()]
    gateways += [{"name": name, "type": "xai", "base_url": fakes["xai"].url + "/v1",
                  "api_key": providers.KEY} for name in providers.EMBEDDERS]
    one = providers.start(
        tmp_path_factory.mktemp("near"), fakes["xai"], models, gateways=gateways)
    yield one
    one.stop()


@pytest.fixture
def near(gateway, openai_module, fakes):
    for fake in fakes.values():
        fake.forget()
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{gateway.port}/v1", api_key=wire.KEY,
                              max_retries=0, timeout=20) as one:
        yield one


def sent(fake):
    """The body of the last request that reached a provider."""
    return json.loads(fake.requests()[-1]["body"])


def asked(near, model, text, **more):
    """Headers and answer."""
    raw = near.chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": text}], **more)
    return raw.headers, raw.parse()


def dropped(headers):
    return set(filter(None, headers.get("x-gateway-dropped-params", "").split(",")))


# What a client keeps of a message that knows OpenAI's documented members and no others.
def plain(message):
    return {"role": "assistant", "content": message.content, "tool_calls": [
        {"id": call.id, "type": "function", "function": {
            "name": call.function.name, "arguments": call.function.arguments}}
        for call in message.tool_calls]}


@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize("model, options", [
    ("deepseek-reasoner", {}),
    ("deepseek-chat", {"extra_body": {"thinking": {"type": "enabled"}}}),
    ("deepseek-chat", {"reasoning_effort": "medium"})], ids=["model", "thinking", "effort"])
def test_thoughts_that_the_client_drops_are_restored(near, fakes, model, options, streams):
    question = {"role": "user", "content":
                "Weather? [[script:reasoning=I wonder,call=get_weather:{}]]"}
    if streams:
        with near.chat.completions.stream(
                model=model, messages=[question], tools=TOOLS, **options) as stream:
            thoughts = "".join(
                (choice.delta.model_extra or {}).get("reasoning_content") or ""
                for event in stream if event.type == "chunk" for choice in event.chunk.choices)
            choice = stream.get_final_completion().choices[0]
    else:
        choice = near.chat.completions.create(
            model=model, messages=[question], tools=TOOLS, **options).choices[0]
        thoughts = choice.message.reasoning_content
    assert thoughts == "I wonder" and choice.finish_reason == "tool_calls"
    call = choice.message.tool_calls[0]
    final = near.chat.completions.create(model=model, tools=TOOLS, **options, messages=[
        question, plain(choice.message),
        {"role": "tool", "tool_call_id": call.id, "content": "21 degrees"}])
    assert "21 degrees" in final.choices[0].message.content
    assert sent(fakes["deepseek"])["messages"][1]["reasoning_content"] == "I wonder"


def test_a_schema_is_put_in_words(near, fakes):
    pydantic = pytest.importorskip("pydantic")

    class Item(pydantic.BaseModel):
        name: str
        count: int

    script = '[[script:text={"name":"pear"%2C"count":3}]]'
    question = [{"role": "user", "content": f"Which? {script}"}]
    whole = near.chat.completions.parse(
        model="deepseek-chat", messages=question, response_format=Item)
    assert whole.choices[0].message.parsed == Item(name="pear", count=3)
    body = sent(fakes["deepseek"])
    assert body["response_format"] == {"type": "json_object"}
    assert '"count"' in body["messages"][0]["content"]
    with near.chat.completions.stream(
            model="deepseek-chat", messages=question, response_format=Item) as stream:
        parsed = stream.get_final_completion().choices[0].message.parsed
    assert parsed == Item(name="pear", count=3)


def test_what_deepseek_does_not_take(near, fakes, openai_module):
    headers, _ = asked(
        near, "deepseek-chat", "Hi", seed=1, n=2, user="me", parallel_tool_calls=False,
        tools=TOOLS, reasoning_effort="none", stop=["x"], logprobs=True, top_logprobs=2)
    assert dropped(headers) == {"seed", "n", "user", "parallel_tool_calls"}
    body = sent(fakes["deepseek"])
    assert body["thinking"] == {"type": "disabled"} and body["stop"] == ["x"]
    assert body["logprobs"] is True and body["top_logprobs"] == 2
    assert not {"seed", "n", "user", "parallel_tool_calls", "reasoning_effort"} & body.keys()
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    with pytest.raises(openai_module.BadRequestError) as caught:
        near.chat.completions.create(
            model="deepseek-chat", messages=[{"role": "user", "content": [picture]}])
    assert caught.value.code == "unsupported_parameter"


def test_what_deepseek_takes_beyond_openai(near, fakes):
    near.chat.completions.create(model="deepseek-chat", messages=[
        {"role": "user", "content": "Count"},
        {"role": "assistant", "content": "One, two", "prefix": True}],
        extra_body={"thinking": {"type": "enabled"}, "of_tomorrow": {"a": [1]}})
    body = sent(fakes["deepseek"])
    assert body["messages"][1] == {"role": "assistant", "content": "One, two", "prefix": True}
    assert body["thinking"] == {"type": "enabled"} and body["of_tomorrow"] == {"a": [1]}


def test_what_xai_does_not_take(near, fakes):
    headers, _ = asked(
        near, "grok-4", "Hi", stop="x", presence_penalty=1, frequency_penalty=1,
        logit_bias={"1": 2}, reasoning_effort="low", seed=4, user="me")
    assert dropped(headers) == {
        "stop", "presence_penalty", "frequency_penalty", "logit_bias", "reasoning_effort"}
    body = sent(fakes["xai"])
    assert body["seed"] == 4 and body["user"] == "me" and "stop" not in body
    headers, _ = asked(near, "grok-4-non-reasoning", "Hi", stop=["x"])
    assert not dropped(headers) and sent(fakes["xai"])["stop"] == ["x"]
    headers, _ = asked(near, "grok-4.3", "Hi", reasoning_effort="low")
    assert not dropped(headers) and sent(fakes["xai"])["reasoning_effort"] == "low"
    named = near.chat.completions.with_raw_response.create(model="grok-4", messages=[
        {"role": "user", "name": "me", "content": "Hi"}])
    assert dropped(named.headers) == {"messages.name"}
    assert sent(fakes["xai"])["messages"] == [{"role": "user", "content": "Hi"}]


def test_what_xai_takes_beyond_openai(near, fakes):
    more = {"search_parameters": {"mode": "auto"}, "deferred": False,
            "web_search_options": {"search_context_size": "low"}}
    live = {"type": "live_search", "sources": [{"type": "x"}]}
    near.chat.completions.create(
        model="grok-4", messages=[{"role": "user", "content": "Hi"}], tools=[*TOOLS, live],
        parallel_tool_calls=False, extra_body=more, extra_headers={"x-grok-conv-id": "abc"})
    body = sent(fakes["xai"])
    assert {name: body[name] for name in more} == more
    assert body["tools"] == [*TOOLS, live] and body["parallel_tool_calls"] is False
    assert fakes["xai"].requests()[-1]["headers"].count(["x-grok-conv-id", "abc"]) == 1


@pytest.mark.parametrize("wants_usage", [False, True])
def test_xais_reason_for_calls_in_a_stream(near, wants_usage):
    options = {"stream_options": {"include_usage": True}} if wants_usage else {}
    chunks = list(near.chat.completions.create(
        model="grok-4", messages=[{"role": "user", "content":
                                   "Go [[script:call=get_weather:{},hidden_reasoning=7]]"}],
        tools=TOOLS, stream=True, **options))
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    assert set(reasons[:-1]) == {None} and reasons[-1] == "tool_calls"
    assert len({chunk.id for chunk in chunks}) == 1
    usage = [chunk.usage for chunk in chunks if chunk.usage]
    assert len(usage) == wants_usage
    if wants_usage:
        assert chunks[-1].usage == usage[0] and not chunks[-1].choices
        assert usage[0].completion_tokens_details.reasoning_tokens == 7
        assert usage[0].total_tokens == usage[0].prompt_tokens + usage[0].completion_tokens


def test_xais_usage_is_folded_and_its_members_stay(near):
    _, answer = asked(near, "grok-4", "Go [[script:call=get_weather:{},hidden_reasoning=7]]",
                      tools=TOOLS)
    assert answer.choices[0].finish_reason == "tool_calls"
    usage = answer.usage
    assert usage.completion_tokens_details.reasoning_tokens == 7
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.num_sources_used == 0 and answer.system_fingerprint


@pytest.mark.parametrize("model", ["deepseek-chat", "grok-4"])
def test_the_providers_own_members_stay(near, model):
    _, answer = asked(near, model, "Say [[script:text=a b]]", logprobs=True, top_logprobs=1)
    assert answer.system_fingerprint
    assert [one.token for one in answer.choices[0].logprobs.content] == ["a", " b"]
    chunks = list(near.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Say [[script:text=a b]]"}],
        logprobs=True, stream=True, stream_options={"include_usage": True}))
    assert all(chunk.system_fingerprint == answer.system_fingerprint for chunk in chunks)
    tokens = [one.token for chunk in chunks for choice in chunk.choices if choice.logprobs
              for one in choice.logprobs.content]
    assert tokens == ["a", " b"]
    extra = "prompt_cache_miss_tokens" if model == "deepseek-chat" else "num_sources_used"
    assert getattr(chunks[-1].usage, extra) is not None


@pytest.mark.parametrize("form", ["sse_multiline", "sse_crlf", "sse_comments", "split_bytes=3"])
def test_forms_of_a_stream(near, form):
    for model in ("deepseek-chat", "grok-4"):
        chunks = list(near.chat.completions.create(
            model=model, stream=True, messages=[
                {"role": "user", "content": f"Say [[script:text=Grüß Gott,{form}]]"}]))
        text = "".join(choice.delta.content or "" for one in chunks for choice in one.choices)
        assert text == "Grüß Gott" and chunks[-1].choices[0].finish_reason == "stop"


def test_what_is_no_chat_passes(near, fakes):
    near.embeddings.create(model="text-embedding-3-small", input="Hi", user="me",
                           encoding_format="float", extra_body={"of_tomorrow": 1})
    assert sent(fakes["xai"])["of_tomorrow"] == 1
