# SPDX-License-Identifier: MIT
"""boto3 directly against the fake of Bedrock: signatures are verified, frames are its own."""
import json
import urllib.error
import urllib.request

import pytest
from support.fakes import FakeProvider

boto3 = pytest.importorskip("boto3", reason="run Tests/Integration/setup.sh first")
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError, EventStreamError  # noqa: E402

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
TOOLS = {"tools": [{"toolSpec": {"name": name, "description": "a tool", "inputSchema": {"json": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}}
    for name in ("get_weather", "get_time")]}


@pytest.fixture(scope="module")
def fake():
    with FakeProvider("--wire", "bedrock", "--signing-key", "AKIDEXAMPLE:sec/ret+key",
                      "--key", "bearer-good") as one:
        yield one


def connect(fake, secret="sec/ret+key", attempts=1, token=None):
    return boto3.client(
        "bedrock-runtime", region_name="us-east-1", endpoint_url=fake.url,
        aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key=secret, aws_session_token=token,
        config=Config(retries={"total_max_attempts": attempts, "mode": "standard"},
                      read_timeout=10))


@pytest.fixture(scope="module")
def client(fake):
    return connect(fake)


def turn(text):
    return {"role": "user", "content": [{"text": text}]}


def test_chat(client):
    answer = client.converse(modelId=MODEL, messages=[turn("Hello!")], system=[{"text": "Brief."}],
                             inferenceConfig={"maxTokens": 99, "temperature": 0.5})
    assert "Hello!" in answer["output"]["message"]["content"][0]["text"]
    assert answer["stopReason"] == "end_turn"
    usage = answer["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]


@pytest.mark.parametrize("model", [
    MODEL, "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.meta.llama3-3-70b"])
def test_stream(client, model):
    events = list(client.converse_stream(modelId=model, messages=[turn("Hello!")])["stream"])
    names = [next(iter(event)) for event in events]
    assert names[0] == "messageStart" and names[-2:] == ["messageStop", "metadata"]
    assert "contentBlockStart" not in names
    text = "".join(event["contentBlockDelta"]["delta"]["text"] for event in events
                   if "contentBlockDelta" in event)
    whole = client.converse(modelId=model, messages=[turn("Hello!")])
    assert text == whole["output"]["message"]["content"][0]["text"]
    assert events[-1]["metadata"]["usage"] == whole["usage"]


def test_parallel_tools_and_their_results(client):
    question = turn("get_weather and get_time")
    first = client.converse(modelId=MODEL, messages=[question], toolConfig=TOOLS)
    assert first["stopReason"] == "tool_use"
    message = first["output"]["message"]
    uses = [block["toolUse"] for block in message["content"]]
    assert [use["name"] for use in uses] == ["get_weather", "get_time"]
    results = {"role": "user", "content": [{"toolResult": {
        "toolUseId": use["toolUseId"], "content": [{"text": "fine"}]}} for use in uses]}
    history = [question, message, results]
    second = client.converse(modelId=MODEL, messages=history, toolConfig=TOOLS)
    assert second["output"]["message"]["content"][0]["text"] == "The tool answered: fine"
    with pytest.raises(ClientError, match="toolConfig field must be defined"):
        client.converse(modelId=MODEL, messages=history)


def test_streamed_tools(client):
    events = list(client.converse_stream(
        modelId=MODEL, messages=[turn("get_weather")], toolConfig=TOOLS)["stream"])
    starts = [event["contentBlockStart"] for event in events if "contentBlockStart" in event]
    assert [start["start"]["toolUse"]["name"] for start in starts] == ["get_weather"]
    inputs = [event["contentBlockDelta"]["delta"]["toolUse"]["input"] for event in events
              if "contentBlockDelta" in event]
    assert len(inputs) > 3 and "".join(inputs) == '{"city":"get_weather"}'


def test_thinking_is_replayed(client):
    fields = {"thinking": {"type": "enabled", "budget_tokens": 2000}}
    options = {"modelId": MODEL, "toolConfig": TOOLS, "additionalModelRequestFields": fields}
    message = {"role": "assistant", "content": []}
    reasoning, signature, use = "", None, None
    question = turn("[[script:call=get_time:%7B%7D]]")
    for event in client.converse_stream(messages=[question], **options)["stream"]:
        delta = event.get("contentBlockDelta", {}).get("delta", {}).get("reasoningContent", {})
        reasoning += delta.get("text", "")
        signature = delta.get("signature", signature)
        use = event.get("contentBlockStart", {}).get("start", {}).get("toolUse", use)
    message["content"] = [
        {"reasoningContent": {"reasoningText": {"text": reasoning, "signature": signature}}},
        {"toolUse": {**use, "input": {}}}]
    result = {"role": "user", "content": [{"toolResult": {
        "toolUseId": use["toolUseId"], "content": [{"text": "noon"}]}}]}
    answer = client.converse(messages=[turn("hi"), message, result], **options)
    assert answer["output"]["message"]["content"][-1]["text"] == "The tool answered: noon"
    message["content"][0]["reasoningContent"]["reasoningText"]["text"] += "."
    with pytest.raises(ClientError, match="Invalid `signature`"):
        client.converse(messages=[turn("hi"), message, result], **options)


@pytest.mark.parametrize("kind,name", [
    ("invalid_request", "ValidationException"), ("permission", "AccessDeniedException"),
    ("rate_limit", "ThrottlingException"), ("server", "InternalServerException"),
    ("overloaded", "ServiceUnavailableException"), ("model", "ModelErrorException")])
def test_errors(client, kind, name):
    with pytest.raises(ClientError) as raised:
        client.converse(modelId=MODEL, messages=[turn(f"[[script:error={kind}]]")])
    assert raised.value.response["Error"]["Code"] == name
    assert raised.value.response["Error"]["Message"]


def test_signatures(fake):
    with pytest.raises(ClientError, match="signature we calculated does not match"):
        connect(fake, secret="other").converse(modelId=MODEL, messages=[turn("hi")])
    with_token = connect(fake, token="session/token==")
    assert with_token.converse(modelId=MODEL, messages=[turn("hi")])["stopReason"]


@pytest.mark.parametrize("key,status", [("bearer-good", 200), ("bad", 403)])
def test_bearer_keys(fake, key, status):
    # boto3 sends these over TLS only, which the fake does not speak.
    request = urllib.request.Request(
        f"{fake.url}/model/m/converse", data=json.dumps({"messages": [turn("hi")]}).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == status
    except urllib.error.HTTPError as error:
        assert error.code == status
        assert error.headers["x-amzn-ErrorType"].startswith("AccessDeniedException")


def test_retries(fake):
    fake.queue("error=rate_limit", "error=server")
    fake.forget()
    client = connect(fake, attempts=3)
    assert client.converse(modelId=MODEL, messages=[turn("hi")])["stopReason"] == "end_turn"
    assert len(fake.requests()) == 3


def test_an_exception_in_the_stream(client):
    events = client.converse_stream(
        modelId=MODEL, messages=[turn("[[script:error_at_chunk=3,error=rate_limit]]")])["stream"]
    with pytest.raises(EventStreamError, match="throttlingException"):
        list(events)


def test_a_wrong_checksum(client):
    events = client.converse_stream(
        modelId=MODEL, messages=[turn("[[script:bad_crc=1,chunk_tokens=50]]")])["stream"]
    with pytest.raises(Exception, match="[Cc]hecksum"):
        list(events)


def test_odd_splits(client):
    events = list(client.converse_stream(
        modelId=MODEL, messages=[turn("[[script:split_bytes=7,text=one two]]")])["stream"])
    assert next(iter(events[-1])) == "metadata"


def test_claude_by_its_own_sdk(fake):
    anthropic = pytest.importorskip("anthropic")
    with anthropic.AnthropicBedrock(
            base_url=fake.url, aws_region="us-east-1", aws_access_key="AKIDEXAMPLE",
            aws_secret_key="sec/ret+key", max_retries=0) as client:
        messages = [{"role": "user", "content": "Hello!"}]
        answer = client.messages.create(model=MODEL, max_tokens=99, messages=messages)
        assert "Hello!" in answer.content[0].text
        with client.messages.stream(model=MODEL, max_tokens=99, messages=messages) as stream:
            assert stream.get_final_text() == answer.content[0].text
