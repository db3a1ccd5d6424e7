# SPDX-License-Identifier: MIT
"""A fake provider as a process, and what a test asks of it."""
import json
import select
import subprocess
import urllib.request

from . import process

START_SECONDS = 20


class FakeProvider:
    """`gateway fake-provider`; `requests()` tells what reached it."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        self.process = subprocess.Popen(
            [process.binary(), "fake-provider", *self.arguments], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, cwd=process.ROOT)
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("fake-provider: port="):
            self.process.kill()
            raise RuntimeError(f"the fake provider did not start: {line!r}")
        self.port = int(line.rpartition("=")[2])
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(5)
        self.process.stdout.close()

    def _control(self, method, name, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_scripted/{name}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def queue(self, *scripts):
        """The next requests have these scripts, one each."""
        return self._control("POST", "queue", list(scripts))

    def standing(self, *scripts):
        """Every request has this script from now on, lists of models too; none takes it back."""
        return self._control("POST", "standing", list(scripts))

    def requests(self):
        return self._control("GET", "requests")

    def forget(self):
        return self._control("DELETE", "requests")
