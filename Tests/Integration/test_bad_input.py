# SPDX-License-Identifier: MIT
"""What no client should send: each is refused with the right status, and nothing goes upstream."""
import json
import re

import pytest
from support import schemas, wire

START = b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]'


@pytest.mark.parametrize(("body", "offset"), [
    (b'{"model": "gpt-4o-mini", "messages": [}', 38),
    (b'{"model": "gpt-4o-mini" "messages": []}', 24),
    (b'{"model": "gpt-4o-mini", "messages": [], }', 41),
    (START + b',"temperature": 01}', len(START) + 17),
    (START + b',"temperature": nul}', None),
    (START + b',"x": "\\q"}', len(START) + 8),
    (START + b',"x": "a\nb"}', len(START) + 8),
    (START, len(START)),
    (START + b'} x', len(START) + 2),
    (b"", None),
    (b"\x00\x01", 0),
    (b"hello", 0),
])
def test_malformed_json(gateway, body, offset):
    error = schemas.check_error(wire.ask(gateway.port, body), 400)
    assert error["type"] == "invalid_request_error"
    if offset is not None:
        found = re.search(r"byte(?: offset)? (\d+)", error["message"])
        assert found, error["message"]
        assert abs(int(found.group(1)) - offset) <= 1, error["message"]


@pytest.mark.parametrize("tail", [
    b'"\xff\xfe"', b'"\xc3("', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xc0\xaf"',
    b'"\xe2\x82"'])
def test_invalid_utf8(gateway, tail):
    error = schemas.check_error(wire.ask(gateway.port, START + b',"x":' + tail + b"}"), 400)
    assert re.search("utf-?8", error["message"], re.IGNORECASE), error["message"]


@pytest.mark.parametrize("value", [
    {"model": 5, "messages": []}, {"model": None, "messages": []}, {"model": ["gpt-4o-mini"]},
    {"messages": []}, {"model": "", "messages": []}, [], "text", 7, None,
    {"model": "gpt-4o-mini", "messages": "hello"}, {"model": "gpt-4o-mini"},
    {"model": "gpt-4o-mini", "messages": [], "stream": "yes"},
    {"model": "gpt-4o-mini", "messages": [], "max_tokens": "many"},
])
def test_wrong_types(gateway, value):
    error = schemas.check_error(wire.ask(gateway.port, json.dumps(value).encode()), 400)
    assert error["type"] == "invalid_request_error"


def test_nesting_is_bounded(gateway):
    body = START + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    schemas.check_error(wire.ask(gateway.port, body), 400)


@pytest.mark.parametrize("member", [b'"model":"gpt-4o"', b'"stream":true'])
def test_a_repeated_member_that_decides_is_refused(gateway, member):
    """Which of the two would the provider believe? The gateway decides about rights by it."""
    body = b"{" + member + b"," + member + b"," + wire.chat_body()[1:]
    schemas.check_error(wire.ask(gateway.port, body), 400)


def test_other_repeated_members_pass_as_sent(gateway, upstream):
    case = upstream.case()
    tail = b', "temperature": 0.1, "temperature": 0.9, "x": 1, "x": 2}'
    assert wire.ask(gateway.port, wire.chat_body(case.token)[:-1] + tail).status == 200
    assert tail in case.requests[0].body


def test_numbers_and_order_stay_as_sent(gateway, upstream):
    case = upstream.case()
    tail = b', "z": 1e400, "a": 0.10, "big": 9223372036854775808, "u": "\\u00e9\\ud83d\\ude00"}'
    wire.ask(gateway.port, wire.chat_body(case.token)[:-1] + tail)
    assert tail in case.requests[0].body


def test_unknown_model(gateway):
    body = wire.chat_body(model="gpt-4o-minj")
    error = schemas.check_error(wire.ask(gateway.port, body), 404, "model_not_found")
    assert "gpt-4o-mini" in error["message"]


