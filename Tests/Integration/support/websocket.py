# SPDX-License-Identifier: MIT
"""WebSockets of few words: a client and an upstream on bare sockets (RFC 6455)."""
import base64
import hashlib
import os
import socket
import struct
import threading

from . import wire

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept(key):
    return base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest()).decode()


def frame(payload, opcode=1, mask=False):
    size = len(payload)
    bit = 0x80 if mask else 0
    if size < 126:
        head = bytes([0x80 | opcode, bit | size])
    elif size < 65_536:
        head = bytes([0x80 | opcode, bit | 126]) + struct.pack(">H", size)
    else:
        head = bytes([0x80 | opcode, bit | 127]) + struct.pack(">Q", size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(one ^ key[at % 4] for at, one in enumerate(payload))


def read_frame(reader):
    """(opcode, payload), or None at the end. `reader(count)` gives so many bytes or raises."""
    try:
        first, second = reader(2)
        size = second & 0x7F
        if size == 126:
            size, = struct.unpack(">H", reader(2))
        elif size == 127:
            size, = struct.unpack(">Q", reader(8))
        key = reader(4) if second & 0x80 else None
        payload = reader(size)
    except EOFError:
        return None
    if key:
        payload = bytes(one ^ key[at % 4] for at, one in enumerate(payload))
    return first & 0x0F, payload


class Client(wire.Wire):
    def __init__(self, port, path="/v1/realtime?model=gpt-4o", headers=(), key=wire.KEY,
                 seconds=15):
        super().__init__(port, seconds)
        self.nonce = base64.b64encode(os.urandom(16)).decode()
        lines = ["Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {self.nonce}", "Sec-WebSocket-Version: 13", *headers]
        self.send(wire.request(path=path, method="GET", headers=lines, key=key))

    def open(self):
        status, headers = self.head()
        assert status == 101, (status, self.buffer)
        assert headers["sec-websocket-accept"] == accept(self.nonce)
        return headers

    def say(self, payload, opcode=1):
        self.send(frame(payload, opcode, mask=True))

    def read(self, count):
        data, whole = self.exactly(count)
        if not whole:
            raise EOFError
        return data

    def hear(self):
        return read_frame(self.read)


class Upstream:
    """Echoes; `script(server, connection, lines)` may do something else after the handshake."""

    def __init__(self, script=None, refuse=None):
        self.script, self.refuse = script or Upstream.echo, refuse
        self.heads, self.ended = [], threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(20)
        reader = connection.makefile("rb")
        lines = []
        while (line := reader.readline().rstrip(b"\r\n")):
            lines.append(line.decode("latin-1"))
        self.heads.append(lines)
        try:
            if self.refuse:
                connection.sendall(self.refuse)
                return
            fields = dict(line.lower().split(": ", 1) for line in lines[1:])
            key = next(line.split(": ", 1)[1] for line in lines
                       if line.lower().startswith("sec-websocket-key"))
            more = ""
            if "sec-websocket-protocol" in fields:
                more = "Sec-WebSocket-Protocol: " + \
                    fields["sec-websocket-protocol"].split(",")[0] + "\r\n"
            connection.sendall(
                ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept(key)}\r\n{more}"
                 "x-request-id: req_ws\r\n\r\n").encode())
            self.script(self, connection, lambda count: self.exactly(reader, count))
        except OSError:
            pass
        finally:
            connection.close()
            self.ended.set()

    @staticmethod
    def exactly(reader, count):
        data = reader.read(count)
        if len(data) < count:
            raise EOFError
        return data

    def echo(self, connection, read):
        while (one := read_frame(read)) is not None:
            opcode, payload = one
            connection.sendall(frame(payload, opcode))
            if opcode == 8:
                return
