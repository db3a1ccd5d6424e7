# SPDX-License-Identifier: MIT
"""Rankings, images, audio and moderations: they pass, are routed by their model, and paid for."""
import base64
import io
import json
import urllib.request

import pytest
from support import configuration, process, providers, replies, wire

MODELS = {
    "reranker": ("rerank", {"search": 0.002}), "gpt-image-1": ("image_generation", {
        "input": 10, "output": 40}), "dall-e-3": ("image_generation", {"image": 0.04}),
    "whisper": ("transcription", {"minute": 0.006}),
    "gpt-4o-transcribe": ("transcription", {"input": 2.5, "output": 10, "audio_input": 6}),
    "tts-1": ("speech", {"million_characters": 15}),
    "omni-moderation-latest": ("moderation", {"input": 0, "output": 0}),
    "chatter": ("chat", {"input": 1, "output": 1})}
PICTURE = b"\x89PNG\r\n--not-the-boundary\r\n\r\n" + bytes(range(256)) * 40


@pytest.fixture(scope="module")
def place(tmp_path_factory, provider_fake):
    gateways = [{"name": "up", "type": "openai", "base_url": provider_fake.url + "/v1",
                 "api_key": providers.KEY, "upstream_models": {"whisper": "whisper-1"}},
                {"name": "claude", "type": "anthropic", "base_url": provider_fake.url,
                 "api_key": providers.KEY}]
    one = providers.start_with(tmp_path_factory.mktemp("media"), provider_fake, {
        "gateways": gateways, "model_routing": {"*": ["up"]}, "retries": {"attempts": 2},
        "models": [{"name": name, "provider": "openai", "price": price, "max_output": 0,
                    "capabilities": [capability]} for name, (capability, price) in MODELS.items()]})
    yield one
    one.stop()


@pytest.fixture
def client(place, openai_module):
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{place.port}/v1", api_key=wire.KEY,
                              max_retries=0, timeout=20) as one:
        yield one


def spent(place, model):
    """In USD, what was known and what was guessed."""
    with urllib.request.urlopen(f"http://127.0.0.1:{place.port}/metrics", timeout=10) as answer:
        lines = [line for line in answer.read().decode().splitlines()
                 if line.startswith("gateway_cost") and f'model="{model}"' in line]
    return [sum(float(line.rpartition(" ")[2]) for line in lines if f'estimated="{flag}"' in line)
            for flag in ("false", "true")]


class Cost:
    def __init__(self, place, model):
        self.place, self.model = place, model

    def __enter__(self):
        self.before = spent(self.place, self.model)
        return self

    def __exit__(self, *_):
        after = spent(self.place, self.model)
        self.known, self.guessed = (b - a for a, b in zip(self.before, after))


# MARK: Images

def test_images_are_made(place, client):
    with Cost(place, "dall-e-3") as cost:
        answer = client.images.generate(model="dall-e-3", prompt="a cat", n=3,
                                        response_format="b64_json")
    assert len(answer.data) == 3 and base64.b64decode(answer.data[0].b64_json)
    assert cost.known == pytest.approx(0.12) and cost.guessed == 0
    with Cost(place, "gpt-image-1") as cost:
        client.images.generate(model="gpt-image-1", prompt="a cat")
    assert cost.known == pytest.approx((10 * 10 + 100 * 40) / 1e6)


def test_large_images_are_paid_for(place, client):
    """Larger than what is held: the usage stands behind the pictures."""
    with Cost(place, "gpt-image-1") as cost:
        answer = client.images.generate(model="gpt-image-1", prompt="a cat", n=4,
                                        size="1024x1024")
    assert sum(len(one.b64_json) for one in answer.data) > 5 << 20
    assert cost.known == pytest.approx((10 * 10 + 100 * 40) / 1e6) and cost.guessed == 0


def test_images_are_streamed(place, client):
    with Cost(place, "gpt-image-1") as cost:
        kinds = [event.type for event in client.images.generate(
            model="gpt-image-1", prompt="a cat", stream=True, partial_images=1)]
    assert kinds == ["image_generation.partial_image", "image_generation.completed"]
    assert cost.known == pytest.approx((10 * 10 + 100 * 40) / 1e6)


