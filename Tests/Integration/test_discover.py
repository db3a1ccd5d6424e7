# SPDX-License-Identifier: MIT
"""`gateway discover`: every provider's list, what is new and missing, and trials."""
import json
import subprocess

import pytest
from support import process, providers
from support.fakes import FakeProvider

LISTED = ("gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash", "a-new-model", "another:7b")


@pytest.fixture(scope="module")
def listing_fake():
    names = [argument for name in LISTED for argument in ("--model", name)]
    with FakeProvider("--key", providers.KEY, "--page", "2", *names) as one:
        yield one


@pytest.fixture(scope="module")
def configuration(tmp_path_factory, listing_fake):
    folder = tmp_path_factory.mktemp("discover")
    providers.write(folder, listing_fake)
    return str(folder / "gateway.yaml")


def _run(configuration, *arguments):
    return subprocess.run(
        [process.binary(), "discover", "-c", configuration, *arguments], cwd=process.ROOT,
        capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def test_lists_of_all_providers(configuration):
    done = _run(configuration, "--format", "json")
    assert done.returncode == 0, done.stderr
    found = {one["gateway"]: {model["model"]: model for model in one["models"]}
             for one in json.loads(done.stdout)}
    assert set(found) == {*providers.PROVIDERS, *providers.EMBEDDERS}
    for gateway, models in found.items():
        assert set(LISTED) <= set(models), gateway
        assert models["a-new-model"]["standing"] == "new"
    assert found["gpt-4o"]["gpt-4o"]["standing"] == "known"
    assert found["gpt-4o"]["gpt-4o"]["configured_as"] == ["gpt-4o"]
    assert found["azure-gpt-4o"]["gpt-4o"]["configured_as"] == ["azure-gpt-4o"]
    assert found["grok-4"]["grok-4"]["standing"] == "missing"
    assert found["gemini-2.5-flash"]["a-new-model"]["context_window"] == 1_048_576
    assert found["claude-sonnet-4-5"]["a-new-model"]["max_output"] == 64_000
    assert "us.a-new-model" in found["bedrock-claude"]


def test_lines_for_models_yaml(configuration, tmp_path):
    path = tmp_path / "new.yaml"
    done = _run(configuration, "--gateway", "gpt-4o", "--format", "yaml", "--write", str(path))
    assert done.returncode == 0 and done.stdout == ""
    yaml = pytest.importorskip("yaml", reason="run Tests/Integration/setup.sh first")
    models = yaml.safe_load(path.read_text())
    assert {"a-new-model", "another:7b"} <= {model["name"] for model in models}
    assert all(model["provider"] == "openai" for model in models)


@pytest.mark.parametrize("gateway", ["gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash",
                                     "bedrock-claude", "llama3"])
def test_trials(configuration, gateway):
    done = _run(configuration, "--gateway", gateway, "--probe", "--model", "a-new-model",
                "--format", "json")
    assert done.returncode == 0, done.stderr
    assert "at most 7 requests" in done.stderr
    models = {model["model"]: model for model in json.loads(done.stdout)[0]["models"]}
    trials = {one["capability"]: one["result"] for one in models["a-new-model"]["trials"]}
    assert trials["chat"] == trials["stream"] == trials["tools"] == "yes", done.stderr
    assert trials["vision"] == "yes", done.stderr
    assert "embeddings" not in trials
    assert "chat" in models["a-new-model"]["capabilities"]


def test_trials_are_bounded(configuration, listing_fake):
    listing_fake.forget()
    done = _run(configuration, "--gateway", "gpt-4o", "--probe", "--model", "*", "--calls", "3")
    assert done.returncode == 0
    chats = [one for one in listing_fake.requests() if one["method"] == "POST"]
    assert len(chats) == 3
    assert "=?" in done.stdout


def test_what_fails_is_said(configuration, listing_fake):
    listing_fake.standing("status=503")
    try:
        done = _run(configuration, "--gateway", "gpt-4o")
    finally:
        listing_fake.standing()
    assert done.returncode == 1
    assert "503" in done.stderr and "503" in done.stdout
    assert _run(configuration, "--gateway", "nobody").returncode == 1
    assert _run(configuration, "--model", "x").returncode == 64
