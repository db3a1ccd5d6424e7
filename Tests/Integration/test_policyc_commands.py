# SPDX-License-Identifier: MIT
"""Each command of policyc as a user runs it: output, exit code, standard input, bad files."""
import json
import re
import subprocess

import pytest
from support import policyc

RAW = 'permit(principal,action,resource)when{context.n>1&&principal.name=="a"};'
FORMATTED = """permit (principal, action, resource)
when { context.n > 1 && principal.name == "a" };
"""
POLICY = """@id("a")
permit (principal == User::"alice", action, resource)
when { context.n > 1 };
"""
TEMPLATE = '@id("t")\npermit (principal == ?principal, action, resource in ?resource);\n'
COMMANDS = ["check", "fmt", "compile", "dump", "route", "test", "translate", "bench", "authorize",
            "evaluate", "validate", "check-parse", "format", "link", "translate-policy",
            "translate-schema", "run-tests", "visualize", "diff", "lsp"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "p.cedar").write_text(POLICY)
    (tmp_path / "t.cedar").write_text(TEMPLATE)
    (tmp_path / "broken.cedar").write_text("permit (principal, action);\n")
    (tmp_path / "entities.json").write_text("[]")
    for name, n in (("allow", 2), ("deny", 1)):
        (tmp_path / f"{name}.json").write_text(json.dumps(
            {"principal": 'User::"alice"', "action": 'Action::"view"', "resource": 'Photo::"p"',
             "context": {"n": n}}))
    return tmp_path


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


# MARK: all commands


def test_help_and_version_name_everything():
    text = policyc.run("--help", code=0).out
    assert all(re.search(rf"^  {command} ", text, re.M) for command in COMMANDS)
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", policyc.run("--version", code=0).out)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command):
    out = policyc.run(command, "--help", code=0).out
    assert f"USAGE: policyc {command}" in out and "OVERVIEW" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_a_usage_error(command):
    run = policyc.run(command, "--no-such-option", code=64)
    assert f"Usage: policyc {command}" in run.error and run.out == ""


@pytest.mark.parametrize("command, code", [
    (["check", "absent.cedar"], 2), (["fmt", "absent.cedar"], 2), (["compile", "absent"], 2),
    (["dump", "absent.cedarc"], 2), (["test", "absent"], 2), (["translate", "absent"], 2),
    (["bench", "-p", "absent", "--requests", "x"], 2),
    (["authorize", "-p", "absent", "--request-json", "allow.json"], 1),
    (["evaluate", "1", "--entities", "absent"], 1),
    (["validate", "-p", "p.cedar", "-s", "absent"], 1), (["check-parse", "-p", "absent"], 1),
    (["format", "-p", "absent"], 1), (["translate-schema", "--direction", "cedar-to-json",
                                       "-s", "absent"], 1),
    (["translate-policy", "--direction", "cedar-to-json", "-p", "absent"], 1),
    (["run-tests", "-p", "p.cedar", "--tests", "absent"], 1),
    (["link", "-p", "absent", "--template-id", "t", "-n", "l", "-a", "{}"], 1),
])
def test_a_missing_file_is_named(folder, command, code):
    run = policyc.run(*command, folder=folder, code=code)
    assert "absent" in run.error and run.out == ""
    assert "no such file" in run.error


@pytest.mark.parametrize("command", [
    "check", "compile -o x.cedarc", "translate", "diff p.cedar", "format -p",
    "check-parse -p", "authorize -p p.cedar --requests", "bench --rounds 5 -p p.cedar --requests"])
