# SPDX-License-Identifier: MIT
"""What the integration tests share: the gateway's process, a scripted upstream, a raw client."""
