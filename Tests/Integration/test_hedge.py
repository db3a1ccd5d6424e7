# SPDX-License-Identifier: MIT
"""Hedging by policy: a second deployment after a delay, the first answer wins, the other attempt is
cancelled and counted."""
import concurrent.futures
import json
import time

import pytest
from support import hedging, replies, schemas, wire
from support.hedging import (DELAY_SECONDS, EARLY_SECONDS, FIRST, SECOND, Counts, ask, by_model,
                             later, silent, text_of)
from support.waiting import until

STREAM = pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
ERROR_500 = replies.status(500, replies.error_object("the first is broken"))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, upstream):
    with hedging.serving(tmp_path_factory.mktemp("hedging"), upstream) as one:
        yield one


@STREAM
def test_a_slow_first_is_overtaken(gateway, upstream, stream):
    case = upstream.case(by_model(silent(), replies.honest()))
    counts, start = Counts(gateway), time.monotonic()
    answer = ask(gateway, case, stream)
    elapsed = time.monotonic() - start
    assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
    assert text_of(answer) == ("Hello there,", 1)
    assert DELAY_SECONDS - EARLY_SECONDS <= elapsed < 1, elapsed
    assert case.gone.wait(2), "the first was not cancelled"
    assert [request.json()["model"] for request in case.requests] == [FIRST, SECOND]
    assert counts.grown() == {
        "started": 1, "won": 1, (FIRST, "hedged"): 1, (SECOND, "success"): 1}


@STREAM
def test_a_quick_first_is_alone(gateway, upstream, stream):
    case = upstream.case(by_model(replies.honest(), replies.honest()))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream)
    assert answer.status == 200 and answer.headers["x-gateway-model"] == FIRST
    time.sleep(2 * DELAY_SECONDS)
    assert len(case.requests) == 1
    assert counts.grown() == {(FIRST, "success"): 1}


@STREAM
def test_the_first_may_still_win(gateway, upstream, stream):
    case = upstream.case(by_model(later(0.4, replies.honest()), silent()))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream)
    assert answer.status == 200 and answer.headers["x-gateway-model"] == FIRST
    assert text_of(answer) == ("Hello there,", 1)
    assert case.gone.wait(2), "the second was not cancelled"
    assert counts.grown() == {
        "started": 1, "lost": 1, (FIRST, "success"): 1, (SECOND, "hedged"): 1}


@STREAM
def test_only_the_policys_requests_are_hedged(gateway, upstream, stream):
    case = upstream.case(by_model(later(0.4, replies.honest()), replies.honest()))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream, model="plain")
    assert answer.status == 200 and answer.headers["x-gateway-model"] == FIRST
    assert len(case.requests) == 1 and counts.grown() == {(FIRST, "success"): 1}


@STREAM
def test_a_failed_second_leaves_the_first_alone(gateway, upstream, stream):
    case = upstream.case(by_model(later(0.5, replies.honest()), ERROR_500))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream)
    assert answer.status == 200 and answer.headers["x-gateway-model"] == FIRST
    assert text_of(answer) == ("Hello there,", 1)
    assert len(case.requests) == 2
    assert counts.grown() == {
        "started": 1, "failed": 1, (FIRST, "success"): 1, (SECOND, "server_error"): 1}


@STREAM
@pytest.mark.parametrize("fault", [
    ERROR_500, replies.raw(b"", end="reset"), replies.raw(b"", end="close"), replies.html(502)],
    ids=["500", "reset", "close", "html"])
def test_a_failed_first_leaves_the_second_alone(gateway, upstream, stream, fault):
    case = upstream.case(by_model(later(0.3, fault), later(0.4, replies.honest())))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream)
    assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
    assert text_of(answer) == ("Hello there,", 1)
    # A pooled connection that breaks without a byte may have been closed before: sent once more.
    assert len(case.requests) in (2, 3)
    grown = counts.grown()
    assert grown.pop("started") == 1 and grown.pop("won") == 1
    assert grown.pop((SECOND, "success")) == 1
    assert sum(grown.values()) == 1 and list(grown)[0][0] == FIRST


@STREAM
def test_a_first_that_fails_before_the_delay_is_retried_as_ever(gateway, upstream, stream):
    case = upstream.case(by_model(ERROR_500, replies.honest()))
    counts = Counts(gateway)
    answer = ask(gateway, case, stream)
    assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
    assert len(case.requests) == 2
    assert counts.grown() == {(FIRST, "server_error"): 1, (SECOND, "success"): 1}


@STREAM
def test_both_fail_with_the_error_that_it_would_be_without(gateway, upstream, stream):
    broken = by_model(later(0.3, ERROR_500), ERROR_500)
    plain = ask(gateway, upstream.case(broken), stream, model="plain")
    case = upstream.case(broken)
    counts = Counts(gateway)
    hedged = ask(gateway, case, stream)
    assert hedged.status == plain.status == 500
    assert hedged.error == plain.error
    grown = counts.grown()
    assert grown.pop("started") == 1 and grown.pop("failed") == 1
    # Four attempts are allowed in all, the second one among them.
    assert sum(grown.values()) == len(case.requests) <= 4
    assert all(outcome == "server_error" for _, outcome in grown)


