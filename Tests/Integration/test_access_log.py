# SPDX-License-Identifier: MIT
"""The access log: a line for each request, none for what was said, and rotation."""
import json
import os
import re
import signal
import time

import pytest
from support import configuration, process, replies, wire

SECRET = "a secret that nobody may log"


@pytest.fixture
def start(tmp_path, upstream):
    """Starts gateways with an access log; ends them with the test."""
    running = []

    def one(**logging):
        made = configuration.write(tmp_path, upstream, logging=logging)
        gateway = process.Gateway(made.path).start()
        running.append(gateway)
        return gateway

    yield one
    for gateway in running:
        gateway.stop()


def lines_of(path, count, seconds=5):
    """The lines of a file, once there are so many."""
    end = time.monotonic() + seconds
    while True:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = text.splitlines()
        if len(lines) >= count or time.monotonic() > end:
            assert len(lines) == count, text
            assert not text or text.endswith("\n")
            return lines
        time.sleep(0.02)


def records_of(path, count):
    return [json.loads(line) for line in lines_of(path, count)]


def test_one_line_a_request(start, tmp_path, upstream):
    path = tmp_path / "access.log"
    gateway = start(access_log=str(path))
    case = upstream.case(replies.honest(tokens=["one", "two"]))
    body = wire.chat_body(case.token, messages=[{"role": "user", "content": SECRET}])
    streamed = wire.chat_body(case.token, model="smart", stream=True)
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(body, path="/v1/chat/completions?q=" + "secret"))
        answer = connection.answer()
        assert answer.status == 200
        connection.send(wire.request(streamed))
        assert connection.answer().status == 200
        connection.send(wire.request(path="/v1/models", method="GET"))
        connection.answer()
    first, second, third = records_of(path, 3)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["time"])
    assert first["client"] == "127.0.0.1" and first["method"] == "POST"
    assert first["path"] == "/v1/chat/completions" and first["status"] == 200
    assert first["key"] == "test" and first["user"] == "test-user"
    assert first["team"] == "engineering"
    assert first["requested_model"] == first["model"] == "gpt-4o-mini"
    assert first["provider"] == "openai" and first["gateway"] == "upstream"
    assert first["attempts"] == 1 and "stream" not in first and "error" not in first
    usage = answer.json()["usage"]
    assert first["input_tokens"] == usage["prompt_tokens"]
    assert first["output_tokens"] == usage["completion_tokens"]
    assert first["decision"] == answer.headers["x-gateway-decision-id"]
    assert 0 < first["first_byte_ms"] <= first["duration_ms"] < 10_000
    assert first["request_bytes"] > len(body)
    assert second["requested_model"] == "smart" and second["model"] == "gpt-4o"
    assert second["stream"] is True
    assert third["path"] == "/v1/models" and "model" not in third and "decision" not in third
    text = path.read_text(encoding="utf-8")
    for secret in (SECRET, wire.KEY, "sk-upstream-key", "q=secret"):
        assert secret not in text
    assert oct(os.stat(path).st_mode & 0o777) == "0o640"


def test_refusals_and_clients_that_leave(start, tmp_path, upstream):
    path = tmp_path / "access.log"
    gateway = start(access_log=str(path))
    case = upstream.case(replies.honest(latency=5))
    wire.ask(gateway.port, wire.chat_body(), key="wrong")
    wire.ask(gateway.port, b'{"model":"no\\nsuch\\"model","messages":[{}]}')
    wire.ask(gateway.port, b"{")
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(path="/v1/models", method="GET"))
        connection.answer()
        connection.send(b"BAD\x00HEAD\r\n\r\n")
        assert connection.answer().status == 400
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(wire.chat_body(case.token)))
        assert case.arrived.wait(5)
    # Workers do not wait for each other: only one worker's lines are in order.
    found = {record.get("error"): record for record in records_of(path, 6)}
    wrong, unknown = found["invalid_api_key"], found["model_not_found"]
    assert wrong["status"] == 401 and "key" not in wrong
    assert unknown["status"] == 404 and unknown["key"] == "test"
    assert unknown["requested_model"] == 'no\nsuch"model' and "model" not in unknown
    assert found["malformed_json"]["status"] == 400
    assert found[None]["path"] == "/v1/models"
    assert found["malformed_http"]["status"] == 400 and "path" not in found["malformed_http"]
    gone = found["client_closed_request"]
    assert gone["status"] == 499 and gone["attempts"] == 1


def test_a_broken_stream_has_its_error(start, tmp_path, upstream):
    path = tmp_path / "access.log"
    gateway = start(access_log=str(path))
    events = b"".join(map(replies.chunked, replies.stream_events()[:3]))
    case = upstream.case(replies.raw(replies.STREAM_HEAD + events, end="close"))
    wire.ask(gateway.port, wire.chat_body(case.token, stream=True))
    (record,) = records_of(path, 1)
    assert record["stream"] is True and record["status"] == 200
    assert record["error"] in ("upstream_incomplete", "upstream_reset")


@pytest.mark.parametrize("sign", [signal.SIGUSR1, signal.SIGHUP])
def test_rotation(start, tmp_path, sign):
    path = tmp_path / "access.log"
    gateway = start(access_log=str(path))
    models = {"path": "/v1/models", "method": "GET"}
    wire.ask(gateway.port, **models)
    records_of(path, 1)
    moved = tmp_path / "access.log.1"
    path.rename(moved)
    wire.ask(gateway.port, **models)
    records_of(moved, 2)
    gateway.process.send_signal(sign)
    end = time.monotonic() + 5
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    wire.ask(gateway.port, **models)
    records_of(path, 1)
    records_of(moved, 2)


def test_nothing_is_lost_at_the_end(start, tmp_path):
    path = tmp_path / "access.log"
    gateway = start(access_log=str(path))
    with wire.Wire(gateway.port, 30) as connection:
        connection.send(wire.request(path="/v1/models", method="GET") * 500)
        for _ in range(500):
            assert connection.answer().status == 200
    assert gateway.stop() == 0
    records_of(path, 500)


def test_text_on_stdout(start, upstream):
    gateway = start(access_log="stdout", access_log_format="text")
    wire.ask(gateway.port, wire.chat_body(upstream.case().token))
    end = time.monotonic() + 5
    found = []
    while not found and time.monotonic() < end:
        found = [line for line in gateway.lines if "path=" in line]
        time.sleep(0.02)
    assert re.match(
        r'\d{4}-\S+Z client="127.0.0.1" method="POST" path="/v1/chat/completions" ', found[0])
    assert " status=200 duration_ms=" in found[0]


def test_what_cannot_be_written_is_counted(start, upstream):
    gateway = start(access_log="/dev/full")
    for _ in range(3):
        wire.ask(gateway.port, path="/v1/models", method="GET")
    time.sleep(0.3)
    text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
    assert re.search(r"^gateway_access_log_dropped_lines_total [3-9]$", text, re.MULTILINE)


def test_a_path_that_cannot_be_opened_ends_the_start(tmp_path, upstream):
    made = configuration.write(tmp_path, upstream, logging={"access_log": "/nowhere/access.log"})
    with pytest.raises(RuntimeError, match="access log cannot be written: /nowhere/access.log"):
        process.Gateway(made.path).start()
