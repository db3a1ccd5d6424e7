# SPDX-License-Identifier: MIT
"""Signed requests, compared byte for byte with what botocore signs, and their clock."""
import datetime
import email.utils
import json

import pytest
from support import credentials, fakes, replies, wire

botocore = pytest.importorskip("botocore", reason="run Tests/Integration/setup.sh first")
from botocore import auth, awsrequest  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402

KEYS = {"access_key_id": "AKIDEXAMPLE",
        "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLE"}
# Base paths with model ids as they are sent: percent-encoded once.
PATHS = {
    "plain": "/model/amazon.nova-lite",
    "colon": "/model/anthropic.claude-3-haiku-20240307-v1%3A0",
    "raw-colon": "/model/anthropic.claude-3-haiku-20240307-v1:0",
    "arn": "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Aapplication-inference-profile"
           "%2Fabc123",
    "slash": "/model/meta/llama",
    "space": "/model/my%20model",
    "unicode": "/model/%E6%A8%A1%E5%9E%8B",
    "signs": "/model/a%2Bb~c!d%26e%3Df$g(h)*i'",
    "dots": "/v1/model/a.b-c_d",
}


def botocore_authorization(request, token=None, region="eu-west-1"):
    """What botocore would have signed: the same method, URL, fields and body at the same time."""
    when = datetime.datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    fields = {"Host": request.headers["host"]}
    if "content-type" in request.headers:
        fields["content-type"] = request.headers["content-type"]
    again = awsrequest.AWSRequest(
        method=request.method, url=f"http://{request.headers['host']}{request.path}",
        data=request.body, headers=fields)
    signer = auth.SigV4Auth(
        Credentials(KEYS["access_key_id"], KEYS["secret_access_key"], token), "bedrock", region)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auth, "get_current_datetime", lambda *_, **__: when)
        signer.add_auth(again)
    assert again.headers["X-Amz-Date"] == request.headers["x-amz-date"]
    return again.headers["Authorization"]


def accounts(upstream):
    base = upstream.url.removesuffix("/v1")
    return [credentials.gateway(base + path, "bedrock", name, region="eu-west-1",
                                auth={"type": "aws", **KEYS})
            for name, path in PATHS.items()]


@pytest.fixture(scope="module")
def signing(tmp_path_factory, upstream):
    gateways = accounts(upstream)
    models = ("gpt-4o", "gpt-4o-mini", "breaker-model", "dead-model")
    # Four accounts at a time have a model; the others are reached through two more gateways.
    started = []
    for number, start in enumerate(range(0, len(gateways), len(models))):
        part = gateways[start:start + len(models)]
        routing = {model: [one["name"]] for model, one in zip(models, part)}
        folder = tmp_path_factory.mktemp(f"signing-{number}")
        context = credentials.serving(folder, upstream, part, routing)
        one = context.__enter__()
        started.append((context, one, {one_["name"]: m for m, one_ in zip(models, part)}))
    yield {name: (one, model) for _, one, names in started for name, model in names.items()}
    for context, _, _ in started:
        context.__exit__(None, None, None)


@pytest.mark.parametrize("name", PATHS)
def test_requests_are_signed_as_botocore_signs_them(signing, upstream, name):
    gateway, model = signing[name]
    for text in ("hello", "ä\n\"quoted\" 模型", ""):
        case = upstream.case()
        answer = credentials.ask(gateway, case, model=model,
                                 messages=[{"role": "user", "content": text}])
        assert answer.status == 200, answer.body
        request = case.requests[-1]
        assert request.path.startswith(PATHS[name])
        assert request.headers["authorization"] == botocore_authorization(request)
        assert "x-amz-security-token" not in request.headers


def test_a_large_body_is_signed_whole(signing, upstream):
    """More than one window of the transport, with an edit in it."""
    gateway, model = signing["plain"]
    case = upstream.case()
    answer = credentials.ask(gateway, case, model=model, stream=True,
                             messages=[{"role": "user", "content": "x" * 700_000}])
    assert answer.status == 200
    request = case.requests[-1]
    assert len(request.body) > 700_000
    assert request.headers["authorization"] == botocore_authorization(request)


