# SPDX-License-Identifier: MIT
"""The Anthropic SDK, unchanged, with a model of every provider behind the gateway."""
import json

import pytest
from support import providers, wire

pytestmark = pytest.mark.anthropic
MODELS = list(providers.PROVIDERS)
TOOLS = [
    {"name": "get_weather", "description": "Weather at a place", "input_schema": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}},
    {"name": "get_time", "input_schema": {"type": "object", "properties": {}}}]
CALL = 'call=get_weather:{"city":"Köln"}'


@pytest.fixture(scope="module")
def anthropic_module():
    return pytest.importorskip("anthropic", reason="run Tests/Integration/setup.sh first")


@pytest.fixture
def claude(provider_gateway, anthropic_module):
    with anthropic_module.Anthropic(base_url=f"http://127.0.0.1:{provider_gateway.port}",
                                    api_key=wire.KEY, max_retries=0, timeout=20) as one:
        yield one


def ask(claude, model, text, **more):
    return claude.messages.create(
        model=model, max_tokens=200, messages=[{"role": "user", "content": text}], **more)


@pytest.mark.parametrize("model", MODELS)
def test_text(claude, model):
    answer = ask(claude, model, "Say [[script:text=Grüß Gott%2C 😀!]]", system="Be brief.")
    assert [block.text for block in answer.content if block.type == "text"] == ["Grüß Gott, 😀!"]
    assert answer.stop_reason == "end_turn" and answer.role == "assistant"
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0


@pytest.mark.parametrize("model", MODELS)
def test_stream(claude, model):
    with claude.messages.stream(
            model=model, max_tokens=200, messages=[{"role": "user", "content":
                "Say [[script:text=Grüß Gott%2C 😀!,chunk_tokens=1,split_bytes=7]]"}]) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == "Grüß Gott, 😀!" and final.stop_reason == "end_turn"
    assert final.usage.output_tokens > 0


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("streams", [False, True], ids=["json", "stream"])
def test_tools_and_their_results(claude, model, streams):
    question = {"role": "user", "content": f"Both? [[script:before=So,{CALL},call=get_time]]"}
    request = {"model": model, "max_tokens": 200, "tools": TOOLS}
    if streams:
        with claude.messages.stream(messages=[question], **request) as stream:
            answer = stream.get_final_message()
    else:
        answer = claude.messages.create(messages=[question], **request)
    assert answer.stop_reason == "tool_use"
    calls = [block for block in answer.content if block.type == "tool_use"]
    assert [call.name for call in calls] == ["get_weather", "get_time"]
    assert calls[0].input == {"city": "Köln"} and isinstance(calls[1].input, dict)
    final = claude.messages.create(**request, messages=[
        question, {"role": "assistant", "content": [json.loads(block.model_dump_json(
            exclude_none=True)) for block in answer.content]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": call.id, "content": f"result {index}"}
            for index, call in enumerate(calls)]}])
    assert "result 1" in final.content[-1].text


@pytest.mark.parametrize("model", MODELS)
def test_a_length_limit(claude, model):
    answer = claude.messages.create(model=model, max_tokens=5, messages=[
        {"role": "user", "content": "Tell [[script:tokens=50]]"}])
    assert answer.stop_reason == "max_tokens"


@pytest.mark.parametrize("model", MODELS)
def test_errors(claude, anthropic_module, model):
    for word, kind in [("rate_limit", anthropic_module.RateLimitError),
                       ("context_length", anthropic_module.BadRequestError),
                       ("server", anthropic_module.InternalServerError)]:
        with pytest.raises(kind) as caught:
            ask(claude, model, f"Hello [[script:error={word}]]")
        body = caught.value.response.json()
        assert body["type"] == "error" and body["error"]["type"] and body["error"]["message"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "fault", ["error_at_chunk=2", "cut_at=300", "reset_at=300", "malformed_chunk=3"])
def test_a_broken_stream_says_so(claude, anthropic_module, model, fault):
    with pytest.raises((anthropic_module.APIError, anthropic_module.APIConnectionError)):
        with claude.messages.stream(
                model=model, max_tokens=200, messages=[{"role": "user", "content":
                    f"Go [[script:text=one two three four five,chunk_tokens=1,{fault}]]"}]) as one:
            one.get_final_message()


def test_the_gateways_own_errors_have_anthropics_shape(claude, anthropic_module, provider_gateway):
    with pytest.raises(anthropic_module.NotFoundError) as caught:
        ask(claude, "claude-sonnet-4-6", "Hello")
    assert caught.value.response.json()["error"]["type"] == "not_found_error"
    with anthropic_module.Anthropic(base_url=f"http://127.0.0.1:{provider_gateway.port}",
                                    api_key="wrong", max_retries=0) as stranger:
        with pytest.raises(anthropic_module.AuthenticationError):
            ask(stranger, "gpt-4o", "Hello")


def test_thinking_is_replayed_as_its_provider_wants(claude):
    """Between Anthropic's API on both sides bodies pass as they are, signatures included."""
    question = {"role": "user", "content": f"Think [[script:reasoning=Hm.,{CALL}]]"}
    request = {"model": "claude-sonnet-4-5", "max_tokens": 3000, "tools": TOOLS,
               "thinking": {"type": "enabled", "budget_tokens": 1024}}
    answer = claude.messages.create(messages=[question], **request)
    assert [block.type for block in answer.content] == ["thinking", "tool_use"]
    final = claude.messages.create(**request, messages=[
        question, {"role": "assistant", "content": [json.loads(block.model_dump_json(
            exclude_none=True)) for block in answer.content]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": answer.content[1].id,
                                      "content": "21"}]}])
    assert final.stop_reason == "end_turn"


@pytest.mark.parametrize("model", MODELS)
def test_a_document_of_text(claude, provider_fake, model):
    """Which OpenAI's chats have no documents for, and many APIs none at all."""
    answer = claude.messages.create(model=model, max_tokens=100, messages=[{
        "role": "user", "content": [
            {"type": "document", "title": "Notes", "source": {
                "type": "text", "media_type": "text/plain", "data": "The code is 4711."}},
            {"type": "text", "text": "Which code? [[script:text=4711]]"}]}])
    assert answer.content[0].text == "4711"
    sent = provider_fake.requests()[-1]["body"]
    assert "The code is 4711." in sent or "VGhlIGNvZGUgaXMgNDcxMS4=" in sent
