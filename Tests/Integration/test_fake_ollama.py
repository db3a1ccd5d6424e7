# SPDX-License-Identifier: MIT
"""The official ollama client directly against the fake of its server."""
import pytest
from support.fakes import FakeProvider

ollama = pytest.importorskip("ollama", reason="run Tests/Integration/setup.sh first")
MODEL = "llama3.2"


@pytest.fixture(scope="module")
def fake():
    with FakeProvider("--wire", "ollama", "--model", MODEL) as one:
        yield one


@pytest.fixture
def client(fake):
    return ollama.Client(host=fake.url, timeout=10)


def get_weather(city: str) -> str:
    """The weather.

    Args:
      city: where
    """
    return f"sunny in {city}"


def get_time() -> str:
    """The time."""
    return "noon"


def ask(client, text, **options):
    return client.chat(model=MODEL, messages=[{"role": "user", "content": text}], **options)


def test_chat_and_stream(client):
    whole = ask(client, "Hello!", options={"temperature": 0.5, "num_ctx": 4096})
    assert "Hello!" in whole.message.content and whole.done_reason == "stop"
    chunks = list(ask(client, "Hello!", stream=True))
    assert "".join(chunk.message.content for chunk in chunks) == whole.message.content
    assert [chunk.done for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].eval_count == whole.eval_count > 0
    assert chunks[-1].prompt_eval_count == whole.prompt_eval_count > 0


def test_parallel_tools_and_their_results(client):
    question = {"role": "user", "content": "get_weather and get_time"}
    first = client.chat(model=MODEL, messages=[question], tools=[get_weather, get_time])
    names = [call.function.name for call in first.message.tool_calls]
    assert names == ["get_weather", "get_time"]
    results = [{"role": "tool", "content": get_time(), "tool_name": name} for name in names]
    second = client.chat(model=MODEL, messages=[question, first.message, *results])
    assert second.message.content == "The tool answered: noon"


def test_streamed_tools_and_thinking(client):
    chunks = list(ask(client, "get_weather", tools=[get_weather], think=True, stream=True))
    assert "".join(chunk.message.thinking or "" for chunk in chunks)
    calls = [call for chunk in chunks for call in chunk.message.tool_calls or []]
    assert [call.function.arguments for call in calls] == [{"city": "get_weather"}]


def test_structured_output(client):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert ask(client, "how many?", format=schema).message.content == '{"n":1}'


@pytest.mark.parametrize("kind,status", [
    ("not_found", 404), ("invalid_request", 400), ("server", 500), ("overloaded", 503)])
@pytest.mark.parametrize("is_stream", [False, True])
def test_errors(client, kind, status, is_stream):
    with pytest.raises(ollama.ResponseError) as raised:
        list(ask(client, f"[[script:error={kind}]]", stream=is_stream))
    assert raised.value.status_code == status
    assert "{" not in raised.value.error


def test_an_error_in_the_stream(client):
    with pytest.raises(ollama.ResponseError, match="runner"):
        list(ask(client, "[[script:error_at_chunk=2]]", stream=True))


def test_a_cached_prompt_has_no_count(client):
    assert ask(client, "[[script:cached_tokens=1000]]").prompt_eval_count is None


def test_models_and_embeddings(client):
    assert [model.model for model in client.list().models] == [MODEL]
    vectors = client.embed(model="e", input=["a", "b", "a"]).embeddings
    assert vectors[0] == vectors[2] != vectors[1]
