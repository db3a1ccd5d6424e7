# SPDX-License-Identifier: MIT
"""Numbers of tokens, Google's embeddings and OpenAI's older completions, by the official SDKs, with
a model of every provider behind the gateway."""
import json
import urllib.request

import pytest
from support import providers, wire

MODELS = list(providers.PROVIDERS)
# Whose providers count.
COUNTING = ["claude-sonnet-4-5", "gemini-2.5-flash", "vertex-gemini", "vertex-claude",
            "bedrock-claude"]
QUESTION = "How many tokens are these words?"
SAY = "Say [[script:text=Grüß Gott%2C 😀!,chunk_tokens=1]]"
WORDS = "Grüß Gott, 😀!"


@pytest.fixture(scope="module")
def anthropic(provider_gateway):
    module = pytest.importorskip("anthropic", reason="run Tests/Integration/setup.sh first")
    with module.Anthropic(base_url=f"http://127.0.0.1:{provider_gateway.port}",
                          api_key=wire.KEY, max_retries=0, timeout=20) as one:
        yield one


@pytest.fixture(scope="module")
def gemini(provider_gateway):
    genai = pytest.importorskip("google.genai", reason="run Tests/Integration/setup.sh first")
    return genai.Client(api_key=wire.KEY, http_options={
        "base_url": f"http://127.0.0.1:{provider_gateway.port}", "timeout": 20_000})


# MARK: Numbers of tokens

@pytest.mark.parametrize("model", MODELS)
def test_anthropics_sdk_counts(anthropic, provider_fake, model):
    provider_fake.forget()
    answer = anthropic.messages.with_raw_response.count_tokens(
        model=model, system="Be brief.", messages=[{"role": "user", "content": QUESTION}],
        tools=[{"name": "f", "input_schema": {"type": "object"}}])
    assert 5 < answer.parse().input_tokens < 500
    asked = [one["target"] for one in provider_fake.requests()]
    assert len(asked) == (model in COUNTING)
    assert answer.headers.get("x-gateway-token-count") == (
        None if model in COUNTING else "estimate")
    assert answer.headers["x-gateway-model"] == model


@pytest.mark.parametrize("model", MODELS)
def test_googles_sdk_counts(gemini, provider_fake, model):
    provider_fake.forget()
    answer = gemini.models.count_tokens(model=model, contents=QUESTION)
    assert 5 < answer.total_tokens < 50
    assert len(provider_fake.requests()) == (model in COUNTING)


@pytest.mark.parametrize("model", MODELS)
def test_openais_sdk_counts(provider_client, provider_fake, model):
    """OpenAI and Azure count for the Responses API, others in their own words."""
    if not hasattr(provider_client.responses, "input_tokens"):
        pytest.skip("this version of the SDK has no responses.input_tokens")
    provider_fake.forget()
    answer = provider_client.responses.input_tokens.with_raw_response.count(
        model=model, input=QUESTION, instructions="Be brief.",
        tools=[{"type": "function", "name": "f", "parameters": {"type": "object"},
                "strict": False}])
    counted = answer.parse()
    assert counted.object == "response.input_tokens" and 5 < counted.input_tokens < 500
    asked = [one["target"] for one in provider_fake.requests()]
    counts = model in COUNTING or model in ("gpt-4o", "azure-gpt-4o")
    assert len(asked) == counts
    assert answer.headers.get("x-gateway-token-count") == (None if counts else "estimate")


def test_a_provider_that_refuses_to_count_is_heard(anthropic):
    module = pytest.importorskip("anthropic")
    with pytest.raises(module.RateLimitError):
        anthropic.messages.count_tokens(
            model="claude-sonnet-4-5",
            messages=[{"role": "user", "content": "x [[script:error=rate_limit]]"}])


def test_a_model_that_its_provider_does_not_count_is_estimated(tmp_path):
    """Bedrock counts for some of its models only, and says so with a 400."""
    module = pytest.importorskip("anthropic", reason="run Tests/Integration/setup.sh first")
    models = {"nova": ("bedrock", "", "us.amazon.nova-pro-v1:0")}
    with providers.fake() as fake:
        gateway = providers.start(tmp_path, fake, models)
        one = module.Anthropic(base_url=f"http://127.0.0.1:{gateway.port}", api_key=wire.KEY,
                               max_retries=0, timeout=20)
        question = {"model": "nova", "messages": [{"role": "user", "content": QUESTION}]}
        try:
            for _ in range(2):
                answer = one.messages.with_raw_response.count_tokens(**question)
                assert 5 < answer.parse().input_tokens < 50
                assert answer.headers["x-gateway-token-count"] == "estimate"
                assert answer.headers["x-gateway-model"] == "nova"
            assert [request["target"] for request in fake.requests()] == [
                "/model/us.amazon.nova-pro-v1%3A0/count-tokens"] * 2
            # What else is wrong with a question is still the client's to hear.
            fake.queue("error=invalid_request")
            with pytest.raises(module.BadRequestError):
                one.messages.count_tokens(**question)
            # The model itself answers.
            answer = one.messages.create(
                model="nova", max_tokens=50, messages=[{"role": "user", "content": SAY}])
            assert answer.content[0].text == WORDS
        finally:
            one.close()
            gateway.stop()


def test_counts_are_asked_of_models_that_are_there(anthropic):
    module = pytest.importorskip("anthropic")
    with pytest.raises(module.NotFoundError):
        anthropic.messages.count_tokens(
            model="no-such-model", messages=[{"role": "user", "content": "x"}])


# MARK: Google's embeddings

