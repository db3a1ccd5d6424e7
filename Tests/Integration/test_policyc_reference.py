# SPDX-License-Identifier: MIT
"""The commands of the reference's command line: its flags, its exit codes, its sample data."""
import json
import os
import tarfile

import pytest
from support import policyc
from test_policyc_commands import POLICY, RAW, TEMPLATE, folder  # noqa: F401 (a fixture)


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """The sandboxes that the reference's own command line is tested with."""
    if not os.path.exists(policyc.SAMPLES):
        pytest.skip(f"{os.path.normpath(policyc.SAMPLES)} is absent: no sample data to run on")
    target = tmp_path_factory.mktemp("samples")
    with tarfile.open(policyc.SAMPLES) as archive:
        wanted = [one for one in archive.getmembers() if "/cli-sample-data/" in one.name]
        archive.extractall(target, members=wanted, filter="data")
    return target / "shared-cedar-conformance" / "cli-sample-data"


# MARK: validate and check-parse


def test_validate(folder):
    (folder / "s.cedarschema").write_text(
        "entity User, Photo; action view appliesTo { principal: User, resource: Photo,"
        " context: { n: Long } };")
    run = policyc.run("validate", "-p", "p.cedar", "-s", "s.cedarschema", folder=folder, code=0)
    assert run.out == "policy set validation passed\n"
    assert policyc.run("validate", "-s", folder / "s.cedarschema", stdin=POLICY, code=0).out
    wrong = POLICY.replace("> 1", '== "x"')
    run = policyc.run("validate", "-s", folder / "s.cedarschema", stdin=wrong, code=3)
    assert "<stdin>:3:" in run.error and "failed" in run.out
    policyc.run("validate", "-s", folder / "s.cedarschema", "--validation-mode", "permissive",
                stdin=wrong, code=0)
    never = POLICY.replace("context.n > 1", "principal is Photo")
    policyc.run("validate", "-s", folder / "s.cedarschema", stdin=never, code=0)
    run = policyc.run("validate", "-s", folder / "s.cedarschema", "--deny-warnings", "-f", "json",
                      stdin=never, code=3)
    assert json.loads(run.error)[0]["severity"] == "warning"
    policyc.run("validate", "-p", "broken.cedar", "-s", "s.cedarschema", folder=folder, code=1)


def test_the_environment_names_the_format_of_errors(folder, monkeypatch):
    monkeypatch.setenv("CEDAR_ERROR_FORMAT", "json")
    run = policyc.run("check-parse", "-p", "broken.cedar", folder=folder, code=1)
    assert json.loads(run.error)[0]["code"] == "CEDAR0020"
    run = policyc.run("check-parse", "-p", "broken.cedar", "-f", "plain", folder=folder, code=1)
    assert run.error.startswith("error[CEDAR0020]")


def test_levels_of_the_samples(samples):
    here = samples / "tiny_sandboxes" / "level-validation"
    for needed in range(3):
        for level in range(3):
            policyc.run("validate", "-s", here / "schema.cedarschema", "-p",
                        here / f"policy-level-{needed}.cedar", "--level", level,
                        code=0 if level >= needed else 3)


def test_requests_are_checked_against_the_schema(folder):
    (folder / "s.cedarschema").write_text(
        "entity User, Photo, Album; action view appliesTo { principal: User, resource: Album,"
        " context: { n: Long } };")
    common = ["authorize", "-p", "p.cedar", "-s", "s.cedarschema"]
    run = policyc.run(*common, "--request-json", "allow.json", folder=folder, code=1)
    assert "allow.json: resource" in run.error and "Photo" in run.error
    policyc.run(*common, "--request-json", "allow.json", "--request-validation", "false",
                folder=folder, code=0)
    line = (folder / "allow.json").read_text()
    run = policyc.run(*common, "--requests", "-", stdin=line, folder=folder, code=0)
    assert json.loads(run.out)["decision"] == "allow"
    run = policyc.run(*common, "--requests", "-", "--request-validation", "true", stdin=line,
                      folder=folder, code=1)
    assert "Photo" in json.loads(run.out)["error"]