def test_the_clients_own_signature_does_not_pass(signing, upstream):
    gateway, model = signing["plain"]
    case = upstream.case()
    body = json.dumps(json.loads(wire.chat_body(case.token, model=model))).encode()
    fields = ["x-amz-date: 20000101T000000Z", "X-Amz-Security-Token: of the client",
              "x-amz-content-sha256: " + "0" * 64]
    with wire.Wire(gateway.port) as one:
        one.send(wire.request(body, headers=fields))
        assert one.answer().status == 200
    request = case.requests[-1]
    assert "x-amz-security-token" not in request.headers
    assert "x-amz-content-sha256" not in request.headers
    assert request.headers["authorization"] == botocore_authorization(request)


def skewed(seconds, text):
    date = email.utils.formatdate(
        datetime.datetime.now(datetime.timezone.utc).timestamp() + seconds, usegmt=True)
    return replies.status(403, {"message": text}, {"date": date})


@pytest.mark.parametrize("seconds", [900, -900])
def test_a_clock_that_is_off_is_corrected_once(tmp_path, upstream, seconds):
    gateways = accounts(upstream)[:1]
    refusal = skewed(seconds, "Signature expired: 2 is now earlier than 1")
    with credentials.serving(tmp_path / "gateway", upstream, gateways) as gateway:
        case = upstream.case(refusal, replies.honest())
        assert credentials.ask(gateway, case).status == 200
        first, second = (datetime.datetime.strptime(r.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
                         for r in case.requests)
        assert abs((second - first).total_seconds() - seconds) <= 2
        assert case.requests[1].headers["authorization"] == \
            botocore_authorization(case.requests[1])
        # From now on at once.
        case = upstream.case()
        assert credentials.ask(gateway, case).status == 200
        assert len(case.requests) == 1
        third = datetime.datetime.strptime(case.requests[0].headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        assert abs((third - first).total_seconds() - seconds) <= 5


def test_a_refusal_that_stays_is_told_as_the_gateways_trouble(tmp_path, upstream):
    gateways = accounts(upstream)[:1]
    with credentials.serving(tmp_path / "gateway", upstream, gateways) as gateway:
        case = upstream.case(skewed(900, "Signature expired"))
        answer = credentials.ask(gateway, case)
        assert answer.status == 502 and answer.error["code"] == "upstream_auth_error"
        assert len(case.requests) == 2
        assert KEYS["secret_access_key"] not in gateway.output(1000)


MODEL_IDS = ["anthropic.claude-3-haiku-20240307-v1:0",
             "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0"]


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize("model", MODEL_IDS, ids=["colon", "arn"])
def test_translated_requests_are_signed_for_converse(tmp_path, upstream, model, stream):
    """OpenAI in, Converse out: the fake computes each signature again."""
    key = f"{KEYS['access_key_id']}:{KEYS['secret_access_key']}"
    with fakes.FakeProvider("--wire", "bedrock", "--signing-key", key) as fake:
        account = {"name": "bedrock", "type": "bedrock", "base_url": fake.url,
                   "region": "eu-west-1", "auth": {"type": "aws", **KEYS},
                   "upstream_models": {"gpt-4o-mini": model}}
        with credentials.serving(tmp_path / "gateway", upstream, [account]) as gateway:
            answer = credentials.ask(gateway, stream=stream)
            assert answer.status == 200, answer.body
            assert answer.clean and (not stream or answer.events()[-1] == "[DONE]")
        # Another secret: the provider refuses, and the client is told whose trouble that is.
        account["auth"] = {"type": "aws", **KEYS, "secret_access_key": "wrong"}
        with credentials.serving(tmp_path / "wrong", upstream, [account]) as gateway:
            answer = credentials.ask(gateway, stream=stream)
            assert answer.status == 502 and answer.error["code"] == "upstream_auth_error"