def test_pipes_are_read_and_folders_are_not_lines(folder, command):
    lines = "--requests" in command
    name = "requests.jsonl" if lines else "p.cedar"
    (folder / "requests.jsonl").write_text(
        json.dumps(json.loads((folder / "allow.json").read_text())) + "\n")
    done = subprocess.run(
        ["bash", "-c", f"{policyc.binary()} {command} <(cat {name})"], cwd=folder, timeout=50,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0 and done.stderr == b"", done
    if lines:
        run = policyc.run(*command.split(), ".", folder=folder)
        assert run.code in (1, 2) and "cannot read `.`: Is a directory" in run.error


@pytest.mark.parametrize("command", [
    ["check"], ["fmt"], ["compile"], ["dump"], ["translate"], ["check-parse", "-p"],
    ["format", "-p"]])
def test_bytes_that_are_no_text_are_refused(folder, command):
    (folder / "bad.cedar").write_bytes(b"permit (principal, \xff\xfe);")
    run = policyc.run(*command, "bad.cedar", folder=folder)
    assert run.code in (1, 2) and "UTF-8" in run.error


# MARK: check


def test_check_exit_codes(folder):
    policyc.run("check", "p.cedar", folder=folder, code=0)
    broken = policyc.run("check", "broken.cedar", folder=folder, code=1)
    assert "broken.cedar:1:" in broken.out and "^" in broken.out
    warned = '@id("a")\n@cahce("off")\npermit (principal, action, resource);\n'
    assert "did you mean `@cache`?" in policyc.run("check", "-", stdin=warned, code=1).out
    policyc.run("check", "-", "--allow-warnings", stdin=warned, code=0)
    policyc.run("check", "-", "--deny-warnings", stdin=warned, code=1)
    noted = policyc.run("check", "-", stdin="permit (principal, action, resource);", code=0).out
    assert noted == "1 file, 1 policy: no findings (1 note: --notes)\n"
    (folder / "empty").mkdir()
    for command in ["check", "fmt", "compile", "dump", "translate"]:
        said = policyc.run(command, "empty", folder=folder, code=2).error
        assert said == "policyc: no policies (*.cedar) in `empty`\n"


def test_what_cannot_be_read_is_named(folder):
    """A byte order mark, an image in place of source, a JSON text of another kind."""
    (folder / "marked.cedar").write_bytes(b"\xef\xbb\xbf" + POLICY.encode())
    out = policyc.run("check", "marked.cedar", folder=folder, code=1).out
    assert "U+FEFF begins no token" in out and "byte order mark" in out
    policyc.run("compile", "p.cedar", "-o", "p.cedarc", folder=folder, code=0)
    for command in [["check", "p.cedarc"], ["fmt", "p.cedarc"], ["diff", "p.cedarc", "p.cedar"]]:
        assert "is a compiled image" in policyc.run(*command, folder=folder, code=2).error
    (folder / "list.json").write_text("[]")
    said = policyc.run("translate", "list.json", folder=folder, code=1).error
    assert "found an array\n" in said
    said = policyc.run("compile", "p.cedar", "-o", "nowhere/p.cedarc", folder=folder, code=2).error
    assert said.startswith("policyc: cannot write `nowhere/p.cedarc`: there is no folder `")


def test_links_that_have_no_form_in_text_are_told(folder):
    linked = {"staticPolicies": {}, "templates": {"t": {
        "effect": "permit", "principal": {"op": "==", "slot": "?principal"},
        "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []}},
        "templateLinks": [{"templateId": "t", "newId": "l", "values": {
            "?principal": {"__entity": {"type": "User", "id": "a"}}}}]}
    (folder / "linked.json").write_text(json.dumps(linked))
    for target in ["cedar", "dialect"]:
        run = policyc.run("translate", "linked.json", "--to", target, folder=folder, code=0)
        assert run.error == "policyc: 1 template link has no form in text: left out\n"
    out = policyc.run("translate", "linked.json", "--to", "json", folder=folder, code=0).out
    assert json.loads(out) == linked


@pytest.mark.parametrize("arguments", [
    ["authorize", "--requests", "-"],
    ["authorize", "-p", "p.cedarc", "-p", "p.cedar", "--requests", "r.jsonl"],
    ["authorize", "-p", "p.cedarc", "-k", "links.json", "--requests", "r.jsonl"],
    ["bench", "-p", "p.cedarc", "--policy-format", "json", "--requests", "r.jsonl"],
    ["diff", "p.cedar", "p.cedar", "--entities", "e.json"],
    ["diff", "p.cedar", "p.cedar", "--reasons"],
])
def test_options_that_would_say_nothing_are_refused(folder, arguments):
    assert policyc.run(*arguments, folder=folder, code=64).error.startswith("Error: ")


def test_check_takes_several_files_as_one_set(folder):
    (folder / "again.cedar").write_text(POLICY)
    out = policyc.run("check", "p.cedar", "again.cedar", folder=folder, code=1).out
    assert "CEDAR0601" in out and "again.cedar:1:1" in out and "::: p.cedar:1:1" in out


def test_check_finds_the_schema_beside_the_policies(folder):
    (folder / "s.cedarschema").write_text(
        'entity User, Photo; action view appliesTo { principal: User, resource: Photo,'
        ' context: { n: String } };')
    out = policyc.run("check", "p.cedar", folder=folder, code=1).out
    assert "CEDAR0403" in out
    policyc.run("check", "p.cedar", "--no-schema", folder=folder, code=0)
    (folder / "t.cedarschema.json").write_text("{}")
    run = policyc.run("check", "p.cedar", folder=folder, code=2)
    assert "s.cedarschema and t.cedarschema.json" in run.error and "--schema" in run.error
    policyc.run("check", "p.cedar", "--schema", "t.cedarschema.json", folder=folder, code=1)


@pytest.mark.parametrize("command, code", [
    ("check", 1), ("fmt", 1), ("fmt --check", 1), ("compile", 1), ("compile --explain", 1),
    ("translate", 1), ("format -p", 1), ("dump", 2), ("test", 2), ("diff p.cedar", 2),
    ("bench --requests allow.json -p", 2)])
def test_exit_codes_for_policies_with_errors(folder, command, code):
    run = policyc.run(*command.split(), "broken.cedar", folder=folder, code=code)
    assert "broken.cedar:1:" in run.out + run.error


def test_the_shipped_policies_are_clean():
    assert "no findings" in policyc.run("check", "policies/", code=0).out
    policyc.run("fmt", "--check", "policies/", code=0)


# MARK: fmt and format


def test_fmt_writes_checks_and_reads_standard_input(folder):
    (folder / "p.cedar").write_text(RAW)
    run = policyc.run("fmt", "--check", "p.cedar", folder=folder, code=1)
    assert "p.cedar" in run.out and (folder / "p.cedar").read_text() == RAW
    policyc.run("fmt", "p.cedar", folder=folder, code=0)
    assert (folder / "p.cedar").read_text() == FORMATTED
    assert policyc.run("fmt", "--check", "p.cedar", folder=folder, code=0).out == ""
    assert policyc.run("fmt", "-", stdin=RAW, code=0).out == FORMATTED
    assert policyc.run("fmt", "broken.cedar", folder=folder, code=1).out == ""


def test_format_has_the_flags_of_the_reference(folder):
    assert policyc.run("format", stdin=RAW, code=0).out == FORMATTED
    (folder / "raw.cedar").write_text(RAW)
    assert policyc.run("format", "-p", "raw.cedar", folder=folder, code=0).out == FORMATTED
    policyc.run("format", "-p", "raw.cedar", "--check", folder=folder, code=1)
    wide = policyc.run("format", "-p", "raw.cedar", "-l", 30, "-i", 4, folder=folder, code=0).out
    assert "\n{\n    context.n > 1 &&\n" in wide
    policyc.run("format", "-p", "raw.cedar", "--write", folder=folder, code=0)
    assert (folder / "raw.cedar").read_text() == FORMATTED
    policyc.run("format", "--write", code=64)


# MARK: deciding


def test_authorize_one_request(folder):
    common = ["authorize", "-p", "p.cedar", "--entities", "entities.json"]
    allow = policyc.run(*common, "--request-json", "allow.json", folder=folder, code=0)
    assert lines(allow.out) == [{"decision": "allow", "reasons": ["a"], "errors": []}]
    deny = policyc.run(*common, "--request-json", "deny.json", "-t", folder=folder, code=2)
    assert lines(deny.out) == [{"decision": "deny", "reasons": [], "errors": []}]
    assert "decided in" in deny.error
    parts = ["-l", 'User::"alice"', "-a", 'Action::"view"', "-r", 'Photo::"p"']
    failed = policyc.run(*common, *parts, folder=folder, code=2).out
    assert lines(failed)[0]["errors"][0]["policy"] == "a"
    (folder / "context.json").write_text('{"n": 5}')
    text = policyc.run(*common, *parts, "-c", "context.json", "--format", "text", "-v",
                       folder=folder, code=0).out
    assert text == "ALLOW\n\nnote: this decision was due to the following policies:\n  a\n"
    position = policyc.run(*common, "--request-json", "allow.json", "--ids", "position",
                           folder=folder, code=0)
    assert lines(position.out)[0]["reasons"] == ["policy0"]


def test_authorize_many_requests_in_order(folder):
    request = json.loads((folder / "allow.json").read_text())
    texts = []
    for n in range(50):
        request["context"]["n"] = n
        request["principal"] = {"type": "User", "id": "alice"}
        texts.append(json.dumps(request))
    run = policyc.run("authorize", "-p", "p.cedar", "--requests", "-", folder=folder,
                      stdin="\n".join(texts), code=0)
    assert [line["decision"] for line in lines(run.out)] == ["deny"] * 2 + ["allow"] * 48
    run = policyc.run("authorize", "-p", "p.cedar", "--requests", "-", folder=folder,
                      stdin=texts[3] + "\n{\n" + texts[0] + "\n", code=1)
    answers = lines(run.out)
    assert [answer.get("decision") for answer in answers] == ["allow", None, "deny"]
    assert "line 2" in answers[1]["error"] and "1 of 3" in run.error


def test_authorize_refuses_what_it_cannot_decide(folder):
    common = ["authorize", "-p", "p.cedar"]
    (folder / "odd.json").write_text('{"principal": "alice"}')
    run = policyc.run(*common, "--request-json", "odd.json", folder=folder, code=1)
    assert "odd.json" in run.error
    run = policyc.run("authorize", "-p", "broken.cedar", "--request-json", "allow.json",
                      folder=folder, code=1)
    assert "broken.cedar:1:" in run.error
    (folder / "entities.json").write_text('[{"uid": 1}]')
    run = policyc.run(*common, "--entities", "entities.json", "--request-json", "allow.json",
                      folder=folder, code=1)
    assert "entities.json: entities[0]" in run.error
    policyc.run(*common, code=64)
    policyc.run(*common, "--request-json", "x", "--requests", "y", code=64)


def test_evaluate(folder):
    assert policyc.run("evaluate", "1 + 2 * 3", code=0).out == "7\n"
    assert policyc.run("evaluate", "context.n > 1", "--request-json", "allow.json",
                       folder=folder, code=0).out == "true\n"
    assert policyc.run("evaluate", 'principal', "-l", 'User::"a"', "-a", 'Action::"b"', "-r",
                       'Photo::"c"', code=0).out == 'User::"a"\n'
    overflow = policyc.run("evaluate", "9223372036854775807 + 1", code=1)
    assert overflow.out == "" and "overflow" in overflow.error
    assert "<expression>:1:" in policyc.run("evaluate", "1 +", code=1).error


def test_route_names_the_model_and_the_whole_ranking():
    out = policyc.run("route", "smart", "--budget", "9.99", code=0).out
    assert out.startswith("smart: routed") and "permit policy0" in out
    answer = json.loads(policyc.run("route", "smart", "--json", code=0).out)
    assert answer["attempts"] and len(answer["candidates"]) >= 2
    assert answer["obligations"] == {}
    assert "under   hedge p95" in policyc.run("route", "fast", "--use-case", "live", code=0).out
    unknown = policyc.run("route", "smrat", code=1).out
    assert "near:" in unknown and "smart" in unknown
    policyc.run("route", "smart", "--budget", "a lot", code=64)


@pytest.mark.parametrize("option", [
    "--budget-used=7", "--budget-used=-0.1", "--latency=-5", "--input-tokens=-1",
    "--output-tokens=-1"])
def test_route_refuses_values_without_meaning(option):
    assert option.split("=", 1)[0] in policyc.run("route", "smart", option, code=64).error


def test_route_does_not_explain_what_no_policy_was_asked_about(folder):
    (folder / "use.cedar").write_text(
        'permit (principal, action, resource) when { context.use_case == "batch" };')
    arguments = ["route", "smart", "-p", folder / "use.cedar"]
    asked = policyc.run(*arguments, code=1).out
    assert "not_permitted" in asked and "error in policy0" in asked
    small = policyc.run(*arguments, "--input-tokens", 99999999, code=1).out
    assert "context_window_too_small" in small and "policy0" not in small


def test_route_names_the_places_of_bad_obligations(folder):
    (folder / "bad.cedar").write_text(
        '@id("a") @weight("-3")\npermit (principal, action, resource);\n'
        '@id("b") @fallback("nogroup")\npermit (principal, action, resource);\n')
    error = policyc.run("route", "smart", "-p", folder / "bad.cedar", code=2).error
    lines = error.splitlines()
    assert lines[0].startswith(f"{folder}/bad.cedar:1: policy `a`: `@weight(\"-3\")` must be")
    assert lines[1].startswith(f"{folder}/bad.cedar:3: policy `b`: `@fallback(\"nogroup\")`")
    assert len(lines) == 3 and "obligations(" not in error


# MARK: images


def test_compile_and_dump(folder):
    run = policyc.run("compile", "p.cedar", "-o", "x.cedarc", folder=folder, code=0)
    assert "x.cedarc: 1 policy" in run.out
    image = policyc.run("dump", "x.cedarc", folder=folder, code=0).out
    assert "permit a (principal == User::\"alice\"" in image
    assert policyc.run("dump", "p.cedar", folder=folder, code=0).out == image
    data = bytearray((folder / "x.cedarc").read_bytes())
    data[-1] ^= 1
    (folder / "x.cedarc").write_bytes(data)
    assert "x.cedarc" in policyc.run("dump", "x.cedarc", folder=folder, code=2).error
    policyc.run("compile", "broken.cedar", "-o", "y.cedarc", folder=folder, code=1)
    assert not (folder / "y.cedarc").exists()


def test_bench(folder):
    (folder / "requests.jsonl").write_text(
        json.dumps(json.loads((folder / "allow.json").read_text())) + "\n")
    out = policyc.run("bench", "-p", "p.cedar", "--requests", "requests.jsonl", "--rounds", 10,
                      folder=folder, code=0).out
    assert "policies 1, requests 1" in out and re.search(r"median \d+ ns", out)
    assert re.search(r"^policies and entities read and linked: +\d+\.\d\d ms$", out, re.M)
    with open(folder / "requests.jsonl", "a", encoding="utf-8") as file:
        file.write("\n{}\n")
    run = policyc.run("bench", "-p", "p.cedar", "--requests", "requests.jsonl", folder=folder,
                      code=2)
    assert run.error.startswith("policyc: requests.jsonl:3: ")


def test_the_policy_tests_pass_and_fail(folder):
    out = policyc.run("test", "policies", code=0).out
    assert re.search(r"\d+ tests, 0 failed", out)
    report = json.loads(policyc.run("test", "policies", "--format", "json", code=0).out)
    assert report["failed"] == 0 and report["tests"] > 20
    (folder / "p.test.yaml").write_text(
        "tests:\n  - {name: no <model>, request: {requested_model: smart},"
        " expect: {decision: deny}}\n")
    (folder / "q.cedar").write_text('permit (principal, action, resource);')
    run = policyc.run("test", folder / "q.cedar", "--format", "junit", code=1)
    assert 'failures="1"' in run.out and "no &lt;model&gt;" in run.out