def test_check_parse(folder):
    policyc.run("check-parse", "-p", "p.cedar", folder=folder, code=0)
    policyc.run("check-parse", stdin=POLICY, code=0)
    assert "<stdin>:1:" in policyc.run("check-parse", stdin="permit (", code=1).error
    policyc.run("check-parse", "--expression", "1 < 2", code=0)
    policyc.run("check-parse", "--expression", "1 <", code=1)
    policyc.run("check-parse", "--entities", "entities.json", folder=folder, code=0)
    policyc.run("check-parse", "--entities", "p.cedar", folder=folder, code=1)


@pytest.mark.parametrize("name, code", [
    ("policy_set", 0), ("static_policy", 0), ("policy_template", 0), ("policy_mixed_properties", 1),
    ("policy_no_matching_properties", 1)])
def test_check_parse_of_the_json_samples(samples, name, code):
    policyc.run("check-parse", "--policy-format", "json", "-p",
                samples / "tiny_sandboxes" / "json-check-parse" / f"{name}.cedar.json", code=code)


# MARK: templates


def test_link_prints_and_records(folder):
    arguments = json.dumps({"?principal": 'User::"a"', "?resource": 'Album::"b"'})
    common = ["link", "-p", "t.cedar", "--template-id", "t", "-a", arguments, "-k", "links.json"]
    out = policyc.run(*common, "-n", "one", folder=folder, code=0).out
    assert 'principal == User::"a"' in out and 'resource in Album::"b"' in out
    policyc.run(*common, "-n", "two", folder=folder, code=0)
    links = json.loads((folder / "links.json").read_text())
    assert [link["link_id"] for link in links] == ["one", "two"]
    again = policyc.run(*common, "-n", "two", folder=folder, code=1)
    assert "two" in again.error
    # What was recorded decides.
    (folder / "entities.json").write_text(json.dumps(
        [{"uid": {"type": "Photo", "id": "p"}, "attrs": {},
          "parents": [{"type": "Album", "id": "b"}]}]))
    run = policyc.run(
        "authorize", "-p", "t.cedar", "-k", "links.json", "--entities", "entities.json", "-l",
        'User::"a"', "-a", 'Action::"v"', "-r", 'Photo::"p"', folder=folder, code=0)
    assert json.loads(run.out)["reasons"] == ["one", "two"]


@pytest.mark.parametrize("template, new, arguments, expected", [
    ("nope", "l", "{}", "no template `nope`"),
    ("t", "l", '{"?principal": "User::\\"a\\""}', "?resource"),
    ("t", "l", '{"?user": "User::\\"a\\""}', "`?user` is not a slot"),
    ("t", "l", '{"?principal": "alice", "?resource": "X::\\"a\\""}', "must be an entity"),
    ("t", "t", '{"?principal": "U::\\"a\\"", "?resource": "X::\\"a\\""}', "taken"),
    ("t", "l", "{", "--arguments"), ("t", "l", "[]", "--arguments")])
def test_link_refuses(folder, template, new, arguments, expected):
    run = policyc.run("link", "-p", "t.cedar", "--template-id", template, "-n", new, "-a",
                      arguments, "-k", "links.json", folder=folder, code=1)
    assert expected in run.error and not (folder / "links.json").exists()


def test_link_of_a_static_policy(folder):
    run = policyc.run("link", "-p", "p.cedar", "--template-id", "a", "-n", "l", "-a", "{}",
                      folder=folder, code=1)
    assert "not a template" in run.error


# MARK: translations


def test_translate_policy_both_ways(folder, samples):
    sample = samples / "tiny_sandboxes" / "translate-policy"
    made = policyc.run("translate-policy", "--direction", "cedar-to-json", "-p",
                       sample / "policy.cedar", code=0).out
    assert json.loads(made) == json.loads((sample / "policy.cedar.json").read_text())
    back = policyc.run("translate-policy", "--direction", "json-to-cedar", stdin=made, code=0).out
    again = policyc.run("translate-policy", "--direction", "cedar-to-json", stdin=back, code=0).out
    assert json.loads(again) == json.loads(made)
    policyc.run("translate-policy", "--direction", "json-to-cedar", stdin="{", code=1)
    policyc.run("translate-policy", "--direction", "sideways", stdin="", code=64)