def test_images_are_edited_and_varied(place, client, provider_fake):
    provider_fake.forget()
    with Cost(place, "dall-e-3") as cost:
        client.images.edit(model="dall-e-3", image=io.BytesIO(PICTURE), prompt="a hat", n=2)
        client.images.create_variation(model="dall-e-3", image=io.BytesIO(PICTURE))
    assert cost.known == pytest.approx(0.12)
    assert [one["target"] for one in provider_fake.requests()] == [
        "/v1/images/edits", "/v1/images/variations"]


# MARK: Audio

def test_audio_is_written_down(place, client):
    sound = ("a.wav", PICTURE, "audio/wav")
    with Cost(place, "whisper") as cost:
        answer = client.audio.transcriptions.create(model="whisper", file=sound)
    assert answer.text == f"I heard {len(PICTURE)} bytes."
    assert cost.known == pytest.approx(0.009)
    with Cost(place, "whisper") as cost:
        text = client.audio.translations.create(model="whisper", file=sound,
                                                response_format="verbose_json")
        plain = client.audio.transcriptions.create(model="whisper", file=sound,
                                                   response_format="text")
    assert text.duration == 2.5 and plain == f"I heard {len(PICTURE)} bytes.\n"
    # Plain text does not say how long the recording was.
    assert cost.known == pytest.approx(2.5 / 60 * 0.006) and cost.guessed > 0
    with Cost(place, "gpt-4o-transcribe") as cost:
        client.audio.transcriptions.create(model="gpt-4o-transcribe", file=sound)
    # Sound has a price of its own.
    assert cost.known == pytest.approx((28 * 6 + 2 * 2.5 + 10 * 10) / 1e6)


def test_transcriptions_are_streamed(place, client):
    with Cost(place, "gpt-4o-transcribe") as cost:
        events = list(client.audio.transcriptions.create(
            model="gpt-4o-transcribe", file=("a.wav", PICTURE), stream=True))
    assert events[-1].type == "transcript.text.done" and len(events) > 2
    assert cost.known == pytest.approx((28 * 6 + 2 * 2.5 + 10 * 10) / 1e6)


@pytest.mark.parametrize("fault", ["cut_at=100", "error_at_chunk=1", "no_done=1"])
def test_a_broken_transcription_says_so(client, openai_module, fault):
    with pytest.raises(openai_module.APIError):
        list(client.audio.transcriptions.create(
            model="gpt-4o-transcribe", file=("a.wav", PICTURE), stream=True,
            prompt=f"[[script:{fault}]]"))


def test_speech_passes_as_it_comes(place, client):
    with Cost(place, "tts-1") as cost:
        with client.audio.speech.with_streaming_response.create(
                model="tts-1", voice="alloy", input="Grüß Gott 😀\n") as answer:
            sound = b"".join(answer.iter_bytes())
            assert answer.headers["content-type"] == "audio/mpeg"
    assert sound.startswith(b"ID3") and sound.count("😀".encode()) == 64
    assert cost.known == pytest.approx(12 * 15 / 1e6)
    answer = wire.ask(place.port, json.dumps({
        "model": "tts-1", "voice": "alloy", "input": "Hi", "stream_format": "sse"}).encode(),
        path="/v1/audio/speech")
    assert [json.loads(one)["type"] for one in answer.events()][-1] == "speech.audio.done"


def test_speech_that_breaks_is_no_whole_one(place):
    answer = wire.ask(place.port, json.dumps({
        "model": "tts-1", "voice": "alloy", "input": "Hi [[script:reset_at=50]]"}).encode(),
        path="/v1/audio/speech")
    assert not answer.clean


# MARK: Others

def test_moderations(place, client):
    answer = client.moderations.create(input=["hello", "kill"])
    assert [one.flagged for one in answer.results] == [False, True]
    assert client.moderations.create(model="omni-moderation-latest", input="x").results


