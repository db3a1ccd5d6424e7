# SPDX-License-Identifier: MIT
"""`gateway translate` shows what the gateway sends, also where it sends what came."""
import json
import subprocess

import pytest
from support import process, providers, wire

CHAT = {"model": "m", "max_tokens": 99, "unheard": {"of": 1},
        "messages": [{"role": "user", "content": "Hi"}]}
GEMINI = {"contents": [{"parts": [{"text": "Hi"}]}], "labels": {"a": "b"}}
CONVERSE = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "unheard": 1}


def translate(body, *arguments, code=0):
    run = subprocess.run(
        [process.binary(), "translate", *arguments, "-"], input=json.dumps(body), text=True,
        capture_output=True, timeout=20, check=False)
    assert run.returncode == code, run.stderr
    return run


def made(body, start, end, model="m"):
    run = translate(body, "--from", start, "--to", end, "--model", model, "--format", "json")
    return json.loads(run.stdout)


@pytest.mark.parametrize("start, end, body", [
    ("openai", "openai", CHAT), ("openai", "vllm", CHAT), ("anthropic", "anthropic", CHAT),
    ("responses", "openai-responses", {"model": "m", "input": "Hi", "unheard": 1}),
    ("gemini", "gemini", GEMINI), ("bedrock", "bedrock", CONVERSE)])
def test_one_api_passes(start, end, body):
    shown = made(body, start, end)
    assert shown["passes"] and shown["body"] == body and not shown["losses"]


@pytest.mark.parametrize("start, end", [
    ("openai", "anthropic"), ("openai", "deepseek"), ("openai", "xai"), ("anthropic", "bedrock")])
def test_others_are_translated(start, end):
    shown = made(CHAT, start, end)
    assert not shown["passes"]
    # Members that nobody knows go on within one family.
    family = end in ("deepseek", "xai")
    assert any(loss["parameter"] == "unheard" for loss in shown["losses"]) != family


def test_googles_cloud_speaks_three_apis():
    shown = made(CHAT, "anthropic", "vertex", "claude-sonnet-4-5")
    assert shown["passes"] and "model" not in shown["body"]
    assert shown["path"] == "/publishers/anthropic/models/claude-sonnet-4-5:rawPredict"
    shown = made(GEMINI, "gemini", "vertex", "gemini-2.5-flash")
    assert shown["passes"] and shown["body"]["contents"][0]["role"] == "user"
    assert shown["path"] == "/publishers/google/models/gemini-2.5-flash:generateContent"
    shown = made(CHAT, "openai", "vertex", "meta/llama-4")
    assert shown["path"] == "/endpoints/openapi/chat/completions"


def test_what_passes_goes_without_thoughts_of_others():
    thought = {"type": "thinking", "thinking": "t", "signature": "google#c2ln"}
    turn = {"role": "assistant", "content": [thought, {"type": "text", "text": "Hello"}]}
    body = {**CHAT, "messages": [*CHAT["messages"], turn, *CHAT["messages"]]}
    for end in ("anthropic", "vertex"):
        shown = made(body, "anthropic", end, "claude-sonnet-4-5")
        assert shown["passes"] and shown["body"]["unheard"] == {"of": 1}
        assert shown["body"]["messages"][1]["content"] == turn["content"][1:]
        assert [loss["parameter"] for loss in shown["losses"]] == ["reasoning of earlier turns"]
    run = translate(body, "--from", "anthropic", "--to", "anthropic")
    assert run.stderr.splitlines()[1].startswith("all else passes as it is")


def test_it_is_what_is_sent(provider_gateway, provider_fake):
    for model, (kind, _, upstream) in providers.PROVIDERS.items():
        end = {"google": "gemini"}.get(kind, kind)
        body = {"model": model, "max_tokens": 99, "seed": 7,
                "messages": [{"role": "user", "content": "Hi"}]}
        provider_fake.forget()
        assert wire.ask(provider_gateway.port, json.dumps(body).encode()).status == 200
        sent = json.loads(provider_fake.requests()[-1]["body"])
        shown = made(body, "openai", end, upstream or model)["body"]
        # How much the model reads is said by the configuration.
        shown.get("options", {}).pop("num_ctx", None), sent.get("options", {}).pop("num_ctx", None)
        assert shown == sent, model


def test_what_happened_is_said_in_words():
    run = translate(CHAT, "--from", "anthropic", "--to", "anthropic")
    assert run.stderr == "it passes as it is: client and provider speak one API\n"
    run = translate({"model": "m", "messages": []}, "--to", "nowhere", code=64)
    assert "--to does not know `nowhere`" in run.stderr