@pytest.mark.parametrize("model", list(providers.EMBEDDERS))
def test_googles_sdk_embeds(gemini, model):
    answer = gemini.models.embed_content(
        model=model, contents=["one", "two", "one"], config={"output_dimensionality": 8})
    vectors = [one.values for one in answer.embeddings]
    assert len(vectors) == 3 and vectors[0] == vectors[2] != vectors[1]
    if model != "nomic-embed-text":
        assert len(vectors[0]) == 8


@pytest.mark.parametrize("model", list(providers.EMBEDDERS))
def test_a_single_text(provider_gateway, model):
    request = urllib.request.Request(
        f"http://127.0.0.1:{provider_gateway.port}/v1beta/models/{model}:embedContent",
        data=json.dumps({"content": {"parts": [{"text": "one"}]}}).encode(),
        headers={"x-goog-api-key": wire.KEY, "content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert len(json.load(answer)["embedding"]["values"]) > 8


def test_more_texts_than_a_provider_takes(provider_client, provider_fake):
    """Google's API takes a hundred at once: they are asked for in parts, and answered as one."""
    texts = [f"text {number % 7}" for number in range(250)]
    provider_fake.forget()
    raw = provider_client.embeddings.with_raw_response.create(
        model="gemini-embedding-001", input=texts, dimensions=8)
    answer = raw.parse()
    # Google does not say what it takes: the gateway's guess, and marked so.
    assert 250 < answer.usage.prompt_tokens == answer.usage.total_tokens < 1_500
    assert raw.headers["x-gateway-token-count"] == "estimate"
    bodies = [json.loads(one["body"]) for one in provider_fake.requests()]
    assert [len(one["requests"]) for one in bodies] == [100, 100, 50]
    assert [one.index for one in answer.data] == list(range(250))
    vectors = [one.embedding for one in answer.data]
    assert len({tuple(one) for one in vectors}) == 7
    assert all(vectors[at] == vectors[at % 7] for at in range(250))


def test_one_text_at_a_time_where_the_model_takes_no_more(provider_client, provider_fake):
    provider_fake.forget()
    raw = provider_client.embeddings.with_raw_response.create(
        model="vertex-embedding", input=["one", "two words", "one"], dimensions=8)
    answer = raw.parse()
    assert "x-gateway-token-count" not in raw.headers
    assert len(provider_fake.requests()) == 3
    assert answer.data[0].embedding == answer.data[2].embedding != answer.data[1].embedding
    # The sum of what each part took.
    one, two = (provider_client.embeddings.create(
        model="vertex-embedding", input=[text], dimensions=8).usage.prompt_tokens
        for text in ("one", "two words"))
    assert one > 0 and answer.usage.prompt_tokens == answer.usage.total_tokens == 2 * one + two


@pytest.mark.parametrize("fault,status", [
    ("status=503", 503), ("status=400", 400), ("reset_at=100", 502), ("cut_at=100", 502)])
def test_a_part_that_fails_fails_all(provider_client, provider_fake, openai_module, fault, status):
    provider_fake.forget()
    provider_fake.queue("", fault)
    with pytest.raises(openai_module.APIStatusError) as caught:
        provider_client.embeddings.create(
            model="gemini-embedding-001", input=["x"] * 250, dimensions=8)
    assert caught.value.status_code == status and caught.value.body["message"]
    assert len(provider_fake.requests()) == 2
    assert len(provider_client.embeddings.create(
        model="gemini-embedding-001", input=["x"] * 150, dimensions=8).data) == 150


def test_more_parts_than_the_gateway_asks_for(provider_client, openai_module):
    with pytest.raises(openai_module.BadRequestError) as caught:
        provider_client.embeddings.create(model="vertex-embedding", input=["x"] * 257)
    assert "256 texts are the most" in caught.value.message and caught.value.param == "input"


# MARK: Completions

@pytest.mark.parametrize("model", MODELS)
def test_completions(provider_client, model):
    answer = provider_client.completions.create(model=model, prompt=SAY, max_tokens=100)
    assert answer.object == "text_completion" and answer.choices[0].text == WORDS
    assert answer.choices[0].finish_reason == "stop" and answer.usage.total_tokens > 0


@pytest.mark.parametrize("model", MODELS)
def test_completion_streams(provider_client, model):
    chunks = list(provider_client.completions.create(
        model=model, prompt=SAY, max_tokens=100, stream=True,
        stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].text for chunk in chunks if chunk.choices)
    assert text == WORDS and chunks[-1].usage.total_tokens > 0
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "stop"


@pytest.mark.parametrize("fault", ["cut_at=300", "error_at_chunk=2"])
def test_a_broken_completion_says_so(provider_client, openai_module, fault):
    with pytest.raises(openai_module.APIError):
        for _ in provider_client.completions.create(
                model="claude-sonnet-4-5", stream=True, max_tokens=100,
                prompt=f"Go [[script:text=one two three four five,chunk_tokens=1,{fault}]]"):
            pass


def test_what_a_chat_cannot_express(provider_client, openai_module):
    answer = provider_client.completions.with_raw_response.create(
        model="claude-sonnet-4-5", prompt=SAY, max_tokens=100, echo=True, best_of=2, suffix="!",
        logprobs=2)
    dropped = set(answer.headers["x-gateway-dropped-params"].split(","))
    assert dropped == {"echo", "best_of", "suffix", "logprobs"}
    assert answer.parse().choices[0].text == WORDS
    for prompt in (["one", "two"], [1, 2, 3]):
        with pytest.raises(openai_module.BadRequestError) as caught:
            provider_client.completions.create(model="claude-sonnet-4-5", prompt=prompt)
        assert caught.value.param == "prompt" and caught.value.code == "unsupported_parameter"
