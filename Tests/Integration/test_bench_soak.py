# SPDX-License-Identifier: MIT
"""What the fault soak says of memory: pages taken late are no leak, and a leak is none of them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "bench"))
from harness import soak_memory  # noqa: E402

# KiB a second, of a minute in which the heaps gave pages back and took them again.
STEPS = [
    27256, 27976, 28216, 28636, 28704, 28772, 28836, 28900, 28912, 28976, 29020, 29092, 29108,
    29152, 29176, 29192, 29236, 29264, 29284, 29312, 29328, 29344, 29360, 29388, 29408, 29440,
    29460, 29476, 29500, 28880, 28896, 28284, 28300, 28324, 28340, 28356, 29400, 29420, 29432,
    29452, 29468, 30532, 30548, 30572, 30588, 30608, 30620, 30648, 30664, 30700, 30716, 30732,
    30752, 30772, 30788, 30804, 30836, 30856, 30880, 30892, 30912, 30912]


def judged(values, seconds):
    step = seconds / (len(values) - 1)
    return soak_memory.growth([(step * place, kib) for place, kib in enumerate(values)], seconds)


def test_pages_given_back_and_taken_again_are_no_growth():
    rise, allowed = judged(STEPS, 61)
    assert rise == 30912 - 29500
    assert rise < allowed


def test_a_leak_of_a_kibibyte_a_request_shows_in_a_minute():
    rise, allowed = judged([kib + 40 * second for second, kib in enumerate(STEPS)], 61)
    assert rise > allowed


def test_half_an_hour_shows_a_leak_of_a_hundred_bytes_a_request():
    flat = [34_700 + (second % 7) * 4 for second in range(1801)]
    assert judged(flat, 1800)[0] <= judged(flat, 1800)[1] / 10
    leak = [kib + 60 * second * 0.1 for second, kib in enumerate(flat)]
    assert judged(leak, 1800)[0] > judged(leak, 1800)[1]


def test_a_run_without_samples_has_not_grown():
    assert soak_memory.growth([], 60)[0] == 0
