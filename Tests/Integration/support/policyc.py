# SPDX-License-Identifier: MIT
"""The policy compiler as a process: run with arguments, its output and exit code checked."""
import os
import subprocess

from .process import ROOT

FIXTURES = os.path.join(ROOT, "Tests", "Fixtures")
SAMPLES = os.path.join(ROOT, "..", "shared", "conformance", "cedar.tar.gz")


def binary():
    """POLICYC_BIN, or the policyc beside the gateway that is tested, or the one built last."""
    named = os.environ.get("POLICYC_BIN")
    gateway = os.environ.get("GATEWAY_BIN")
    beside = [os.path.join(os.path.dirname(os.path.abspath(gateway)), "policyc")] if gateway else []
    built = [os.path.join(ROOT, ".build", kind, "policyc") for kind in ("release", "debug")]
    for path in [named] if named else beside + built:
        if os.path.exists(path):
            return os.path.abspath(path)
    raise FileNotFoundError(named or ".build/{release,debug}/policyc: build policyc first")


class Outcome:
    """What a run printed and how it ended."""

    def __init__(self, done):
        self.code, self.out, self.error = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\n--- out\n{self.out}\n--- error\n{self.error}"


def run(*arguments, stdin="", folder=ROOT, code=None):
    """Runs policyc; `code` is asserted when given."""
    environment = {**os.environ, "TERM": "dumb", "SWIFT_BACKTRACE": "enable=no"}
    done = subprocess.run(
        [binary(), *map(str, arguments)], input=stdin.encode(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=folder, env=environment, timeout=50, check=False)
    done.stdout = done.stdout.decode("utf-8")
    done.stderr = done.stderr.decode("utf-8")
    outcome = Outcome(done)
    assert code is None or outcome.code == code, outcome
    assert outcome.code >= 0, f"ended by signal {-outcome.code}: {outcome}"
    return outcome


def regenerates():
    """Whether goldens are to be written anew."""
    return os.environ.get("REGENERATE") == "1"


def golden(path, text):
    """Compares with a file of Tests/Fixtures, or writes it where REGENERATE=1 asks for that."""
    if regenerates():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return
    assert os.path.exists(path), f"{path} is missing: run with REGENERATE=1 and review it"
    with open(path, encoding="utf-8") as file:
        assert text == file.read(), f"{path} differs: run with REGENERATE=1 and review the change"
