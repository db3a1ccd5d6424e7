# SPDX-License-Identifier: MIT
"""An OpenTelemetry receiver on a thread of its own: reads both encodings of OTLP/HTTP with Google's
protobuf and the published definitions, and answers as a test wants it to."""
import gzip
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from .otlp_json import with_base64_ids

REQUESTS = {"/v1/traces": trace_service_pb2.ExportTraceServiceRequest,
            "/v1/metrics": metrics_service_pb2.ExportMetricsServiceRequest}
JSON, PROTOBUF = "application/json", "application/x-protobuf"


@dataclass
class Export:
    """One request as it came, and what it decoded to."""
    path: str
    headers: dict
    body: bytes
    message: object = None


@dataclass
class Reply:
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0


class Collector:
    """Answers with `replies` in order, the last one again and again."""

    def __init__(self, *replies):
        self.replies, self.exports, self.problems = list(replies or [Reply()]), [], []
        self._changed = threading.Condition()
        self._server = None

    def start(self, port=0):
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.take(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["content-length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        export = Export(handler.path, headers, body)
        try:
            export.message = decode(export)
        except Exception as problem:  # pylint: disable=broad-except
            self.problems.append(f"{handler.path}: {problem!r}")
        with self._changed:
            self.exports.append(export)
            reply = self.replies[min(len(self.exports), len(self.replies)) - 1]
            self._changed.notify_all()
        time.sleep(reply.seconds)
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(reply.body)))
        handler.end_headers()
        handler.wfile.write(reply.body)

    # MARK: what came

    def wait(self, ready, seconds=10):
        """Until `ready()` is true; what it said last."""
        end = time.monotonic() + seconds
        with self._changed:
            while not (found := ready()):
                left = end - time.monotonic()
                assert left > 0, f"not in time; {len(self.exports)} exports, {self.problems}"
                self._changed.wait(min(left, 0.1))
        assert not self.problems, self.problems
        return found

    def spans(self):
        """All spans so far in the order of their ends; workers do not wait for each other."""
        found = [Read(span, resource.resource, scope.scope)
                 for export in list(self.exports) if export.path == "/v1/traces"
                 for resource in export.message.resource_spans
                 for scope in resource.scope_spans for span in scope.spans]
        return sorted(found, key=lambda one: one.span.end_time_unix_nano)

    def wait_for_spans(self, count, seconds=10):
        return self.wait(lambda: (found := self.spans()) and len(found) >= count and found, seconds)

    def metrics(self):
        """The newest export of metrics by name."""
        newest = [export for export in list(self.exports) if export.path == "/v1/metrics"][-1:]
        return {metric.name: metric for export in newest
                for resource in export.message.resource_metrics
                for scope in resource.scope_metrics for metric in scope.metrics}


def decode(export):
    body = export.body
    if export.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    message = REQUESTS[export.path]()
    if export.headers["content-type"] == JSON:
        return json_format.Parse(with_base64_ids(body), message)
    assert export.headers["content-type"] == PROTOBUF
    message.ParseFromString(body)
    # Written the canonical way, down to the byte.
    assert message.SerializeToString(deterministic=True) == body, "not as protobuf itself writes it"
    return message


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(one) for one in any_value.array_value.values]
    return getattr(any_value, kind)


class Read:
    """A span with what a test asks for."""

    def __init__(self, span, resource, scope):
        self.span, self.resource = span, {one.key: value(one.value) for one in resource.attributes}
        self.scope, self.name, self.kind = scope, span.name, span.kind
        self.trace, self.id = span.trace_id.hex(), span.span_id.hex()
        self.parent, self.flags = span.parent_span_id.hex(), span.flags
        keys = [one.key for one in span.attributes]
        assert len(set(keys)) == len(keys), f"twice: {keys}"
        self.attributes = {one.key: value(one.value) for one in span.attributes}
        self.seconds = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9

    def __getitem__(self, key):
        return self.attributes[key]

    def __contains__(self, key):
        return key in self.attributes

    @property
    def is_error(self):
        return self.span.status.code == 2
