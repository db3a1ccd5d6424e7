# SPDX-License-Identifier: MIT
"""OpenAI's Responses, Google's and Amazon's SDKs, unchanged, with a model of every provider behind
the gateway."""
import pytest
from support import providers, wire

MODELS = list(providers.PROVIDERS)
SAY = "Say [[script:text=Grüß Gott%2C 😀!,chunk_tokens=1]]"
WORDS = "Grüß Gott, 😀!"
CALL = 'Go [[script:call=get_weather:{"city":"Köln"}]]'
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


# MARK: OpenAI's Responses

@pytest.mark.parametrize("model", MODELS)
def test_responses(provider_client, model):
    answer = provider_client.responses.create(model=model, input=SAY, instructions="Be brief.")
    assert answer.output_text == WORDS and answer.status == "completed"
    assert answer.usage.total_tokens > 0 and answer.instructions == "Be brief."


@pytest.mark.parametrize("model", MODELS)
def test_responses_stream(provider_client, model):
    with provider_client.responses.stream(model=model, input=SAY) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
    assert final.output_text == WORDS


@pytest.mark.parametrize("model", MODELS)
def test_responses_call_a_tool(provider_client, model):
    tool = {"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": False}
    first = provider_client.responses.create(model=model, input=CALL, tools=[tool])
    call = next(item for item in first.output if item.type == "function_call")
    assert call.name == "get_weather" and "Köln" in call.arguments
    final = provider_client.responses.create(model=model, tools=[tool], input=[
        {"role": "user", "content": CALL},
        {"type": "function_call", "call_id": call.call_id, "name": call.name,
         "arguments": call.arguments},
        {"type": "function_call_output", "call_id": call.call_id, "output": "21 degrees"}])
    assert "21 degrees" in final.output_text


@pytest.mark.parametrize("model", MODELS)
def test_responses_call_a_custom_tool(provider_client, model):
    """Its input is a text, which other APIs have no tools for."""
    question = 'Go [[script:call=apply_patch:{"input":"*** Begin\\n+ \\"a\\""}]]'
    patch = '*** Begin\n+ "a"'
    tools = [{"type": "custom", "name": "apply_patch"}]
    first = provider_client.responses.create(model=model, input=question, tools=tools)
    call = next(item for item in first.output if item.type == "custom_tool_call")
    assert call.name == "apply_patch" and call.input == patch
    with provider_client.responses.stream(model=model, input=question, tools=tools) as stream:
        deltas = [event.delta for event in stream
                  if event.type == "response.custom_tool_call_input.delta"]
        final = stream.get_final_response()
    assert "".join(deltas) == patch
    assert [one.input for one in final.output if one.type == "custom_tool_call"] == [patch]
    answer = provider_client.responses.create(model=model, tools=tools, input=[
        {"role": "user", "content": question}, *first.output,
        {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "Done well"}])
    assert "Done well" in answer.output_text


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("fault", ["cut_at=300", "error_at_chunk=2"])
def test_a_broken_response_stream_says_so(provider_client, openai_module, model, fault):
    with pytest.raises(openai_module.APIError):
        for _ in provider_client.responses.create(
                model=model, stream=True,
                input=f"Go [[script:text=one two three four five,chunk_tokens=1,{fault}]]"):
            pass


# MARK: Google's SDK

@pytest.fixture(scope="module")
def gemini(provider_gateway):
    genai = pytest.importorskip("google.genai", reason="run Tests/Integration/setup.sh first")
    return genai.Client(api_key=wire.KEY, http_options={
        "base_url": f"http://127.0.0.1:{provider_gateway.port}", "timeout": 20_000})


@pytest.mark.parametrize("model", MODELS)
def test_google(gemini, model):
    answer = gemini.models.generate_content(model=model, contents=SAY)
    assert answer.text == WORDS and answer.candidates[0].finish_reason.name == "STOP"
    assert answer.usage_metadata.prompt_token_count > 0


