# SPDX-License-Identifier: MIT
"""A scripted upstream of HTTP/2, by prior knowledge: hyper-h2 on asyncio.

`script` is asked for each request: `script(connection, stream, request)`, an async function that
answers by the connection's methods. Connections and requests are counted.
"""
import asyncio
import json
import threading
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.settings

from . import replies


@dataclass
class Request:
    headers: dict
    body: bytes = b""
    ended: bool = False


@dataclass
class Facts:
    connections: int = 0
    open: int = 0
    most: int = 0
    requests: list = field(default_factory=list)
    resets: list = field(default_factory=list)
    client_goaways: int = 0


class Connection(asyncio.Protocol):
    def __init__(self, server):
        self.server, self.facts = server, server.facts
        self.requests, self.tasks = {}, set()
        self.wake = asyncio.Event()

    def connection_made(self, transport):
        self.transport = transport
        self.facts.connections += 1
        self.number = self.facts.connections
        self.server.peers.add(self)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=False, header_encoding="latin-1"))
        self.h2.initiate_connection()
        self.h2.update_settings(self.server.settings)
        self.flush()

    def connection_lost(self, _):
        self.server.peers.discard(self)
        for task in self.tasks:
            task.cancel()

    def flush(self):
        self.transport.write(self.h2.data_to_send())

    def data_received(self, data):
        for event in self.h2.receive_data(data):
            self.note(event)
        if not self.transport.is_closing():
            self.flush()
        self.wake.set()

    def note(self, event):
        number = getattr(event, "stream_id", None)
        if isinstance(event, h2.events.RequestReceived):
            self.requests[number] = Request(dict(event.headers))
            self.facts.open += 1
            self.facts.most = max(self.facts.most, self.facts.open)
        elif isinstance(event, h2.events.DataReceived):
            self.requests[number].body += event.data
            if event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, number)
        elif isinstance(event, h2.events.StreamEnded):
            self.requests[number].ended = True
            self.facts.requests.append(self.requests[number])
            task = asyncio.ensure_future(self.serve(number))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        elif isinstance(event, h2.events.StreamReset):
            self.facts.resets.append(event.error_code)
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.facts.client_goaways += 1

    async def serve(self, number):
        try:
            await self.server.script(self, number, self.requests[number])
        except h2.exceptions.ProtocolError:
            pass  # the gateway has reset the stream meanwhile
        finally:
            self.facts.open -= 1

    # What scripts call.

    def head(self, number, status=200, end=False, **fields):
        self.h2.send_headers(number, [(":status", str(status))] + [
            (name.replace("_", "-"), str(value)) for name, value in fields.items()],
            end_stream=end)
        self.flush()

    async def data(self, number, data, end=False):
        """Within the windows the gateway gives."""
        while data:
            room = min(self.h2.local_flow_control_window(number), 16_384, len(data))
            if room == 0:
                self.wake.clear()
                await self.wake.wait()
                continue
            self.h2.send_data(number, data[:room])
            self.flush()
            data = data[room:]
        if end:
            self.h2.send_data(number, b"", end_stream=True)
            self.flush()

    async def answer(self, number, value, status=200, length=True):
        body = json.dumps(value).encode()
        more = {"content_length": len(body)} if length else {}
        self.head(number, status, content_type="application/json", **more)
        await self.data(number, body, end=True)

    def reset(self, number, code):
        self.h2.reset_stream(number, error_code=code)
        self.flush()

    def goaway(self, last, code=0):
        self.h2.close_connection(error_code=code, last_stream_id=last)
        self.flush()

    def raw(self, data):
        self.transport.write(data)


async def honest(connection, number, request):
    asked = request.json() if hasattr(request, "json") else json.loads(request.body)
    if not asked.get("stream"):
        return await connection.answer(number, replies.chat_completion())
    connection.head(number, content_type="text/event-stream")
    for one in replies.stream_events(usage=replies.usage_wanted(asked)):
        await connection.data(number, one)
        await asyncio.sleep(0)
    await connection.data(number, b"", end=True)


class HTTP2Upstream:
    def __init__(self, script=honest, settings=None, context=None):
        self.script, self.facts, self.peers = script, Facts(), set()
        self.settings = settings or {}
        self.context = context
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(5), "the upstream did not start"
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def call(self, function):
        """On the upstream's thread."""
        self._loop.call_soon_threadsafe(function)

    @property
    def url(self):
        scheme = "https" if self.context else "http"
        return f"{scheme}://localhost:{self.port}/v1"

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(
            lambda: Connection(self), "127.0.0.1", 0, ssl=self.context))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        for peer in list(self.peers):
            peer.transport.abort()
        server.close()
        self._loop.run_until_complete(asyncio.sleep(0.01))
