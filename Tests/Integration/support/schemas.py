# SPDX-License-Identifier: MIT
"""OpenAI's own schemas: every body and chunk the gateway hands out is checked against them."""
import functools
import json
import os

import jsonschema
import pytest

from .process import ROOT

PATH = os.path.join(ROOT, "..", "shared", "conformance", "openai-openapi-subset.json")


@functools.lru_cache
def _document():
    if not os.path.exists(PATH):
        pytest.skip(f"{os.path.normpath(PATH)} is absent: OpenAI's schemas cannot be checked")
    with open(PATH, encoding="utf-8") as file:
        return json.load(file)


@functools.lru_cache
def _validator(name):
    schema = {"$ref": f"#/components/schemas/{name}", "components": _document()["components"]}
    return jsonschema.Draft202012Validator(schema)


def check(name, value):
    """Asserts that `value` is a `name` of OpenAI's document."""
    problems = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                for error in _validator(name).iter_errors(value)]
    assert not problems, f"not a {name}: {problems[:5]}"


def check_error(answer, status, code=None):
    """Asserts an OpenAI error of this status (and code) and returns its object."""
    assert answer.status == status, (answer.status, answer.body[:500])
    assert answer.headers["content-type"].startswith("application/json")
    value = answer.json()
    check("ErrorResponse", value)
    if code is not None:
        assert value["error"]["code"] == code, value
    return value["error"]


def check_chunks(events):
    """Validates each chunk of a stream that ended with [DONE]; returns them."""
    assert events and events[-1] == "[DONE]", events[-2:]
    chunks = [json.loads(event) for event in events[:-1]]
    for chunk in chunks:
        check("CreateChatCompletionStreamResponse", chunk)
    return chunks
