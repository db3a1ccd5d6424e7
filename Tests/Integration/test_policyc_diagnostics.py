# SPDX-License-Identifier: MIT
"""Every finding, byte for byte, in all four formats; SARIF against the schema of OASIS."""
import functools
import json
import os
import re

import jsonschema
import pytest
from support import policyc

FOLDER = os.path.join(policyc.FIXTURES, "Cedar")
FORMATS = {"text": "txt", "json": "json", "sarif": "sarif", "github": "github"}

# Cases whose schema is not beside them under their own name.
SCHEMAS = {"validation": "gallery.cedarschema", "level": "gallery.cedarschema"}

# Codes without a case: sources of 256 MiB (7), what only a parser without the dialect says (18),
# a thousand findings (19, below), limits that other limits come before (216, 702, 806), slots that
# the reader finds first (703).
WITHOUT_CASE = {7, 18, 19, 216, 702, 703, 806}


def cases():
    names = [name for name in sorted(os.listdir(FOLDER))
             if name.endswith((".cedar", ".json")) and not name.endswith(".cedarschema.json")]
    return [name for name in names if os.path.isfile(os.path.join(FOLDER, name))]


def arguments(name):
    stem = name.rsplit(".", 1)[0]
    for schema in (SCHEMAS.get(stem), f"{stem}.cedarschema", f"{stem}.cedarschema.json"):
        if schema and os.path.exists(os.path.join(FOLDER, schema)):
            level = ["--level", "0"] if stem == "level" else []
            return [name, "--schema", schema, "--notes", *level]
    return [name, "--no-schema", "--notes"]


@functools.lru_cache
def sarif_validator():
    with open(os.path.join(policyc.FIXTURES, "SARIF", "sarif-schema-2.1.0.json"),
              encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())


def check_sarif(text):
    problems = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                for error in sarif_validator().iter_errors(json.loads(text))]
    assert not problems, problems[:5]


@pytest.mark.parametrize("name", cases())
def test_findings_are_as_recorded(name):
    codes = set()
    for form, suffix in FORMATS.items():
        run = policyc.run("check", *arguments(name), "--format", form, folder=FOLDER)
        codes.add(run.code)
        assert run.error == ""
        policyc.golden(os.path.join(FOLDER, "expected", f"{name}.{suffix}"), run.out)
        if form == "sarif":
            check_sarif(run.out)
    severities = {finding["severity"] for finding in json.loads(
        policyc.run("check", *arguments(name), "--format", "json", folder=FOLDER).out)}
    assert codes == {1 if severities & {"error", "warning"} else 0}, name


def found_codes():
    found = set()
    for name in cases():
        with open(os.path.join(FOLDER, "expected", f"{name}.json"), encoding="utf-8") as file:
            found |= {int(finding["code"][5:]) for finding in json.load(file)}
    return found


def test_every_code_of_the_reference_has_a_case():
    page = os.path.join(policyc.ROOT, "docs", "reference", "diagnostics.md")
    with open(page, encoding="utf-8") as file:
        listed = {int(code) for code in re.findall(r"^\| CEDAR(\d{4}) ", file.read(), re.M)}
    assert len(found_codes()) >= 80
    assert found_codes() <= listed
    assert listed - found_codes() == WITHOUT_CASE


def test_a_json_finding_can_be_acted_on():
    """Each names a file and a place that the file has."""
    for name in cases():
        with open(os.path.join(FOLDER, "expected", f"{name}.json"), encoding="utf-8") as file:
            findings = json.load(file)
        for finding in findings:
            assert finding["message"] and finding["labels"], (name, finding)
            for label in finding["labels"]:
                with open(os.path.join(FOLDER, label["file"]), "rb") as source:
                    size = len(source.read())
                assert 0 <= label["offset"] <= label["offset"] + label["length"] <= size
            if "fix" in finding:
                assert finding["fix"]["file"] == finding["labels"][0]["file"]


def test_fixes_mend_what_they_are_given_for():
    """Applied, a fix makes its finding go away."""
    for name in cases():
        run = policyc.run("check", *arguments(name), "--format", "json", folder=FOLDER)
        for finding in json.loads(run.out):
            fix = finding.get("fix")
            if not fix or fix["file"] != name:
                continue
            with open(os.path.join(FOLDER, name), "rb") as source:
                text = source.read()
            end = fix["offset"] + fix["length"]
            mended = (text[:fix["offset"]] + fix["replacement"].encode() + text[end:]).decode()
            again = policyc.run("check", "-", "--no-schema", "--format", "json", stdin=mended)
            places = [(other["code"], other["labels"][0]["offset"])
                      for other in json.loads(again.out)]
            assert (finding["code"], finding["labels"][0]["offset"]) not in places, (name, finding)


def test_sarif_of_clean_policies_and_of_the_shipped_ones():
    clean = policyc.run("check", "clean.cedar", "--no-schema", "--format", "sarif", folder=FOLDER,
                        code=0).out
    check_sarif(clean)
    assert json.loads(clean)["runs"][0]["results"] == []
    shipped = policyc.run("check", "policies/", "--format", "sarif", "--notes", code=0).out
    check_sarif(shipped)
    levels = {result["level"] for result in json.loads(shipped)["runs"][0]["results"]}
    assert levels <= {"note"}


def test_sarif_names_awkward_files_as_uris(tmp_path):
    path = tmp_path / "a b#ü%.cedar"
    path.write_text("permit (principal, action);\n", encoding="utf-8")
    out = policyc.run("check", path.name, "--format", "sarif", folder=tmp_path, code=1).out
    check_sarif(out)
    place = json.loads(out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b%23%C3%BC%25.cedar"


def test_github_annotations_stay_on_one_line():
    out = policyc.run("check", "scope.cedar", "--no-schema", "--format", "github", folder=FOLDER,
                      code=1).out
    for line in out.splitlines():
        assert re.match(r"::(error|warning|notice) file=scope\.cedar,line=\d+,col=\d+,", line), line


def test_a_flood_of_findings_is_cut_and_says_so():
    out = policyc.run("check", "-", "--no-schema", "--format", "json",
                      stdin="permit (principal, action);\n" * 1_100, code=1).out
    findings = json.loads(out)
    assert len(findings) == 1_001
    assert findings[-1]["code"] == "CEDAR0019" and "100 further" in findings[-1]["message"]


def test_colour_only_on_a_terminal():
    run = policyc.run("check", "scope.cedar", "--no-schema", folder=FOLDER, code=1)
    assert "\x1b" not in run.out
