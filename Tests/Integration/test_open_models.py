# SPDX-License-Identifier: MIT
"""Names that no model has, taken by patterns of `model_routing`."""
import json
import urllib.parse

import pytest
from support import configuration, process, providers, replies, wire
from support.fakes import FakeProvider

PRICE = {"input": 3, "output": 7}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, upstream):
    folder = tmp_path_factory.mktemp("open")
    log = folder / "access.log"

    def change(value):
        value["model_routing"] = {
            "dead-model": ["dead"], "*": ["upstream"],
            "new-*": {"gateways": ["upstream"], "price": PRICE},
            "upstream/*": {"gateways": ["upstream"], "local": True}}
        value["keys"] += [
            {"name": "narrow", "key": "sk-narrow-0123456789", "user": "narrow", "team": "t",
             "models": ["new-1", "gpt-4o"]}]

    written = configuration.write(
        folder, upstream, logging={"access_log": str(log)}, change=change)
    one = process.Gateway(written.path)
    one.start()
    one.log = log
    yield one
    one.stop()


def _ask(gateway, model, key=wire.KEY, **more):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hi"}], **more})
    return wire.ask(gateway.port, body.encode(), key=key)


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize("model, there", [
    ("new-1", "new-1"), ("upstream/some/model:7b", "some/model:7b")])
def test_an_unknown_name_goes_upstream(gateway, upstream, model, there, stream):
    case = upstream.case(replies.honest())
    answer = _ask(gateway, model, stream=stream, user=case.token)
    assert answer.status == 200, answer.body
    assert case.requests[0].json()["model"] == there
    assert answer.headers["x-gateway-model"] == model
    assert answer.headers["x-gateway-provider"] == "upstream"
    record = wire.ask_json(gateway.policy_port,
                           f"/decisions/{answer.headers['x-gateway-decision-id']}").json()
    text = json.dumps(record)
    assert f'"{model}"' in text and "of `model_routing` takes it" in text, text


def test_bodies_are_left_as_they_are(gateway, upstream):
    case = upstream.case(replies.honest())
    body = ('{ "user" : "%s","model":"new-\\u0031", "x":1.50,"messages":[{"role":"user",'
            '"content":"Hi"}]}' % case.token).encode()
    assert wire.ask(gateway.port, body).status == 200
    assert case.requests[0].json()["model"] == "new-1"
    assert b'"x":1.50' in case.requests[0].body


def test_what_it_costs_and_where_it_is_counted(gateway, upstream):
    case = upstream.case(replies.honest())
    assert _ask(gateway, "new-7", user=case.token).status == 200
    metrics = wire.ask(gateway.port, path="/metrics", method="GET").body.decode()
    cost = [line for line in metrics.splitlines()
            if line.startswith('gateway_cost_usd_total{model="new-*"')]
    assert cost and float(cost[0].split()[-1]) > 0, metrics
    assert "new-7" not in metrics, "names of clients make no series"
    lines = _lines(gateway, "new-7")
    assert lines[0]["model"] == "new-7" and float(lines[0]["cost_usd"]) > 0


def _lines(gateway, model):
    import time
    for _ in range(100):
        lines = [json.loads(line) for line in gateway.log.read_text().splitlines()]
        found = [line for line in lines if line.get("requested_model") == model]
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("no line")


@pytest.mark.parametrize("model", ["unpriced-1", "new-/../x", "new-1?x", "new-..//"])
def test_what_is_not_taken(gateway, model):
    answer = _ask(gateway, model)
    assert answer.status == 404 and answer.error["code"] == "model_not_found", answer.body
    if model == "unpriced-1":
        assert "routing.unpriced_models" in answer.error["message"]


def test_the_list_and_single_models(gateway):
    listed = wire.ask_json(gateway.port, "/v1/models", key=wire.KEY).json()["data"]
    assert not any("*" in model["id"] for model in listed)
    for name, status in [("new-9", 200), ("upstream/a", 200), ("unpriced-1", 404), ("new-*", 404)]:
        path = "/v1/models/" + urllib.parse.quote(name, safe="/")
        answer = wire.ask_json(gateway.port, path, key=wire.KEY)
        assert answer.status == status, (name, answer.body)
        if status == 200:
            assert answer.json()["id"] == name and answer.json()["owned_by"] == "upstream"
    models = {model["model"]: model["origin"]
              for model in wire.ask_json(gateway.policy_port, "/models").json()["data"]}
    assert models["new-*"] == "pattern" and models["gpt-4o"] == "configured"


def test_a_key_with_a_list(gateway, upstream):
    narrow = "sk-narrow-0123456789"
    case = upstream.case(replies.honest())
    assert _ask(gateway, "new-1", key=narrow, user=case.token).status == 200
    answer = _ask(gateway, "new-2", key=narrow)
    assert answer.status == 403 and "may not use" in answer.error["message"]
    assert wire.ask_json(gateway.port, "/v1/models/new-2", key=narrow).status == 404


def test_the_route_is_explained(gateway):
    answer = wire.ask_json(gateway.policy_port, "/route", {
        "requested_model": "upstream/z", "user_id": "u"}).json()
    text = json.dumps(answer)
    assert '"upstream/z"' in text and "`upstream/*` of `model_routing`" in text, text


@pytest.mark.parametrize("provider", list(providers.PROVIDERS))
def test_every_provider_is_asked_by_the_name(tmp_path, provider):
    kind, path, _ = providers.PROVIDERS[provider]
    with FakeProvider("--key", providers.KEY) as fake:
        one = providers.start(
            tmp_path, fake, model_routing={"*": {"gateways": ["it"], "local": True}},
            gateways=[{"name": "it", "type": kind, "base_url": fake.url + path,
                       "api_key": providers.KEY}])
        try:
            name = "claude-x-1" if "claude" in provider else "gemini-x-1"
            answer = _ask(one, name, max_tokens=10_000)
            assert answer.status in (200, 400, 404), answer.body
            asked = fake.requests()[-1]
            assert name in asked["target"] + asked["body"], asked
            assert "10000" in asked["body"], "no limit is made up"
        finally:
            one.stop()
