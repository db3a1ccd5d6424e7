# SPDX-License-Identifier: MIT
"""Signs of life while attempts are made: hedging, fallback, queues, and what is said at the end."""
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import configuration, hedging, process, replies, wire
from support.hedging import FIRST, SECOND, Counts, ask, by_model, later, silent, text_of
from support.waiting import until

COMMENT = b": keep-alive\n\n"
ERROR_500 = replies.status(500, replies.error_object("the provider is broken"))
BEGINNING = replies.STREAM_HEAD + replies.chunked(b": wait\n\n")


def keeping(value):
    value["streaming"] = {"keep_alive": "100ms"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, upstream):
    """A second deployment is asked after 350 ms, when the first signs have gone out."""
    folder = tmp_path_factory.mktemp("keeping")

    def change(value):
        keeping(value)
        value["timeouts"].update(first_header="1500ms", first_token="1500ms")
        value["retries"]["attempts"] = 3
        value["logging"]["access_log"] = str(folder / "access.log")
    with hedging.serving(folder, upstream, delay="350ms", change=change) as one:
        one.log = folder / "access.log"
        yield one


def record_of(gateway, answer):
    """The line of the access log about an answer."""
    decision, end = answer.headers["x-gateway-decision-id"], time.monotonic() + 3
    while time.monotonic() < end:
        for line in gateway.log.read_text(encoding="utf-8").splitlines():
            if decision in line:
                return json.loads(line)
        time.sleep(0.02)
    raise AssertionError(f"{decision} has left no line")


def signs(answer):
    """How many came before the first event; nothing else did."""
    before, _, _ = answer.body.partition(b"data: ")
    assert before == COMMENT * before.count(COMMENT)
    return before.count(COMMENT)


def error_of(answer):
    """The one event of a stream in which nobody answered."""
    assert answer.status == 200 and answer.clean, answer
    assert answer.headers["content-type"] == "text/event-stream"
    assert b"HTTP/1.1" not in answer.body
    event, = answer.events()
    return json.loads(event)["error"]


def test_a_second_overtakes_behind_the_signs(gateway, upstream):
    case = upstream.case(by_model(silent(), later(0.3, replies.honest())))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream=True)
    assert answer.status == 200 and signs(answer) >= 4
    assert text_of(answer) == ("Hello there,", 1)
    assert [request.json()["model"] for request in case.requests] == [FIRST, SECOND]
    assert case.gone.wait(2), "the first was not cancelled"
    assert counts.grown() == {
        "started": 1, "won": 1, (FIRST, "hedged"): 1, (SECOND, "success"): 1}
    record = record_of(gateway, answer)
    assert record["model"] == SECOND and record["status"] == 200 and record["hedge"] == "won"
    assert "error" not in record


@pytest.mark.parametrize("first", [
    later(0.7, replies.honest()),
    replies.pieces([replies.STREAM_HEAD, b"", replies.stream_bytes()[len(replies.STREAM_HEAD):]],
                   delay=0.35)], ids=["late", "late after its head"])
def test_a_sign_does_not_choose_the_winner(gateway, upstream, first):
    """Signs go out while the first is at hand, and while the second is."""
    case = upstream.case(by_model(first, replies.raw(BEGINNING, end="hang")))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream=True)
    assert text_of(answer) == ("Hello there,", 1) and signs(answer) >= 4
    assert case.gone.wait(2), "the second was not cancelled"
    assert counts.grown() == {
        "started": 1, "lost": 1, (FIRST, "success"): 1, (SECOND, "hedged"): 1}
    assert record_of(gateway, answer)["model"] == FIRST


@pytest.mark.parametrize("fault", [
    ERROR_500, replies.raw(BEGINNING, end="reset"), replies.raw(BEGINNING, end="close"),
    replies.html(502), replies.raw(replies.json_response(200, replies.chat_completion())[:-9],
                                   end="close")],
    ids=["500", "reset", "close", "html", "half a document"])
def test_fallback_behind_the_signs(gateway, upstream, fault):
    case = upstream.case(by_model(later(0.3, fault), replies.honest()))
    answer = ask(gateway, case, stream=True, model="plain")
    assert text_of(answer) == ("Hello there,", 1) and signs(answer) >= 2
    assert b"error" not in answer.body
    assert [request.json()["model"] for request in case.requests] == [FIRST, SECOND]
    record = record_of(gateway, answer)
    assert (record["model"], record["attempts"], record["status"]) == (SECOND, 2, 200)


def test_both_of_a_hedge_fail_behind_the_signs(gateway, upstream):
    case = upstream.case(by_model(later(0.6, ERROR_500), later(0.4, ERROR_500)))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream=True)
    assert signs(answer) >= 4
    assert error_of(answer)["message"] == "the provider is broken"
    grown = counts.grown()
    assert grown.pop("started") == 1 and grown.pop("failed") == 1
    assert all(outcome == "server_error" for _, outcome in grown)
    assert sum(grown.values()) == len(case.requests) == 3
    assert record_of(gateway, answer)["error"] == "upstream_refused"


