# SPDX-License-Identifier: MIT
"""A small client of the Language Server Protocol, for `policyc lsp`."""
import json
import os
import queue
import subprocess
import threading

from . import policyc

WAIT_SECONDS = 20


class Failed(Exception):
    """The server answered with an error."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code, self.message = error["code"], error["message"]


class Client:
    """One session; texts are named by their file name in the folder."""

    def __init__(self, folder):
        self.folder, self.texts, self._next = folder, {}, 0
        self.process = subprocess.Popen(
            [policyc.binary(), "lsp", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        self._messages = queue.Queue()
        self._kept = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        out = self.process.stdout
        while True:
            length = None
            while (line := out.readline()) not in (b"\r\n", b""):
                name, value = line.decode().split(":", 1)
                if name.lower() == "content-length":
                    length = int(value)
            if length is None:
                self._messages.put(None)
                return
            self._messages.put(json.loads(out.read(length)))

    # MARK: messages

    def send_bytes(self, body):
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method, **parameters):
        self.send_bytes(json.dumps(
            {"jsonrpc": "2.0", "method": method, "params": parameters}).encode())

    def request(self, method, **parameters):
        self._next += 1
        self.send_bytes(json.dumps(
            {"jsonrpc": "2.0", "id": self._next, "method": method,
             "params": parameters}).encode())
        answer = self.wait(lambda message: message.get("id") == self._next)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["result"]

    def wait(self, wanted):
        for place, message in enumerate(self._kept):
            if wanted(message):
                return self._kept.pop(place)
        while True:
            message = self._messages.get(timeout=WAIT_SECONDS)
            assert message is not None, "the server has gone"
            if wanted(message):
                return message
            self._kept.append(message)

    # MARK: session

    def start(self, **options):
        answer = self.request("initialize", processId=None, rootUri=self.folder.as_uri(),
                              capabilities={}, **options)
        self.notify("initialized")
        return answer

    def stop(self):
        self.request("shutdown")
        self.notify("exit")
        return self.process.wait(timeout=WAIT_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def uri(self, name):
        return (self.folder / name).as_uri()

    def findings(self, name):
        """The findings that are published next for a text."""
        published = self.wait(
            lambda message: message.get("method") == "textDocument/publishDiagnostics"
            and message["params"]["uri"] == self.uri(name))
        return published["params"]["diagnostics"]

    def open(self, name, text=None):
        text = (self.folder / name).read_text() if text is None else text
        self.texts[name] = text
        self.notify("textDocument/didOpen", textDocument={
            "uri": self.uri(name), "languageId": "cedar", "version": 1, "text": text})
        return self.findings(name)

    def change(self, name, text):
        self.texts[name] = text
        self.notify("textDocument/didChange", textDocument={"uri": self.uri(name), "version": 2},
                    contentChanges=[{"text": text}])
        return self.findings(name)

    # MARK: places

    def position(self, name, before, inside=""):
        """Where `before` ends in a text; then `inside` is looked for behind it."""
        text = self.texts[name]
        offset = text.index(before) + len(before)
        if inside:
            offset = text.index(inside, offset)
        line = text.count("\n", 0, offset)
        start = text.rfind("\n", 0, offset) + 1
        units = len(text[start:offset].encode("utf-16-le")) // 2
        return {"line": line, "character": units}

    def ask(self, method, name, before, **more):
        return self.request(f"textDocument/{method}", textDocument={"uri": self.uri(name)},
                            position=self.position(name, before), **more)

    def applied(self, name, edits):
        """A text of the session or of the folder with edits made."""
        text = self.texts.get(name) or (self.folder / name).read_text()
        lines = text.split("\n")

        def offset(place):
            if place["line"] >= len(lines):
                return len(text)
            before = sum(len(line) + 1 for line in lines[:place["line"]])
            units = lines[place["line"]].encode("utf-16-le")[:place["character"] * 2]
            return before + len(units.decode("utf-16-le"))

        for edit in sorted(edits, key=lambda one: offset(one["range"]["start"]), reverse=True):
            start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
            text = text[:start] + edit["newText"] + text[end:]
        return text
