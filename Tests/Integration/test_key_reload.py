# SPDX-License-Identifier: MIT
"""SIGHUP reads the callers' keys anew."""
import json
import signal
import threading
import time

from support import wire

NEW = "sk-another-0123456789abcdef"


def change(gateway, edit):
    with open(gateway.configuration, encoding="utf-8") as file:
        value = json.load(file)
    edit(value)
    with open(gateway.configuration, "w", encoding="utf-8") as file:
        json.dump(value, file)
    gateway.process.send_signal(signal.SIGHUP)


def status(gateway, key):
    return wire.ask(gateway.port, wire.chat_body(), key=key).status


def wait(ready, seconds=5):
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.02)


def said(gateway, words):
    return [line for line in gateway.lines if words in line]


def test_keys_come_and_go(own_gateway):
    assert status(own_gateway, wire.KEY) == 200 and status(own_gateway, NEW) == 401
    change(own_gateway, lambda value: value["keys"].append(
        {"name": "second", "key": NEW, "models": ["gpt-4o"]}))
    wait(lambda: status(own_gateway, NEW) != 401)
    assert status(own_gateway, NEW) == 403, "it may ask for one model only"
    assert wire.ask(own_gateway.port, wire.chat_body(model="gpt-4o"), key=NEW).status == 200
    with wire.Wire(own_gateway.port) as kept:
        kept.send(wire.request(wire.chat_body()))
        assert kept.answer().status == 200
        change(own_gateway, lambda value: value["keys"].pop(0))
        wait(lambda: status(own_gateway, wire.KEY) == 401)
        kept.send(wire.request(wire.chat_body()))
        assert kept.answer().status == 401, "a connection does not keep a key alive"
    assert wire.ask(own_gateway.port, wire.chat_body(model="gpt-4o"), key=NEW).status == 200
    assert said(own_gateway, '"keys reloaded"') and NEW not in own_gateway.output(1000)


def test_a_mistake_leaves_the_running_keys(own_gateway):
    change(own_gateway, lambda value: value.update(workerz=1, keys=[]))
    wait(lambda: said(own_gateway, "keys not reloaded"))
    assert "workerz" in said(own_gateway, "keys not reloaded")[0]
    assert wire.KEY not in own_gateway.output(1000)
    assert status(own_gateway, wire.KEY) == 200


def test_no_request_is_lost_meanwhile(own_gateway):
    seen, ended = [], threading.Event()

    def ask():
        while not ended.is_set():
            seen.append(status(own_gateway, wire.KEY))

    thread = threading.Thread(target=ask)
    thread.start()
    for number in range(20):
        change(own_gateway, lambda value, number=number: value["keys"].append(
            {"name": f"k{number}", "key": f"sk-number-0123456789-{number}"}))
        time.sleep(0.02)
    wait(lambda: status(own_gateway, "sk-number-0123456789-19") == 200)
    ended.set()
    thread.join(10)
    assert seen and set(seen) == {200}
