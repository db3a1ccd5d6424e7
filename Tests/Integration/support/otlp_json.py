# SPDX-License-Identifier: MIT
"""OTLP's JSON differs from proto3's in one point: ids are hexadecimal, not base64. Everything else
must be what proto3's own reader takes."""
import base64
import json
import re

IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


def with_base64_ids(body):
    return json.dumps(_rewritten(json.loads(body)))


def _rewritten(value):
    if isinstance(value, list):
        return [_rewritten(one) for one in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for name, one in value.items():
        assert re.fullmatch(r"[a-z][a-zA-Z0-9]*", name), f"{name} is not lowerCamelCase"
        if name in IDS:
            assert re.fullmatch(r"[0-9a-f]+", one) and len(one) == 2 * IDS[name], one
            one = base64.b64encode(bytes.fromhex(one)).decode()
        if name.endswith("UnixNano") or name == "intValue" or name in ("asInt", "count"):
            assert isinstance(one, str), f"{name} must be a string"
        if name in ("kind", "code", "aggregationTemporality", "flags"):
            assert isinstance(one, int), f"{name} must be a number"
        result[name] = _rewritten(one)
    return result
