# SPDX-License-Identifier: MIT
"""OpenAI's Responses API where the provider has it too: what passes, what is remembered, and models
that only this API has."""
import json
import urllib.error
import urllib.request

import pytest
from support import providers, wire
from support.fakes import FakeProvider

KEYS = ["first-account", "second-account"]
OTHER = "key-of-another-client"
SAY = "Say [[script:text=Grüß Gott%2C 😀!,chunk_tokens=1]]"
WORDS = "Grüß Gott, 😀!"


@pytest.fixture(scope="module")
def fake():
    with FakeProvider("--key", KEYS[0], "--key", KEYS[1]) as one:
        yield one


@pytest.fixture(scope="module")
def place(tmp_path_factory, fake):
    names = {"gpt-4o": "openai", "gpt-5-pro": "openai", "plain": "plain", "small": "openai"}
    gateways = [
        {"name": "openai", "type": "openai", "base_url": f"{fake.url}/v1",
         "api_keys": [{"key": key} for key in KEYS], "responses_only": ["*-pro"]},
        {"name": "plain", "type": "openai", "base_url": f"{fake.url}/v1", "api_key": KEYS[0],
         "responses_api": False}]
    folder = tmp_path_factory.mktemp("responses")
    one = providers.start_with(folder, fake, {
        "gateways": gateways, "model_routing": {name: [to] for name, to in names.items()},
        "models": [
            {"name": name, "provider": "openai", "capabilities": providers.CAPABILITIES,
             "max_output": 4096, "context_window": 200_000,
             "price": {"input": 1, "output": 2, "flex": {"input": 0.5, "output": 1}}}
            for name in names],
        "keys": [{"name": "test", "key": wire.KEY, "user": "u", "team": "engineering"},
                 {"name": "other", "key": OTHER, "user": "v", "team": "engineering"}]})
    yield one
    one.stop()


@pytest.fixture
def client(place, openai_module):
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{place.port}/v1", api_key=wire.KEY,
                              max_retries=0, timeout=20) as one:
        yield one


def sent(fake):
    return [one for one in fake.requests() if one["target"].startswith("/v1/")]


# MARK: Passing

def test_bodies_pass_as_they_are(place, fake):
    fake.forget()
    body = ('{"model": "gpt-4o",  "input":"Hi", "store" : false, "metadata": {"a": "b"},'
            ' "temperature": 0.50, "text": {"format": {"type": "text"}}}')
    answer = wire.ask(place.port, body.encode(), path="/v1/responses")
    assert answer.status == 200 and json.loads(answer.body)["object"] == "response"
    assert answer.headers["x-gateway-model"] == "gpt-4o"
    assert sent(fake)[-1]["body"] == body and sent(fake)[-1]["target"] == "/v1/responses"


def test_streams_pass_with_every_event(client):
    with client.responses.stream(model="gpt-4o", input=SAY) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
    assert final.output_text == WORDS and final.usage.total_tokens > 0


def test_events_that_the_gateway_does_not_know_pass(place):
    body = {"model": "gpt-4o", "stream": True,
            "input": "Go [[script:text=one two three,chunk_tokens=1,unknown_event=1]]"}
    answer = wire.ask(place.port, json.dumps(body).encode(), path="/v1/responses")
    assert b"response.scripted_future" in answer.body


@pytest.mark.parametrize("fault", ["cut_at=300", "reset_at=900", "error_at_chunk=4",
                                   "malformed_chunk=5", "no_done=1"])
def test_a_broken_stream_says_so(client, openai_module, fault):
    with pytest.raises(openai_module.APIError):
        for _ in client.responses.create(
                model="gpt-4o", stream=True,
                input=f"Go [[script:text=one two three four five,chunk_tokens=1,{fault}]]"):
            pass


