# SPDX-License-Identifier: MIT
"""Error types, retries and timeouts as the official SDK sees them."""
import time

import pytest
from support import replies

pytestmark = pytest.mark.sdk
MESSAGES = [{"role": "user", "content": "Hello!"}]


def chat(client, case=None, model="gpt-4o-mini", **more):
    if case:
        more["user"] = case.token
    return client.chat.completions.create(model=model, messages=MESSAGES, **more)


def test_wrong_key(client, openai_module, upstream):
    case = upstream.case()
    with pytest.raises(openai_module.AuthenticationError) as caught:
        chat(client.with_options(api_key="sk-wrong"), case)
    assert caught.value.code == "invalid_api_key"
    assert "sk-wrong" not in str(caught.value)
    assert not case.requests


def test_unknown_model_names_the_nearest(client, openai_module):
    with pytest.raises(openai_module.NotFoundError) as caught:
        chat(client, model="gpt-4o-mimi")
    assert caught.value.code == "model_not_found"
    assert "gpt-4o-mini" in caught.value.body["message"]


def test_unknown_model_of_models(client, openai_module):
    with pytest.raises(openai_module.NotFoundError) as caught:
        client.models.retrieve("gpt-4o-mimi")
    assert caught.value.code == "model_not_found"


def test_forbidden_names_the_forbid(client, openai_module, upstream):
    case = upstream.case()
    with pytest.raises(openai_module.PermissionDeniedError) as caught:
        chat(client, case, model="forbidden-model")
    assert "no-forbidden-model" in caught.value.body["message"]
    assert not case.requests


def test_wrong_types(client, openai_module, upstream):
    case = upstream.case()
    with pytest.raises(openai_module.BadRequestError) as caught:
        client.post("/chat/completions", cast_to=object,
                    body={"model": 7, "messages": MESSAGES, "user": case.token})
    assert caught.value.type == "invalid_request_error"
    assert "model" in caught.value.body["message"]
    assert not case.requests


@pytest.mark.parametrize(("status", "name"), [
    (400, "BadRequestError"), (404, "NotFoundError"), (422, "UnprocessableEntityError"),
    (429, "RateLimitError"), (500, "InternalServerError"), (503, "InternalServerError")])
def test_provider_errors_keep_their_kind(client, openai_module, upstream, status, name):
    error = replies.error_object("from the provider", "some_kind", "some_code")
    case = upstream.case(replies.status(status, error))
    with pytest.raises(getattr(openai_module, name)) as caught:
        chat(client, case)
    assert caught.value.status_code == status
    assert "from the provider" in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_the_gateways_own_key_is_not_the_clients_fault(client, openai_module, upstream, status):
    error = replies.error_object("Incorrect API key provided: sk-upstream-key", "x", "y")
    case = upstream.case(replies.status(status, error))
    with pytest.raises(openai_module.InternalServerError) as caught:
        chat(client, case)
    assert caught.value.type == "upstream_auth_error" or caught.value.code == "upstream_auth_error"
    assert "sk-upstream-key" not in str(caught.value)


@pytest.mark.parametrize("status", [429, 500])
def test_sdk_retries_are_seen(client, openai_module, upstream, status):
    """With the gateway's own retries off, the SDK's two show at the upstream."""
    case = upstream.case(replies.status(status, headers={"retry-after-ms": "10"}))
    with pytest.raises(openai_module.APIStatusError):
        chat(client.with_options(max_retries=2), case)
    assert len(case.requests) == 3


def test_sdk_retry_succeeds(client, upstream):
    case = upstream.case(replies.status(500, headers={"retry-after-ms": "10"}), replies.honest())
    answer = chat(client.with_options(max_retries=2), case)
    assert answer.choices[0].message.content == "Hello there,"
    assert len(case.requests) == 2


def test_bad_requests_are_not_retried(client, openai_module, upstream):
    case = upstream.case(replies.status(400))
    with pytest.raises(openai_module.BadRequestError):
        chat(client.with_options(max_retries=2), case)
    assert len(case.requests) == 1


def test_retry_after_passes(client, openai_module, upstream):
    case = upstream.case(replies.status(429, headers={"retry-after": "7"}))
    with pytest.raises(openai_module.RateLimitError) as caught:
        chat(client, case)
    assert caught.value.response.headers["retry-after"] == "7"


def test_the_clients_timeout_frees_the_upstream(client, openai_module, upstream):
    case = upstream.case(replies.raw(b"", end="hang"))
    begin = time.monotonic()
    with pytest.raises(openai_module.APITimeoutError):
        chat(client.with_options(timeout=0.4), case)
    assert time.monotonic() - begin < 2
    assert case.gone.wait(3), "the upstream was not told that the client left"


def test_the_gateways_timeout_is_an_answer(client, openai_module, upstream):
    case = upstream.case(replies.raw(b"", end="hang"))
    with pytest.raises(openai_module.APIStatusError) as caught:
        chat(client.with_options(timeout=10), case)
    assert caught.value.status_code in (408, 504)
    assert case.gone.wait(3)
