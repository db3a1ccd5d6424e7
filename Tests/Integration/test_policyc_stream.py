# SPDX-License-Identifier: MIT
"""`policyc authorize --requests` on many requests, and on an image that is mapped."""

import json
import os
import subprocess

from support import policyc

POLICIES = """
@id("team") permit (principal in Team::"a", action, resource) when { context.tokens < 100 };
@id("blocked") forbid (principal == User::"eve", action, resource);
@id("owner") permit (principal, action, resource) when { resource.owner == principal };
"""
ENTITIES = [
    {"uid": {"type": "User", "id": "ann"}, "attrs": {}, "parents": [{"type": "Team", "id": "a"}]},
    {"uid": {"type": "User", "id": "eve"}, "attrs": {}, "parents": [{"type": "Team", "id": "a"}]},
]


def write(folder):
    (folder / "policies.cedar").write_text(POLICIES)
    (folder / "entities.json").write_text(json.dumps(ENTITIES))
    return ["--entities", folder / "entities.json"]


def request(user, tokens):
    return {"principal": {"type": "User", "id": user}, "action": 'Action::"use"',
            "resource": {"type": "Model", "id": "m"}, "context": {"tokens": tokens}}


def authorize(folder, *arguments):
    """The answers, the exit code and the most memory that was resident, in KiB."""
    out = folder / "answers.jsonl"
    with out.open("wb") as file:
        process = subprocess.Popen([policyc.binary(), "authorize", *arguments], stdout=file)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return out.read_text().splitlines(), process.returncode, usage.ru_maxrss


def test_memory_does_not_grow_with_the_file(tmp_path):
    entities = write(tmp_path)
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    lines = [json.dumps(request("ann", number % 200)) for number in range(200)]
    few.write_text("\n".join(lines * 5) + "\n")
    many.write_text("\n".join(lines * 150) + "\n")
    policies = ["--policies", tmp_path / "policies.cedar"]
    answers, code, small = authorize(tmp_path, *policies, *entities, "--requests", few)
    assert code == 0 and len(answers) == 1_000
    answers, code, large = authorize(tmp_path, *policies, *entities, "--requests", many)
    assert code == 0 and len(answers) == 30_000
    decisions = [json.loads(answer)["decision"] for answer in answers[:200]]
    # `owner` reads an attribute of a model that does not exist: an error, which decides nothing.
    assert decisions == ["allow"] * 100 + ["deny"] * 100
    assert json.loads(answers[0])["reasons"] == ["team"]
    assert [error["policy"] for error in json.loads(answers[0])["errors"]] == ["owner"]
    assert large < small + 8_192


def test_lines_of_every_kind_are_answered_in_order(tmp_path):
    entities = write(tmp_path)
    long_name = "x" * 700_000
    lines = [
        json.dumps(request("ann", 5)), "", "not json", json.dumps(request("eve", 5)),
        json.dumps(request("ann", None)), json.dumps(request(long_name, 5)),
        json.dumps(request("\u00e9\n", 5)), json.dumps({**request("ann", 7), "id": [1, {"a": 2}]}),
    ]
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(lines))
    answers, code, _ = authorize(
        tmp_path, "--policies", tmp_path / "policies.cedar", *entities, "--requests", file)
    assert code == 1
    answers = [json.loads(answer) for answer in answers]
    assert [answer.get("decision", "error") for answer in answers] == [
        "allow", "error", "deny", "error", "deny", "deny", "allow"]
    assert answers[2]["reasons"] == ["blocked"]
    assert answers[1]["error"].startswith("line 3: ")
    assert answers[3]["error"].startswith("line 5: ")


def test_invalid_bytes_are_no_replacement_character(tmp_path):
    entities = write(tmp_path)
    (tmp_path / "permit.cedar").write_text(
        'permit (principal == User::"\ufffd", action, resource);', encoding="utf-8")
    good = json.dumps(request("\ufffd", 5), ensure_ascii=False).encode()
    file = tmp_path / "requests.jsonl"
    file.write_bytes(b"\n".join([good, good.replace("\ufffd".encode(), b"\xff"), b"", good]))
    answers, code, _ = authorize(
        tmp_path, "--policies", tmp_path / "permit.cedar", *entities, "--requests", file)
    answers = [json.loads(answer) for answer in answers]
    assert code == 1 and [answer.get("decision") for answer in answers] == ["allow", None, "allow"]
    assert answers[1]["error"] == "line 2: the line is not valid UTF-8"
    for command in (["diff", tmp_path / "permit.cedar", tmp_path / "permit.cedar"],
                    ["bench", "-p", tmp_path / "permit.cedar"]):
        run = policyc.run(*command, "--requests", file, folder=tmp_path, code=2)
        assert f"{file}:2: the line is not valid UTF-8" in run.error


def test_a_line_that_is_too_long_is_one_line(tmp_path):
    """Its rest is no line of its own, whatever stands there."""
    entities = write(tmp_path)
    good = json.dumps(request("ann", 5)).encode()
    file = tmp_path / "requests.jsonl"
    with file.open("wb") as out:
        out.write(good + b'\n{"note":"')
        for _ in range(70):
            out.write(b"a" * (1 << 20))
        out.write(good + b"\n" + good + b"\nnot json\n")
    answers, code, _ = authorize(
        tmp_path, "--policies", tmp_path / "policies.cedar", *entities, "--requests", file)
    answers = [json.loads(answer) for answer in answers]
    assert code == 1 and [answer.get("decision") for answer in answers] == [
        "allow", None, "allow", None]
    assert answers[1]["error"] == "line 2: the line is longer than 64 MiB"
    assert answers[3]["error"].startswith("line 4: ")


