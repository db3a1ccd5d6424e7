# SPDX-License-Identifier: MIT
"""Coverage, selectivity, drawings: what policyc tells about policies beside their answers."""
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from support import policyc

COVERED = '''@id("base")
permit (principal, action == "routing:select_model", resource);
@id("vision")
forbid (principal, action == "routing:select_model", resource)
when { context has use_case && (context.use_case == "a" || !context.stream) }
unless { if context.has_tools then true else resource.name like "zzz*" };
@id("elsewhere")
permit (principal, action == "routing:select_model", resource == Model::"none");
@id("failing")
permit (principal, action == "routing:select_model", resource)
when { context.use_case == "x" };
'''
TESTS = '''tests:
  - {name: one, request: {requested_model: gpt-4o-mini, context: {use_case: a}},
     expect: {decision: deny}}
  - {name: two, request: {requested_model: gpt-4o-mini, context: {use_case: b, stream: true}},
     expect: {decision: allow}}
  - {name: three, request: {requested_model: gpt-4o-mini}, expect: {decision: allow}}
'''


@pytest.fixture
def covered(tmp_path):
    (tmp_path / "c.cedar").write_text(COVERED)
    (tmp_path / "c.test.yaml").write_text(TESTS)
    return tmp_path / "c.cedar"


# MARK: coverage


def test_coverage_counts_what_short_circuits_leave(covered):
    report = json.loads(
        policyc.run("test", covered, "--coverage", "--format", "json", code=0).out)["coverage"]
    details = {one["policy"]: one for one in report["details"]}
    assert {name: (one["matched"], one["applied"], one["errors"])
            for name, one in details.items()} == {
        "base": (3, 3, 0), "vision": (3, 1, 0), "elsewhere": (0, 0, 0), "failing": (3, 0, 1)}
    branches = [(one["text"], one["true"], one["false"], one["errors"])
                for one in details["vision"]["conditions"]]
    assert branches == [
        ("context has use_case", 2, 1, 0), ('context.use_case == "a"', 1, 1, 0),
        ("context.stream", 1, 0, 0), ("context.has_tools", 0, 1, 0), ("true", 0, 0, 0),
        ('resource.name like "zzz*"', 0, 1, 0)]
    assert details["failing"]["conditions"][0]["errors"] == 1
    taken, sides = report["takenBranches"], report["branches"]
    assert (taken, sides, report["appliedPolicies"], report["policies"]) == (8, 14, 2, 4)
    assert report["percent"] == 55.5


def test_coverage_as_text_names_the_gaps(covered):
    out = policyc.run("test", covered, "--coverage", code=0).out
    assert "coverage 55.5 %: 2 of 4 policies applied, 8 of 14 branches taken" in out
    assert re.search(r"elsewhere \(\S+c\.cedar:7\): never applied", out)
    assert re.search(r"c\.cedar:6:\d+: never reached: true", out)
    assert re.search(r"c\.cedar:5:\d+: never false: context\.stream", out)


def test_minimum_coverage(covered):
    run = policyc.run("test", covered, "--minimum-coverage", 60, code=1)
    assert "less than 60" in run.error
    policyc.run("test", covered, "--minimum-coverage", 55, code=0)
    policyc.run("test", covered, "--minimum-coverage", 101, code=64)
    policyc.run("test", "policies", "--minimum-coverage", 100, code=0)


def test_coverage_as_lcov(covered, tmp_path):
    out = policyc.run("test", covered, "--format", "lcov", code=0).out
    policyc.run("test", covered, "--lcov", tmp_path / "c.info", code=0)
    assert (tmp_path / "c.info").read_text() == out
    assert out.startswith(f"TN:policyc\nSF:{covered}\n") and out.endswith("end_of_record\n")
    assert "FN:3,vision\n" in out and "FNDA:1,vision\n" in out and "FNDA:0,elsewhere\n" in out
    assert "FNF:4\nFNH:2\n" in out and "BRF:14\nBRH:8\n" in out
    assert re.search(r"^BRDA:6,1,8,-$", out, re.M), "a branch that is never reached"
    lines = dict(re.findall(r"^DA:(\d+),(\d+)$", out, re.M))
    assert lines["1"] == "3" and lines["7"] == "0"
    assert f"LF:{len(lines)}" in out


def test_coverage_in_junit(covered):
    root = ElementTree.fromstring(
        policyc.run("test", covered, "--coverage", "--format", "junit", code=0).out)
    properties = {one.get("name"): one.get("value") for one in root.iter("property")}
    assert properties == {"coverage.percent": "55.5", "coverage.policies": "2/4",
                          "coverage.branches": "8/14"}
    cases = list(root.iter("testcase"))
    assert len(cases) == int(root.get("tests")) == 3
    assert all(re.fullmatch(r"[0-9]+\.[0-9]{6}", case.get("time")) for case in cases)


