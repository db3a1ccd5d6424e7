# SPDX-License-Identifier: MIT
"""The gateway and the fake providers of the fault soak."""
import json
import os
import re
import select
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from . import soak_client

# Model → type of its gateway, path of its base URL.
MODELS = {"gpt-a": ("openai-compatible", "/v1"), "claude-b": ("anthropic", ""),
          "gemini-c": ("google", ""), "ollama-d": ("ollama", ""), "bedrock-e": ("bedrock", ""),
          "deepseek-f": ("deepseek", "/v1")}
GROUPS = {"any": ["gpt-a", "claude-b", "gemini-c"], "other": ["ollama-d", "bedrock-e"]}
BREAKER = "breaker-x"
CAPABILITIES = ["chat", "tools"]
TIMEOUTS = {"connect": "1s", "first_header": "2s", "first_token": "2s", "between_tokens": "2s",
            "total": "20s", "client_head": "3s", "client_body": "3s", "client_idle": "4s",
            "client_write": "3s", "upstream_idle": "5s", "drain": "5s"}
LISTENING = re.compile(r"gateway: listening service=(\S+) address=\S*?:(\d+)\s*$")
START_SECONDS = 30


class Fake:
    """One fake provider that speaks every API on its own paths."""

    def __init__(self, binary):
        self.process = subprocess.Popen(
            [binary, "fake-provider", "--record", "0"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("fake-provider: port="):
            self.process.kill()
            raise SystemExit(f"the fake provider did not start: {line!r}")
        self.url = f"http://127.0.0.1:{int(line.rpartition('=')[2])}"

    def stop(self):
        self.process.kill()
        self.process.wait(5)


def configuration(fakes, breaker, workers):
    """JSON, which is YAML."""
    def model(name, capabilities=CAPABILITIES):
        return {"name": name, "provider": "openai", "capabilities": capabilities,
                "max_output": 8192, "context_window": 200_000, "price": {"input": 1, "output": 2}}
    gateways = [
        {"name": f"{name}-{index}", "type": kind, "base_url": fake.url + path, "api_key": "k",
         **({"region": "us-east-1"} if kind == "bedrock" else {})}
        for name, (kind, path) in MODELS.items() for index, fake in enumerate(fakes)]
    gateways.append({"name": BREAKER, "type": "openai-compatible", "base_url": breaker.url + "/v1",
                     "api_key": "k"})
    return {
        "listeners": {"llm": {"ports": [0]}, "policy": {"ports": [0]}}, "workers": workers,
        "keys": [{"name": "soak", "key": soak_client.KEY, "user": "soak", "team": "soak"}],
        "policies": {"paths": []}, "timeouts": TIMEOUTS,
        "retries": {"attempts": 3, "backoff": "20ms", "backoff_maximum": "1s",
                    "budget_ratio": 0.5},
        # As long after each trip, so that every round of the drill is like the first.
        "circuit_breaker": {"cool_down": "1s", "cool_down_maximum": "1s"},
        "models": [model(name) for name in [*MODELS, BREAKER]],
        "groups": [{"name": name, "strategy": "order", "models": models}
                   for name, models in GROUPS.items()],
        "gateways": gateways,
        "model_routing": {
            **{name: [f"{name}-{index}" for index in range(len(fakes))] for name in MODELS},
            BREAKER: [BREAKER]},
        "logging": {"level": "warning"}}


class Gateway:
    def __init__(self, binary, folder, value):
        path = os.path.join(folder, "gateway.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
        self.process = subprocess.Popen(
            [binary, "serve", "--config", path], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.lines, self.ports = [], {}
        threading.Thread(target=self._read, daemon=True).start()
        end = time.monotonic() + START_SECONDS
        while not {"llm", "policy"} <= self.ports.keys():
            if time.monotonic() > end or self.process.poll() is not None:
                self.process.kill()
                raise SystemExit("the gateway did not start:\n" + "\n".join(self.lines[-30:]))
            time.sleep(0.05)
        self.port = self.ports["llm"]

    def _read(self):
        for line in self.process.stdout:
            self.lines = self.lines[-200:] + [line.rstrip("\n")]
            found = LISTENING.search(line)
            if found:
                self.ports.setdefault(found[1], int(found[2]))

    def sample(self):
        """Resident KiB, descriptors, and what the metrics say."""
        folder = f"/proc/{self.process.pid}"
        with open(f"{folder}/statm", encoding="ascii") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
        text = urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/metrics", timeout=5).read().decode()
        circuits = {}
        for line in text.splitlines():
            found = re.match(r'gateway_circuit_state\{.*?deployment="([^"]*)".*\} (\d+)', line)
            if found:
                circuits[found[1]] = int(found[2])
        flight = re.search(r"^gateway_requests_in_flight (\S+)$", text, re.M)
        return {"resident_kib": resident, "descriptors": len(os.listdir(f"{folder}/fd")),
                # The request that asks is one of them.
                "in_flight": int(float(flight[1])) - 1, "circuits": circuits}

    def stop(self):
        """The exit status after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None


class BreakerDrill:
    """One deployment whose provider behaves by a schedule, and what its circuit has to be.

    A round: ten good answers, then failures until the circuit opens (five in a row), a cool-down in
    which nothing passes, a failing probe that opens it again, good probes that close it; then a
    429 with `Retry-After: 3`, during which nothing reaches the provider.
    """

    NAMES = {0: "closed", 1: "half-open", 2: "open"}

    def __init__(self, gateway, fake):
        self.gateway, self.fake, self.log, self.problems = gateway, fake, [], []

    def _ask(self, script=""):
        body = {"model": BREAKER, "messages": [
            {"role": "user", "content": f"hello [[script:chunk_tokens=9{script}]]"}]}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.gateway.port}/v1/chat/completions",
            json.dumps(body).encode(), {"Authorization": f"Bearer {soak_client.KEY}",
                                        "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=25) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.read()
            return error.code

    def _state(self):
        circuits = self.gateway.sample()["circuits"]
        state = next((value for name, value in circuits.items() if name.startswith(BREAKER)), 0)
        return self.NAMES[state]

    def _seen(self):
        with urllib.request.urlopen(f"{self.fake.url}/_scripted/activity", timeout=5) as answer:
            return json.load(answer)["requests"]

    def _expect(self, what, found, *expected):
        self.log.append(f"{what}: {found}")
        if found not in expected:
            self.problems.append(f"{what}: {found}, not {' or '.join(map(str, expected))}")

    def round(self):
        for _ in range(10):
            self._expect("a good answer", self._ask(), 200)
        self._expect("after good answers", self._state(), "closed")
        for _ in range(6):
            self._ask(",status=500")
            if self._state() == "open":
                break
        self._expect("after five failures", self._state(), "open")
        before = self._seen()
        self._expect("while open", self._ask(), 503)
        self._expect("requests that passed it", self._seen() - before, 0)
        time.sleep(1.3)
        self._ask(",status=500")
        self._expect("after a probe that failed", self._state(), "open")
        time.sleep(1.3)
        for _ in range(2):
            self._expect("a good probe", self._ask(), 200)
        self._expect("after two good probes", self._state(), "closed")
        self._expect("a limit", self._ask(",status=429,retry_after=3"), 429)
        self._expect("after a limit", self._state(), "open")
        before = self._seen()
        time.sleep(1)
        self._expect("within Retry-After", self._ask(), 503, 429)
        self._expect("requests within Retry-After", self._seen() - before, 0)
        time.sleep(2.4)
        for _ in range(2):
            self._expect("a good probe", self._ask(), 200)
        self._expect("after Retry-After", self._state(), "closed")