def test_a_context_too_wide_for_tables_may_not_be_left_out(tmp_path):
    attributes = ", ".join(f"a{number}: Long" for number in range(65))
    (tmp_path / "wide.cedarschema").write_text(
        "entity User, Doc; action view appliesTo { principal: User, resource: Doc,"
        f" context: {{ {attributes} }} }};")
    (tmp_path / "permit.cedar").write_text("permit (principal, action, resource);")
    line = {"principal": 'User::"a"', "action": 'Action::"view"', "resource": 'Doc::"d"'}
    whole = {**line, "context": {f"a{number}": 1 for number in range(65)}}
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in [
        line, {**line, "context": None}, {**line, "context": {}}, whole]))
    answers, code, _ = authorize(
        tmp_path, "--policies", tmp_path / "permit.cedar", "--schema",
        tmp_path / "wide.cedarschema", "--requests", file, "--request-validation", "true")
    answers = [json.loads(answer) for answer in answers]
    assert code == 1 and [answer.get("decision") for answer in answers] == [
        None, None, None, "allow"]
    assert all("lacks the attribute `a0`" in answer["error"] for answer in answers[:3])


def test_an_image_answers_as_its_policies_do(tmp_path):
    entities = write(tmp_path)
    image = tmp_path / "policies.cedarc"
    subprocess.run(
        [policyc.binary(), "compile", tmp_path / "policies.cedar", "-o", image], check=True,
        stdout=subprocess.DEVNULL)
    file = tmp_path / "requests.jsonl"
    file.write_text("\n".join(json.dumps(request(user, 5)) for user in ["ann", "eve", "bob"]))
    from_text = authorize(
        tmp_path, "--policies", tmp_path / "policies.cedar", *entities, "--requests", file)
    from_image = authorize(tmp_path, "--policies", image, *entities, "--requests", file)
    assert from_image[:2] == from_text[:2]
    damaged = bytearray(image.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    image.write_bytes(damaged)
    answers, code, _ = authorize(tmp_path, "--policies", image, *entities, "--requests", file)
    assert code == 1 and not answers


SCHEMA = """
entity User in [Team]; entity Team; entity Model = { owner?: User };
entity Region enum ["eu", "us"];
action use, stop appliesTo {
  principal: User, resource: Model,
  context: { tokens: Long, from?: ipaddr, region?: Region, tags?: Set<String>,
             limit?: { amount: decimal, "until"?: datetime } }
};
"""


def kinds_of_requests():
    """Requests that the schema allows and ones that it does not, as JSON text."""
    good = request("ann", 5)

    def context(**more):
        return json.dumps({**good, "context": {"tokens": 5, **more}})

    return [
        json.dumps(good), json.dumps(dict(reversed(good.items()))),
        context(**{"from": "10.0.0.1"}), context(**{"from": {"fn": "ip", "arg": "::1"}}),
        context(region={"type": "Region", "id": "eu"}), context(tags=["\u00e9", "\n", "\u00e9"]),
        context(limit={"amount": "1.5"}),
        context(limit={
            "amount": "1.5", "until": {"__extn": {"arg": "2026-01-01", "fn": "datetime"}}}),
        # What the schema does not allow.
        context(**{"from": "10.0.0.256"}), context(**{"from": 5}), context(tags=["a", 1]),
        context(region={"type": "Region", "id": "mars"}),
        context(region={"type": "User", "id": "eu"}),
        context(limit={"until": "2026-01-01"}), context(toknes=1), context(tokens="5"),
        json.dumps({**good, "context": {}}), json.dumps({**good, "context": None}),
        *(json.dumps({**good, **other}) for other in [
            {"action": 'Action::"go"'}, {"action": 'User::"ann"'}, {"principal": 'Model::"m"'},
            {"resource": 'Car::"m"'}, {"principal": "ann"}]),
        json.dumps(good).replace('"tokens', '"tokens": 1, "tokens'), json.dumps(good)[:-1],
    ]


def test_with_a_schema_each_line_is_answered_as_alone(tmp_path):
    arguments = ["--policies", tmp_path / "policies.cedar", *write(tmp_path)]
    (tmp_path / "x.cedarschema").write_text(SCHEMA)
    arguments += ["--schema", tmp_path / "x.cedarschema"]
    lines = kinds_of_requests()
    file, alone = tmp_path / "requests.jsonl", tmp_path / "alone.json"
    file.write_text("\n".join(lines))
    for validation, allowed in [("true", 8), ("false", 20)]:
        answers, code, _ = authorize(
            tmp_path, *arguments, "--requests", file, "--request-validation", validation)
        assert code == 1 and len(answers) == len(lines)
        assert sum("decision" in json.loads(answer) for answer in answers) == allowed
        for number, (line, answer) in enumerate(zip(lines, answers), start=1):
            alone.write_text(line)
            single = subprocess.run(
                [policyc.binary(), "authorize", *arguments, "--request-json", alone,
                 "--request-validation", validation], capture_output=True, text=True, check=False)
            problem = json.loads(answer).get("error")
            if problem is None:
                assert single.stdout == answer + "\n", line
            else:
                assert single.stderr == problem.replace(
                    f"line {number}", f"policyc: {alone}") + "\n", line