PLAIN = {
    "a status": (later(0.25, ERROR_500), None),
    "the caller's fault": (
        later(0.25, replies.status(400, replies.error_object("bad words", "invalid", "bad"))),
        "bad"),
    "a page": (later(0.25, replies.html(502)), "upstream_error"),
    "a page as success": (later(0.25, replies.html(200)), "upstream_malformed"),
    "no more bytes": (later(0.25, replies.raw(BEGINNING, end="close")), None),
    "a broken event": (
        later(0.25, replies.raw(BEGINNING + replies.chunked(b"data: {\n\n"), end="hang")), None),
    "an error event": (
        later(0.25, replies.raw(
            BEGINNING + replies.chunked(replies.event(replies.error_object("too much"))),
            end="hang")), "upstream_error"),
    "silence": (silent(), "upstream_timeout"),
    "a whole document": (
        later(0.25, replies.raw(replies.json_response(200, replies.chat_completion()))), None),
    "a large document": (
        later(0.25, replies.raw(replies.json_response(
            200, replies.chat_completion("x" * (5 << 20))))), None),
}


@pytest.mark.parametrize("name", PLAIN)
def test_every_attempt_fails_behind_the_signs(gateway, upstream, name):
    """The connection goes on afterwards: the answer came to the end of its framing."""
    reply, code = PLAIN[name]
    case, good = upstream.case(reply), upstream.case()
    with wire.Wire(gateway.port, seconds=20) as connection:
        connection.send(wire.request(wire.chat_body(case.token, model="plain", stream=True)))
        answer = connection.answer()
        assert signs(answer) >= 1
        error = error_of(answer)
        assert error["message"] and error["type"]
        if code:
            assert error["code"] == code
        connection.send(wire.request(wire.chat_body(good.token, model=FIRST)))
        assert connection.answer().status == 200
    record = record_of(gateway, answer)
    assert record["status"] == 200 and record["error"]


def test_the_head_says_what_is_sure(gateway, upstream):
    """One deployment: its model. Two models: none of them, and no field of a provider."""
    slow = later(0.25, replies.honest())
    alone = ask(gateway, upstream.case(slow), stream=True, model=SECOND)
    assert signs(alone) >= 1 and alone.headers["x-gateway-model"] == SECOND
    assert alone.headers["x-gateway-policy"] and alone.headers["x-gateway-provider"] == "openai"
    several = ask(gateway, upstream.case(slow), stream=True, model="plain")
    assert signs(several) >= 1
    for name in ("x-gateway-model", "x-gateway-provider", "x-gateway-policy",
                 "openai-organization"):
        assert name not in several.headers
    for answer in (alone, several):
        assert answer.headers["x-gateway-decision-id"]
        assert answer.headers["x-request-id"].startswith("req_")
    quick = ask(gateway, upstream.case(), stream=True, model="plain")
    assert quick.headers["x-gateway-model"] == FIRST and COMMENT not in quick.body
    assert quick.headers["openai-organization"] == "org-test"


def test_whole_answers_have_no_signs(gateway, upstream):
    answer = ask(gateway, upstream.case(later(0.4, replies.honest())), model="plain")
    assert answer.status == 200 and answer.json()["choices"]
    answer = ask(gateway, upstream.case(later(0.3, ERROR_500)), model="plain")
    assert answer.status == 500


def test_over_http2(gateway, upstream):
    http2 = pytest.importorskip("support.http2", reason="needs hyper-h2; run setup.sh")
    with http2.Client(gateway.port) as connection:
        case = upstream.case(by_model(later(0.4, ERROR_500), replies.honest()))
        stream = connection.ask(wire.chat_body(case.token, model="plain", stream=True))
        assert stream.status == 200 and stream.ended and stream.reset is None
        assert stream.body.startswith(COMMENT) and stream.body.endswith(b"data: [DONE]\n\n")
        assert "transfer-encoding" not in stream.headers
        case = upstream.case(later(0.3, ERROR_500))
        stream = connection.ask(wire.chat_body(case.token, model="plain", stream=True))
        assert stream.status == 200 and stream.ended and b"[DONE]" not in stream.body
        assert b'data: {"error"' in stream.body


def metric(gateway, name):
    text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines()
               if line.startswith((name + " ", name + "{")))


def test_a_client_that_leaves_after_a_sign(gateway, upstream):
    name = 'gateway_broken_streams_total{side="client"}'
    before = metric(gateway, name)
    case = upstream.case(silent())
    with wire.Wire(gateway.port) as client:
        client.send(wire.request(wire.chat_body(case.token, model="smart", stream=True)))
        assert client.head()[0] == 200
        until(lambda: len(case.requests) == 2)
        client.reset()
    assert case.gone.wait(2)
    until(lambda: metric(gateway, name) == before + 1)
    assert metric(gateway, "gateway_open_streams") == 0
    assert metric(gateway, "gateway_requests_in_flight") <= 1, "this request itself"