# MARK: selectivity


def test_explain_names_what_cannot_be_indexed(tmp_path):
    (tmp_path / "p.cedar").write_text('''
@id("both") permit (principal == User::"a", action, resource in Album::"b");
@id("half") permit (principal is User, action, resource);
@id("none") permit (principal, action, resource);
@id("action") permit (principal, action == Action::"v", resource)
when { principal in Team::"t" && resource == Photo::"p" && context.x };
@id("set") permit (principal, action, resource == Photo::"p")
when { principal in [Team::"t", Team::"u"] };
@id("unless") permit (principal, action, resource == Photo::"p") unless { principal is User };
''')
    out = policyc.run("compile", "p.cedar", "--explain", folder=tmp_path, code=0).out
    assert not list(tmp_path.glob("*.cedarc"))
    assert out.startswith("6 policies: 1 found by principal and resource, 3 by one of them, "
                          "2 looked at for every request\nnot indexed:\n")
    assert "none (p.cedar:4): the scope asks nothing of the principal nor of the resource nor of" \
        " the action" in out
    assert 'move `principal in Team::"t"` from the condition into the scope' in out
    assert 'move `resource == Photo::"p"` from the condition into the scope' in out
    assert "make 2 policies of it" in out
    assert 'unless (p.cedar:9): the scope asks nothing of the principal\n' in out
    assert "  both" not in out
    run = policyc.run("compile", "p.cedar", "--explain", "-o", "x.cedarc", folder=tmp_path, code=0)
    assert (tmp_path / "x.cedarc").exists() and "x.cedarc: 6 policies" in run.out


def test_explain_names_what_an_attribute_finds(tmp_path):
    (tmp_path / "p.cedar").write_text("".join(
        f'@id("p{number}") permit (principal, action, resource) '
        f'when {{ context.team == "t{number}" && context.hour < 9 }};\n' for number in range(8))
        + '@id("rest") permit (principal, action, resource) when { context.hour < 9 };\n')
    out = policyc.run("compile", "p.cedar", "--explain", folder=tmp_path, code=0).out
    assert out.startswith(
        "9 policies: 0 found by principal and resource, 0 by one of them, 8 by an attribute that "
        "they compare first, 1 looked at for every request\nnot indexed:\n  rest (p.cedar:9): ")
    assert "found by an attribute:\n  p0 (p.cedar:1): `context.team` finds it among 8 of its " \
        "scope\n" in out
    dump = policyc.run("dump", "p.cedar", folder=tmp_path, code=0).out
    assert 'found by context.team:\n  "t0": [0]\n' in dump


# MARK: drawings


@pytest.fixture
def entities(tmp_path):
    def entity(kind, name, *parents):
        return {"uid": {"type": kind, "id": name}, "attrs": {},
                "parents": [{"type": "Team", "id": one} for one in parents]}

    path = tmp_path / "e.json"
    path.write_text(json.dumps(
        [entity("User", f"u{number}", f"t{number % 3}") for number in range(9)]
        + [entity("Team", f"t{number}", "all") for number in range(3)]
        + [entity("User", 'a"b\\<&>', "all"), entity("User", "alone")]))
    return path


def test_visualize_as_dot(entities):
    out = policyc.run("visualize", "--entities", entities, code=0).out
    assert out.startswith("strict digraph {\n") and out.endswith("}\n")
    assert out.count(" -> ") == 13 and out.count("subgraph") == 2
    assert '"User::\\"u0\\"" -> "Team::\\"t0\\""' in out
    assert '[label="a\\"b\\\\<&>"]' in out


def test_visualize_as_svg(entities, tmp_path):
    policyc.run("visualize", "--entities", entities, "--format", "svg", "-o", tmp_path / "e.svg",
                code=0)
    root = ElementTree.parse(tmp_path / "e.svg").getroot()
    name = "{http://www.w3.org/2000/svg}"
    boxes = [[float(one.get(key)) for key in ("x", "y", "width", "height")]
             for one in root.iter(f"{name}rect") if one.get("x")]
    assert len(boxes) == 15 and len(list(root.iter(f"{name}path"))) == 13
    width, height = float(root.get("width")), float(root.get("height"))
    for number, (x, y, wide, high) in enumerate(boxes):
        assert x >= 0 and y >= 0 and x + wide <= width and y + high <= height
        for left, top, across, down in boxes[:number]:
            apart = x >= left + across or left >= x + wide or y >= top + down or top >= y + high
            assert apart, "two boxes overlap"
    assert 'a"b\\<&>' in [one.text for one in root.iter(f"{name}text")]