def test_the_callers_fault_is_the_answer(gateway, upstream):
    case = upstream.case(by_model(silent(), replies.status(400)))
    counts = Counts(gateway)
    answer = ask(gateway, case)
    assert answer.status == 400 and case.gone.wait(2)
    assert counts.grown() == {
        "started": 1, "won": 1, (FIRST, "hedged"): 1, (SECOND, "client_error"): 1}


def test_a_head_and_comments_are_no_answer_of_a_stream(gateway, upstream):
    """The first has begun, but has said nothing: the second's content is taken."""
    beginning = replies.STREAM_HEAD + replies.chunked(b": wait\n\n")
    case = upstream.case(by_model(replies.raw(beginning, end="hang"), replies.honest()))
    answer = ask(gateway, case, stream=True)
    assert answer.headers["x-gateway-model"] == SECOND and text_of(answer) == ("Hello there,", 1)
    assert case.gone.wait(2)
    assert b"wait" not in answer.body


@pytest.mark.parametrize("gap", [-0.004, 0, 0.004, 0.012])
def test_answers_at_the_same_time_do_not_mix(gateway, upstream, gap):
    """Both answer just about when the other does: one of them is heard, whole, and once."""
    def run(_):
        case = upstream.case(by_model(
            later(DELAY_SECONDS + 0.03 + gap, replies.honest(("one", " one", " one"))),
            later(0.02, replies.honest(("two", " two", " two"), delay=0.001))))
        answer = ask(gateway, case, stream=True)
        schemas.check_chunks(answer.events())
        text, ends = text_of(answer)
        expected = {FIRST: "one one one", SECOND: "two two two"}
        assert (text, ends) == (expected[answer.headers["x-gateway-model"]], 1)
        return answer.headers["x-gateway-model"]

    counts = Counts(gateway)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        winners = list(pool.map(run, range(24)))
    grown = counts.grown()
    assert grown.get("started", 0) == grown.get("won", 0) + grown.get("lost", 0)
    assert grown.get("won", 0) == winners.count(SECOND)
    assert sum(grown.get((model, "success"), 0) for model in (FIRST, SECOND)) == 24
    assert sum(grown.get((model, "hedged"), 0) for model in (FIRST, SECOND)) == grown["started"]


def test_a_hedged_stream_that_is_cut_says_so(gateway, upstream):
    cut = replies.STREAM_HEAD + b"".join(map(replies.chunked, replies.stream_events()[:3]))
    case = upstream.case(by_model(silent(), replies.raw(cut, end="reset")))
    answer = ask(gateway, case, stream=True)
    events = answer.events()
    assert "error" in json.loads(events[-1]) and "[DONE]" not in events
    assert case.gone.wait(2) and len(case.requests) == 2


def test_a_whole_answer_that_breaks_after_its_head_is_asked_for_again(gateway, upstream):
    """The second has won by its head, and then fails: that is retried as without hedging."""
    whole = replies.json_response(200, replies.chat_completion())
    asked = []

    async def second(exchange):
        asked.append(1)
        await (replies.raw(whole[:-40], end="close") if len(asked) == 1
               else replies.honest())(exchange)
    case = upstream.case(by_model(silent(), second))
    answer = ask(gateway, case)
    assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
    assert len(asked) == 2 and case.gone.wait(2)


@STREAM
def test_a_client_that_leaves_cancels_both(gateway, upstream, stream):
    gone = []

    async def watched(exchange):
        await exchange.wait_for_leaving()
        gone.append(exchange.request.json()["model"])
    case = upstream.case(watched)
    counts = Counts(gateway)
    with wire.Wire(gateway.port) as client:
        client.send(wire.request(wire.chat_body(case.token, model="smart", stream=stream)))
        until(lambda: len(case.requests) == 2)
        client.reset()
    until(lambda: sorted(gone) == [FIRST, SECOND])
    assert counts.grown() == {
        "started": 1, "abandoned": 1, (FIRST, "cancelled"): 1, (SECOND, "cancelled"): 1}


@STREAM
def test_time_is_over_for_both(tmp_path, upstream, stream):
    def change(value):
        value["timeouts"]["total"] = "600ms"
    with hedging.serving(tmp_path, upstream, change=change) as gateway:
        case = upstream.case(silent())
        counts, start = Counts(gateway), time.monotonic()
        answer = ask(gateway, case, stream)
        assert answer.status == 504 and 0.5 < time.monotonic() - start < 2
        assert len(case.requests) == 2
        assert counts.grown() == {
            "started": 1, "abandoned": 1, (FIRST, "timeout"): 1, (SECOND, "timeout"): 1}


def test_each_attempt_has_its_own_time(tmp_path, upstream):
    """The first head is due after 400 ms for each of the two."""
    def change(value):
        value["timeouts"]["first_header"] = "400ms"
        value["retries"]["attempts"] = 2
    with hedging.serving(tmp_path, upstream, change=change) as gateway:
        case = upstream.case(by_model(silent(), later(0.35, replies.honest())))
        answer = ask(gateway, case)
        assert answer.status == 200 and answer.headers["x-gateway-model"] == SECOND
        case, start = upstream.case(silent()), time.monotonic()
        answer = ask(gateway, case)
        assert answer.status == 504
        assert DELAY_SECONDS + 0.4 - 2 * EARLY_SECONDS <= time.monotonic() - start < 2


