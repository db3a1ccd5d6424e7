# SPDX-License-Identifier: MIT
"""Keys that may use some models only."""
import json

import pytest
from support import configuration, process, schemas, wire


@pytest.fixture
def limited_gateway(tmp_path, upstream):
    """Its key may use gpt-4o-mini; it writes an access log."""
    made = configuration.write(
        tmp_path, upstream, logging={"access_log": str(tmp_path / "access.log")})
    with open(made.path, encoding="utf-8") as file:
        value = json.load(file)
    value["keys"][0]["models"] = ["gpt-4o-mini"]
    with open(made.path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    gateway = process.Gateway(made.path).start()
    yield gateway
    gateway.stop()


def test_a_model_outside_the_keys_list_is_refused(limited_gateway, tmp_path, upstream):
    gateway = limited_gateway
    token = upstream.case().token
    assert wire.ask(gateway.port, wire.chat_body(token)).status == 200
    answer = wire.ask(gateway.port, wire.chat_body(token, model="gpt-4o"))
    assert answer.status == 403
    schemas.check("ErrorResponse", answer.json())
    assert answer.error["code"] == "api_key_not_allowed"
    assert answer.error["type"] == "permission_error" and answer.error["param"] == "model"
    assert answer.headers["x-should-retry"] == "false"
    text = wire.ask(gateway.port, path="/metrics", method="GET", key=None).body.decode()
    rejected = [line.split(" ") for line in text.splitlines()
                if line.startswith("gateway_rejections_total") and not line.endswith(" 0")]
    assert len(rejected) == 1 and 'reason="unauthorized"' in rejected[0][0], rejected
    assert rejected[0][1] == "1"
    assert gateway.stop() == 0
    lines = (tmp_path / "access.log").read_text(encoding="utf-8").splitlines()
    refused = [json.loads(line) for line in lines if '"status":403' in line.replace(": ", ":")]
    # The key is known, unlike one that is refused for its address.
    assert [line["key"] for line in refused] == ["test"]