def test_translate_schema_both_ways(samples):
    sample = samples / "tiny_sandboxes" / "translate-schema"
    for name in (sample / "tinytodo", samples / "sandbox_b" / "schema"):
        text, expected = f"{name}.cedarschema", json.loads(open(f"{name}.cedarschema.json").read())
        made = policyc.run("translate-schema", "--direction", "cedar-to-json", "-s", text, code=0)
        back = policyc.run("translate-schema", "--direction", "json-to-cedar", stdin=made.out,
                           code=0).out
        again = policyc.run("translate-schema", "--direction", "cedar-to-json", stdin=back, code=0)
        assert json.loads(again.out) == json.loads(made.out)
        assert set(json.loads(made.out)[""]["actions"]) == set(expected[""]["actions"])
        resolved = policyc.run("translate-schema", "--direction",
                               "cedar-to-json-with-resolved-types", "-s", text, code=0).out
        assert "EntityOrCommon" not in resolved and "EntityOrCommon" in made.out
    run = policyc.run("translate-schema", "--direction", "cedar-to-json", stdin="entity", code=1)
    assert "<stdin>:1:" in run.error


def test_format_of_the_sample(samples):
    sample = samples / "tiny_sandboxes" / "format"
    out = policyc.run("format", "-p", sample / "unformatted.cedar", code=0).out
    assert out == (sample / "formatted.cedar").read_text()
    policyc.run("format", "-c", "-p", sample / "formatted.cedar", code=0)


# MARK: decisions


@pytest.mark.parametrize("sandbox", ["sample1", "sample2", "sample3", "sample4", "sample6",
                                     "sample7", "sample9"])
def test_run_tests_of_the_samples(samples, sandbox):
    here = samples / "tiny_sandboxes" / sandbox
    files = sorted(here.glob("tests-combined*.json")) + sorted(here.glob("tests-named*.json"))
    assert files
    for file in files:
        out = policyc.run("run-tests", "-p", here / "policy.cedar", "--tests", file, code=0).out
        assert " 0 failed" in out


@pytest.mark.parametrize("sandbox, name, expected", [
    ("sample1", "tests-fail", "the decision is"), ("sample1", "tests-missing-reason", ""),
    ("sample1", "tests-unexpected-error", ""), ("sample1", "tests-format-error", ""),
    ("sample1", "tests-format-error2", ""), ("sample10", "tests-error", "too-hungry")])
def test_run_tests_that_must_fail(samples, sandbox, name, expected):
    here = samples / "tiny_sandboxes" / sandbox
    run = policyc.run("run-tests", "-p", here / "policy.cedar", "--tests", here / f"{name}.json",
                      code=1)
    assert expected in run.out + run.error


def test_run_tests_validates_policies_first(samples):
    here = samples / "tiny_sandboxes" / "sample11"
    run = policyc.run("run-tests", "-p", here / "invalid_policy.cedar", "-s",
                      here / "schema.cedarschema", "--tests", here / "test-policy-error.json",
                      code=1)
    assert "CEDAR0401" in run.error


@pytest.mark.parametrize("policies, principal, resource, code", [
    ("policies_1.cedar", "alice", "VacationPhoto94.jpg", 0),
    ("policies_1.cedar", "bob", "VacationPhoto94.jpg", 2),
    ("schema.cedarschema", "alice", "VacationPhoto94.jpg", 1)])
def test_authorize_of_the_samples(samples, policies, principal, resource, code):
    here = samples / "sandbox_a"
    policyc.run("authorize", "--policies", here / policies, "--entities", here / "entities.json",
                "--principal", f'User::"{principal}"', "--action", 'Action::"view"', "--resource",
                f'Photo::"{resource}"', code=code)


def test_authorize_json_policies_of_the_sample(samples):
    here = samples / "tiny_sandboxes" / "json-authorize"
    run = policyc.run("authorize", "--policy-format", "json", "-p", here / "policy.cedar.json",
                      "--entities", here / "entity.json", "-l", 'User::"bob"', "-a",
                      'Action::"view"', "-r", 'Photo::"VacationPhoto94.jpg"')
    assert run.code in (0, 2) and json.loads(run.out)["errors"] == []


def test_standard_input_stands_for_policies(folder):
    run = policyc.run("authorize", "--request-json", "allow.json", folder=folder, stdin=POLICY,
                      code=0)
    assert json.loads(run.out)["decision"] == "allow"
    assert policyc.run("format", stdin=RAW + TEMPLATE, code=0).out.count(";") == 2
