# SPDX-License-Identifier: MIT
"""Errors have the shape of the client's API also where the gateway answers before it knows more
than the path: without a key, and where there is nothing."""
import pytest
from support import wire

CLAUDE = ["anthropic-version: 2023-06-01"]


def anthropic(answer, kind):
    value = answer.json()
    assert value["type"] == "error" and value["error"]["type"] == kind, value


@pytest.mark.parametrize("headers", [[], ["x-api-key: sk-nobody-knows-this"]])
def test_anthropic_without_a_key(gateway, headers):
    answer = wire.ask(gateway.port, b"{}", path="/v1/messages", key=None, headers=headers)
    assert answer.status == 401
    anthropic(answer, "authentication_error")


@pytest.mark.parametrize(("method", "path", "headers", "status", "kind"), [
    ("POST", "/v1/messages/batches", [], 404, "not_found_error"),
    ("GET", "/v1/messages", [], 405, "invalid_request_error"),
    ("GET", "/v1/models/no-such", CLAUDE, 404, "not_found_error"),
    ("GET", "/v1/files", CLAUDE, 404, "not_found_error")])
def test_anthropic_where_there_is_nothing(gateway, method, path, headers, status, kind):
    answer = wire.ask(gateway.port, method=method, path=path, headers=headers)
    assert answer.status == status
    anthropic(answer, kind)


@pytest.mark.parametrize("path", ["/v1beta/files", "/v1beta/models/no-such",
                                  "/v1beta/cachedContents"])
def test_gemini_where_there_is_nothing(gateway, path):
    answer = wire.ask(gateway.port, method="GET", path=path)
    assert answer.status == 404
    assert answer.error["code"] == 404 and answer.error["status"] == "NOT_FOUND"


def test_bedrock_where_there_is_nothing(gateway):
    answer = wire.ask(gateway.port, b"{}", path="/model/gpt-4o/invoke")
    assert answer.status == 404
    assert answer.headers["x-amzn-errortype"] == "ResourceNotFoundException"
    assert list(answer.json()) == ["message"]


def test_version_twice(gateway, upstream):
    """An SDK that adds `/v1` itself, given a base URL that has it already."""
    case = upstream.case()
    answer = wire.ask(gateway.port, wire.chat_body(case.token), path="/v1/v1/chat/completions")
    assert answer.status == 200
    assert case.requests[0].path.count("/v1") == 1


def test_a_byte_order_mark_is_named(gateway):
    answer = wire.ask(gateway.port, b"\xef\xbb\xbf" + wire.chat_body())
    assert answer.status == 400
    assert "byte order mark" in answer.error["message"]
