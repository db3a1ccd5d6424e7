# SPDX-License-Identifier: MIT
"""Active health probes: an upstream that fails is left alone, and let in again for nothing."""
import json
import urllib.error
import urllib.request

import pytest
from support import providers, wire
from support.fakes import FakeProvider
from support.waiting import until

PROBES = {"interval": "100ms", "timeout": "500ms", "unhealthy_after": 2, "healthy_after": 2}
# Requests alone would never open these circuits.
LAZY = {"minimum_volume": 1_000_000, "consecutive_failures": 127, "cool_down": "60s",
        "cool_down_maximum": "60s"}


def _chat(gateway, model):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hi"}]}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{gateway.port}/v1/chat/completions", data=body,
        headers={"authorization": f"Bearer {wire.KEY}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def _gateways(fake, **check):
    return [{"name": name, "type": kind, "base_url": fake.url + path, "api_key": providers.KEY,
             "health_check": {**PROBES, **check}}
            for name, (kind, path, _) in providers.PROVIDERS.items()] + [
           {"name": name, "type": kind, "base_url": fake.url + path, "api_key": providers.KEY}
           for name, (kind, path, _) in providers.EMBEDDERS.items()]


@pytest.fixture
def own_fake():
    with FakeProvider("--key", providers.KEY) as one:
        yield one


@pytest.mark.parametrize("kind", ["models", "chat"])
def test_every_provider_fails_and_recovers(tmp_path, own_fake, kind):
    gateway = providers.start(tmp_path, own_fake, gateways=_gateways(own_fake, kind=kind),
                              circuit_breaker=LAZY)
    try:
        def verdicts():
            return {name: model["deployments"][0]["probe"]
                    for name, model in gateway.models().items()
                    if name in providers.PROVIDERS}

        until(lambda: set(verdicts().values()) == {"healthy"}, say=verdicts)
        assert gateway.models()["nomic-embed-text"]["deployments"][0]["probe"] is None
        assert _chat(gateway, "gpt-4o") == 200
        own_fake.standing("status=503")
        until(lambda: set(verdicts().values()) == {"unhealthy"}, say=verdicts)
        assert {model["circuit"] for name, model in gateway.models().items()
                if name in providers.PROVIDERS} == {"open"}
        own_fake.forget()
        assert _chat(gateway, "gpt-4o") == 503
        bodies = [request["body"] for request in own_fake.requests()]
        assert not any("Hi" in body for body in bodies), "no request is spent on it"
        text = gateway.metrics()
        assert 'gateway_probe_state{gateway="gpt-4o"} 2' in text
        assert 'gateway_probes_total{gateway="gpt-4o",result="failure"}' in text
        with urllib.request.urlopen(f"http://127.0.0.1:{gateway.port}/health/readiness",
                                    timeout=10) as answer:
            assert answer.status == 200
        own_fake.standing()
        until(lambda: set(verdicts().values()) == {"healthy"}, say=verdicts)
        for name in providers.PROVIDERS:
            assert _chat(gateway, name) == 200, name
        assert 'gateway_probe_state{gateway="gpt-4o"} 0' in gateway.metrics()
        log = gateway.output()
        # Transitions only.
        assert log.count("upstream is unhealthy") == len(providers.PROVIDERS)
        assert log.count("upstream is healthy") == 2 * len(providers.PROVIDERS)
    finally:
        gateway.stop()


def test_signed_probes(tmp_path):
    signing = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    identifier, secret = signing.split(":")
    with FakeProvider("--wire", "bedrock", "--signing-key", signing) as fake:
        models = {"bedrock-claude": providers.PROVIDERS["bedrock-claude"]}
        gateway = providers.start(
            tmp_path, fake, models, model_routing={"*": ["aws"]},
            gateways=[{"name": "aws", "type": "bedrock", "base_url": fake.url,
                       "region": "us-east-1", "health_check": PROBES,
                       "auth": {"type": "aws", "region": "us-east-1",
                                "access_key_id": identifier, "secret_access_key": secret}}])
        try:
            until(lambda: gateway.models()["bedrock-claude"]["deployments"][0][
                "probe"] == "healthy")
            probes = fake.requests()
            assert {request["target"] for request in probes} == {"/foundation-models"}
            assert all(dict(request["headers"])["authorization"].startswith("AWS4-HMAC-SHA256")
                       for request in probes)
        finally:
            gateway.stop()


def test_azure_by_its_older_paths(tmp_path):
    """The list, chats and paths of one's own have the version that Azure asks for."""
    version = "2024-10-21"
    for kind, path in [("models", None), ("models", "/openai/models"), ("chat", None)]:
        folder = tmp_path / f"{kind}-{path is not None}"
        folder.mkdir()
        check = {**PROBES, "kind": kind, **({"path": path} if path else {})}
        with FakeProvider("--wire", "azure", "--key", providers.KEY) as fake:
            gateway = providers.start(
                folder, fake, {"gpt-4o": ("azure", "", None)}, model_routing={"gpt-4o": ["az"]},
                gateways=[{"name": "az", "type": "azure", "base_url": fake.url,
                           "api_key": providers.KEY, "api_version": version,
                           "health_check": check}])
            try:
                until(lambda: gateway.models()["gpt-4o"]["deployments"][0][
                    "probe"] == "healthy", say=gateway.output)
                targets = {request["target"] for request in fake.requests()}
                wanted = ("/openai/deployments/gpt-4o/chat/completions" if kind == "chat"
                          else "/openai/models")
                assert targets == {f"{wanted}?api-version={version}"}
            finally:
                gateway.stop()


def test_a_gateway_that_is_called_like_anothers_second_key(tmp_path, own_fake):
    """Its metrics have labels of their own all the same."""
    gateways = [{"name": "up", "type": "vllm", "base_url": own_fake.url + "/v1",
                 "api_keys": [providers.KEY, "another-key"], "health_check": PROBES},
                {"name": "up#2", "type": "vllm", "base_url": own_fake.url + "/v1",
                 "api_key": providers.KEY, "health_check": PROBES}]
    gateway = providers.start(tmp_path, own_fake, gateways=gateways,
                              model_routing={"*": ["up", "up#2"]})
    try:
        metrics = gateway.metrics()
        for label in ["up", "up#2", "up#2'"]:
            assert f'gateway_probe_state{{gateway="{label}"}}' in metrics
    finally:
        gateway.stop()


def test_a_chat_probe_asks_no_model_of_unknown_price(tmp_path, own_fake):
    models = [{"name": name, "provider": "openai", "capabilities": ["chat"],
               **({"price": price} if price else {})}
              for name, price in [("dear-unknown", None), ("known", {"input": 9, "output": 9})]]
    gateway = providers.start_with(
        tmp_path, own_fake, {
            "models": models, "model_routing": {"*": ["up"]},
            "gateways": [{"name": "up", "type": "vllm", "base_url": own_fake.url + "/v1",
                          "api_key": providers.KEY, "health_check": {**PROBES, "kind": "chat"}}]})
    try:
        until(lambda: own_fake.requests())
        assert {json.loads(request["body"])["model"] for request in own_fake.requests()
                if request["body"]} == {"known"}
    finally:
        gateway.stop()
