# SPDX-License-Identifier: MIT
"""The official openai SDK, newest and 1.x, directly against the fakes of OpenAI's family."""
import json

import pytest
from support.fakes import FakeProvider

openai = pytest.importorskip("openai", reason="run Tests/Integration/setup.sh first")
pytestmark = pytest.mark.sdk
TOOLS = [{"type": "function", "function": {"name": name, "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}
    for name in ("get_weather", "get_time")]
RESPONSE_TOOLS = [{"type": "function", "strict": False, **tool["function"]} for tool in TOOLS]


@pytest.fixture(scope="module")
def fakes():
    """One server for each wire, started when it is first asked for."""
    started = {}

    def start(wire):
        if wire not in started:
            started[wire] = FakeProvider("--wire", wire, "--key", "sk-good").__enter__()
        return started[wire]
    yield start
    for fake in started.values():
        fake.__exit__()


def connect(fakes, wire, **options):
    options = {"max_retries": 0, "timeout": 10, **options}
    if wire == "azure":
        return openai.AzureOpenAI(azure_endpoint=fakes(wire).url, api_key="sk-good",
                                  api_version="2024-10-21", **options)
    return openai.OpenAI(base_url=fakes(wire).url + "/v1", api_key="sk-good", **options)


@pytest.fixture
def client(fakes):
    with connect(fakes, "openai") as one:
        yield one


def ask(client, text, **options):
    return client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": text}], **options)


@pytest.mark.parametrize("wire", ["openai", "azure", "deepseek", "xai", "vllm"])
def test_chat_and_stream(fakes, wire):
    with connect(fakes, wire) as client:
        whole = ask(client, "Hello!")
        assert "Hello!" in whole.choices[0].message.content
        chunks = list(ask(client, "Hello!", stream=True, stream_options={"include_usage": True}))
        deltas = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
        assert "".join(deltas) == whole.choices[0].message.content
        assert chunks[-1].usage.total_tokens == whole.usage.total_tokens


@pytest.mark.parametrize("wire,name", [
    ("deepseek", "reasoning_content"), ("xai", "reasoning_content"), ("vllm", "reasoning")])
def test_reasoning(fakes, wire, name):
    with connect(fakes, wire) as client:
        chunks = list(ask(client, "[[script:reasoning=I think,text=so]]", stream=True))
        texts = [(choice.delta.model_extra or {}).get(name) or ""
                 for chunk in chunks for choice in chunk.choices]
        assert "".join(texts) == "I think"


def test_parallel_tools(client):
    calls = ask(client, "get_weather and get_time", tools=TOOLS).choices[0].message.tool_calls
    assert [call.function.name for call in calls] == ["get_weather", "get_time"]
    chunks = list(ask(client, "get_weather and get_time", tools=TOOLS, stream=True))
    arguments = {}
    for chunk in chunks:
        for call in chunk.choices[0].delta.tool_calls or []:
            arguments.setdefault(call.index, []).append(call.function.arguments)
    assert ["".join(parts) for parts in arguments.values()] == [
        call.function.arguments for call in calls]
    with pytest.raises(openai.BadRequestError, match="must be followed by tool messages"):
        client.chat.completions.create(model="gpt-4o", messages=[
            {"role": "user", "content": "hi"},
            {"role": "assistant", "tool_calls": [call.model_dump() for call in calls]}])


@pytest.mark.parametrize("kind,error", [
    ("invalid_request", "BadRequestError"), ("authentication", "AuthenticationError"),
    ("permission", "PermissionDeniedError"), ("not_found", "NotFoundError"),
    ("rate_limit", "RateLimitError"), ("server", "InternalServerError")])
def test_errors(client, kind, error):
    with pytest.raises(getattr(openai, error)):
        ask(client, f"[[script:error={kind}]]")
    with pytest.raises(getattr(openai, error)):
        client.responses.create(model="gpt-4o", input=f"[[script:error={kind}]]")


def test_azures_content_filter(fakes):
    with connect(fakes, "azure") as client:
        with pytest.raises(openai.BadRequestError) as raised:
            ask(client, "[[script:block_prompt]]")
    assert raised.value.code == "content_filter"
    assert raised.value.body["innererror"]["code"] == "ResponsibleAIPolicyViolation"


def test_retries(fakes):
    fake = fakes("openai")
    fake.queue("status=503,retry_after_ms=10", "error=rate_limit,retry_after_ms=10")
    fake.forget()
    with connect(fakes, "openai", max_retries=2) as client:
        assert ask(client, "hi").choices[0].finish_reason == "stop"
    assert len(fake.requests()) == 3


def test_gzip(client):
    chunks = ask(client, "[[script:gzip,text=h%C3%A9llo w%C3%B6rld,split_bytes=5]]", stream=True)
    deltas = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(deltas) == "héllo wörld"
    assert ask(client, "[[script:gzip,text=x]]").choices[0].message.content == "x"


def test_cut_and_reset(client):
    for script in ["cut_at=300", "reset_at=300"]:
        with pytest.raises(Exception, match="(?i)complete|reset|connection"):
            for _ in ask(client, f"[[script:{script},tokens=50]]", stream=True):
                pass


def test_responses(client):
    answer = client.responses.create(model="gpt-4o", input="Hello!", instructions="Be brief.")
    assert "Hello!" in answer.output_text and answer.status == "completed"
    with client.responses.stream(model="gpt-4o", input="Hello!",
                                 instructions="Be brief.") as stream:
        text = "".join(event.delta for event in stream
                       if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert text == answer.output_text == final.output_text
    assert final.usage.total_tokens == answer.usage.total_tokens


def test_responses_tools(client):
    question = {"role": "user", "content": "get_weather and get_time"}
    first = client.responses.create(model="gpt-4o", input=[question], tools=RESPONSE_TOOLS)
    assert [item.name for item in first.output] == ["get_weather", "get_time"]
    outputs = [{"type": "function_call_output", "call_id": item.call_id, "output": "fine"}
               for item in first.output]
    items = [item.model_dump(exclude_none=True) for item in first.output]
    second = client.responses.create(
        model="gpt-4o", input=[question, *items, *outputs], tools=RESPONSE_TOOLS)
    assert second.output_text == "The tool answered: fine"
    with client.responses.stream(model="gpt-4o", input="get_weather",
                                 tools=RESPONSE_TOOLS) as stream:
        call = stream.get_final_response().output[0]
    assert json.loads(call.arguments) == {"city": "get_weather"}


def test_responses_reasoning_and_refusals(client):
    answer = client.responses.create(
        model="gpt-5", input="[[script:reasoning=I think,refusal]]", reasoning={"effort": "low"})
    assert answer.output[0].summary[0].text == "I think"
    assert answer.output[1].content[0].type == "refusal"
    assert answer.usage.output_tokens_details.reasoning_tokens == 2


def test_an_error_in_a_responses_stream(client):
    try:
        events = list(client.responses.create(
            model="gpt-4o", input="[[script:error_at_chunk=3]]", stream=True))
        assert events[-1].type == "error"
    except openai.APIError as error:
        assert "server had an error" in str(error)
