# SPDX-License-Identifier: MIT
"""The client in editors/vscode: its files are well formed and it starts the language server."""
import json
import os
import shutil
import subprocess

import pytest
from support import policyc

FOLDER = os.path.join(policyc.ROOT, "editors", "vscode")
NODE = shutil.which("node")


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return json.load(file)


def node(script, **environment):
    if NODE is None:
        pytest.skip("node is not installed: the client's JavaScript cannot be run")
    done = subprocess.run(
        [NODE, "-e", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=50,
        env={**os.environ, **environment}, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_manifest_names_files_that_are_there():
    manifest = read("package.json")
    contributes = manifest["contributes"]
    paths = [manifest["main"]] + [one["path"] for one in contributes["grammars"]]
    paths += [one["configuration"] for one in contributes["languages"]]
    for path in paths:
        assert os.path.exists(os.path.join(FOLDER, path)), path
    languages = {one["id"] for one in contributes["languages"]}
    assert {one["language"] for one in contributes["grammars"]} == languages
    for grammar in contributes["grammars"]:
        assert read(grammar["path"])["scopeName"] == grammar["scopeName"]


def test_the_client_starts_and_stops_the_server():
    out = node(
        f"const one = require({json.dumps(FOLDER + '/extension.js')});"
        "const context = {subscriptions: []};"
        "one.activate(context).then(() => one.deactivate())"
        ".then(() => console.log(context.subscriptions.length));",
        NODE_PATH=os.path.join(os.path.dirname(__file__), "support", "vscode"),
        POLICYC=policyc.binary())
    made, stopped, count = out.splitlines()
    made = json.loads(made)
    assert made["server"] == {"command": policyc.binary(), "args": ["lsp"], "transport": 0}
    assert made["options"]["initializationOptions"] == {"schema": "policies/x.cedarschema"}
    assert {one["language"] for one in made["options"]["documentSelector"]} == {
        "cedar", "cedarschema"}
    assert (stopped, count) == ("stopped", "2")


@pytest.mark.parametrize("name", ["cedar", "cedarschema"])
def test_the_grammars_are_expressions_that_compile(name):
    patterns = read(f"syntaxes/{name}.tmLanguage.json")["patterns"]
    sources = [one[key] for one in patterns for key in ("match", "begin", "end") if key in one]
    node(f"for (const one of {json.dumps(sources)}) new RegExp(one, 'u');")
