# SPDX-License-Identifier: MIT
"""The LiteLLM proxy as a process, in front of a fake provider."""
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from . import providers

START_SECONDS = 60
ENVIRONMENT = {"NO_DOCS": "True", "DISABLE_ADMIN_UI": "True"}


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _settings(fake):
    def model(name, kind, path):
        return {"model_name": name, "litellm_params": {
            "model": f"{kind}/{name}", "api_base": fake.url + path, "api_key": providers.KEY}}
    return {
        "model_list": [
            model("gpt-4o", "openai", "/v1"), model("claude-sonnet-4-5", "anthropic", ""),
            model("text-embedding-3-small", "openai", "/v1")],
        "litellm_settings": {"num_retries": 0, "telemetry": False},
        "router_settings": {"disable_cooldowns": True, "num_retries": 0},
        "general_settings": {"master_key": providers.KEY},
    }


class LiteLLMProxy:
    def __init__(self, folder, fake):
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.configuration = folder / "litellm.yaml"
        self.configuration.write_text(json.dumps(_settings(fake)), encoding="utf-8")
        self.log = folder / "litellm.log"

    def __enter__(self):
        program = os.path.join(os.path.dirname(sys.executable), "litellm")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, program, "--config", str(self.configuration),
                 "--host", "127.0.0.1", "--port", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, **ENVIRONMENT}, start_new_session=True)
        end = time.monotonic() + START_SECONDS
        while not self._is_alive():
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise RuntimeError("the LiteLLM proxy did not start:\n" + self.output())
            time.sleep(0.2)
        return self

    def _is_alive(self):
        try:
            with urllib.request.urlopen(self.url + "/health/liveliness", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def output(self, count=3000):
        return self.log.read_text(encoding="utf-8", errors="replace")[-count:]

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(5)