def test_visualize_of_a_deep_hierarchy_and_of_nothing(tmp_path):
    deep = [{"uid": {"type": "T", "id": str(number)}, "attrs": {},
             "parents": [{"type": "T", "id": str(number + 1)}] if number < 2_000 else []}
            for number in range(2_001)]
    (tmp_path / "deep.json").write_text(json.dumps(deep))
    out = policyc.run("visualize", "--entities", tmp_path / "deep.json", "--format", "svg",
                      code=0).out
    assert out.count("<path") == 2_000
    (tmp_path / "none.json").write_text("[]")
    for form in ("dot", "svg"):
        policyc.run("visualize", "--entities", tmp_path / "none.json", "--format", form, code=0)
    assert "none.txt" in policyc.run("visualize", "--entities", tmp_path / "none.txt", code=1).error


# MARK: differences


OLD = '''@id("a") permit (principal, action, resource) when { context.n < 10.0 };
@id("b") @priority(1) permit (principal == User::"b", action, resource);
@id("gone") forbid (principal, action, resource) when { context.gone };
permit (principal == User::"nameless", action, resource);
'''
NEW = '''// Another order, another layout.
permit (principal == User::"nameless", action, resource);
@id("b") @priority("2")
forbid (principal == User::"b", action, resource) unless { context.n == 3 };
@id("a") permit (principal, action, resource)
when { context.n    <    10.0 };
@id("more") permit (principal, action, resource) when { context.n == 7 };
'''


@pytest.fixture
def versions(tmp_path):
    (tmp_path / "old.cedar").write_text(OLD)
    (tmp_path / "new.cedar").write_text(NEW)

    def request(user, n, **more):
        return json.dumps({"principal": f'User::"{user}"', "action": 'Action::"x"',
                           "resource": 'R::"r"', "context": {"n": n, "gone": False, **more}})

    (tmp_path / "r.jsonl").write_text("\n".join([
        request("c", 1), request("b", 1), "", request("c", 7), request("c", 1, gone=True)]))
    return tmp_path


def test_diff_of_policies(versions):
    run = policyc.run("diff", "old.cedar", "new.cedar", folder=versions, code=1)
    assert run.out == ("~ b: effect, conditions, annotations\n- gone\n+ more\n"
                       "3 differences in policies\n")
    (versions / "new.cedar").write_text(OLD.replace("< 10.0", '.lessThan(decimal("10.0"))'))
    run = policyc.run("diff", "old.cedar", "new.cedar", folder=versions, code=1)
    assert run.out.startswith("~ a: conditions\n")
    (versions / "new.cedar").write_text(NEW)
    same = policyc.run("diff", "old.cedar", "old.cedar", folder=versions, code=0)
    assert same.out == "0 differences in policies\n"
    answer = json.loads(policyc.run("diff", "old.cedar", "new.cedar", "--format", "json",
                                    folder=versions, code=1).out)
    assert [(one["kind"], one["policy"]) for one in answer["policies"]] == [
        ("changed", "b"), ("removed", "gone"), ("added", "more")]


def test_diff_knows_a_policy_that_was_renamed(versions):
    (versions / "new.cedar").write_text(OLD.replace('@id("b")', '@id("bee")'))
    run = policyc.run("diff", "old.cedar", "new.cedar", folder=versions, code=1)
    assert run.out == "~ bee: was named b\n1 difference in policies\n"


def test_diff_does_not_take_a_twin_for_a_rename(versions):
    twin = 'permit (principal, action, resource) when { context.x };\n'
    (versions / "old.cedar").write_text(f'@id("a") {twin}@id("b") {twin}{twin}')
    (versions / "new.cedar").write_text(f'@id("b") {twin}{twin}')
    run = policyc.run("diff", "old.cedar", "new.cedar", folder=versions, code=1)
    assert run.out == "- a\n1 difference in policies\n"


def test_diff_over_requests(versions):
    common = ["diff", "old.cedar", "new.cedar", "--requests", "r.jsonl"]
    out = policyc.run(*common, folder=versions, code=1).out
    assert ('line 2: User::"b" Action::"x" R::"r"\n  old: allow by a, b\n  new: deny by b\n'
            in out)
    assert "line 5: " in out and "old: deny by gone" in out
    assert "line 1:" not in out and "of 4 decisions changed" in out
    answer = json.loads(policyc.run(*common, "--reasons", "--format", "json", folder=versions,
                                    code=1).out)
    assert answer["requests"] == 4
    assert {one["line"] for one in answer["decisions"]} >= {2, 4, 5}
    same = policyc.run("diff", "old.cedar", "old.cedar", "--requests", "r.jsonl", folder=versions,
                       code=0).out
    assert "0 of 4 decisions changed" in same
    (versions / "r.jsonl").write_text("{}\n")
    assert "r.jsonl:1:" in policyc.run(*common, folder=versions, code=2).error