def test_what_stops_hedging(tmp_path, upstream):
    slow = by_model(later(0.4, replies.honest()), replies.honest())

    def withheld(name, change, model="smart"):
        with hedging.serving(tmp_path / name, upstream, change=change) as gateway:
            case = upstream.case(slow)
            counts = Counts(gateway)
            answer = ask(gateway, case, model=model)
            assert answer.status == 200 and answer.headers["x-gateway-model"] == FIRST
            assert len(case.requests) == 1
            assert counts.grown() == {"withheld": 1, (FIRST, "success"): 1}

    def no_budget(value):
        value["retries"].update(budget_ratio=0, budget_per_second=0)

    def one_attempt(value):
        value["retries"]["attempts"] = 1
    withheld("budget", no_budget)
    withheld("attempts", one_attempt)
    withheld("deployments", lambda _: None, model=FIRST)


def test_what_finds_no_place_costs_no_retry(tmp_path, upstream):
    """The budget has one retry: a second attempt that is withheld leaves it to the next."""
    def change(value):
        value["workers"] = 1
        value["retries"].update(budget_ratio=0.01, budget_per_second=0)
        value["gateways"][0]["deployment_concurrency"] = {"maximum": 1, "queue": 9}
    with hedging.serving(tmp_path, upstream, change=change) as gateway:
        holder = upstream.case(later(1, replies.honest()))
        case = upstream.case(by_model(later(0.4, replies.honest()), replies.honest()))
        counts = Counts(gateway)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            held = pool.submit(ask, gateway, holder, model=SECOND)
            assert holder.arrived.wait(5)
            assert ask(gateway, case).headers["x-gateway-model"] == FIRST
            assert held.result().status == 200
        assert counts.grown()["withheld"] == 1
        assert ask(gateway, case).headers["x-gateway-model"] == SECOND
        assert counts.grown()["won"] == 1


def test_overload_stops_hedging_by_itself(tmp_path, upstream):
    """Everything is slow: with a tenth of the requests as budget no more than that is doubled."""
    def change(value):
        value["workers"] = 1
        value["retries"].update(budget_ratio=0.1, budget_per_second=0)
    with hedging.serving(tmp_path, upstream, change=change) as gateway:
        case = upstream.case(later(0.5, replies.honest()))
        counts = Counts(gateway)
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda _: ask(gateway, case), range(200)))
        assert all(answer.status == 200 for answer in answers)
        grown = counts.grown()
        # The budget begins with what a hundred requests earn.
        assert 10 <= grown["started"] <= 10 + 200 * 0.1
        assert grown["started"] + grown["withheld"] == 200


def test_by_percentile(tmp_path, upstream):
    """A second while little is known; then soon after what nearly all answers took."""
    with hedging.serving(tmp_path, upstream, delay="p95",
                         change=lambda value: value.update(workers=1)) as gateway:
        slow = by_model(silent(), replies.honest())
        start = time.monotonic()
        assert ask(gateway, upstream.case(slow)).headers["x-gateway-model"] == SECOND
        assert 1 - EARLY_SECONDS <= time.monotonic() - start < 2
        quick = upstream.case()
        for _ in range(40):
            assert ask(gateway, quick, model="plain").status == 200
        start = time.monotonic()
        assert ask(gateway, upstream.case(slow)).headers["x-gateway-model"] == SECOND
        assert time.monotonic() - start < 0.9


def test_a_drain_ends_both(tmp_path, upstream):
    def change(value):
        value["timeouts"]["drain"] = "500ms"
    with hedging.serving(tmp_path, upstream, change=change) as gateway:
        case = upstream.case(silent())
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(ask, gateway, case)
            until(lambda: len(case.requests) == 2)
            gateway.terminate()
            assert answer.result(10).status == 503
        assert gateway.wait() == 0 and case.gone.wait(2)


def test_nothing_is_left_behind(gateway, upstream):
    """Winners, losers, failures and leaving clients at once; then all descriptors are free."""
    baseline = gateway.descriptors()
    script = [
        by_model(silent(), replies.honest()), by_model(later(0.3, replies.honest()), silent()),
        by_model(silent(), replies.raw(b"", end="reset")),
        by_model(later(0.2, ERROR_500), silent()), silent()]

    def run(index):
        case = upstream.case(script[index % len(script)])
        with wire.Wire(gateway.port) as client:
            client.send(wire.request(
                wire.chat_body(case.token, model="smart", stream=index % 2 == 0)))
            if index % 3 == 0 or index % len(script) >= 2:
                time.sleep(0.1 + index % 7 * 0.03)
                return None
            return client.answer().status
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        found = [status for status in pool.map(run, range(100)) if status]
    assert set(found) == {200}
    assert gateway.settle(baseline + 4) <= baseline + 4
    for model in (FIRST, SECOND):
        assert ask(gateway, upstream.case(), model=model).status == 200
