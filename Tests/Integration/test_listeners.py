# SPDX-License-Identifier: MIT
"""Listeners: where they listen, and TLS with the certificate that is named."""
import http.client
import json
import shutil
import signal
import ssl
import subprocess
import time

import pytest
from support import configuration, process, wire

ROUTE = {"user_id": "u", "team_id": "engineering", "requested_model": "smart",
         "budget_remaining": 10.0, "latency_sla_ms": 5000}


def configured(folder, upstream, fields, roles=("llm", "policy")):
    made = configuration.write(folder, upstream)
    with open(made.path, encoding="utf-8") as file:
        value = json.load(file)
    for role in roles:
        value["listeners"][role].update(fields)
    with open(made.path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    return process.Gateway(made.path)


@pytest.fixture
def certificate(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command to make a certificate")
    return make_certificate(tmp_path)


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost",
         "-keyout", folder / "server.key", "-out", folder / "server.pem"],
        check=True, capture_output=True, timeout=20)
    return folder / "server.pem"


def ask(port, certificate, path, body, **fields):
    trust = ssl.create_default_context(cafile=certificate)
    connection = http.client.HTTPSConnection("localhost", port, context=trust, timeout=10)
    try:
        fields["content-type"] = "application/json"
        connection.request("POST", path, body, fields)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_both_listeners_serve_tls(tmp_path, upstream, certificate):
    gateway = configured(
        tmp_path, upstream, {"tls": {"certificate": "server.pem", "key": "server.key"}}).start()
    try:
        status, body = ask(gateway.policy_port, certificate, "/route", json.dumps(ROUTE))
        assert status == 200, body
        status, body = ask(gateway.port, certificate, "/v1/chat/completions", wire.chat_body(),
                           authorization=f"Bearer {wire.KEY}")
        assert status == 200, body
        for port in (gateway.policy_port, gateway.port):
            with pytest.raises((wire.Closed, OSError, ValueError, IndexError)):
                wire.ask(port, path="/health", method="GET", key=None)
    finally:
        assert gateway.stop() == 0


def test_a_renewed_certificate_is_shown_after_sighup(tmp_path, upstream, certificate):
    gateway = configured(
        tmp_path, upstream, {"tls": {"certificate": "server.pem", "key": "server.key"}}).start()
    try:
        before = ssl.get_server_certificate(("localhost", gateway.port))
        assert before == ssl.get_server_certificate(("localhost", gateway.policy_port))
        # One that cannot be used changes nothing.
        (tmp_path / "server.pem").write_text("no certificate", encoding="utf-8")
        gateway.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "the one before stays" in gateway.output(500))
        assert ssl.get_server_certificate(("localhost", gateway.port)) == before
        make_certificate(tmp_path)
        gateway.process.send_signal(signal.SIGHUP)
        for port in (gateway.port, gateway.policy_port):
            wait_until(lambda: ssl.get_server_certificate(("localhost", port)) != before)
        status, body = ask(gateway.port, certificate, "/v1/chat/completions", wire.chat_body(),
                           authorization=f"Bearer {wire.KEY}")
        assert status == 200, body
    finally:
        assert gateway.stop() == 0


def wait_until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


@pytest.mark.parametrize("role", ["llm", "policy"])
def test_a_certificate_that_is_not_there_ends_the_start(tmp_path, upstream, role):
    fields = {"tls": {"certificate": "missing.pem", "key": "missing.key"}}
    gateway = configured(tmp_path, upstream, fields, [role])
    with pytest.raises(RuntimeError, match="(?s)ended with 1:.*missing.pem"):
        gateway.start()


@pytest.mark.parametrize("role", ["llm", "policy"])
def test_an_open_policy_router_is_warned_of(tmp_path, upstream, role):
    gateway = configured(tmp_path, upstream, {"host": "0.0.0.0"}, [role]).start()
    try:
        end = time.monotonic() + 5
        while "Ctrl-C" not in gateway.output() and time.monotonic() < end:
            time.sleep(0.02)
        warnings = [line for line in gateway.lines if "WARNING: the policy router" in line]
        assert len(warnings) == (1 if role == "policy" else 0), gateway.output()
        assert role == "llm" or "0.0.0.0" in warnings[0]
    finally:
        assert gateway.stop() == 0
