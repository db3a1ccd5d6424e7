# SPDX-License-Identifier: MIT
"""The measuring harness behind `bench/compare` and `bench/exact`."""