def test_usage_is_accounted_for(place, client):
    def spent():
        with urllib.request.urlopen(f"http://127.0.0.1:{place.port}/metrics", timeout=10) as text:
            lines = text.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines
                   if line.startswith("gateway_cost") and 'model="gpt-4o"' in line
                   and 'estimated="false"' in line)
    for tier, share in (("default", 1), ("flex", 0.5)):
        before = spent()
        usage = client.responses.create(model="gpt-4o", input=SAY, service_tier=tier).usage
        price = (usage.input_tokens + 2 * usage.output_tokens) / 1e6
        assert spent() - before == pytest.approx(price * share)


def count(client, **members):
    """By the SDK, or as it does where it is too old to know the path."""
    if hasattr(client.responses, "input_tokens"):
        answer = client.responses.input_tokens.count(**members)
        return answer.object, answer.input_tokens
    answer = client.post("/responses/input_tokens", body=members, cast_to=object)
    return answer["object"], answer["input_tokens"]


def test_tokens_are_counted(place, client, fake, openai_module):
    fake.forget()
    kind, few = count(client, model="small", input="How many tokens are these words?")
    assert kind == "response.input_tokens" and 3 < few < 50
    asked = sent(fake)[-1]
    assert asked["target"] == "/v1/responses/input_tokens" and asked["method"] == "POST"
    first = client.responses.create(model="gpt-4o", input="Many words " * 50)
    _, many = count(client, model="gpt-4o", input="And?", previous_response_id=first.id)
    assert many > few
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{place.port}/v1", api_key=OTHER,
                              max_retries=0, timeout=20) as other:
        with pytest.raises(openai_module.NotFoundError):
            count(other, model="gpt-4o", input="And?", previous_response_id=first.id)
    # An account without the API: guessed, but not for what only a memory knows.
    assert count(client, model="plain", input="Hi")[1] > 0
    assert count(client, model="plain", instructions="Be brief.")[1] > 0
    with pytest.raises(openai_module.BadRequestError):
        count(client, model="plain", input="Hi", conversation="conv_1")


# MARK: What is remembered

def test_a_conversation_goes_on_where_it_began(client, fake):
    """Of two accounts only one knows the response."""
    for round in range(6):
        fake.forget()
        first = client.responses.create(model="gpt-4o", input=f"Number {round}")
        for _ in range(3):
            client.responses.create(model="gpt-4o", input="And?", previous_response_id=first.id)
        keys = {one["headers"]["authorization"] if isinstance(one["headers"], dict) else
                dict(one["headers"]).get("authorization") for one in sent(fake)}
        assert len(keys) == 1


def test_streamed_responses_are_remembered_too(client):
    with client.responses.stream(model="gpt-4o", input=SAY) as stream:
        stream.until_done()
        first = stream.get_final_response()
    assert client.responses.create(
        model="gpt-4o", input="And?", previous_response_id=first.id).status == "completed"


def test_responses_are_looked_up_and_deleted(client, openai_module):
    first = client.responses.create(model="gpt-4o", input=SAY)
    assert client.responses.retrieve(first.id).output_text == WORDS
    items = client.responses.input_items.list(first.id)
    assert items.data[0].content[0].text == SAY
    with pytest.raises(openai_module.BadRequestError):
        client.responses.cancel(first.id)
    client.responses.delete(first.id)
    with pytest.raises(openai_module.NotFoundError):
        client.responses.retrieve(first.id)


def test_another_keys_responses_are_not_found(place, client, openai_module):
    first = client.responses.create(model="gpt-4o", input="secret")
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{place.port}/v1", api_key=OTHER,
                              max_retries=0, timeout=20) as other:
        for ask in (lambda: other.responses.retrieve(first.id),
                    lambda: other.responses.delete(first.id),
                    lambda: other.responses.create(model="gpt-4o", input="And?",
                                                   previous_response_id=first.id)):
            with pytest.raises(openai_module.NotFoundError) as caught:
                ask()
            assert caught.value.code == "response_not_found"
    assert client.responses.retrieve(first.id).id == first.id


