# SPDX-License-Identifier: MIT
"""Signs of life in silent streams: raw bytes, failover behind them, and the SDKs on top."""
import json
import socket
import time
import urllib.request

import pytest
from support import providers, wire
from support.fakes import FakeProvider

COMMENT = b": keep-alive\n\n"
PING = b'event: ping\ndata: {"type": "ping"}\n\n'
SLOW = "[[script:text=All is well,first_chunk_delay_ms=900,chunk_delay_ms=350,chunk_tokens=1]]"


@pytest.fixture(scope="module")
def slow_fake():
    with FakeProvider("--key", providers.KEY) as one:
        yield one


@pytest.fixture(scope="module")
def keeping(tmp_path_factory, slow_fake):
    models = {**providers.PROVIDERS, "second": ("openai", "/v1", None)}
    one = providers.start(
        tmp_path_factory.mktemp("keeping"), slow_fake, models,
        streaming={"keep_alive": "100ms"}, retries={"attempts": 4, "budget_per_second": 1000},
        timeouts={"first_header": "5s", "first_token": "5s", "between_tokens": "5s",
                  "total": "20s", "drain": "3s"},
        groups=[{"name": "pair", "strategy": "order", "models": ["gpt-4o", "second"]},
                {"name": "mixed", "strategy": "order",
                 "models": ["claude-sonnet-4-5", "gemini-2.5-flash"]}])
    yield one
    one.stop()


def _exchange(port, path, body, version="1.1"):
    """The answer to a streaming request: head, and pieces with the time they came at."""
    data = json.dumps(body).encode()
    request = (f"POST {path} HTTP/{version}\r\nHost: gateway\r\nx-api-key: {wire.KEY}\r\n"
               f"Connection: close\r\nContent-Length: {len(data)}\r\n\r\n").encode() + data
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        start, received, first = time.monotonic(), b"", None
        while piece := connection.recv(65536):
            first = first or time.monotonic() - start
            received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, _body(head, rest), first


def _body(head, rest):
    if b"chunked" not in head:
        return rest
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            assert rest == b"\r\n"
            return body
        body, rest = body + rest[:length], rest[length + 2:]
    raise AssertionError("the body was cut")


def _chat(model, prompt=SLOW):
    return {"model": model, "stream": True, "max_tokens": 100,
            "messages": [{"role": "user", "content": prompt}]}


def _text(body):
    text = ""
    for line in body.split(b"\n"):
        if line.startswith(b"data: {"):
            for choice in json.loads(line[6:])["choices"]:
                text += choice["delta"].get("content") or ""
    return text


