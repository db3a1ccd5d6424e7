# SPDX-License-Identifier: MIT
"""Hot reload: under load nothing fails and nothing is cut; a bad file changes nothing."""
import os
import signal
import threading
import time

import pytest
from support import configuration, process, replies, wire

FORBID = '''
@id("no-mini")
forbid (principal, action == "routing:select_model", resource == Model::"gpt-4o-mini");
'''


def replace(gateway, text):
    """Puts another text in the policies' place in one step, as an editor or a deployment does."""
    fresh = gateway.policies.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, gateway.policies)


def reload(gateway):
    return wire.ask_json(gateway.policy_port, "/policies/reload", {})


def test_reload_changes_decisions(own_gateway):
    assert wire.ask(own_gateway.port, wire.chat_body()).status == 200
    replace(own_gateway, own_gateway.policy_text + FORBID)
    answer = reload(own_gateway)
    assert answer.status == 200, answer.body
    refused = wire.ask(own_gateway.port, wire.chat_body())
    assert refused.status == 403 and b"no-mini" in refused.body
    replace(own_gateway, own_gateway.policy_text)
    assert reload(own_gateway).status == 200
    assert wire.ask(own_gateway.port, wire.chat_body()).status == 200


def test_a_bad_file_never_replaces_the_running_set(own_gateway):
    replace(
        own_gateway, own_gateway.policy_text
        + "permit (principal, action, resource) when { context.x <> };\n"
        + "forbid (principal action, resource);\n")
    answer = reload(own_gateway)
    assert answer.status == 422, answer.body
    text = answer.body.decode()
    assert own_gateway.policies.name in text and "line" in text
    assert wire.ask(own_gateway.port, wire.chat_body()).status == 200
    assert wire.ask(own_gateway.port, wire.chat_body(model="forbidden-model")).status == 403
    replace(own_gateway, own_gateway.policy_text)
    assert reload(own_gateway).status == 200


def wait_for_status(gateway, status, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if wire.ask(gateway.port, wire.chat_body()).status == status:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("way", ["signal", "watch"])
def test_signal_and_watch_reload_too(own_gateway, way):
    for text, status in ((own_gateway.policy_text + FORBID, 403), (own_gateway.policy_text, 200)):
        replace(own_gateway, text)
        if way == "signal":
            os.kill(own_gateway.process.pid, signal.SIGHUP)
        assert wait_for_status(own_gateway, status), f"not reloaded by {way}"


class Load:
    """Chats and streams from several threads until `stop`; counts what failed."""

    def __init__(self, gateway, upstream, threads=6):
        self.gateway, self.halt = gateway, threading.Event()
        self.chats = self.streams = 0
        self.failures = []
        tokens = [f" {number}" for number in range(20)]
        self.case = upstream.case(replies.honest(tokens=tokens, delay=0.005))
        self.threads = [threading.Thread(target=self._run, args=(index % 2 == 0,), daemon=True)
                        for index in range(threads)]

    def _run(self, stream):
        connection = None
        while not self.halt.is_set():
            try:
                connection = connection or wire.Wire(self.gateway.port, 60)
                body = wire.chat_body(self.case.token, stream=stream)
                connection.send(wire.request(body))
                self._judge(connection.answer(), stream)
            except (OSError, wire.Closed) as error:
                self.failures.append(repr(error))
                connection = None

    def _judge(self, answer, stream):
        whole = answer.status == 200 and answer.clean
        if stream:
            events = answer.events()
            whole = whole and events and events[-1] == "[DONE]" and len(events) == 23
            self.streams += 1
        else:
            self.chats += 1
        if not whole:
            self.failures.append((answer.status, answer.body[-300:]))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.halt.set()
        for thread in self.threads:
            thread.join(20)


@pytest.mark.timeout(120)
def test_200_reloads_under_load(own_gateway, upstream):
    with Load(own_gateway, upstream) as load:
        for number in range(200):
            replace(
                own_gateway, own_gateway.policy_text + f"// version {number}\n"
                + f'@id("v{number}") forbid (principal, action, resource == Model::"none");\n')
            answer = reload(own_gateway)
            assert answer.status == 200, (number, answer.body)
        # Two hundred reloads may be over before ten streams are.
        end = time.monotonic() + 20
        while (load.chats <= 50 or load.streams <= 10) and time.monotonic() < end:
            time.sleep(0.05)
    assert not load.failures, (len(load.failures), load.failures[:3])
    assert load.chats > 50 and load.streams > 10


@pytest.mark.timeout(120)
def test_bad_reloads_under_load(own_gateway, upstream):
    with Load(own_gateway, upstream, threads=4) as load:
        for number in range(50):
            good = number % 2 == 0
            replace(
                own_gateway, own_gateway.policy_text + ("" if good else "permit (;"))
            assert reload(own_gateway).status == (200 if good else 422)
    assert not load.failures, (len(load.failures), load.failures[:3])


def value(text, sample):
    """The sample's value; 0 before it is first written."""
    found = [line for line in text.splitlines() if line.startswith(sample + " ")]
    return float(found[0].rsplit(" ", 1)[1]) if found else 0.0


def reload_metrics(gateway):
    answer = wire.ask(gateway.port, path="/metrics", method="GET", key=None)
    text = answer.body.decode()
    results = ("applied", "unchanged", "refused")
    counts = [value(text, f'gateway_policy_reloads_total{{result="{name}"}}') for name in results]
    return [int(number) for number in (*counts, value(text, "gateway_policies"))]


def settled(read, wanted, seconds=5):
    """What `read` gives once it is `wanted`, or at the end: counters may trail the answer."""
    end = time.monotonic() + seconds
    while read() != wanted and time.monotonic() < end:
        time.sleep(0.02)
    return read()


@pytest.fixture
def unwatched_gateway(tmp_path, upstream):
    made = configuration.write(
        tmp_path, upstream, policies={"paths": ["policies"], "watch": False})
    gateway = process.Gateway(made.path)
    gateway.__dict__.update(made.facts)
    yield gateway.start()
    assert gateway.stop() == 0


def test_reloads_over_http_are_counted_and_logged(unwatched_gateway):
    gateway = unwatched_gateway

    def expect(*wanted):
        assert settled(lambda: reload_metrics(gateway), list(wanted)) == list(wanted)

    def roll_back(body):
        return wire.ask_json(gateway.policy_port, "/policies/rollback", body).status

    expect(1, 0, 0, 2)
    assert reload(gateway).json()["changed"] is False
    expect(1, 1, 0, 2)
    replace(gateway, gateway.policy_text + FORBID)
    assert reload(gateway).status == 200
    expect(2, 1, 0, 3)
    assert roll_back({}) == 200
    expect(3, 1, 0, 2)
    assert roll_back({"version": "none"}) == 404
    replace(gateway, "permit (")
    assert reload(gateway).status == 422
    expect(3, 1, 1, 2)
    for cause, text in (("request", "policies unchanged"), ("request", "policies reloaded"),
                        ("rollback", "policies reloaded"), ("request", "policies refused")):
        def logged():
            return any(text in line and f'"cause":"{cause}"' in line.replace(": ", ":")
                       for line in gateway.lines)
        assert settled(logged, True), (cause, text, gateway.output())
