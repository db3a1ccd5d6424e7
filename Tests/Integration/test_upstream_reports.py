# SPDX-License-Identifier: MIT
"""What an operator reads when an upstream fails: the reason in the log and in the client's error,
a line now and then, and no secret in it."""
import json
import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support import configuration, providers, wire

SECRET = "sk-S3CRET-S3CRET"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        status = int(self.path.split("/")[1].removeprefix("v"))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A refused handshake is what the test is about."""


def serve(context=None):
    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
         "key.pem", "-out", "certificate.pem", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost"], cwd=folder, check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server = serve(context)
    yield server.server_address[1], str(folder / "certificate.pem")
    server.shutdown()


def start(folder, urls, environment=None, **changes):
    """A gateway with one account and one model for each of `urls`."""
    value = providers._value(type("Fake", (), {"url": "http://127.0.0.1:1"}), {})
    value.update(
        models=[{"name": name, "provider": "openai", "capabilities": ["chat"],
                 "price": {"input": 1, "output": 2}} for name in urls],
        gateways=[{"name": f"account-{name}", "type": "openai", "base_url": url,
                   "api_key": SECRET} for name, url in urls.items()],
        model_routing={name: [f"account-{name}"] for name in urls}, **changes)
    path = providers._write(folder, value)
    gateway = providers.process.Gateway(path, environment=environment)
    return gateway.start()


def lines(gateway, seconds=3):
    """The lines about upstreams, as soon as there is one."""
    end = time.monotonic() + seconds
    while True:
        found = [json.loads(line) for line in gateway.lines if '"upstream failed"' in line]
        if found or time.monotonic() > end:
            return found
        time.sleep(0.02)


def check(folder, name, url, words, status=502, environment=None):
    gateway = start(folder, {name: url}, environment)
    try:
        answer = wire.ask(gateway.port, wire.chat_body(model=name))
        assert answer.status == status
        assert words in answer.error["message"]
        found = lines(gateway)
        assert len(found) == 1, gateway.output()
        assert found[0]["gateway"] == f"account-{name}" and found[0]["level"] == "warning"
        assert found[0]["model"] == name and found[0]["address"] in url
        assert SECRET not in gateway.output()
        return found[0]
    finally:
        gateway.stop()


def test_a_certificate_that_nobody_signed(tmp_path, secured):
    port, _ = secured
    line = check(tmp_path, "own", f"https://localhost:{port}/v1", "TLS certificate is not trusted")
    assert "not trusted" in line["problem"] and "SSL_CERT_FILE" in line["help"]


def test_a_certificate_of_another_name(tmp_path, secured):
    port, certificate = secured
    check(tmp_path, "other", f"https://127.0.0.1:{port}/v1", "for another host name",
          environment={"SSL_CERT_FILE": certificate})


def test_no_tls_where_it_is_spoken(tmp_path):
    server = serve()
    line = check(tmp_path, "plain", f"https://127.0.0.1:{server.server_address[1]}/v1",
                 "does not speak TLS")
    assert "http://" in line["help"]
    server.shutdown()


def test_nobody_listens(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        check(tmp_path, "closed", f"http://127.0.0.1:{unused.getsockname()[1]}/v1",
              "refuses connections")


def test_no_such_host(tmp_path):
    check(tmp_path, "lost", "http://no-such-host.invalid:80/v1", "could not be resolved")


@pytest.mark.parametrize(("status", "told", "problem"), [
    (401, 502, "refused the gateway's own credential"), (404, 404, "nothing at this address"),
    (500, 500, "server error"), (429, 429, "limiting the rate")])
def test_statuses(tmp_path, status, told, problem):
    server = serve()
    line = check(tmp_path, f"m{status}", f"http://127.0.0.1:{server.server_address[1]}/{status}",
                 "", status=told)
    assert line["status"] == status and problem in line["problem"]
    server.shutdown()


def test_one_line_for_many_requests(tmp_path):
    gateway = start(tmp_path, {"down": "http://127.0.0.1:1/v1"},
                    circuit_breaker=configuration.TOLERANT)
    try:
        for _ in range(50):
            assert wire.ask(gateway.port, wire.chat_body(model="down")).status == 502
        assert len(lines(gateway)) == 1
    finally:
        gateway.stop()


def test_what_the_request_itself_is_to_blame_for_is_no_line(provider_gateway):
    before = len(lines(provider_gateway, seconds=0))
    body = wire.chat_body(user="script:error=invalid_request", model="gpt-4o")
    assert wire.ask(provider_gateway.port, body).status == 400
    time.sleep(0.2)
    assert len(lines(provider_gateway, seconds=0)) == before, "other tests share the gateway"
