# SPDX-License-Identifier: MIT
"""What a key that may use only some models sees of the others."""
import json

import pytest
from support import configuration, process, wire

LIMITED = "sk-limited-0123456789abcdef"


@pytest.fixture
def limited_gateway(tmp_path, upstream):
    made = configuration.write(tmp_path, upstream)
    with open(made.path, encoding="utf-8") as file:
        value = json.load(file)
    value["keys"].append({"name": "limited", "key": LIMITED, "models": ["gpt-4o-mini"]})
    with open(made.path, "w", encoding="utf-8") as file:
        json.dump(value, file)
    one = process.Gateway(made.path).start()
    yield one
    one.stop()


def names(gateway, key):
    answer = wire.ask_json(gateway.port, "/v1/models", key=key)
    assert answer.status == 200
    return {model["id"] for model in answer.json()["data"]}


def test_the_list_has_what_the_key_may_use(limited_gateway):
    everything = names(limited_gateway, wire.KEY)
    assert {"gpt-4o", "gpt-4o-mini", "smart", "text-embedding-3-small"} <= everything
    # A group is offered as long as one of its models is.
    assert names(limited_gateway, LIMITED) == {"gpt-4o-mini", "smart"}


def test_other_models_do_not_exist_for_it(limited_gateway):
    port = limited_gateway.port
    assert wire.ask_json(port, "/v1/models/gpt-4o-mini", key=LIMITED).status == 200
    assert wire.ask_json(port, "/v1/models/gpt-4o", key=LIMITED).status == 404
    assert wire.ask_json(port, "/v1/models/gpt-4o", key=wire.KEY).status == 200


def test_hints_name_what_the_key_may_use(limited_gateway):
    port = limited_gateway.port
    for name in ("gpt-4o", "gpt-4o-minu"):
        said = wire.ask_json(port, f"/v1/models/{name}", key=LIMITED).json()["error"]["message"]
        assert said.endswith("Did you mean gpt-4o-mini?")
    chat = {"model": "gpt-4o-minu", "messages": [{"role": "user", "content": "x"}]}
    answer = wire.ask_json(port, "/v1/chat/completions", chat, key=LIMITED)
    assert answer.status == 404
    assert "Did you mean 'gpt-4o-mini'?" in answer.json()["error"]["message"]
    everything = wire.ask_json(port, "/v1/chat/completions", chat, key=wire.KEY)
    assert "'gpt-4o'" in everything.json()["error"]["message"]
    nothing = wire.ask_json(port, "/v1/models/text-embedding-3-smal", key=LIMITED)
    assert nothing.json()["error"]["message"].endswith("does not exist here.")


def test_another_kind_of_model_is_refused_by_name(limited_gateway):
    chat = {"model": "text-embedding-3-small", "messages": [{"role": "user", "content": "x"}]}
    for path, body in (("/v1/chat/completions", chat),
                       ("/v1/embeddings", {"model": "gpt-4o", "input": "x"})):
        answer = wire.ask_json(limited_gateway.port, path, body, key=wire.KEY)
        assert answer.status == 400
        assert answer.json()["error"]["code"] == "model_not_supported"