@pytest.mark.parametrize("model", ["gpt-4o", "claude-sonnet-4-5", "bedrock-claude", "llama3"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_comments_before_and_between_tokens(keeping, model, version):
    head, body, first = _exchange(keeping.port, "/v1/chat/completions", _chat(model), version)
    assert b" 200 " in head.split(b"\r\n")[0] and b"text/event-stream" in head
    assert head.count(b"content-type:") == 1
    assert b"x-gateway-decision-id" in head
    assert first < 0.8, "the head came with the first sign"
    before, _, after = body.partition(b"data: ")
    assert before.count(COMMENT) >= 3 and before.replace(COMMENT, b"") == b""
    assert after.count(COMMENT) >= 2
    assert _text(body) == "All is well"
    assert body.endswith(b"data: [DONE]\n\n")


def test_pings_for_anthropic_clients(keeping):
    for model in ("claude-sonnet-4-5", "gpt-4o"):
        _, body, first = _exchange(keeping.port, "/v1/messages", _chat(model))
        assert first < 0.8
        assert body.startswith(PING) and body.count(PING) >= 4
        assert COMMENT not in body
        assert body.count(b"event: message_stop") == 1


def test_never_in_binary_frames(keeping):
    body = {"messages": [{"role": "user", "content": [{"text": SLOW}]}],
            "inferenceConfig": {"maxTokens": 100}}
    head, answer, _ = _exchange(keeping.port, "/model/bedrock-claude/converse-stream", body)
    assert b"application/vnd.amazon.eventstream" in head
    assert b"keep-alive" not in answer and b"ping" not in answer


def test_off_by_default(provider_gateway):
    _, body, first = _exchange(provider_gateway.port, "/v1/chat/completions", _chat(
        "gpt-4o", "[[script:text=Hi,first_chunk_delay_ms=600]]"))
    assert COMMENT not in body and _text(body) == "Hi"


@pytest.mark.parametrize("group", ["pair", "mixed"])
@pytest.mark.parametrize("fault", ["delay_ms=500,status=503", "delay_ms=500,reset_at=0"])
def test_failover_behind_the_head(keeping, slow_fake, group, fault):
    slow_fake.queue(fault)
    _, body, first = _exchange(keeping.port, "/v1/chat/completions", _chat(
        group, "Say hello."))
    assert first < 0.5
    assert body.startswith(COMMENT)
    assert b'"error"' not in body
    assert _text(body) and body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("path, model", [
    ("/v1/chat/completions", "gpt-4o"), ("/v1/chat/completions", "claude-sonnet-4-5"),
    ("/v1/messages", "claude-sonnet-4-5"), ("/v1/messages", "gpt-4o"),
    ("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", None),
    ("/v1beta/models/gpt-4o:streamGenerateContent?alt=sse", None)])
@pytest.mark.parametrize("status", [400, 401, 503])
def test_errors_are_events_in_the_clients_form(keeping, slow_fake, path, model, status):
    slow_fake.standing(f"delay_ms=400,status={status}")
    try:
        body = _chat(model) if model else {
            "contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
        head, answer, _ = _exchange(keeping.port, path, body)
    finally:
        slow_fake.standing()
    assert b" 200 " in head.split(b"\r\n")[0]
    start = PING if path == "/v1/messages" else b"\n" if "/v1beta/" in path else COMMENT
    assert answer.startswith(start)
    rest = answer.lstrip(b"\n") if start == b"\n" else answer.replace(start, b"")
    if path == "/v1/messages":
        assert rest.startswith(b"event: error\ndata: ")
    data = [json.loads(line[6:]) for line in rest.split(b"\n") if line.startswith(b"data: {")]
    assert len(data) == 1 and data[0]["error"]["message"]
    assert b"[DONE]" not in answer


def test_metrics_return_to_zero(keeping):
    with urllib.request.urlopen(f"http://127.0.0.1:{keeping.port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert "\ngateway_open_streams 0" in text


# The SDKs see nothing of it.


def test_openai(keeping, openai_module):
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{keeping.port}/v1", api_key=wire.KEY,
                              max_retries=0, timeout=20) as client:
        for model in ("gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash"):
            chunks = list(client.chat.completions.create(
                model=model, stream=True, messages=[{"role": "user", "content": SLOW}]))
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks
                           if chunk.choices)
            assert text == "All is well"
        events = list(client.responses.create(model="gpt-4o", input=SLOW, stream=True))
        assert events[-1].type == "response.completed"


def test_openai_raises_on_an_error_behind_the_head(keeping, openai_module, slow_fake):
    slow_fake.standing("delay_ms=400,status=503")
    try:
        with openai_module.OpenAI(base_url=f"http://127.0.0.1:{keeping.port}/v1",
                                  api_key=wire.KEY, max_retries=0, timeout=20) as client:
            with pytest.raises(openai_module.APIError):
                list(client.chat.completions.create(
                    model="gpt-4o", stream=True, messages=[{"role": "user", "content": "Hi"}]))
    finally:
        slow_fake.standing()


def test_anthropic(keeping):
    anthropic = pytest.importorskip("anthropic", reason="run Tests/Integration/setup.sh first")
    with anthropic.Anthropic(base_url=f"http://127.0.0.1:{keeping.port}", api_key=wire.KEY,
                             max_retries=0, timeout=20) as client:
        for model in ("claude-sonnet-4-5", "gpt-4o"):
            with client.messages.stream(
                    model=model, max_tokens=100,
                    messages=[{"role": "user", "content": SLOW}]) as stream:
                assert "".join(stream.text_stream) == "All is well"


def test_google(keeping):
    genai = pytest.importorskip("google.genai", reason="run Tests/Integration/setup.sh first")
    client = genai.Client(api_key=wire.KEY, http_options=genai.types.HttpOptions(
        base_url=f"http://127.0.0.1:{keeping.port}"))
    for model in ("gemini-2.5-flash", "gpt-4o"):
        text = "".join(chunk.text or "" for chunk in client.models.generate_content_stream(
            model=model, contents=SLOW))
        assert text == "All is well"


def test_anthropic_raises_on_an_error_behind_the_head(keeping, slow_fake):
    anthropic = pytest.importorskip("anthropic", reason="run Tests/Integration/setup.sh first")
    slow_fake.standing("delay_ms=400,status=503")
    try:
        with anthropic.Anthropic(base_url=f"http://127.0.0.1:{keeping.port}", api_key=wire.KEY,
                                 max_retries=0, timeout=20) as client:
            for model in ("claude-sonnet-4-5", "gpt-4o"):
                with pytest.raises(anthropic.APIError), client.messages.stream(
                        model=model, max_tokens=100,
                        messages=[{"role": "user", "content": "Hi"}]) as stream:
                    "".join(stream.text_stream)
    finally:
        slow_fake.standing()


def test_google_raises_on_an_error_behind_the_head(keeping, slow_fake):
    genai = pytest.importorskip("google.genai", reason="run Tests/Integration/setup.sh first")
    client = genai.Client(api_key=wire.KEY, http_options=genai.types.HttpOptions(
        base_url=f"http://127.0.0.1:{keeping.port}"))
    slow_fake.standing("delay_ms=400,status=503")
    try:
        for model in ("gemini-2.5-flash", "gpt-4o"):
            with pytest.raises(genai.errors.APIError):
                list(client.models.generate_content_stream(model=model, contents="Hi"))
    finally:
        slow_fake.standing()
