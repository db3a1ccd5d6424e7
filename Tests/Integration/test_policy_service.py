# SPDX-License-Identifier: MIT
"""The policy service: route, evaluate, models, decisions, reload, and its OpenAPI document."""
import jsonschema
import pytest
from support import schemas, wire

ROUTE = {"user_id": "test-user", "team_id": "engineering", "requested_model": "smart",
         "budget_remaining": 100.0, "latency_sla_ms": 5000}


def ask(gateway, path, value=None, method=None):
    return wire.ask_json(gateway.policy_port, path, value, method)


def test_route(gateway):
    answer = ask(gateway, "/route", ROUTE)
    assert answer.status == 200, answer.body
    value = answer.json()
    assert value["model"] in ("gpt-4o", "gpt-4o-mini")
    assert value["decision_id"]


def test_route_is_deterministic(gateway):
    chosen = {ask(gateway, "/route", ROUTE).json()["model"] for _ in range(50)}
    assert len(chosen) == 1


def test_route_forbidden(gateway):
    answer = ask(gateway, "/route", {**ROUTE, "requested_model": "forbidden-model"})
    assert answer.status == 403, answer.body
    assert b"no-forbidden-model" in answer.body


def test_route_unknown_model(gateway):
    answer = ask(gateway, "/route", {**ROUTE, "requested_model": "gpt-4o-minj"})
    assert answer.status == 404
    assert b"gpt-4o-mini" in answer.body


@pytest.mark.parametrize("value", [
    {}, [], "x", {**ROUTE, "requested_model": 5}, {**ROUTE, "latency_sla_ms": "fast"},
    {**ROUTE, "budget_remaining": "much"}])
def test_route_with_bad_input(gateway, value):
    assert ask(gateway, "/route", value).status in (400, 422)


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"[" * 100_000])
def test_route_with_bad_json(gateway, body):
    assert wire.ask(gateway.policy_port, body, path="/route").status == 400


def test_decision_can_be_looked_up(gateway):
    decision = ask(gateway, "/route", ROUTE).json()["decision_id"]
    answer = ask(gateway, f"/decisions/{decision}")
    assert answer.status == 200
    value = answer.json()
    assert value["requested_model"] == "smart"
    candidates = {candidate["model"]: candidate for candidate in value["candidates"]}
    assert {"gpt-4o", "gpt-4o-mini"} <= set(candidates)


def test_decision_of_a_chat_request_can_be_looked_up(gateway, upstream):
    case = upstream.case()
    chat = wire.ask(gateway.port, wire.chat_body(case.token, model="smart"))
    decision = chat.headers["x-gateway-decision-id"]
    answer = ask(gateway, f"/decisions/{decision}")
    assert answer.status == 200, answer.body
    assert chat.headers["x-gateway-model"] in answer.body.decode()


def test_decision_of_a_refusal_names_the_forbid(gateway):
    chat = wire.ask(gateway.port, wire.chat_body(model="forbidden-model"))
    answer = ask(gateway, f"/decisions/{chat.headers['x-gateway-decision-id']}")
    assert answer.status == 200
    assert b"no-forbidden-model" in answer.body


@pytest.mark.parametrize("name", ["nothing", "0" * 32, "..%2f..", "x" * 5000])
def test_unknown_decision(gateway, name):
    assert ask(gateway, f"/decisions/{name}").status in (400, 404, 414)


def test_evaluate(gateway):
    value = {"principal": {"type": "User", "id": "test-user"},
             "action": {"type": "Action", "id": "routing:select_model"},
             "resource": {"type": "Model", "id": "forbidden-model"}, "context": {}}
    answer = ask(gateway, "/evaluate", value)
    assert answer.status == 200, answer.body
    assert answer.json()["decision"].lower() == "deny"
    assert b"no-forbidden-model" in answer.body
    value["resource"]["id"] = "gpt-4o-mini"
    assert ask(gateway, "/evaluate", value).json()["decision"].lower() == "allow"


def test_models_are_live(gateway, upstream):
    case = upstream.case()
    for _ in range(5):
        wire.ask(gateway.port, wire.chat_body(case.token))
    answer = ask(gateway, "/models")
    assert answer.status == 200
    text = answer.body.decode()
    assert "gpt-4o-mini" in text and "circuit" in text
    assert "sk-upstream-key" not in text


def test_health(gateway):
    assert ask(gateway, "/health").status == 200


def test_openapi_describes_what_is_served(gateway):
    document = ask(gateway, "/openapi.json").json()
    assert document["openapi"].startswith("3.")
    for path in ("/route", "/evaluate", "/policies/reload", "/models", "/decisions/{id}",
                 "/health"):
        assert path in document["paths"], path
    served = ask(gateway, "/route", ROUTE).json()
    content = document["paths"]["/route"]["post"]["responses"]["200"]["content"]
    schema = {**content["application/json"]["schema"],
              "components": document.get("components", {})}
    jsonschema.Draft202012Validator(schema).validate(served)


def test_wrong_methods(gateway):
    assert ask(gateway, "/route").status == 405
    assert ask(gateway, "/nothing").status == 404


def test_errors_are_objects(gateway):
    answer = ask(gateway, "/nothing")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["error"]["message"]
    schemas.check("ErrorResponse", wire.ask_json(
        gateway.port, "/v1/nothing", key=wire.KEY).json())
