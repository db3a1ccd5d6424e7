# SPDX-License-Identifier: MIT
"""The gateway's configuration for the tests. JSON is YAML, so it is written as JSON."""
import json
from dataclasses import dataclass

from . import wire

BODY_LIMIT = 1024 * 1024
POLICIES = '''\
// SPDX-License-Identifier: MIT
@id("base")
permit (principal, action == Action::"routing:select_model", resource);

@id("no-forbidden-model")
forbid (principal, action == Action::"routing:select_model", resource == Model::"forbidden-model");
'''
TIMEOUTS = {
    "connect": "1s", "first_header": "1s", "first_token": "1s", "between_tokens": "1s",
    "total": "20s", "client_head": "2s", "client_body": "2s", "client_idle": "3s",
    "client_write": "3s", "upstream_idle": "5s", "drain": "3s"}
# With the breaker as good as off, one test's faults are not the next one's circuit.
TOLERANT = {"minimum_volume": 1_000_000, "error_rate": 1, "consecutive_failures": 127,
            "cool_down": "1ms", "cool_down_maximum": "1ms", "retry_after_maximum": "1ms",
            "probes": 15, "probe_successes": 1}
SENSITIVE = {"minimum_volume": 1_000_000, "consecutive_failures": 8, "cool_down": "2s",
             "cool_down_maximum": "2s", "retry_after_maximum": "1ms", "probes": 1,
             "probe_successes": 1}
CHAT_MODELS = ("gpt-4o", "gpt-4o-mini", "forbidden-model", "breaker-model", "dead-model")


@dataclass
class Written:
    path: str
    facts: dict


def _model(name, capabilities):
    return {"name": name, "provider": "openai", "capabilities": capabilities,
            "price": {"input": 1, "output": 2}}


def _gateway(name, url, trusted=False):
    return {"name": name, "type": "openai-compatible", "base_url": url,
            "api_key": "sk-upstream-key", "trusted": trusted}


def _value(upstream, retries, sensitive, body_limit, logging, policies, telemetry, trusted):
    models = [_model(name, ["chat", "completion", "tools"]) for name in CHAT_MODELS]
    models.append(_model("text-embedding-3-small", ["embeddings"]))
    return {
        "listeners": {"llm": {"ports": [0]}, "policy": {"ports": [0]}},
        "workers": 2,
        "keys": [{"name": "test", "key": wire.KEY, "user": "test-user", "team": "engineering"}],
        "policies": {"paths": ["policies"], "watch": True} if policies is None else policies,
        "limits": {"request_body": f"{body_limit}B", "request_head": "64KiB"},
        "timeouts": TIMEOUTS,
        "retries": {"attempts": 4, "backoff": "5ms", "backoff_maximum": "20ms", "budget_ratio": 1,
                    "budget_per_second": 1000} if retries else {"attempts": 1},
        "circuit_breaker": SENSITIVE if sensitive else TOLERANT,
        "models": models,
        "groups": [{"name": "smart", "strategy": "order", "models": ["gpt-4o", "gpt-4o-mini"]}],
        "routing": {"strategy": "order"},
        "gateways": [_gateway("upstream", upstream.url, trusted),
                     _gateway("dead", "http://127.0.0.1:1/v1")],
        "model_routing": {"dead-model": ["dead"], "*": ["upstream"]},
        "logging": {"level": "info", **(logging or {})},
        "telemetry": telemetry or {},
    }


def write(folder, upstream, retries=False, sensitive=False, body_limit=BODY_LIMIT,
          logging=None, policies=None, telemetry=None, trusted=False, change=None):
    """Writes configuration and policies into `folder`; `change` may edit the former."""
    place = folder / "policies"
    place.mkdir()
    (place / "test.cedar").write_text(POLICIES, encoding="utf-8")
    path = folder / "gateway.yaml"
    value = _value(
        upstream, retries, sensitive, body_limit, logging, policies, telemetry, trusted)
    if change:
        change(value)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    facts = {
        "policies": place / "test.cedar", "policy_text": POLICIES, "body_limit": body_limit,
        "request_seconds": 2, "idle_seconds": 3, "between_seconds": 1, "drain_seconds": 3,
        "cool_down_seconds": 2}
    return Written(str(path), facts)
