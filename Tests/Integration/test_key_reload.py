# SPDX-License-Identifier: MIT
"""SIGHUP reads the callers' keys anew."""
import json
import signal
import threading
import time

from support import process, providers, wire

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


def blocked(process):
    """The signals that wait, as a mask: signal n is bit n - 1."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(next(line.split()[1] for line in file if line.startswith("SigBlk")), 16)


def test_a_signal_during_the_start_waits(own_gateway):
    """Reading many keys takes a while; whoever has written them does not look whether the gateway
    serves already."""
    with open(own_gateway.configuration, encoding="utf-8") as file:
        value = json.load(file)
    value["keys"] += [{"name": f"k{number}", "key": f"sk-{number:032}"} for number in range(40_000)]
    own_gateway.stop()
    with open(own_gateway.configuration, "w", encoding="utf-8") as file:
        json.dump(value, file)
    again, sent = process.Gateway(own_gateway.configuration), []

    def send():
        wait(lambda: hasattr(again, "process") and blocked(again.process) & 1)
        again.process.send_signal(signal.SIGHUP)
        sent.append(len(again.ports))
    sender = threading.Thread(target=send)
    sender.start()
    try:
        again.start()
        sender.join()
        assert sent == [0], "before it listens"
        wait(lambda: said(again, '"keys unchanged"'), 20)
        assert not blocked(again.process) & 1, "and from then on at once"
        assert status(again, wire.KEY) == 200
    finally:
        again.stop()


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


def test_many_keys_hold_nothing_up(own_gateway):
    """They are read beside the control loop, which serves the policies and ends the gateway."""
    def many(value):
        value["keys"] += [{"name": f"k{number}", "key": f"sk-number-0123456789-{number}"}
                          for number in range(40_000)]

    change(own_gateway, many)
    start = time.monotonic()
    time.sleep(0.05)
    assert wire.ask(own_gateway.policy_port, b"", method="GET", path="/health").status == 200
    answered = time.monotonic() - start
    wait(lambda: said(own_gateway, '"keys reloaded"'), 60)
    assert answered < (time.monotonic() - start) / 2, "the loop waited for the keys"
    assert status(own_gateway, "sk-number-0123456789-39999") == 200
    change(own_gateway, lambda value: value["keys"].pop())
    time.sleep(0.05)
    start = time.monotonic()
    own_gateway.process.send_signal(signal.SIGTERM)
    assert own_gateway.process.wait(20) == 0
    assert time.monotonic() - start < 5
    assert len(said(own_gateway, '"keys reloaded"')) == 1, "it ended in the middle of a reload"


def test_thoughts_stay_with_their_key(tmp_path, provider_fake):
    """A reload gives a key's place in the table to another; what was kept does not go along."""
    question = {"role": "user", "content": 'Go [[script:reasoning=Hm.,call=f:{"a":"b"}]]'}
    request = {"model": "claude-sonnet-4-5", "reasoning_effort": "low", "max_tokens": 3000,
               "tools": [{"type": "function", "function": {"name": "f", "parameters": {
                   "type": "object", "properties": {"a": {"type": "string"}}}}}]}

    def ask(messages, key):
        body = json.dumps({**request, "messages": messages}).encode()
        answer = wire.ask(gateway.port, body, key=key)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)["choices"][0]["message"]

    def kinds(key):
        """Of the blocks that the provider is told the model had said."""
        ask([question, {"role": "assistant", "content": None, "tool_calls": calls},
             {"role": "tool", "tool_call_id": calls[0]["id"], "content": "21"}], key)
        sent = json.loads(provider_fake.requests()[-1]["body"])
        turn = next(one for one in sent["messages"] if one["role"] == "assistant")
        return [block["type"] for block in turn["content"]]

    first, mine = ({"name": name, "key": key} for name, key in
                   (("first", "sk-first-0123456789abcdef"), ("mine", wire.KEY)))
    gateway = providers.start(tmp_path, provider_fake, keys=[first, mine])
    try:
        calls = ask([question], wire.KEY)["tool_calls"]
        assert kinds(wire.KEY) == ["thinking", "tool_use"]
        change(gateway, lambda value: value.update(keys=[mine, {"name": "new", "key": NEW}]))
        wait(lambda: status(gateway, NEW) != 401)
        assert kinds(wire.KEY) == ["thinking", "tool_use"]
        assert kinds(NEW) == ["tool_use"]
    finally:
        gateway.stop()
