# SPDX-License-Identifier: MIT
"""`discovery`: the models of an upstream's list are served, and no more when it drops them."""
import http.server
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import configuration, process, wire
from support.waiting import until

CHANGES = {"interval": "1s", "timeout": "2s", "grace": "3s", "local": True}


class ListingUpstream:
    """An OpenAI-shaped server whose list a test changes."""

    def __init__(self):
        self.models, self.status, self.listings, self.asked = ["m-1", "m-2"], 200, 0, []
        self.seconds, self.refused = 0, {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self, status, value):
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                outer.listings += 1
                outer.authorization = self.headers["authorization"]
                self._answer(outer.refused.get(outer.authorization, outer.status), {
                    "object": "list", "data": [{"id": name, "object": "model"}
                                               for name in outer.models]})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.asked.append(body["model"])
                time.sleep(outer.seconds)
                self._answer(outer.status, {
                    "id": "c", "object": "chat.completion", "created": 1, "model": body["model"],
                    "choices": [{"index": 0, "finish_reason": "stop",
                                 "message": {"role": "assistant", "content": "Hi"}}],
                    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def listing():
    one = ListingUpstream()
    yield one
    one.close()


@pytest.fixture
def start(tmp_path, upstream, listing):
    started = []

    def run(discovery=None, **more):
        def change(value):
            key = {} if "api_keys" in more else {"api_key": "sk-secret"}
            value["gateways"].append({
                "name": "lister", "type": "vllm", "base_url": listing.url,
                "discovery": {**CHANGES, **(discovery or {})}, **key, **more})

        one = process.Gateway(configuration.write(tmp_path, upstream, change=change).path)
        started.append(one)
        return one.start()

    yield run
    for one in started:
        one.stop()


def _listed(gateway):
    return {model["id"] for model in
            wire.ask_json(gateway.port, "/v1/models", key=wire.KEY).json()["data"]}


def _origins(gateway):
    return {name: model["origin"] for name, model in gateway.models().items()}


def _chat(gateway, model):
    return wire.ask(gateway.port, wire.chat_body(model=model))


def test_models_come_and_go(start, listing):
    gateway = start()
    until(lambda: {"m-1", "m-2"} <= _listed(gateway), say=gateway.output)
    assert listing.authorization == "Bearer sk-secret"
    answer = _chat(gateway, "m-1")
    assert answer.status == 200 and answer.headers["x-gateway-model"] == "m-1", answer.body
    assert answer.headers["x-gateway-provider"] == "lister"
    assert _origins(gateway)["m-1"] == "discovered" and listing.asked == ["m-1"]
    before = gateway.metric('gateway_requests_total{model="gpt-4o",')
    # One that sorts before all others moves every index.
    listing.models = ["a-new-one", "m-1"]
    until(lambda: "a-new-one" in _listed(gateway))
    assert _origins(gateway)["m-2"] == "vanished"
    assert _chat(gateway, "m-2").status == 200, "still served"
    assert _chat(gateway, "gpt-4o").status == 200
    assert gateway.metric('gateway_requests_total{model="gpt-4o",') == before + 1
    assert gateway.metric('gateway_requests_total{model="discovered (lister)",') == 2
    until(lambda: "m-2" not in _listed(gateway))
    assert _chat(gateway, "m-2").status == 404
    assert gateway.metric('gateway_discovered_models{gateway="lister",state="listed"}') == 2
    assert gateway.metric(
        'gateway_discovery_changes_total{gateway="lister",change="removed"}') == 1
    log = gateway.output()
    assert "models discovered" in log and "a-new-one" in log and "sk-secret" not in log


def test_a_failing_list_changes_nothing(start, listing):
    gateway = start()
    until(lambda: "m-1" in _listed(gateway))
    listing.status = 503
    until(lambda: gateway.metric(
        'gateway_discoveries_total{gateway="lister",result="failure"}') >= 1)
    time.sleep(3.5)
    assert {"m-1", "m-2"} <= _listed(gateway), "the last good list stays beyond the grace"
    assert gateway.output().count("models not listed") == 1
    listing.status = 200
    until(lambda: _chat(gateway, "m-1").status == 200)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_key_that_is_refused_leaves_it_to_the_next(start, listing, status):
    listing.refused = {"Bearer sk-old": status}
    gateway = start({"interval": "1h"}, api_keys=["sk-old", "sk-secret"])
    # At once, and not somewhere in the interval.
    until(lambda: "m-1" in _listed(gateway), seconds=4, say=gateway.output)
    assert listing.listings == 2 and "models not listed" not in gateway.output()


def test_patterns_prefix_and_what_is_configured(start, listing):
    listing.models = ["gpt-4o", "x-1", "y-1", "x bad"]
    gateway = start({"models": ["x*", "gpt*"], "prefix": "far/"})
    until(lambda: "far/x-1" in _listed(gateway))
    listed = _listed(gateway)
    assert "far/gpt-4o" in listed and "far/y-1" not in listed and "y-1" not in listed
    assert _chat(gateway, "far/x-1").status == 200 and listing.asked == ["x-1"]
    assert gateway.metric('gateway_discovered_models{gateway="lister",state="ignored"}') == 1


def test_a_policy_reload_keeps_them_and_probes_follow(start, listing):
    """A health probe's verdict holds for models that came after it."""
    gateway = start(health_check={"interval": "100ms", "timeout": "500ms", "unhealthy_after": 2,
                                  "healthy_after": 1})

    def probes():
        return {name: model["deployments"][0]["probe"]
                for name, model in gateway.models().items()
                if model["deployments"] and model["deployments"][0]["gateway"] == "lister"}

    until(lambda: probes() == {"m-1": "healthy", "m-2": "healthy"}, say=probes)
    listing.models = ["m-1", "m-2", "m-3"]
    until(lambda: probes().get("m-3") == "healthy", say=probes)
    listing.status = 503
    until(lambda: set(probes().values()) == {"unhealthy"}, say=probes)
    assert _chat(gateway, "m-3").status == 503
    answer = wire.ask_json(gateway.policy_port, "/policies/reload", {})
    assert answer.status == 200 and "m-3" in _listed(gateway)
    listing.status = 200
    until(lambda: _chat(gateway, "m-3").status == 200, say=gateway.output)


def test_groups_and_aliases_take_them_up(tmp_path, upstream, listing):
    """In their places, while they are listed; before that what is configured serves alone."""
    def change(value):
        value["gateways"].append({
            "name": "lister", "type": "vllm", "base_url": listing.url,
            "discovery": {**CHANGES, "prefix": "far/"}})
        value["groups"] += [{"name": "mixed", "strategy": "order", "models": ["far/*", "gpt-4o"]}]
        value["aliases"] = {"the-one": "far/m-1"}
    listing.models = []
    gateway = process.Gateway(configuration.write(tmp_path, upstream, change=change).path).start()
    try:
        def served(name):
            answer = _chat(gateway, name)
            return answer.headers.get("x-gateway-model"), answer.status

        until(lambda: listing.listings)
        assert served("mixed") == ("gpt-4o", 200) and served("the-one")[1] == 404
        listing.models = ["m-1"]
        until(lambda: served("mixed") == ("far/m-1", 200), say=gateway.output)
        assert served("the-one") == ("far/m-1", 200)
        assert gateway.models()["far/m-1"]["groups"] == ["mixed"]
        assert {"mixed", "the-one", "far/m-1"} <= _listed(gateway)
        listing.models = []
        until(lambda: served("mixed") == ("gpt-4o", 200))
    finally:
        gateway.stop()


def test_an_account_that_has_no_models_but_these_is_limited(start, listing):
    """Its limit is shown before there is a model, and the wait for a place is measured."""
    listing.models = []
    gateway = start(concurrency={"maximum": 1, "queue": 5})
    label = '{gateway="lister"}'
    assert gateway.metric("gateway_concurrency_limit" + label) == 1
    listing.models, listing.seconds = ["m-1"], 0.3
    until(lambda: "m-1" in _listed(gateway))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: _chat(gateway, "m-1").status, range(2)))
    assert answers == [200, 200]
    assert gateway.metric("gateway_concurrency_wait_duration_seconds_count" + label) == 1


def test_what_is_configured_counts_more(tmp_path, upstream, listing):
    def change(value):
        value["gateways"].append({
            "name": "lister", "type": "vllm", "base_url": listing.url,
            "discovery": {**CHANGES, "prefix": "x-"}})
        value["model_routing"]["x-lone"] = {"gateways": ["upstream"], "local": True}
    listing.models = ["lone", "m-1"]
    gateway = process.Gateway(configuration.write(tmp_path, upstream, change=change).path).start()
    try:
        until(lambda: "x-m-1" in _listed(gateway), say=gateway.output)
        answer = _chat(gateway, "x-lone")
        assert answer.status == 200 and answer.headers["x-gateway-provider"] == "upstream"
        assert listing.asked == []
    finally:
        gateway.stop()


def test_it_ends_with_the_gateway(start, listing):
    gateway = start()
    until(lambda: "m-1" in _listed(gateway))
    gateway.terminate()
    assert gateway.wait() == 0
    count = listing.listings
    time.sleep(1.5)
    assert listing.listings == count
