# SPDX-License-Identifier: MIT
"""The tests beside the policies hold up a reload that breaks them, and a start."""
import pytest
from support import configuration, process, wire

TESTS = """\
tests:
  - name: the forbidden model stays forbidden
    request: {requested_model: forbidden-model}
    expect: {decision: deny, policies: [no-forbidden-model]}
  - name: others are allowed
    request: {requested_model: gpt-4o}
    expect: {decision: allow, policies: [base]}
"""
OPEN = """\
@id("base")
permit (principal, action == Action::"routing:select_model", resource);
"""


def reload(gateway):
    return wire.ask_json(gateway.policy_port, "/policies/reload", {})


def test_a_failing_test_refuses_the_reload(own_gateway):
    tests = own_gateway.policies.with_name("test.test.yaml")
    tests.write_text(TESTS, encoding="utf-8")
    answer = reload(own_gateway)
    assert answer.status == 200 and answer.json()["tests"] == 2
    version = answer.json()["version"]
    own_gateway.policies.write_text(OPEN, encoding="utf-8")
    answer = reload(own_gateway)
    assert answer.status == 422
    found = [item for item in answer.json()["diagnostics"] if item["code"] == "TEST"]
    assert len(found) == 2
    for item in found:
        assert "the forbidden model stays forbidden" in item["message"]
        assert item["file"].endswith("test.test.yaml") and item["line"] == 2
    health = wire.ask_json(own_gateway.policy_port, "/health").json()
    assert health["status"] == "degraded"
    refused = wire.ask(own_gateway.port, wire.chat_body(model="forbidden-model"))
    assert refused.status == 403
    tests.unlink()
    answer = reload(own_gateway)
    assert answer.status == 200 and answer.json()["version"] != version
    assert wire.ask(own_gateway.port, wire.chat_body(model="forbidden-model")).status == 200


def test_tests_that_cannot_be_read_refuse_it_too(own_gateway):
    tests = own_gateway.policies.with_name("test.test.yaml")
    tests.write_text("tests:\n  - nam: x\n", encoding="utf-8")
    answer = reload(own_gateway)
    assert answer.status == 422
    assert b"`nam`" in answer.body and b"did you mean `name`" in answer.body


def start(folder, upstream, policies, tests=TESTS, text=OPEN):
    made = configuration.write(folder, upstream, policies=policies)
    made.facts["policies"].write_text(text, encoding="utf-8")
    made.facts["policies"].with_name("test.test.yaml").write_text(tests, encoding="utf-8")
    return process.Gateway(made.path)


def test_a_start_is_held_up_too(tmp_path, upstream):
    with pytest.raises(RuntimeError) as failure:
        start(tmp_path, upstream, {"paths": ["policies"]}).start()
    assert "the forbidden model stays forbidden" in str(failure.value)
    assert "policies.run_tests: false" in str(failure.value)


def test_the_tests_can_be_left_out(tmp_path, upstream):
    gateway = start(tmp_path, upstream, {"paths": ["policies"], "run_tests": False}).start()
    try:
        answer = reload(gateway)
        assert answer.status == 200 and answer.json()["tests"] == 0
    finally:
        gateway.stop()


def test_without_policies_a_reload_says_so(tmp_path, upstream):
    made = configuration.write(tmp_path, upstream, policies={"paths": []})
    gateway = process.Gateway(made.path).start()
    try:
        answer = reload(gateway)
        assert answer.status == 200
        value = answer.json()
        assert value["changed"] is False and value["policies"] == 1
        assert "no policy files are configured" in value["diagnostics"][0]["message"]
        assert wire.ask(gateway.port, wire.chat_body(model="forbidden-model")).status == 200
    finally:
        gateway.stop()
