# SPDX-License-Identifier: MIT
"""The official google-genai SDK directly against the fakes of the Gemini API and of Vertex."""
import pytest
from support.fakes import FakeProvider

genai = pytest.importorskip("google.genai", reason="run Tests/Integration/setup.sh first")
from google.genai import errors, types  # noqa: E402

FLASH, THIRD = "gemini-2.5-flash", "gemini-3-pro-preview"


@pytest.fixture(scope="module")
def fake():
    with FakeProvider("--wire", "gemini", "--key", "good-key", "--model", FLASH) as one:
        yield one


@pytest.fixture
def client(fake):
    return genai.Client(api_key="good-key", http_options={"base_url": fake.url, "timeout": 10000})


def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"sunny in {city}"


def tools(*names):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    return types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[
            types.FunctionDeclaration(name=name, parameters_json_schema=schema)
            for name in names])],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True))


def test_chat(client):
    answer = client.models.generate_content(
        model=FLASH, contents="Hello!",
        config={"system_instruction": "Be brief.", "temperature": 0.5, "seed": 7})
    assert "Hello!" in answer.text
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    usage = answer.usage_metadata
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count


def test_stream(client):
    chunks = list(client.models.generate_content_stream(model=FLASH, contents="Hello!"))
    whole = client.models.generate_content(model=FLASH, contents="Hello!")
    assert "".join(chunk.text or "" for chunk in chunks) == whole.text
    assert all(chunk.usage_metadata for chunk in chunks)
    assert [chunk.candidates[0].finish_reason for chunk in chunks if
            chunk.candidates[0].finish_reason] == [types.FinishReason.STOP]


def test_automatic_tools_replay_their_signatures(client, fake):
    fake.forget()
    answer = client.models.generate_content(
        model=THIRD, contents="get weather in Rome",
        config=types.GenerateContentConfig(tools=[get_weather]))
    assert answer.text == "The tool answered: sunny in get weather in Rome"
    assert len(fake.requests()) == 2
    assert "thoughtSignature" in fake.requests()[1]["body"]


def test_parallel_tools(client):
    config = tools("get_weather", "get_time")
    question = types.Content(role="user", parts=[types.Part(text="get_weather and get_time")])
    first = client.models.generate_content(model=THIRD, contents=[question], config=config)
    assert [call.name for call in first.function_calls] == ["get_weather", "get_time"]
    results = types.Content(role="user", parts=[
        types.Part.from_function_response(name=call.name, response={"result": "fine"})
        for call in first.function_calls])
    history = [question, first.candidates[0].content, results]
    second = client.models.generate_content(model=THIRD, contents=history, config=config)
    assert second.text == "The tool answered: fine"
    for part in history[1].parts:
        part.thought_signature = None
    with pytest.raises(errors.ClientError, match="missing a thought_signature"):
        client.models.generate_content(model=THIRD, contents=history, config=config)


def test_streamed_tools_and_thoughts(client):
    config = tools("get_weather")
    config.thinking_config = types.ThinkingConfig(include_thoughts=True)
    chunks = list(client.models.generate_content_stream(
        model=THIRD, contents="get weather", config=config))
    parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts or []]
    assert parts[0].thought and parts[0].text
    calls = [part for part in parts if part.function_call]
    assert len(calls) == 1 and calls[0].thought_signature
    assert chunks[-1].usage_metadata.thoughts_token_count > 0


def test_structured_output(client):
    answer = client.models.generate_content(
        model=FLASH, contents="how many?",
        config={"response_mime_type": "application/json",
                "response_schema": {"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}}})
    assert answer.parsed == {"n": 1}


@pytest.mark.parametrize("kind,code,status", [
    ("invalid_request", 400, "INVALID_ARGUMENT"), ("permission", 403, "PERMISSION_DENIED"),
    ("not_found", 404, "NOT_FOUND"), ("rate_limit", 429, "RESOURCE_EXHAUSTED"),
    ("server", 500, "INTERNAL"), ("overloaded", 503, "UNAVAILABLE")])
@pytest.mark.parametrize("is_stream", [False, True])
def test_errors(client, kind, code, status, is_stream):
    ask = client.models.generate_content_stream if is_stream else client.models.generate_content
    with pytest.raises(errors.APIError) as raised:
        list(ask(model=FLASH, contents=f"[[script:error={kind}]]"))
    assert (raised.value.code, raised.value.status) == (code, status)


def test_a_wrong_key(fake):
    client = genai.Client(api_key="bad", http_options={"base_url": fake.url})
    with pytest.raises(errors.ClientError, match="API key not valid"):
        client.models.generate_content(model=FLASH, contents="hi")


def test_retries(fake):
    options = types.HttpOptions(base_url=fake.url, retry_options=types.HttpRetryOptions(
        attempts=3, initial_delay=0.01, max_delay=0.02, jitter=0))
    client = genai.Client(api_key="good-key", http_options=options)
    fake.queue("status=503", "status=500")
    fake.forget()
    assert client.models.generate_content(model=FLASH, contents="hi").text
    assert len(fake.requests()) == 3


def test_an_error_in_the_stream(client):
    with pytest.raises(errors.APIError, match="UNAVAILABLE"):
        for _ in client.models.generate_content_stream(
                model=FLASH, contents="[[script:error_at_chunk=2,error=overloaded]]"):
            pass


def test_a_blocked_prompt(client):
    answer = client.models.generate_content(model=FLASH, contents="[[script:block_prompt]]")
    assert answer.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT
    assert not answer.candidates


def test_embeddings_counts_and_models(client):
    answer = client.models.embed_content(model="gemini-embedding-001", contents=["a", "b", "a"])
    vectors = [embedding.values for embedding in answer.embeddings]
    assert len(vectors[0]) == 3072 and vectors[0] == vectors[2] != vectors[1]
    assert client.models.count_tokens(model=FLASH, contents="Hello!").total_tokens > 3
    assert [model.name for model in client.models.list()] == [f"models/{FLASH}"]


def test_vertex(fake):
    from google.oauth2.credentials import Credentials
    client = genai.Client(
        vertexai=True, project="p", location="global", credentials=Credentials("good-key"),
        http_options={"base_url": fake.url})
    assert client.models.generate_content(model=FLASH, contents="Hello!").text
    chunks = list(client.models.generate_content_stream(model=FLASH, contents="Hello!"))
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    answer = client.models.embed_content(model="text-embedding-005", contents=["a"])
    assert answer.embeddings[0].values
    assert "/publishers/google/models/" in fake.requests()[-1]["target"]


def test_claude_at_vertex(fake):
    anthropic = pytest.importorskip("anthropic")
    with anthropic.AnthropicVertex(base_url=fake.url + "/v1", project_id="p", region="global",
                                   access_token="good-key", max_retries=0) as client:
        messages = [{"role": "user", "content": "Hello!"}]
        answer = client.messages.create(model="claude-sonnet-4-6", max_tokens=99,
                                        messages=messages)
        assert "Hello!" in answer.content[0].text
        with client.messages.stream(model="claude-sonnet-4-6", max_tokens=99,
                                    messages=messages) as stream:
            assert stream.get_final_text() == answer.content[0].text
