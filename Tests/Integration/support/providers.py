# SPDX-License-Identifier: MIT
"""A gateway in front of one fake provider that speaks every API: one model for each."""
import json

from . import configuration, process, wire
from .fakes import FakeProvider

KEY = "fake-upstream-key"
VERTEX = "/v1/projects/p/locations/global"
# model → gateway type, path of the base URL, what the provider calls the model
PROVIDERS = {
    "gpt-4o": ("openai", "/v1", None),
    "azure-gpt-4o": ("azure", "/openai/v1", "gpt-4o"),
    "deepseek-chat": ("deepseek", "/v1", None),
    "grok-4": ("xai", "/v1", None),
    "qwen3": ("vllm", "/v1", None),
    "claude-sonnet-4-5": ("anthropic", "", None),
    "gemini-2.5-flash": ("google", "", None),
    "vertex-gemini": ("vertex", VERTEX, "gemini-2.5-flash"),
    "vertex-claude": ("vertex", VERTEX, "claude-sonnet-4-5"),
    "bedrock-claude": ("bedrock", "", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    "llama3": ("ollama", "", None),
}
EMBEDDERS = {
    "text-embedding-3-small": ("openai", "/v1", None),
    "gemini-embedding-001": ("google", "", None),
    "vertex-embedding": ("vertex", VERTEX, "gemini-embedding-001"),
    "vertex-text-embedding": ("vertex", VERTEX, "text-embedding-005"),
    "nomic-embed-text": ("ollama", "", None),
}
CAPABILITIES = ["chat", "tools", "parallel_tools", "vision", "json_schema", "reasoning"]


def _value(fake, models, **changes):
    value = {
        "listeners": {"llm": {"ports": [0]}, "policy": {"ports": [0]}},
        "workers": 1,
        "keys": [{"name": "test", "key": wire.KEY, "user": "test-user", "team": "engineering"}],
        "policies": {"paths": ["policies"]},
        "timeouts": {**configuration.TIMEOUTS, "total": "10s"},
        "retries": {"attempts": 1},
        "circuit_breaker": configuration.TOLERANT,
        "models": [
            {"name": name, "provider": "openai", "capabilities": CAPABILITIES, "max_output": 4096,
             "context_window": 200_000, "price": {"input": 1, "output": 2},
             **({"upstream": upstream} if upstream else {})}
            for name, (_, _, upstream) in models.items()] + [
            {"name": name, "provider": "openai", "capabilities": ["embeddings"], "max_output": 0,
             "context_window": 8_000, "price": {"input": 1, "output": 0},
             **({"upstream": upstream} if upstream else {})}
            for name, (_, _, upstream) in EMBEDDERS.items()],
        "gateways": [
            {"name": name, "type": kind, "base_url": fake.url + path, "api_key": KEY}
            for name, (kind, path, _) in {**models, **EMBEDDERS}.items()],
        "model_routing": {name: [name] for name in [*models, *EMBEDDERS]},
        "logging": {"level": "info"},
    }
    value.update(changes)
    return value


def start(folder, fake, models=None, **changes):
    """A gateway with a configuration and policies of its own in `folder`."""
    return launch(folder, _value(fake, models or PROVIDERS, **changes))


def start_with(folder, fake, members):
    """As `start`, with these members in the place of the usual ones."""
    return launch(folder, {**_value(fake, {}), **members})


def launch(folder, value):
    return process.Gateway(_write(folder, value)).start()


def write(folder, fake, models=None, **changes):
    """The configuration of `start`, and its policies, in `folder`."""
    return _write(folder, _value(fake, models or PROVIDERS, **changes))


def _write(folder, value):
    place = folder / "policies"
    place.mkdir()
    (place / "test.cedar").write_text(configuration.POLICIES, encoding="utf-8")
    path = folder / "gateway.yaml"
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


def fake():
    return FakeProvider("--key", KEY)
