# SPDX-License-Identifier: MIT
"""A client of raw bytes, for what a well-behaved HTTP library refuses to send."""
import json
import socket
import time
from dataclasses import dataclass

KEY = "sk-integration-0123456789abcdef"
READ_SECONDS = 10


@dataclass
class Answer:
    """One response. `clean` says whether its framing ended properly."""
    status: int
    headers: dict
    body: bytes
    clean: bool

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json()["error"]

    def events(self):
        """The `data:` payloads of complete SSE events."""
        text = self.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        found = []
        for block in text.split(b"\n\n")[:-1]:
            lines = [line[5:].lstrip(b" ") for line in block.split(b"\n")
                     if line.startswith(b"data:")]
            if lines:
                found.append(b"\n".join(lines).decode())
        return found


class Closed(Exception):
    """The peer closed before a response began."""


class Wire:
    def __init__(self, port, seconds=READ_SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.end = time.monotonic() + seconds
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def reset(self):
        """Closes with RST."""
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()

    def more(self):
        """Reads once into the buffer. False: the peer has closed."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no end in time; so far: {self.buffer[:300]!r}")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            return False
        self.buffer += data
        return bool(data)

    def until(self, mark):
        while mark not in self.buffer:
            if not self.more():
                return None
        data, _, self.buffer = self.buffer.partition(mark)
        return data + mark

    def exactly(self, count):
        """(bytes, whether all of them came)"""
        while len(self.buffer) < count:
            if not self.more():
                break
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data, len(data) == count

    def closed(self):
        """Whether the peer closes (or resets) now, sending nothing more."""
        try:
            return not self.more() and not self.buffer
        except TimeoutError:
            return False

    def head(self):
        """(status, headers) of the next response; interim ones are passed over."""
        text = self.until(b"\r\n\r\n")
        if text is None:
            raise Closed(repr(self.buffer[:200]))
        lines = text.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return status, headers

    def answer(self):
        status, headers = self.head()
        while status == 100:
            status, headers = self.head()
        body, clean = self._body(headers)
        return Answer(status, headers, body, clean)

    def _body(self, headers):
        if "content-length" in headers:
            return self.exactly(int(headers["content-length"]))
        if "chunked" not in headers.get("transfer-encoding", ""):
            while self.more():
                pass
            data, self.buffer = self.buffer, b""
            return data, True
        body = b""
        while True:
            line = self.until(b"\r\n")
            if line is None:
                return body, False
            size = int(line.split(b";")[0], 16)
            data, whole = self.exactly(size + 2)
            body += data[:size]
            if not whole:
                return body, False
            if size == 0:
                return body, True


def chat_body(token=None, **more):
    value = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}], **more}
    if token:
        value["user"] = token
    return json.dumps(value).encode()


def request(body=b"", path="/v1/chat/completions", method="POST", headers=None, key=KEY,
            length=True):
    """The bytes of a request; `headers` is a list of lines."""
    lines = [f"{method} {path} HTTP/1.1", "Host: gateway.test"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    if body or method == "POST":
        lines.append("Content-Type: application/json")
    if length and (body or method == "POST"):
        lines.append(f"Content-Length: {len(body)}")
    lines += headers or []
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def ask(port, body=b"", seconds=READ_SECONDS, **more):
    """One request on a connection of its own."""
    with Wire(port, seconds) as wire:
        wire.send(request(body, **more))
        return wire.answer()


def ask_json(port, path, value=None, method=None, key=None, seconds=READ_SECONDS):
    body = b"" if value is None else json.dumps(value).encode()
    method = method or ("GET" if value is None else "POST")
    return ask(port, body, seconds, path=path, method=method, key=key)
