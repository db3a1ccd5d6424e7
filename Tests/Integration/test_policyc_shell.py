# SPDX-License-Identifier: MIT
"""Completions and the manual page: current, well formed, and doing what they are for."""
import os
import subprocess

import pytest
from support import policyc

GENERATED = os.path.join(policyc.ROOT, "share", "Generated")


def test_generated_files_are_current():
    arguments = [] if policyc.regenerates() else ["--check"]
    done = subprocess.run(
        [os.path.join(policyc.ROOT, "scripts", "generate-shell"), *arguments,
         os.path.dirname(policyc.binary())],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=50, check=False)
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("words, expected", [
    (["policyc", "trans"], {"translate", "translate-policy", "translate-schema"}),
    (["policyc", "check", "--no-"], {"--no-schema"}),
    (["policyc", "check", "--format", ""], {"text", "json", "sarif", "github"})])
def test_bash_completes(words, expected):
    script = f"""
source {GENERATED}/policyc.bash
COMP_WORDS=({" ".join(f'"{word}"' for word in words)})
COMP_CWORD={len(words) - 1}
COMP_LINE="{" ".join(words)}"
COMP_POINT=${{#COMP_LINE}}
_policyc policyc "{words[-1]}" "{words[-2]}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    environment = {**os.environ, "PATH": os.path.dirname(policyc.binary()) + os.pathsep
                   + os.environ["PATH"]}
    done = subprocess.run(["bash", "--norc", "-c", script], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=environment, timeout=30, check=False)
    found = {line.strip() for line in done.stdout.decode().splitlines() if line.strip()}
    assert done.returncode == 0, done.stderr.decode()
    assert found == expected


def test_the_manual_names_every_command_and_code():
    with open(os.path.join(GENERATED, "policyc.1"), encoding="ascii") as file:
        text = file.read()
    for line in policyc.run("--help", code=0).out.splitlines():
        if line.startswith("  ") and line[2:3].islower():
            assert f".SS {line.split()[0]}".replace("-", "\\-") in text, line
    assert ".SH EXIT STATUS" in text and text.startswith('.\\"')