def test_in_a_queue(tmp_path, upstream):
    """Who waits for a place gets signs, then the answer, or the event that there is none."""
    def change(value):
        keeping(value)
        value["gateways"][0]["concurrency"] = {
            "maximum": 1, "queue": 1, "queue_timeout": "900ms"}
    made = configuration.write(tmp_path, upstream, change=change)
    gateway = process.Gateway(made.path).start()
    try:
        for seconds in (0.6, 2.5):
            holder, waiting = upstream.case(replies.honest(delay=seconds / 5)), upstream.case()
            with ThreadPoolExecutor(1) as pool:
                first = pool.submit(ask, gateway, holder, stream=True, model=FIRST)
                until(lambda: holder.requests)
                answer = ask(gateway, waiting, stream=True, model=FIRST)
                assert first.result().status == 200
            assert signs(answer) >= 2
            if seconds < 1:
                assert text_of(answer) == ("Hello there,", 1)
            else:
                assert error_of(answer)["code"] == "concurrency_limit_exceeded"
                assert not waiting.requests
    finally:
        assert gateway.stop() == 0


def test_a_drain_is_told_in_the_stream(tmp_path, upstream):
    def change(value):
        keeping(value)
        value["timeouts"] = {**value["timeouts"], "drain": "600ms", "first_header": "9s"}
    made = configuration.write(tmp_path, upstream, change=change)
    gateway = process.Gateway(made.path).start()
    case = upstream.case(silent())
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, gateway, case, stream=True, model=FIRST)
        until(lambda: case.requests)
        time.sleep(0.2)
        gateway.terminate()
        assert error_of(answer.result())["code"] == "draining"
    assert gateway.wait() == 0


def test_policies_decide(tmp_path, upstream):
    """Without `streaming` for whom a policy asks, and with it not for whom a policy asks not."""
    policies = configuration.POLICIES + '''
@id("kept")
@priority(5)
@keep_alive_ms("%s")
permit (principal, action == Action::"routing:select_model", resource == Model::"gpt-4o");
'''
    for asked, change, kept, other in (("100", None, True, False), ("0", keeping, False, True)):
        folder = tmp_path / asked
        folder.mkdir()
        made = configuration.write(folder, upstream, change=change)
        made.facts["policies"].write_text(policies % asked, encoding="utf-8")
        gateway = process.Gateway(made.path).start()
        try:
            for model, expected in ((FIRST, kept), (SECOND, other)):
                case = upstream.case(later(0.4, replies.honest()))
                answer = ask(gateway, case, stream=True, model=model)
                assert text_of(answer) == ("Hello there,", 1)
                assert (COMMENT in answer.body) == expected
                decision = wire.ask_json(
                    gateway.policy_port,
                    "/decisions/" + answer.headers["x-gateway-decision-id"]).json()
                assert decision.get("obligations", {}).get("keep_alive_ms") == (
                    asked if model == FIRST else None)
        finally:
            assert gateway.stop() == 0


def test_a_whole_response_behind_the_signs(tmp_path, upstream):
    """A provider of OpenAI's Responses that does not stream: its document is no event."""
    def change(value):
        keeping(value)
        value["gateways"][0]["responses_api"] = True
    made = configuration.write(tmp_path, upstream, change=change)
    gateway = process.Gateway(made.path).start()
    try:
        document = {
            "id": "resp_1", "object": "response", "status": "completed", "model": FIRST,
            "output": [{"type": "message", "id": "m", "role": "assistant", "status": "completed",
                        "content": [{"type": "output_text", "text": "Hi", "annotations": []}]}]}
        case = upstream.case(later(0.3, replies.status(200, document)))
        body = {"model": FIRST, "input": "Hi", "stream": True, "user": case.token}
        answer = wire.ask(gateway.port, json.dumps(body).encode(), path="/v1/responses")
        assert answer.status == 200 and answer.clean and answer.body.startswith(COMMENT)
        rest = answer.body.replace(COMMENT, b"")
        assert rest.startswith((b"data: ", b"event: ")) and rest.endswith(b"\n\n"), rest
        last = json.loads(answer.events()[-1])
        assert last["type"] in ("error", "response.failed"), rest
        assert "whole document" in json.dumps(last)
    finally:
        assert gateway.stop() == 0


def test_no_sign_within_a_document(gateway, upstream):
    """Too large to be held, and slow: it passes in pieces, as it is."""
    document = replies.json_response(200, replies.chat_completion("x" * (5 << 20)))
    case = upstream.case(replies.pieces([document[:-9], document[-9:]], delay=0.4))
    answer = ask(gateway, case, stream=True, model="plain")
    assert answer.status == 200 and answer.clean and COMMENT not in answer.body
    assert len(answer.json()["choices"][0]["message"]["content"]) == 5 << 20
