# SPDX-License-Identifier: MIT
"""The official anthropic SDK, newest and 0.x, directly against the fake of its API."""
import pytest
from support.fakes import FakeProvider

anthropic = pytest.importorskip("anthropic", reason="run Tests/Integration/setup.sh first")
pytestmark = pytest.mark.anthropic
MODEL = "claude-sonnet-4-6"
TOOLS = [{"name": name, "description": "a tool",
          "input_schema": {"type": "object", "properties": {"city": {"type": "string"}},
                           "required": ["city"]}} for name in ("get_weather", "get_time")]


@pytest.fixture(scope="module")
def fake():
    with FakeProvider("--wire", "anthropic", "--key", "sk-good", "--model", MODEL) as one:
        yield one


@pytest.fixture
def client(fake):
    with anthropic.Anthropic(base_url=fake.url, api_key="sk-good", max_retries=0,
                             timeout=10) as one:
        yield one


def ask(client, content, **options):
    options.setdefault("max_tokens", 4000)
    messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
    return client.messages.create(model=MODEL, messages=messages, **options)


def streamed(client, content, **options):
    return client.messages.stream(model=MODEL, max_tokens=4000,
                                  messages=[{"role": "user", "content": content}], **options)


def test_chat(client):
    answer = ask(client, "Hello!", system="Be brief.")
    assert "Hello!" in answer.content[0].text
    assert answer.stop_reason == "end_turn"
    assert answer.usage.input_tokens > 5 and answer.usage.output_tokens > 5


def test_stream(client):
    with streamed(client, "Hello!") as stream:
        text = "".join(stream.text_stream)
        whole = stream.get_final_message()
    assert text == whole.content[0].text == ask(client, "Hello!").content[0].text
    assert whole.usage.output_tokens == ask(client, "Hello!").usage.output_tokens
    assert whole.stop_reason == "end_turn"


def test_parallel_tools_and_their_results(client):
    question = {"role": "user", "content": "get_weather and get_time, please"}
    first = ask(client, [question], tools=TOOLS)
    assert first.stop_reason == "tool_use"
    assert [block.name for block in first.content] == ["get_weather", "get_time"]
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": "fine"}
               for block in first.content]
    history = [question, {"role": "assistant", "content": first.content}]
    second = ask(client, history + [{"role": "user", "content": results}], tools=TOOLS)
    assert second.content[0].text == "The tool answered: fine"
    with pytest.raises(anthropic.BadRequestError, match="without `tool_result` blocks"):
        ask(client, history + [{"role": "user", "content": results[:1]}], tools=TOOLS)


def test_streamed_tools(client):
    with streamed(client, "get_weather in Rome", tools=TOOLS) as stream:
        fragments = [event.partial_json for event in stream if event.type == "input_json"]
        block = stream.get_final_message().content[0]
    assert len(fragments) > 3
    assert block.input == {"city": "get_weather in Rome"}


def test_thinking_is_replayed(client):
    thinking = {"type": "enabled", "budget_tokens": 2000}
    question = {"role": "user", "content": "[[script:call=get_time:%7B%7D]]"}
    with client.messages.stream(model=MODEL, max_tokens=4000, messages=[question],
                                thinking=thinking, tools=TOOLS) as stream:
        kinds = {event.type for event in stream}
        first = stream.get_final_message()
    assert {"thinking", "signature"} <= kinds
    assert [block.type for block in first.content] == ["thinking", "tool_use"]
    result = {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": first.content[1].id, "content": "noon"}]}
    history = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": first.content}]
    second = ask(client, history + [result], thinking=thinking, tools=TOOLS)
    assert second.content[-1].text == "The tool answered: noon"
    history[1]["content"] = [{"type": "thinking", "thinking": "other",
                              "signature": first.content[0].signature}, first.content[1]]
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
        ask(client, history + [result], thinking=thinking, tools=TOOLS)


@pytest.mark.parametrize("kind,error", [
    ("invalid_request", "BadRequestError"), ("authentication", "AuthenticationError"),
    ("permission", "PermissionDeniedError"), ("not_found", "NotFoundError"),
    ("rate_limit", "RateLimitError"), ("server", "InternalServerError"),
    ("overloaded", "InternalServerError")])
def test_errors(client, kind, error):
    expected = {"overloaded": getattr(anthropic, "OverloadedError", None)}.get(kind)
    with pytest.raises(expected or getattr(anthropic, error)) as raised:
        ask(client, f"[[script:error={kind}]]")
    assert raised.value.body["type"] == "error"
    assert raised.value.request_id


def test_a_wrong_key(fake):
    with anthropic.Anthropic(base_url=fake.url, api_key="sk-bad", max_retries=0) as client:
        with pytest.raises(anthropic.AuthenticationError, match="authentication_error"):
            ask(client, "hi")


def test_retries(fake):
    fake.queue("error=overloaded,retry_after_ms=10", "status=500,retry_after_ms=10")
    with anthropic.Anthropic(base_url=fake.url, api_key="sk-good", max_retries=2) as client:
        fake.forget()
        assert ask(client, "hi").stop_reason == "end_turn"
    assert len(fake.requests()) == 3


def test_an_error_in_the_stream(client):
    with pytest.raises(anthropic.APIStatusError, match="overloaded_error"):
        with streamed(client, "[[script:error_at_chunk=4,error=overloaded]]") as stream:
            for _ in stream:
                pass


def test_gzip_and_odd_splits(client):
    with streamed(client, "[[script:gzip,split_bytes=7,text=h%C3%A9llo w%C3%B6rld]]") as stream:
        assert stream.get_final_text() == "héllo wörld"


def test_count_tokens_and_models(client):
    messages = [{"role": "user", "content": "Hello!"}]
    count = client.messages.count_tokens(model=MODEL, messages=messages)
    assert count.input_tokens == ask(client, "Hello!").usage.input_tokens
    assert [model.id for model in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).display_name == MODEL
