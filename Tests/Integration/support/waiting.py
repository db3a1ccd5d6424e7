# SPDX-License-Identifier: MIT
"""Waiting for what comes about in its own time."""
import time


def until(condition, seconds=15, say=lambda: "it did not come to that in time"):
    """Until `condition` holds; when it does not in time, the test fails with what there is to
    `say`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, say()
        time.sleep(0.02)
