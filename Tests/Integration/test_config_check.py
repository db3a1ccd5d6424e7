# SPDX-License-Identifier: MIT
"""`gateway config check` says all that would keep `gateway serve` from starting."""
import json
import pathlib
import subprocess

from support import process

ROOT = pathlib.Path(__file__).parents[2]
GOOD = f"""\
models: {ROOT}/config/models.yaml
policies:
  paths: [{ROOT}/policies]
  schema: {ROOT}/policies/gateway.cedarschema
"""


def check(folder, text, *more):
    path = folder / "gateway.yaml"
    path.write_text(text, encoding="utf-8")
    return subprocess.run(
        [process.binary(), "config", "check", *more, str(path)], capture_output=True, text=True,
        timeout=60, check=False)


def test_what_starts_is_fine(tmp_path):
    done = check(tmp_path, GOOD)
    assert done.returncode == 0, done.stdout
    assert "fine (" in done.stdout and "10 groups" in done.stdout


def test_policies_certificates_addresses_and_logs_are_looked_at(tmp_path):
    done = check(tmp_path, f"""\
models: {ROOT}/config/models.yaml
listeners:
  llm:
    host: not.a.host.invalid
    ports: [9000]
    tls: {{certificate: {tmp_path}/none.pem, key: {tmp_path}/none.key}}
policies:
  paths: [{tmp_path}/nowhere]
logging:
  access_log: {tmp_path}/no/folder/access.log
""")
    assert done.returncode == 1
    for words in ("nowhere", "`not.a.host.invalid` is no address", "none.pem cannot be read",
                  "no/folder/access.log", "4 errors"):
        assert words in done.stdout
    assert not (tmp_path / "no").exists()


def test_a_broken_policy_is_shown(tmp_path):
    (tmp_path / "p.cedar").write_text("permit (principal, action, resource) when { ;", "utf-8")
    done = check(tmp_path, GOOD.replace(f"{ROOT}/policies]", f"{tmp_path}/p.cedar]"))
    assert done.returncode == 1
    assert "p.cedar:1:" in done.stdout


def test_json_has_numbers_and_leaves_out_what_is_not_known(tmp_path):
    done = check(tmp_path, "modls: x\n" + GOOD, "--format", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert any(item["line"] == 1 and item["severity"] == "error" for item in found)
    assert all(item.get("help") != "" for item in found)