def test_model_names_are_data(gateway):
    """Nothing in a model's name can reach a header or a log line as more than text."""
    names = ("a\r\nX-Injected: 1", "../../etc/passwd", "x" * 10_000, "模型", "\u0000", "a\"b")
    for name in names:
        answer = wire.ask(gateway.port, wire.chat_body(model=name))
        schemas.check_error(answer, 404, "model_not_found")
        assert "x-injected" not in answer.headers
        assert len(answer.body) < 4096


def test_no_permit(gateway):
    answer = wire.ask(gateway.port, wire.chat_body(model="forbidden-model"))
    error = schemas.check_error(answer, 403)
    assert "no-forbidden-model" in error["message"]
    assert answer.headers["x-gateway-decision-id"]


@pytest.mark.parametrize("headers", [
    [], ["Authorization: Bearer wrong"], ["Authorization: Bearer "], ["Authorization: Basic eDp5"],
    ["x-api-key: wrong"], [f"Authorization: Bearer {wire.KEY}x"],
    [f"Authorization: Bearer {wire.KEY[:-1]}"]])
def test_keys(gateway, headers):
    answer = wire.ask(gateway.port, wire.chat_body(), key=None, headers=headers)
    error = schemas.check_error(answer, 401)
    assert error["code"] in ("invalid_api_key", "missing_api_key")


@pytest.mark.parametrize("name", ["x-api-key", "api-key", "x-goog-api-key"])
def test_other_key_headers(gateway, name):
    answer = wire.ask(gateway.port, wire.chat_body(), key=None, headers=[f"{name}: {wire.KEY}"])
    assert answer.status == 200


def test_body_over_the_limit(gateway):
    """Refused by its declared length, before the body is read."""
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(headers=[f"Content-Length: {gateway.body_limit + 1}"],
                                     length=False))
        schemas.check_error(connection.answer(), 413)


def test_chunked_body_over_the_limit(gateway):
    with wire.Wire(gateway.port) as connection:
        connection.send(wire.request(headers=["Transfer-Encoding: chunked"], length=False))
        block = b"10000\r\n" + b" " * 65536 + b"\r\n"
        try:
            for _ in range(gateway.body_limit // 65536 + 2):
                connection.send(block)
        except ConnectionError:
            pass
        schemas.check_error(connection.answer(), 413)


def test_body_at_the_limit(gateway, upstream):
    case = upstream.case()
    body = wire.chat_body(case.token)
    body = body[:-1] + b" " * (gateway.body_limit - len(body)) + b"}"
    assert wire.ask(gateway.port, body).status == 200
    assert len(case.requests) == 1


@pytest.mark.parametrize("headers", [
    ["X-Long: " + "a" * 200_000], [f"X-{number}: value" for number in range(5_000)]])
def test_head_over_the_limit(gateway, headers):
    answer = wire.ask(gateway.port, wire.chat_body(), headers=headers)
    assert answer.status == 431
    assert answer.headers.get("connection") == "close"


def test_target_over_the_limit(gateway):
    answer = wire.ask(gateway.port, wire.chat_body(), path="/v1/" + "a" * 200_000)
    assert answer.status in (414, 431)


@pytest.mark.parametrize(("method", "path", "status", "allowed"), [
    ("GET", "/v1/chat/completions", 405, "POST"), ("DELETE", "/embeddings", 405, "POST"),
    ("PUT", "/v1/completions/", 405, "POST"), ("DELETE", "/v1/models", 405, "GET, HEAD"),
    ("POST", "/v1/models", 405, "GET, HEAD"), ("PUT", "/metrics", 405, "GET, HEAD"),
    ("OPTIONS", "/v1/models/gpt-4o", 405, "GET, HEAD"),
    ("POST", "/v1/nothing", 404, None), ("GET", "/v1/models/no-such", 404, None)])
def test_wrong_paths_and_methods(gateway, method, path, status, allowed):
    answer = wire.ask(gateway.port, wire.chat_body() if method == "POST" else b"",
                      method=method, path=path)
    assert answer.status == status
    assert answer.headers.get("allow") == allowed
    schemas.check("ErrorResponse", answer.json())