@pytest.mark.parametrize("model", MODELS)
def test_google_stream(gemini, model):
    pieces = list(gemini.models.generate_content_stream(model=model, contents=SAY))
    assert "".join(piece.text or "" for piece in pieces) == WORDS
    assert pieces[-1].candidates[0].finish_reason.name == "STOP"


@pytest.mark.parametrize("model", MODELS)
def test_google_calls_a_tool(gemini, model):
    tool = {"function_declarations": [
        {"name": "get_weather", "parameters_json_schema": SCHEMA}]}
    answer = gemini.models.generate_content(
        model=model, contents=CALL,
        config={"tools": [tool], "automatic_function_calling": {"disable": True}})
    assert answer.function_calls[0].name == "get_weather"
    assert answer.function_calls[0].args == {"city": "Köln"}


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "vertex-gemini", "gpt-4o"])
def test_google_calls_functions_by_itself(gemini, model):
    def get_weather(city: str) -> dict:
        """The weather in a city."""
        return {"weather": f"sunny in {city}"}

    chat = gemini.chats.create(model=model, config={"tools": [get_weather]})
    for _ in range(2):
        pieces = chat.send_message_stream(CALL)
        assert "".join(piece.text or "" for piece in pieces)


def scripted(model, text):
    """A model that has no schemas says whatever it likes: here, what it was asked for."""
    if model != "deepseek-chat":
        return "Go"
    escaped = text.replace(",", "%2C")
    return f"Go [[script:text={escaped},chunk_tokens=1]]"


@pytest.mark.parametrize("model", MODELS)
def test_google_gets_a_list(gemini, model):
    """Its clients like to ask for lists, and others' schemas have to be objects'."""
    pydantic = pytest.importorskip("pydantic")

    class Recipe(pydantic.BaseModel):
        name: str
        minutes: int

    config = {"response_mime_type": "application/json", "response_schema": list[Recipe]}
    contents = scripted(model, '{"gateway_answer":[{"name":"Soup","minutes":9}]}')
    answer = gemini.models.generate_content(model=model, contents=contents, config=config)
    assert isinstance(answer.parsed, list) and isinstance(answer.parsed[0], Recipe), answer.text
    pieces = gemini.models.generate_content_stream(model=model, contents=contents, config=config)
    assert "".join(piece.text or "" for piece in pieces) == answer.text


@pytest.mark.parametrize("model", MODELS)
def test_google_gets_one_of_some_words(gemini, model):
    import enum

    class Instrument(enum.Enum):
        BRASS = "Brass"

    config = {"response_mime_type": "text/x.enum", "response_schema": Instrument}
    contents = scripted(model, '{"gateway_answer":"Brass"}')
    answer = gemini.models.generate_content(model=model, contents=contents, config=config)
    assert answer.text == "Brass" and answer.parsed == Instrument.BRASS
    pieces = gemini.models.generate_content_stream(model=model, contents=contents, config=config)
    assert "".join(piece.text or "" for piece in pieces) == "Brass"


@pytest.mark.parametrize("model", MODELS)
def test_google_errors(gemini, model):
    errors = pytest.importorskip("google.genai.errors")
    with pytest.raises(errors.ClientError) as caught:
        gemini.models.generate_content(model=model, contents="Hi [[script:error=rate_limit]]")
    assert caught.value.code == 429 and caught.value.status == "RESOURCE_EXHAUSTED"


@pytest.fixture(scope="module")
def vertex(provider_gateway):
    genai = pytest.importorskip("google.genai", reason="run Tests/Integration/setup.sh first")
    from google.oauth2.credentials import Credentials
    return genai.Client(
        vertexai=True, project="p", location="global", credentials=Credentials(wire.KEY),
        http_options={"base_url": f"http://127.0.0.1:{provider_gateway.port}", "timeout": 20_000})


