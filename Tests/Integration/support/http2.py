# SPDX-License-Identifier: MIT
"""A client of HTTP/2 frames, on hyper-h2 where it behaves, on bare frames where it must not."""
import socket
import ssl
import time
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.errors
import h2.events
from hpack import Encoder  # noqa: F401 (for the tests)
from hyperframe import frame

from . import wire

READ_SECONDS = 10


@dataclass
class Stream:
    """What came on one stream. `reset` is the error code of RST_STREAM."""
    status: int = 0
    headers: dict = field(default_factory=dict)
    interim: list = field(default_factory=list)
    body: bytes = b""
    ended: bool = False
    reset: int = None
    ended_at: float = 0

    @property
    def over(self):
        return self.ended or self.reset is not None


class Client:
    """`check=False` lets it send what RFC 9113 forbids. `window=False`: no window updates."""

    def __init__(self, port, check=True, window=True, context=None, seconds=READ_SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.end = time.monotonic() + seconds
        self.window = window
        self.streams, self.goaways, self.closed = {}, [], False
        self.pings, self.half = [], b""
        self.connection = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="latin-1", validate_outbound_headers=check,
            normalize_outbound_headers=check))
        self.connection.initiate_connection()
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.raw(self.connection.data_to_send())

    def raw(self, data):
        """Bytes as they are; a peer that has closed is noted, not raised."""
        try:
            self.socket.sendall(data)
        except OSError:
            self.closed = True

    def frame(self, one):
        self.raw(one.serialize())

    def open(self, body=None, path="/v1/chat/completions", method=None, headers=(), key=wire.KEY,
             end=True, fields=None):
        """Sends a request; the number of its stream."""
        number = self.connection.get_next_available_stream_id()
        self.streams[number] = Stream()
        method = method or ("GET" if body is None else "POST")
        if fields is None:
            fields = [(":method", method), (":scheme", "http"), (":authority", "gateway.test"),
                      (":path", path)]
            if key:
                fields.append(("authorization", f"Bearer {key}"))
            if body is not None:
                fields.append(("content-type", "application/json"))
            fields += headers
        self.connection.send_headers(number, fields, end_stream=end and body is None)
        if body:
            self.connection.send_data(number, body, end_stream=end)
        self.flush()
        return number

    def section(self, fields):
        """The fields, encoded by this connection's HPACK state."""
        return self.connection.encoder.encode(fields)

    def more(self):
        """Reads once. False: the peer has closed."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no end in time; so far: {self.streams}")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError):
            data = b""
        if not data:
            self.closed = True
            return False
        for event in self.connection.receive_data(self.without_goaway(data)):
            self.note(event)
        self.flush()
        return True

    def without_goaway(self, data):
        """Whole frames without GOAWAY, after which hyper-h2 takes no more of the open streams."""
        data, rest = self.half + data, b""
        while len(data) >= 9:
            one, length = frame.Frame.parse_frame_header(memoryview(data[:9]))
            if len(data) < 9 + length:
                break
            if isinstance(one, frame.GoAwayFrame):
                one.parse_body(memoryview(data[9:9 + length]))
                self.goaways.append((one.error_code, one.last_stream_id))
            else:
                rest += data[:9 + length]
            data = data[9 + length:]
        self.half = data
        return rest

    def note(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None), Stream())
        if isinstance(event, h2.events.ResponseReceived):
            stream.headers = {name: value for name, value in event.headers}
            stream.status = int(stream.headers[":status"])
        elif isinstance(event, h2.events.InformationalResponseReceived):
            stream.interim.append(dict(event.headers)[":status"])
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            if self.window and event.flow_controlled_length:
                self.connection.acknowledge_received_data(
                    event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended, stream.ended_at = True, time.monotonic()
        elif isinstance(event, h2.events.StreamReset):
            stream.reset = event.error_code
        elif isinstance(event, h2.events.PingAckReceived):
            self.pings.append(event.ping_data)

    def until(self, condition):
        """Reads until it holds or the peer closes; whether it holds."""
        while not condition():
            if not self.more():
                break
        return condition()

    def finish(self, *numbers):
        """Reads until these streams are over; the first of them."""
        self.until(lambda: all(self.streams[one].over for one in numbers))
        return self.streams[numbers[0]]

    def drain(self):
        """Reads until the peer closes."""
        while self.more():
            pass

    def ask(self, body=None, **more):
        return self.finish(self.open(body, **more))


def frames(data, kind):
    """The frames of a kind in bytes of whole frames."""
    found = []
    while len(data) >= 9:
        one, length = frame.Frame.parse_frame_header(memoryview(data[:9]))
        if isinstance(one, kind) and len(data) >= 9 + length:
            one.parse_body(memoryview(data[9:9 + length]))
            found.append(one)
        data = data[9 + length:]
    return found


def goaway_code(data):
    """The error code of the last GOAWAY in bytes of frames, or None."""
    found = frames(data, frame.GoAwayFrame)
    return found[-1].error_code if found else None


class Raw:
    """A peer that only sends bytes: hyper-h2 would object to what it gets back."""

    def __init__(self, port, seconds=READ_SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.settimeout(seconds)
        self.received = b""
        self.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame.SettingsFrame(0).serialize())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False when the peer has closed."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def drain(self):
        """Reads until the peer closes; all that came."""
        try:
            while data := self.socket.recv(65536):
                self.received += data
        except (ConnectionError, TimeoutError):
            pass
        return self.received
