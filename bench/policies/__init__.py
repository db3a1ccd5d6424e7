# SPDX-License-Identifier: MIT
"""What bench/decisions measures with."""