@pytest.mark.parametrize("model", MODELS)
def test_google_as_for_its_cloud(vertex, model):
    answer = vertex.models.generate_content(model=model, contents=SAY)
    assert answer.text == WORDS and answer.candidates[0].finish_reason.name == "STOP"
    pieces = list(vertex.models.generate_content_stream(model=model, contents=SAY))
    assert "".join(piece.text or "" for piece in pieces) == WORDS
    assert pieces[-1].candidates[0].finish_reason.name == "STOP"
    assert vertex.models.count_tokens(model=model, contents="Hello!").total_tokens > 1


def test_google_as_for_its_cloud_is_told_of_errors(vertex):
    errors = pytest.importorskip("google.genai.errors")
    with pytest.raises(errors.ClientError) as caught:
        vertex.models.generate_content(model="no-such-model", contents="Hi")
    assert caught.value.code == 404 and caught.value.status == "NOT_FOUND"
    with pytest.raises(errors.ClientError) as caught:
        vertex.models.list()
    assert caught.value.code == 404 and caught.value.status == "NOT_FOUND"


# MARK: Amazon's SDK

@pytest.fixture(scope="module")
def bedrock(provider_gateway):
    boto3 = pytest.importorskip("boto3", reason="run Tests/Integration/setup.sh first")
    import botocore
    from botocore.config import Config
    client = boto3.client(
        "bedrock-runtime", region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{provider_gateway.port}",
        config=Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1}))
    # Over plain HTTP the SDK shows no bearer key of its own accord.
    client.meta.events.register(
        "before-send.bedrock-runtime", lambda request, **_: request.headers.__setitem__(
            "authorization", f"Bearer {wire.KEY}"))
    return client


def turn(text):
    return [{"role": "user", "content": [{"text": text}]}]


@pytest.mark.parametrize("model", MODELS)
def test_amazon(bedrock, model):
    answer = bedrock.converse(modelId=model, messages=turn(SAY), system=[{"text": "Be brief."}])
    texts = [one["text"] for one in answer["output"]["message"]["content"] if "text" in one]
    assert texts == [WORDS] and answer["stopReason"] == "end_turn"
    assert answer["usage"]["totalTokens"] > 0
    assert 0 <= answer["metrics"]["latencyMs"] < 20_000


@pytest.mark.parametrize("model", MODELS)
def test_amazon_stream(bedrock, model):
    text, kinds, metrics = "", [], {}
    for event in bedrock.converse_stream(modelId=model, messages=turn(SAY))["stream"]:
        kinds += event
        metrics = event.get("metadata", {}).get("metrics", metrics)
        text += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    assert text == WORDS and kinds[0] == "messageStart" and "messageStop" in kinds
    assert 0 <= metrics["latencyMs"] < 20_000


@pytest.mark.parametrize("model", ["gpt-4o", "claude-sonnet-4-5"])
def test_amazon_is_told_how_long_it_took(bedrock, model):
    text = turn("Go [[script:text=one two,chunk_tokens=1,delay_ms=300]]")
    # A timer of the fake's may be a moment early.
    assert 290 <= bedrock.converse(modelId=model, messages=text)["metrics"]["latencyMs"] < 5_000
    *_, last = bedrock.converse_stream(modelId=model, messages=text)["stream"]
    assert 290 <= last["metadata"]["metrics"]["latencyMs"] < 5_000


@pytest.mark.parametrize("model", MODELS)
def test_amazon_calls_a_tool(bedrock, model):
    answer = bedrock.converse(modelId=model, messages=turn(CALL), toolConfig={"tools": [
        {"toolSpec": {"name": "get_weather", "inputSchema": {"json": SCHEMA}}}]})
    calls = [one["toolUse"] for one in answer["output"]["message"]["content"] if "toolUse" in one]
    assert calls[0]["name"] == "get_weather" and calls[0]["input"] == {"city": "Köln"}
    assert answer["stopReason"] == "tool_use"


@pytest.mark.parametrize("model", MODELS)
def test_amazon_errors(bedrock, model):
    with pytest.raises(bedrock.exceptions.ThrottlingException):
        bedrock.converse(modelId=model, messages=turn("Hi [[script:error=rate_limit]]"))