RULES, GATEWAY_SCHEMA = "policies/routing-rules.cedar", "policies/gateway.cedarschema"


@pytest.mark.parametrize("old, new, decides", [
    ("resource.current_error_rate > 0.05", "resource.current_error_rate >= 0.05", True),
    ("context.budget_used_ratio >= 0.95", "context.budget_used_ratio > 0.95", True),
    ('context.use_case == "batch"', 'context.use_case == "btach"', False),
    ('resource.provider == "vllm"', 'resource.provider == "ollama"', False)])
def test_diff_over_drawn_requests_finds_a_change(tmp_path, old, new, decides):
    with open(f"{policyc.ROOT}/{RULES}", encoding="utf-8") as file:
        text = file.read()
    assert text.count(old) == 1
    (tmp_path / "new.cedar").write_text(text.replace(old, new))
    common = ["diff", RULES, tmp_path / "new.cedar", "-s", GATEWAY_SCHEMA, "--generate", 3_000,
              "--format", "json", "--limit", 2]
    answer = json.loads(policyc.run(*common, code=1 if decides else 0).out)
    assert answer["requests"] == 3_000 and answer["otherReasons"] > 0
    assert (answer["changedDecisions"] > 0) == decides
    assert len(answer["decisions"]) == (2 if decides else 0)
    policyc.run(*common, "--reasons", code=1)
    again = policyc.run(*common, "--seed", 1)
    assert json.loads(again.out) == answer, "the same seed draws the same"
    assert json.loads(policyc.run(*common, "--seed", 2).out) != answer


def test_diff_over_drawn_requests_sees_no_change_in_layout_or_dialect(tmp_path):
    plain = policyc.run("translate", RULES, "-s", GATEWAY_SCHEMA, code=0).out
    (tmp_path / "plain.cedar").write_text(plain)
    out = policyc.run("diff", RULES, tmp_path / "plain.cedar", "-s", GATEWAY_SCHEMA, "--generate",
                      3_000, "--reasons", code=0).out
    assert "0 of 3000 decisions changed, 0 more have other reasons" in out


def test_diff_refuses_what_it_cannot_draw(tmp_path):
    (tmp_path / "s.cedarschema").write_text("entity User;")
    run = policyc.run("diff", RULES, RULES, "-s", tmp_path / "s.cedarschema", "--generate", 5,
                      code=2)
    assert "no action" in run.error
    policyc.run("diff", RULES, RULES, "--generate", 5, code=64)
    policyc.run("diff", RULES, RULES, "-s", GATEWAY_SCHEMA, "--generate", 0, code=64)


# MARK: translations


def test_translate_between_the_dialect_and_standard_cedar(versions):
    dialect = versions / "old.cedar"
    plain = policyc.run("translate", dialect, code=0).out
    assert 'context.n.lessThan(decimal("10.0"))' in plain and '@priority("1")' in plain
    (versions / "plain.cedar").write_text(plain)
    back = policyc.run("translate", versions / "plain.cedar", "--to", "dialect", code=0).out
    assert "context.n < 10.0" in back and "@priority(1)" in back
    made = policyc.run("translate", dialect, "--to", "json", code=0).out
    again = policyc.run("translate", "-", "--policy-format", "json", stdin=made, code=0).out
    assert again == plain


def test_translate_tells_longs_from_decimals_by_the_schema():
    policy = '''permit (principal, action == Action::"routing:select_model", resource)
when { context.latency_sla_ms < 499.5 && context.budget_used_ratio < 0.5 };'''
    out = policyc.run("translate", "-", "-s", "policies/gateway.cedarschema", stdin=policy,
                      code=0).out
    assert "context.latency_sla_ms < 500" in out
    assert 'context.budget_used_ratio.lessThan(decimal("0.5"))' in out
    assert "lessThan(decimal(\"499.5\"))" in policyc.run("translate", "-", stdin=policy, code=0).out
    checked = policyc.run("check", "-", "-s", "policies/gateway.cedarschema", stdin=out, code=0)
    assert "no findings" in checked.out


def test_translate_schemas(tmp_path):
    made = policyc.run("translate", "policies/gateway.cedarschema", "--to", "json", code=0).out
    (tmp_path / "s.cedarschema.json").write_text(made)
    text = policyc.run("translate", tmp_path / "s.cedarschema.json", "--to", "cedar", code=0).out
    (tmp_path / "t.cedarschema").write_text(text)
    again = policyc.run("translate", tmp_path / "t.cedarschema", "--to", "json", code=0).out
    assert json.loads(again) == json.loads(made)
    policyc.run("translate", tmp_path / "t.cedarschema", "--to", "dialect", code=2)
    # The translated schema serves the shipped policies as well as the original.
    policyc.run("check", "policies/", "-s", tmp_path / "s.cedarschema.json", code=0)
