# SPDX-License-Identifier: MIT
"""LangChain's OpenAI integration, unchanged, with a model of every provider behind the gateway."""
import asyncio
import os

import pytest
from support import providers, wire

pytestmark = pytest.mark.frameworks
MODELS = list(providers.PROVIDERS)
SAY = "Say [[script:text=Grüß Gott%2C 😀!,chunk_tokens=1,split_bytes=7]]"
WORDS = "Grüß Gott, 😀!"
CALL = 'Both? [[script:before=So,call=get_weather:{"city":"Köln"},call=get_time]]'


@pytest.fixture(scope="module")
def langchain(provider_gateway):
    """`langchain(model)`: a ChatOpenAI as its documentation shows it."""
    module = pytest.importorskip("langchain_openai", reason="run Tests/Integration/setup.sh first")

    def make(model, **more):
        return module.ChatOpenAI(
            model=model, base_url=f"http://127.0.0.1:{provider_gateway.port}/v1",
            timeout=20, **{"api_key": wire.KEY, "max_retries": 0, **more})
    return make


def tools():
    from langchain_core.tools import tool

    @tool
    def get_weather(city: str) -> str:
        """Weather at a place"""
        return f"21 degrees at {city}"

    @tool
    def get_time() -> str:
        """The time"""
        return "noon"
    return [get_weather, get_time]


@pytest.mark.parametrize("model", MODELS)
def test_invoke(langchain, model):
    answer = langchain(model).invoke([("system", "Be brief."), ("human", SAY)])
    assert answer.text == WORDS
    assert answer.response_metadata["finish_reason"] == "stop"
    usage = answer.usage_metadata
    assert usage["input_tokens"] > 0 and usage["output_tokens"] > 0
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


@pytest.mark.parametrize("model", MODELS)
def test_stream(langchain, model):
    pieces = list(langchain(model, stream_usage=True).stream(SAY))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    assert whole.text == WORDS and len(pieces) > 3
    assert whole.usage_metadata["output_tokens"] > 0
    assert whole.response_metadata["finish_reason"] == "stop"


def test_many_at_once(langchain):
    async def run():
        model = langchain("claude-sonnet-4-5")
        return await asyncio.gather(*[
            model.ainvoke(f"Say [[script:text=number {index}]]") for index in range(20)])
    assert [one.text for one in asyncio.run(run())] == [f"number {index}" for index in range(20)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("streams", [False, True], ids=["invoke", "stream"])
def test_tools_and_their_results(langchain, model, streams):
    offered = tools()
    bound = langchain(model).bind_tools(offered)
    if streams:
        pieces = list(bound.stream(CALL))
        answer = pieces[0]
        for piece in pieces[1:]:
            answer += piece
    else:
        answer = bound.invoke(CALL)
    assert [(call["name"], call["args"]) for call in answer.tool_calls] == [
        ("get_weather", {"city": "Köln"}), ("get_time", {})]
    results = [{one.name: one for one in offered}[call["name"]].invoke(call)
               for call in answer.tool_calls]
    final = bound.invoke([("human", CALL), answer, *results])
    assert "noon" in final.text and not final.tool_calls


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output(langchain, model, method):
    pydantic = pytest.importorskip("pydantic")

    class Place(pydantic.BaseModel):
        """A place on the map."""
        city: str
        inhabitants: int
    structured = langchain(model).with_structured_output(Place, method=method)
    question = "Which Place has the cathedral?"
    if providers.PROVIDERS[model][0] == "deepseek" and method == "json_schema":
        # It is told the schema in words, which a fake cannot follow.
        question += ' [[script:text={"city":"Köln"%2C"inhabitants":1}]]'
    place = structured.invoke(question)
    assert isinstance(place, Place) and isinstance(place.inhabitants, int)


@pytest.mark.parametrize("model", list(providers.EMBEDDERS))
@pytest.mark.parametrize("tokens", [False, True], ids=["text", "tokens"])
def test_embeddings(provider_gateway, model, tokens):
    module = pytest.importorskip("langchain_openai", reason="run Tests/Integration/setup.sh first")
    if tokens and providers.EMBEDDERS[model][0] != "openai":
        pytest.skip("only OpenAI's API takes token arrays; others refuse them (test_surfaces.py)")
    if tokens:
        # The encoding's table is not fetched: LiteLLM brings it along.
        litellm = pytest.importorskip("litellm")
        os.environ["TIKTOKEN_CACHE_DIR"] = os.path.join(
            os.path.dirname(litellm.__file__), "litellm_core_utils", "tokenizers")
    embedder = module.OpenAIEmbeddings(
        model=model, base_url=f"http://127.0.0.1:{provider_gateway.port}/v1", api_key=wire.KEY,
        check_embedding_ctx_length=tokens, max_retries=0)
    one, other = embedder.embed_documents(["one text", "another one"])
    assert len(one) == len(other) > 3 and one != other
    assert embedder.embed_query("one text") == pytest.approx(one)


ERRORS = [("rate_limit", "RateLimitError"), ("context_length", "BadRequestError"),
          ("invalid_request", "BadRequestError"), ("server", "InternalServerError")]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("word", "name"), ERRORS)
def test_errors(langchain, model, word, name):
    openai = pytest.importorskip("openai")
    with pytest.raises(getattr(openai, name)):
        langchain(model).invoke(f"Hello [[script:error={word}]]")


def test_a_wrong_key(langchain):
    openai = pytest.importorskip("openai")
    with pytest.raises(openai.AuthenticationError):
        langchain("gpt-4o", api_key="sk-wrong").invoke("Hello")


@pytest.mark.parametrize("model", MODELS)
def test_its_own_retries(langchain, model):
    """The client asks again after a 429, waiting no longer than the provider said."""
    script = f"error=rate_limit,retry_after_ms=1,times=1,id=langchain-{model}"
    answer = langchain(model, max_retries=2).invoke(f"Hello [[script:{script}]]")
    assert "Hello" in answer.text


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("fault", ["cut_at=300", "error_at_chunk=2"])
def test_a_broken_stream_says_so(langchain, model, fault):
    openai = pytest.importorskip("openai")
    text = f"Go [[script:text=one two three four five,chunk_tokens=1,{fault}]]"
    with pytest.raises(openai.APIError):
        list(langchain(model).stream(text))
