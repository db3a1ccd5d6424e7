# SPDX-License-Identifier: MIT
"""What bench/ says of its figures: met, missed, or that its rounds cannot tell."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "bench"))
from harness import report  # noqa: E402

LIMIT = [{"metric": "closed.cpu_per_request", "peer": "nginx", "max": 1.0}]


def verdict(ratios, limits=None):
    rounds = [{"gateway": {"closed": {"cpu_per_request": 10 * ratio}},
               "nginx": {"closed": {"cpu_per_request": 10.0}}} for ratio in ratios]
    summary = report.summarize(rounds, ["gateway", "nginx"])
    return report.check(summary, "gateway", limits or LIMIT)[0]


@pytest.mark.parametrize("ratios, state, fails", [
    ([0.8, 0.9, 0.85, 0.8, 0.9, 0.85], "met", False),
    ([1.3, 1.2, 1.25, 1.3, 1.2, 1.25], "MISSED", True),
    ([0.8, 1.3, 1.02, 1.25, 0.85, 1.02], "unclear", False),
    # Too few rounds to speak of luck.
    ([0.8, 1.3, 1.1], "MISSED", True),
])
def test_a_bar_within_what_the_rounds_differ_by_is_unclear(ratios, state, fails):
    found = verdict(ratios)
    assert found.state() == state
    assert found.fails() == fails
    assert found.line().startswith(state)


def test_a_least_ratio_is_judged_from_below():
    limits = [{"metric": "closed.cpu_per_request", "peer": "nginx", "min": 1.0}]
    assert verdict([0.7, 0.72, 0.71, 0.7, 0.72], limits).fails()
    assert verdict([0.97, 1.1, 0.98, 0.96, 1.2], limits).state() == "unclear"
    assert verdict([1.1, 1.2, 1.3, 1.1, 1.2], limits).met


def test_a_round_that_a_server_left_out_counts_for_neither():
    rounds = [{"gateway": {"closed": {"cpu_per_request": 9.0}},
               "nginx": {"closed": {"cpu_per_request": 10.0}}} for _ in range(5)]
    rounds.append({"gateway": {"closed": {"cpu_per_request": 90.0}}})
    summary = report.summarize(rounds, ["gateway", "nginx"])
    assert report.check(summary, "gateway", LIMIT)[0].value == 0.9


def test_what_was_added_is_the_ratio_of_the_medians():
    rounds = [{"direct": {"open": {"p99": 100}}, "nginx": {"open": {"p99": 100 + nginx}},
               "gateway": {"open": {"p99": 100 + gateway}}}
              for nginx, gateway in ((0, 50), (100, 50), (100, 10), (100, 90), (200, 50))]
    summary = report.summarize(rounds, ["gateway", "nginx", "direct"])
    limits = [{"metric": "open.p99", "peer": "nginx", "max": 1.0}]
    assert report.check(summary, "gateway", limits)[0].value == 0.5
