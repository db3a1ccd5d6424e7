# SPDX-License-Identifier: MIT
"""Each provider's stream of a tool-calling answer is broken at every byte: the client sees an
error, never a clean end, never a double byte, and nothing is left behind."""
import concurrent.futures
import json
import time

import pytest
from support import providers, wire

MODELS = ["gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash", "bedrock-claude", "llama3"]
TOOL = {"type": "function", "function": {"name": "f", "parameters": {
    "type": "object", "properties": {"a": {"type": "string"}}}}}
SCRIPT = 'before=So é,call=f:{"a":"b"},chunk_tokens=2,id=cut'
PARALLEL = 24


def ask(gateway, model, fault=""):
    body = {"model": model, "stream": True, "tools": [TOOL],
            "stream_options": {"include_usage": True},
            "messages": [{"role": "user", "content": f"Go [[script:{SCRIPT}{fault}]]"}]}
    return wire.ask(gateway.port, json.dumps(body).encode(), seconds=20)


def content(answer):
    """What a client would have taken from the events, and whether they end well or badly."""
    text, is_done, has_error = "", False, False
    for event in answer.events():
        if event == "[DONE]":
            is_done = True
            continue
        chunk = json.loads(event)
        has_error = has_error or "error" in chunk
        for choice in chunk.get("choices", []):
            delta = choice["delta"]
            text += delta.get("content") or ""
            for call in delta.get("tool_calls", []):
                text += (call["function"].get("name") or "") + call["function"]["arguments"]
    return text, is_done, has_error


def break_everywhere(gateway, model, check, places, parallel):
    """Checks all places; a whole answer now and then keeps the circuit closed, which opens at 127
    failures in a row."""
    places = list(places)
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        for start in range(0, len(places), 100):
            list(pool.map(check, places[start:start + 100]))
            # On a busy machine the fake may need a moment after a hundred streams at once.
            assert any(content(ask(gateway, model))[1] or time.sleep(0.5) for _ in range(6))


def whole_length(gateway, model):
    """Bytes of the provider's whole stream, by cutting far behind its end."""
    low, high = 1, 1 << 14
    while low < high:
        middle = (low + high) // 2
        answer = ask(gateway, model, f",cut_at={middle}")
        if answer.status == 200 and content(answer)[1]:
            high = middle
        else:
            low = middle + 1
    return low


@pytest.mark.timeout(240)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("fault", ["cut_at", "reset_at"])
def test_cut_at_every_byte(provider_gateway, model, fault):
    whole, is_done, has_error = content(ask(provider_gateway, model))
    assert is_done and not has_error and whole.endswith('{"a":"b"}'), whole
    length = whole_length(provider_gateway, model)
    baseline = provider_gateway.descriptors()

    def check(place):
        answer = ask(provider_gateway, model, f",{fault}={place}")
        if answer.status != 200:
            assert answer.status in (502, 504), (place, answer.status, answer.body)
            return
        text, is_done, has_error = content(answer)
        assert has_error != is_done, (place, answer.body)
        assert whole.startswith(text), (place, text)
        # Where the end is in the last bytes, a cut behind it takes nothing away.
        assert not is_done or text == whole, (place, text)

    break_everywhere(provider_gateway, model, check, range(length), PARALLEL)
    assert provider_gateway.settle(baseline + 2) <= baseline + 2


@pytest.mark.timeout(240)
@pytest.mark.parametrize("model", MODELS)
def test_stall_at_every_byte(provider_gateway, model):
    """With the second that the tests allow between two tokens, fifty at a time."""
    whole, is_done, _ = content(ask(provider_gateway, model))
    assert is_done, whole
    length = whole_length(provider_gateway, model)
    baseline = provider_gateway.descriptors()

    def check(place):
        answer = ask(provider_gateway, model, f",stall_at={place}")
        if answer.status != 200:
            assert answer.status in (502, 504), (place, answer.status)
            return
        text, is_done, has_error = content(answer)
        assert has_error != is_done, (place, answer.body)
        # Padding, ids and durations differ, and so does where the end is; what ends well is whole.
        assert not is_done or text == whole, (place, text, whole)

    # Every byte of the frames' ends, and each seventh else: a stall is the same anywhere within.
    places = sorted(set(range(0, length, 7)) | set(range(max(0, length - 40), length - 1)))
    break_everywhere(provider_gateway, model, check, places, 50)
    assert provider_gateway.settle(baseline + 2) <= baseline + 2
