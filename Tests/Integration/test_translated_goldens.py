# SPDX-License-Identifier: MIT
"""What the translators write (Tests/Fixtures/Translation/goldens) against the vendors' own types:
requests for Bedrock against botocore's service model, answers and streams for clients of the
Responses API against the official SDK and the published schemas."""
import json
import pathlib
import re

import pytest
from support import schemas

GOLDENS = pathlib.Path(__file__).resolve().parents[1] / "Fixtures/Translation/goldens"


def sections(pattern):
    """(name, text) of each case in the files that match."""
    found = []
    for file in sorted(GOLDENS.glob(pattern)):
        for section in re.split(r"^=== ", file.read_text("utf-8"), flags=re.M)[1:]:
            name, _, text = section.partition("\n")
            found.append((f"{file.stem}: {name}", text))
    assert found, f"no goldens match {pattern}"
    return found


def complaints(shape, value, path=""):
    """What botocore's own validation leaves out: enumerations, patterns and unknown members."""
    if shape.type_name == "structure" and isinstance(value, dict):
        if getattr(shape, "is_document_type", False):
            return
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name} is unknown"
            else:
                yield from complaints(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        for index, element in enumerate(value):
            yield from complaints(shape.member, element, f"{path}[{index}]")
    elif shape.type_name == "string":
        pattern = shape.metadata.get("pattern")
        if shape.enum and value not in shape.enum:
            yield f"{path} is {value}, not one of {shape.enum}"
        if pattern and not re.fullmatch(pattern, value):
            yield f"{path} is {value}, which does not match {pattern}"


def test_requests_are_bedrocks_own():
    session = pytest.importorskip("botocore.session", reason="needs botocore")
    from botocore.validate import ParamValidator

    model = session.get_session().get_service_model("bedrock-runtime")
    shape = model.operation_model("ConverseStream").input_shape
    for name, text in sections("requests/*-to-bedrock.txt"):
        head, _, body = text.partition("\n\n")
        if not head.startswith("POST "):
            continue
        request = json.loads(body) | {"modelId": "x"}
        report = ParamValidator().validate(request, shape)
        assert not report.has_errors(), f"{name}: {report.generate_report()}"
        assert not list(complaints(shape, request)), name


def test_answers_are_responses():
    types = pytest.importorskip("openai.types.responses", reason="needs the newest SDK")
    for name, text in sections("answers/*-for-responses.txt"):
        kind, _, rest = text.partition("\n")
        if re.fullmatch(r"\w+ \d+", kind):
            schemas.check("ErrorResponse", json.loads(rest))
        elif text.startswith("{"):
            answer = json.loads(text)
            types.Response.model_validate(answer, strict=True)
            schemas.check("Response", answer)
        else:
            assert re.match(r"\w+Answer: ", text), name


def test_streams_are_typed_events():
    types = pytest.importorskip("openai.types.responses", reason="needs the newest SDK")
    from pydantic import TypeAdapter

    adapter = TypeAdapter(types.ResponseStreamEvent)
    ends = ("response.completed", "response.incomplete", "error")
    for name, text in sections("streams/*-for-responses.txt"):
        events = []
        for block in text.split("\n\n"):
            if not block.startswith("event: "):
                continue
            kind, data = block.split("\n")
            events.append(json.loads(data.removeprefix("data: ")))
            assert kind == f"event: {events[-1]['type']}", name
        for number, event in enumerate(events):
            assert event["sequence_number"] == number, name
            adapter.validate_python(event)
            schemas.check("ResponseStreamEvent", event)
        assert [event["type"] in ends for event in events].index(True) == len(events) - 1, name
