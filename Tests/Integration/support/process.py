# SPDX-License-Identifier: MIT
"""The gateway as a process: started with a configuration of its own, watched, ended."""
import os
import re
import signal
import subprocess
import threading
import time

from . import wire

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3))
START_SECONDS, STOP_SECONDS = 20, 15
LISTENING = re.compile(r"gateway: listening service=(\S+) address=\S*?:(\d+)\s*$")


def binary():
    named = os.environ.get("GATEWAY_BIN")
    for path in [named] if named else [os.path.join(ROOT, ".build", kind, "gateway")
                                       for kind in ("release", "debug")]:
        if os.path.exists(path):
            return os.path.abspath(path)
    raise FileNotFoundError(named or ".build/{release,debug}/gateway: build the gateway first")


class Gateway:
    """`services` of the configuration that must listen; `ports` is filled as they do."""

    def __init__(self, configuration, services=("llm", "policy"), environment=None):
        self.configuration, self.services = configuration, services
        self.environment = {**os.environ, **(environment or {})}
        self.ports, self.lines = {}, []
        self._changed = threading.Condition()

    def start(self):
        self.process = subprocess.Popen(
            [binary(), "serve", "--config", self.configuration], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, env=self.environment,
            text=True, errors="replace")
        threading.Thread(target=self._read, daemon=True).start()
        end = time.monotonic() + START_SECONDS
        with self._changed:
            while not all(service in self.ports for service in self.services):
                left = end - time.monotonic()
                ended = self.process.poll() is not None
                if left <= 0 or ended:
                    why = f"ended with {self.process.poll()}" if ended else "is not ready in time"
                    self.process.kill()
                    raise RuntimeError(f"the gateway {why}:\n" + self.output())
                self._changed.wait(min(left, 0.2))
        return self

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                found = LISTENING.search(line)
                if found:
                    self.ports.setdefault(found.group(1), int(found.group(2)))
                self._changed.notify_all()

    def output(self, count=60):
        return "\n".join(self.lines[-count:])

    @property
    def port(self):
        return self.ports["llm"]

    @property
    def policy_port(self):
        return self.ports["policy"]

    def metrics(self):
        """The metrics as Prometheus text."""
        answer = wire.ask(self.port, path="/metrics", method="GET", key=None)
        assert answer.status == 200
        return answer.body.decode()

    def metric(self, start):
        """The first series that begins so; 0 where none does."""
        found = [line for line in self.metrics().splitlines() if line.startswith(start)]
        return float(found[0].rpartition(" ")[2]) if found else 0

    def models(self):
        """What `GET /models` of the policy router says of each model, by name."""
        answer = wire.ask_json(self.policy_port, "/models")
        return {model["model"]: model for model in answer.json()["data"]}

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds=STOP_SECONDS):
        """The exit status; the process is killed (and the test fails) when it does not end."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
            raise

    def stop(self):
        if self.process.poll() is None:
            self.terminate()
            return self.wait()
        return self.process.returncode

    def descriptors(self):
        """How many descriptors the process holds: what leaks shows here."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def settle(self, baseline, seconds=5):
        """Waits for the descriptors to fall back to `baseline`; returns how many there are."""
        end = time.monotonic() + seconds
        while self.descriptors() > baseline and time.monotonic() < end:
            time.sleep(0.05)
        return self.descriptors()