@pytest.mark.parametrize("form", ["{}", {"id": "{}"}])
def test_a_conversation_is_the_first_keys(place, client, fake, openai_module, form):
    """The gateway does not see where conversations are made."""
    def named(name):
        return {"id": name} if isinstance(form, dict) else name
    for round in range(4):
        fake.forget()
        name = f"conv_{round}{type(form).__name__}"
        for _ in range(3):
            client.responses.create(model="gpt-4o", input="Hi", conversation=named(name))
        keys = {dict(one["headers"]).get("authorization") for one in sent(fake)}
        assert len(keys) == 1
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{place.port}/v1", api_key=OTHER,
                              max_retries=0, timeout=20) as other:
        with pytest.raises(openai_module.NotFoundError) as caught:
            other.responses.create(model="gpt-4o", input="Hi", conversation=named(name))
        assert caught.value.code == "response_not_found" and caught.value.param == "conversation"
        other.responses.create(model="gpt-4o", input="Hi", conversation=named(name + "x"))
    with pytest.raises(openai_module.NotFoundError):
        client.responses.create(model="gpt-4o", input="Hi", conversation=named(name + "x"))


def test_what_nobody_keeps_is_not_found(client, openai_module):
    with pytest.raises(openai_module.NotFoundError) as caught:
        client.responses.retrieve("resp_0123456789")
    assert caught.value.code == "response_not_found"
    with pytest.raises(openai_module.BadRequestError) as caught:
        client.responses.create(model="gpt-4o", input="x", previous_response_id="resp_012345")
    assert caught.value.code == "previous_response_not_found" or "not found" in str(caught.value)


@pytest.mark.parametrize("method,path,allowed", [
    ("PUT", "/v1/responses/resp_1", "GET, DELETE"), ("GET", "/v1/responses/resp_1/cancel", "POST"),
    ("POST", "/v1/responses/resp_1/input_items", "GET, HEAD"),
    ("GET", "/v1/responses/input_tokens", "POST")])
def test_methods(place, method, path, allowed):
    request = urllib.request.Request(f"http://127.0.0.1:{place.port}{path}", method=method,
                                     headers={"authorization": f"Bearer {wire.KEY}"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    assert caught.value.code == 405 and caught.value.headers["allow"] == allowed
    caught.value.close()


# MARK: Models by one API

def test_a_model_that_only_the_responses_api_has(client, fake):
    fake.forget()
    answer = client.chat.completions.create(
        model="gpt-5-pro", messages=[{"role": "user", "content": SAY}])
    assert answer.choices[0].message.content == WORDS
    chunks = client.chat.completions.create(
        model="gpt-5-pro", stream=True, messages=[{"role": "user", "content": SAY}])
    assert "".join(one.choices[0].delta.content or "" for one in chunks if one.choices) == WORDS
    assert {one["target"] for one in sent(fake)} == {"/v1/responses"}


def test_an_account_without_the_api_is_translated(client, fake, openai_module):
    fake.forget()
    assert client.responses.create(model="plain", input=SAY).output_text == WORDS
    assert {one["target"] for one in sent(fake)} == {"/v1/chat/completions"}
    with pytest.raises(openai_module.BadRequestError):
        client.responses.create(model="plain", input="x", previous_response_id="resp_1")


@pytest.mark.parametrize("members,code", [
    ('"previous\\u005fresponse_id": "{id}"', "response_not_found"),
    ('"previous_response_id": "{own}", "previous_response_id": "{id}"', "invalid_parameter")])
def test_names_in_disguise_are_the_same_names(place, members, code):
    """An id of another key's, where a plain search would miss it."""
    def ask(body, key):
        return wire.ask(place.port, body.encode(), path="/v1/responses", key=key)
    theirs, own = (
        json.loads(ask('{"model": "gpt-4o", "input": "I am %s"}' % key, key).body)["id"]
        for key in (OTHER, wire.KEY))
    named = members.replace("{id}", theirs).replace("{own}", own)
    answer = ask('{"model": "gpt-4o", "input": "Hi", ' + named + "}", wire.KEY)
    assert answer.error["code"] == code and answer.error["param"] == "previous_response_id"