def test_rankings(place):
    import httpx
    for path in ("/v1/rerank", "/rerank", "/v2/rerank"):
        with Cost(place, "reranker") as cost:
            answer = httpx.post(
                f"http://127.0.0.1:{place.port}{path}", timeout=20,
                headers={"authorization": f"Bearer {wire.KEY}"},
                json={"model": "reranker", "query": "red cat", "top_n": 2,
                      "documents": ["a dog", "a red cat", "a red car"]})
        assert [one["index"] for one in answer.json()["results"]] == [1, 2]
        assert answer.headers["x-gateway-model"] == "reranker"
        assert cost.known == pytest.approx(0.004)


def test_failures_are_tried_again(client, provider_fake):
    provider_fake.forget()
    provider_fake.queue("status=503")
    assert client.moderations.create(input="x").results
    assert len(provider_fake.requests()) == 2


def test_models_are_asked_for_what_they_can_do(client, openai_module):
    for ask in (lambda: client.images.generate(model="chatter", prompt="x"),
                lambda: client.chat.completions.create(
                    model="dall-e-3", messages=[{"role": "user", "content": "x"}])):
        with pytest.raises(openai_module.BadRequestError) as caught:
            ask()
        assert caught.value.code == "model_not_supported"


# MARK: Forms

def form(*parts, boundary="xyz", end=True):
    text = b""
    for head, content in parts:
        text += f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"
    return text + (f"--{boundary}--\r\n".encode() if end else b"")


def named(name, value, more=""):
    return f'Content-Disposition: form-data; name="{name}"{more}', value


FILE = named("file", PICTURE, '; filename="a.wav"')


def ask(place, body, kind="multipart/form-data; boundary=xyz"):
    import httpx
    return httpx.post(
        f"http://127.0.0.1:{place.port}/v1/audio/transcriptions", content=body, timeout=20,
        headers={"content-type": kind, "authorization": f"Bearer {wire.KEY}"})


def test_a_form_passes_but_for_the_models_name(place, provider_fake):
    body = b"preamble\r\n" + form(FILE, named("model", b"whisper"), named("x", b"")) + b"epilogue"
    provider_fake.forget()
    answer = ask(place, body, 'multipart/form-data; boundary="xyz"')
    assert answer.status_code == 200, answer.text
    sent = provider_fake.requests()[-1]
    assert b"whisper" in body and "whisper-1" in sent["body"]


@pytest.mark.parametrize("body,code", [
    (form(FILE, named("model", b"whisper"), named("model", b"chatter")), "malformed_form"),
    (form(FILE, named("model", b"whisper", '; filename="m"')), "malformed_form"),
    (form(FILE, named("mod\\el", b"whisper")), "malformed_form"),
    (form(FILE, named("model", b"whisper"), end=False), "malformed_form"),
    (form(FILE), "missing_required_parameter"), (b"", "malformed_form"),
    (form(FILE, named("model", b"no-such-model")), "model_not_found"),
], ids=range(7))
def test_forms_that_are_refused(place, body, code):
    answer = ask(place, body)
    assert answer.json()["error"]["code"] == code and answer.status_code in (400, 404)


def test_boundaries_that_are_none(place):
    body = form(FILE, named("model", b"whisper"))
    for kind in ("multipart/form-data", "multipart/form-data; boundary=" + "x" * 71,
                 "multipart/form-data; boundary=a; boundary=xyz"):
        assert ask(place, body, kind).json()["error"]["code"] == "malformed_form"


def test_a_page_is_no_sound(tmp_path, upstream):
    """A proxy's page with status 200 is no recording: it is a failure, as it is for chats."""
    def change(value):
        value["models"].append({"name": "tts", "provider": "openai", "capabilities": ["speech"],
                                "price": {"million_characters": 15}, "max_output": 0})
    gateway = process.Gateway(configuration.write(tmp_path, upstream, change=change).path).start()
    try:
        case = upstream.case(replies.html(200))
        body = json.dumps({"model": "tts", "input": "hello", "voice": "alloy",
                           "user": case.token}).encode()
        answer = wire.ask(gateway.port, body, path="/v1/audio/speech")
        assert case.requests and answer.status == 502, answer
        assert answer.error["code"] == "upstream_malformed" and b"<html" not in answer.body
    finally:
        gateway.stop()
