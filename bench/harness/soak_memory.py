# SPDX-License-Identifier: MIT
"""Whether the fault soak's resident memory stays what it is, once everything has been used."""

# What the peaks may rise by after a run's first third, and over its length. The first is for what
# is reserved at the start and touched later: the ring of recent decisions (5 MiB for 10,000)
# grows by 0.4 KiB a request until it is full, the heap of each worker by steps of 1 MiB.
GROWTH_KIB, GROWTH_KIB_PER_HOUR = 2_048, 4_096


def growth(points, seconds):
    """(KiB that the peaks rose by, KiB allowed) after the first third of a run.

    The highest of the last quarter of what is left less the highest of its first. Not a slope:
    an allocator gives pages back and takes them again, and a straight line through a step in the
    middle rises half as much again as the step.

    points: (second, KiB), in order; seconds: how long the load lasted.
    """
    start = seconds / 3
    quarter = (seconds - start) / 4
    first = [kib for second, kib in points if start <= second < start + quarter]
    last = [kib for second, kib in points if second >= seconds - quarter]
    allowed = GROWTH_KIB + GROWTH_KIB_PER_HOUR * (seconds - start - quarter) / 3600
    return (max(last) - max(first) if first and last else 0), allowed
