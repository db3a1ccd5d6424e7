# SPDX-License-Identifier: MIT
"""A scripted OpenAI-shaped upstream on its own thread.

A test opens a case (`upstream.case(...)`) and sends its token as the request's `user`; the upstream
answers that token's requests with the case's replies in order, the last one again and again.
Requests without a known token get the honest answer. Each case keeps what reached the upstream.
"""
import asyncio
import itertools
import json
import threading
from dataclasses import dataclass, field

from . import replies

HEAD_BYTES_MAX = 256 * 1024
CASE_SECONDS_MAX = 30


@dataclass
class Received:
    """One request as the upstream saw it."""
    method: str
    path: str
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Case:
    token: str
    replies: list
    requests: list = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)

    def reply(self):
        index = min(len(self.requests), len(self.replies)) - 1
        return self.replies[index]


class Exchange:
    """What a reply may do with the connection it answers on."""

    def __init__(self, reader, writer, request, case):
        self.reader, self.writer, self.request, self.case = reader, writer, request, case
        self.keep = True

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def wait_for_leaving(self, seconds=CASE_SECONDS_MAX):
        """Until the gateway closes this connection: sets the case's `gone`."""
        try:
            if await asyncio.wait_for(self.reader.read(1), seconds) == b"":
                self.case.gone.set()
        except (ConnectionError, OSError):
            self.case.gone.set()
        except asyncio.TimeoutError:
            pass
        self.keep = False

    def reset(self):
        self.keep = False
        self.writer.transport.abort()

    def close(self):
        self.keep = False


class Upstream:
    def __init__(self):
        self._cases, self._numbers = {}, itertools.count(1)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = None
        self.connections = 0
        self.open = 0
        self.default_requests = 0

    def start(self):
        self._thread.start()
        assert self._ready.wait(5), "the upstream did not start"
        return self

    def stop(self):
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(5)

    def _end(self):
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_later(0.05, self._loop.stop)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def case(self, *script):
        """A new case that answers with `script` (replies; the honest one when there is none)."""
        case = Case(f"case-{next(self._numbers)}", list(script) or [replies.honest()])
        self._cases[case.token] = case
        return case

    def _run(self):
        asyncio.set_event_loop(self._loop)
        start = asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES_MAX)
        server = self._loop.run_until_complete(start)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader, writer):
        self.connections += 1
        self.open += 1
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _one(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await self._body(reader, headers)
        request = Received(method, path, headers, body)
        case = self._case_of(request)
        exchange = Exchange(reader, writer, request, case)
        await case.reply()(exchange)
        return exchange.keep and headers.get("connection", "").lower() != "close"

    async def _body(self, reader, headers):
        if "chunked" in headers.get("transfer-encoding", "").lower():
            body = b""
            while True:
                size = int((await reader.readline()).split(b";")[0], 16)
                body += await reader.readexactly(size)
                await reader.readline()
                if size == 0:
                    return body
        return await reader.readexactly(int(headers.get("content-length", 0)))

    def _case_of(self, request):
        try:
            body = json.loads(request.body)
            token = body.get("user") or body.get("metadata", {}).get("user_id")
        except (ValueError, AttributeError):
            token = None
        case = self._cases.get(token)
        if case is None:
            self.default_requests += 1
            case = Case("", [replies.honest()])
        case.requests.append(request)
        case.arrived.set()
        return case
