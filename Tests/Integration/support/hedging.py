# SPDX-License-Identifier: MIT
"""Gateways whose policies hedge, replies by the model asked for, and what their metrics count."""
import json
import time
from contextlib import contextmanager

from . import configuration, process, replies, wire

DELAY_SECONDS = 0.15
# A loop counts whole milliseconds, of both ends of a pause.
EARLY_SECONDS = 0.005
FIRST, SECOND = "gpt-4o", "gpt-4o-mini"
POLICIES = '''\
// SPDX-License-Identifier: MIT
@id("base")
permit (principal, action == Action::"routing:select_model", resource);

@id("hedged")
@priority(10)
@hedge("%s")
permit (principal, action == Action::"routing:select_model", resource)
when { context.requested_model == "smart" || context.requested_model == "gpt-4o" };
'''
OUTCOMES = ("won", "lost", "failed", "abandoned", "withheld")


@contextmanager
def serving(folder, upstream, delay="150ms", environment=None, change=lambda _: None, **options):
    """A gateway where `smart` is asked of two models in turn, the second after `delay`, and `plain`
    of the same ones without; `change` may alter its configuration."""
    folder.mkdir(exist_ok=True)
    made = configuration.write(folder, upstream, **{"retries": True, **options})
    made.facts["policies"].write_text(POLICIES % delay, encoding="utf-8")
    with open(made.path, encoding="utf-8") as file:
        value = json.load(file)
    value["groups"].append({"name": "plain", "strategy": "order", "models": [FIRST, SECOND]})
    value["timeouts"] = {**value["timeouts"], "first_header": "3s", "first_token": "3s"}
    change(value)
    with open(made.path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    gateway = process.Gateway(made.path, environment=environment).start()
    gateway.__dict__.update(made.facts, key=wire.KEY)
    try:
        yield gateway
    except BaseException:
        print(gateway.output())
        gateway.stop()
        raise
    assert gateway.stop() == 0, gateway.output()


def by_model(first, second):
    """One reply for the first model, another for the second."""
    async def reply(exchange):
        await (first if exchange.request.json()["model"] == FIRST else second)(exchange)
    return reply


def later(seconds, reply):
    async def wait(exchange):
        await replies.asyncio.sleep(seconds)
        await reply(exchange)
    return wait


def silent():
    """Nothing, until the gateway leaves."""
    return replies.raw(b"", end="hang")


def ask(gateway, case, stream=False, model="smart", seconds=15, **more):
    body = wire.chat_body(case.token if case else None, model=model, stream=stream, **more)
    return wire.ask(gateway.port, body, seconds=seconds)


def text_of(answer):
    """What a client makes of a whole answer or a stream, with how often it was told the end."""
    if not answer.headers["content-type"].startswith("text/event-stream"):
        return answer.json()["choices"][0]["message"]["content"], 1
    text, ends = "", 0
    for event in answer.events():
        if event == "[DONE]":
            ends += 1
            continue
        for choice in json.loads(event).get("choices", []):
            text += choice["delta"].get("content") or ""
    return text, ends


class Counts:
    """What the metrics of hedging have grown by since it was made."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.start = self._read()

    def _read(self):
        answer = wire.ask(self.gateway.port, path="/metrics", method="GET", key=None)
        assert answer.status == 200
        return {name: float(value) for name, _, value in (
            line.rpartition(" ") for line in answer.body.decode().splitlines()
            if not line.startswith("#"))}

    def grown(self):
        """Hedges started and by outcome, attempts by model and outcome, where not 0."""
        # An answer is out a moment before its exchange is settled.
        time.sleep(0.05)
        now, found = self._read(), {}
        for name, value in now.items():
            change = value - self.start.get(name, 0)
            if not change:
                continue
            if name == "gateway_hedges_started_total":
                found["started"] = change
            for outcome in OUTCOMES:
                if name == f'gateway_hedges_total{{outcome="{outcome}"}}':
                    found[outcome] = change
            if name.startswith("gateway_upstream_attempts_total"):
                labels = dict(part.split("=") for part in name[name.index("{") + 1:-1].split(","))
                key = (labels["model"].strip('"'), labels["outcome"].strip('"'))
                found[key] = found.get(key, 0) + change
        return found
