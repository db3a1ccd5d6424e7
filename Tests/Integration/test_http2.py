# SPDX-License-Identifier: MIT
"""HTTP/2 from clients: by prior knowledge and ALPN, streams side by side, flow control, ends."""
import asyncio
import json
import shutil
import ssl
import subprocess
import time

import pytest
from support import replies, wire
from test_listeners import certificate, configured  # noqa: F401 (a fixture)

http2 = pytest.importorskip("support.http2", reason="needs hyper-h2; run setup.sh")
CHAT = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]}


@pytest.fixture
def connection(gateway):
    with http2.Client(gateway.port) as one:
        yield one


def test_one_request(connection, upstream):
    case = upstream.case()
    stream = connection.ask(wire.chat_body(case.token))
    assert stream.status == 200 and stream.ended
    assert json.loads(stream.body)["choices"][0]["message"]["content"] == "Hello there,"
    assert int(stream.headers["content-length"]) == len(stream.body)
    for name in ("connection", "transfer-encoding", "keep-alive"):
        assert name not in stream.headers
    assert stream.headers["x-gateway-model"] == "gpt-4o-mini"
    sent = case.requests[0]
    assert sent.headers["authorization"] == "Bearer sk-upstream-key"
    assert "connection" not in sent.headers or sent.headers["connection"] != "close"


def test_a_stream_is_sent_as_it_comes(connection, upstream):
    case = upstream.case(replies.honest(tokens=["a", "b", "c"], delay=0.2))
    number = connection.open(wire.chat_body(case.token, stream=True))
    stream = connection.streams[number]
    assert connection.until(lambda: stream.body.count(b"data:") >= 2)
    assert not stream.ended, "the stream was held back"
    connection.finish(number)
    assert stream.body.endswith(b"data: [DONE]\n\n") and b"\r\n" not in stream.body


def test_many_streams_side_by_side(connection, upstream):
    slow = upstream.case(replies.honest(latency=0.8))
    first = connection.open(wire.chat_body(slow.token))
    others = [connection.open(wire.chat_body(upstream.case().token)) for _ in range(40)]
    connection.finish(*others)
    assert all(connection.streams[one].status == 200 for one in others)
    assert not connection.streams[first].over, "one slow request held up the others"
    assert connection.finish(first).status == 200


def test_errors_and_local_answers(connection):
    assert connection.ask(path="/health", key=None).status == 200
    missing = connection.ask(path="/nothing")
    assert missing.status == 404 and b"error" in missing.body
    assert connection.ask(wire.chat_body(), key="sk-wrong").status == 401
    head = connection.ask(path="/health", method="HEAD")
    assert head.status == 200 and head.body == b"" and int(head.headers["content-length"]) > 0
    assert connection.ask(b"{").status == 400


def test_a_body_in_pieces_without_a_length(connection, upstream):
    case = upstream.case()
    body = wire.chat_body(case.token)
    number = connection.open(b"", end=False, method="POST",
                             headers=[("content-type", "application/json")])
    for start in range(0, len(body), 7):
        connection.connection.send_data(number, body[start:start + 7])
        connection.flush()
    connection.connection.send_data(number, b"", end_stream=True)
    connection.flush()
    assert connection.finish(number).status == 200
    assert case.requests[0].body == body


def test_trailers_and_expect(connection, upstream):
    case = upstream.case()
    body = wire.chat_body(case.token)
    number = connection.open(b"", end=False, method="POST", headers=[
        ("content-type", "application/json"), ("content-length", str(len(body))),
        ("expect", "100-continue")])
    stream = connection.streams[number]
    assert connection.until(lambda: stream.interim == ["100"])
    connection.connection.send_data(number, body)
    connection.connection.send_headers(number, [("x-checksum", "1")], end_stream=True)
    connection.flush()
    assert connection.finish(number).status == 200
    assert "x-checksum" not in case.requests[0].headers


def test_a_large_body_passes_the_windows(roomy_gateway, upstream):
    case = upstream.case()
    body = json.dumps({**CHAT, "user": case.token, "pad": "x" * 3_000_000}).encode()
    with http2.Client(roomy_gateway.port, seconds=30) as connection:
        number = connection.open(b"", end=False, method="POST",
                                 headers=[("content-type", "application/json")])
        rest = body
        while rest:
            room = min(connection.connection.local_flow_control_window(number), 16_384)
            if room:
                connection.connection.send_data(number, rest[:room])
                rest = rest[room:]
                connection.flush()
            else:
                assert connection.more()
        connection.connection.end_stream(number)
        connection.flush()
        assert connection.finish(number).status == 200
    assert case.requests[0].body == body


def test_a_body_over_the_limit_is_refused_early(connection, gateway):
    number = connection.open(b"", end=False, method="POST", headers=[
        ("content-type", "application/json"), ("content-length", str(gateway.body_limit * 2))])
    stream = connection.finish(number)
    assert stream.status == 413
    # RST_STREAM(NO_ERROR): the rest of the body is not wanted. The connection goes on.
    connection.until(lambda: stream.reset is not None)
    assert stream.reset == 0
    assert connection.ask(path="/health").status == 200


def test_a_client_that_gives_no_window_holds_up_only_itself(gateway, upstream):
    big = upstream.case(replies.honest(tokens=["y" * 500] * 400))
    with http2.Client(gateway.port, window=False) as connection:
        held = connection.open(wire.chat_body(big.token, stream=True))
        stream = connection.streams[held]
        connection.until(lambda: len(stream.body) >= 60_000)
        with http2.Client(gateway.port) as other:
            assert other.ask(path="/health").status == 200
        assert not stream.over and len(stream.body) <= 65_535
        # Window in small steps: every byte comes, in order.
        connection.window = True
        connection.connection.acknowledge_received_data(len(stream.body), held)
        connection.flush()
        connection.finish(held)
    assert stream.body.count(b"y" * 500) == 400 and stream.body.endswith(b"data: [DONE]\n\n")


@pytest.mark.timeout(30)
def test_a_client_that_takes_nothing_is_cut(gateway, upstream):
    """`client_write`: 3 s without a byte taken."""
    case = upstream.case(replies.honest(tokens=["z" * 2_000] * 600, delay=0))
    with http2.Client(gateway.port, window=False, seconds=20) as connection:
        number = connection.open(wire.chat_body(case.token, stream=True))
        stream = connection.finish(number)
        assert stream.reset is not None and not stream.ended
        assert connection.ask(path="/health").status == 200


def test_reset_cancels_the_upstream(connection, upstream):
    case = upstream.case(replies.endless_stream(delay=0.05))
    number = connection.open(wire.chat_body(case.token, stream=True))
    stream = connection.streams[number]
    assert connection.until(lambda: b"data:" in stream.body)
    connection.connection.reset_stream(number, error_code=8)
    connection.flush()
    assert case.gone.wait(3), "the upstream goes on for a client that has left"
    assert connection.ask(path="/health").status == 200


def test_a_broken_upstream_resets_or_tells(connection, upstream):
    cut = upstream.case(replies.raw(
        replies.STREAM_HEAD + replies.chunked(replies.stream_events()[0]), "reset"))
    stream = connection.ask(wire.chat_body(cut.token, stream=True))
    assert stream.ended and b'"error"' in stream.body and b"[DONE]" not in stream.body


def test_closing_the_connection_cancels_everything(gateway, upstream):
    cases = [upstream.case(replies.endless_stream(delay=0.05)) for _ in range(5)]
    baseline = gateway.descriptors()
    with http2.Client(gateway.port) as connection:
        numbers = [connection.open(wire.chat_body(one.token, stream=True)) for one in cases]
        assert connection.until(
            lambda: all(b"data:" in connection.streams[one].body for one in numbers))
    assert all(one.gone.wait(3) for one in cases)
    assert gateway.settle(baseline + 1) <= baseline + 1


# Time and ends


def test_idle_connections_are_closed_with_goaway(gateway):
    with http2.Client(gateway.port) as connection:
        assert connection.ask(path="/health").status == 200
        begin = time.monotonic()
        connection.drain()
        assert connection.goaways[-1][0] == 0
        assert 2 < time.monotonic() - begin < gateway.idle_seconds + 4


def test_a_preface_without_settings_is_closed(gateway):
    import socket
    with socket.create_connection(("127.0.0.1", gateway.port)) as one:
        one.settimeout(gateway.request_seconds + 4)
        one.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        while one.recv(4096):
            pass


def test_half_a_preface_gets_no_answer_of_http1(gateway):
    import socket
    with socket.create_connection(("127.0.0.1", gateway.port)) as one:
        one.settimeout(5)
        one.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[:20])
        time.sleep(0.2)
        one.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        data = b""
        try:
            while more := one.recv(4096):
                data += more
        except ConnectionError:
            pass
        assert b"HTTP/1.1" not in data


def test_a_preface_after_a_request_is_refused(gateway):
    with wire.Wire(gateway.port) as one:
        one.send(wire.request(path="/health", method="GET"))
        assert one.answer().status == 200
        one.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert one.answer().status in (400, 505)


@pytest.mark.timeout(60)
def test_drain_in_two_steps(own_gateway, upstream):
    case = upstream.case(replies.honest(tokens=["x"] * 15, delay=0.1))
    with http2.Client(own_gateway.port, seconds=20) as connection:
        number = connection.open(wire.chat_body(case.token, stream=True))
        stream = connection.streams[number]
        assert connection.until(lambda: b"data:" in stream.body)
        own_gateway.terminate()
        assert connection.until(lambda: len(connection.goaways) >= 2)
        assert connection.goaways[0] == (0, 2**31 - 1), "no warning before the last GOAWAY"
        assert connection.goaways[1] == (0, number)
        assert not stream.over
        connection.drain()
        assert stream.ended and stream.body.endswith(b"data: [DONE]\n\n")
    assert own_gateway.wait() == 0


@pytest.mark.timeout(60)
def test_drain_is_bounded(own_gateway, upstream):
    case = upstream.case(replies.endless_stream(delay=0.1))
    with http2.Client(own_gateway.port, seconds=30) as connection:
        number = connection.open(wire.chat_body(case.token, stream=True))
        assert connection.until(lambda: b"data:" in connection.streams[number].body)
        own_gateway.terminate()
        connection.drain()
        assert b'"error"' in connection.streams[number].body
    assert own_gateway.wait(own_gateway.drain_seconds + 10) == 0


# Programs


def test_curl_by_prior_knowledge_and_upgrade(gateway):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    for option, version in (("--http2-prior-knowledge", "2"), ("--http1.1", "1.1"),
                            # RFC 9113 has done away with the upgrade from HTTP/1.1.
                            ("--http2", "1.1")):
        done = subprocess.run(
            ["curl", "-sS", option, "-m", "10", "-w", "%{http_version}", "-o", "/dev/null",
             f"http://127.0.0.1:{gateway.port}/health"], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, version), done.stderr


def test_alpn(tmp_path, upstream, certificate, openai_module):  # noqa: F811
    gateway = configured(
        tmp_path, upstream, {"tls": {"certificate": "server.pem", "key": "server.key"}}).start()
    try:
        for protocols, chosen in ((["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"),
                                  (["h2"], "h2"), (None, None)):
            context = ssl.create_default_context(cafile=certificate)
            if protocols:
                context.set_alpn_protocols(protocols)
            import socket
            with socket.create_connection(("localhost", gateway.port)) as plain, \
                    context.wrap_socket(plain, server_hostname="localhost") as one:
                assert one.selected_alpn_protocol() == chosen
        context = ssl.create_default_context(cafile=certificate)
        context.set_alpn_protocols(["h2"])
        with http2.Client(gateway.port, context=context) as connection:
            case = upstream.case()
            assert connection.ask(wire.chat_body(case.token)).status == 200
        use_the_sdk(gateway, certificate, openai_module)
    finally:
        assert gateway.stop() == 0


def use_the_sdk(gateway, certificate, openai):  # noqa: F811
    import httpx
    versions = []
    trust = ssl.create_default_context(cafile=certificate)
    client = httpx.Client(http2=True, verify=trust, event_hooks={
        "response": [lambda answer: versions.append(answer.http_version)]})
    with openai.OpenAI(base_url=f"https://localhost:{gateway.port}/v1", api_key=wire.KEY,
                       max_retries=0, timeout=20, http_client=client) as sdk:
        answer = sdk.chat.completions.create(**CHAT)
        assert answer.choices[0].message.content == "Hello there,"
        said = [part.choices[0].delta.content or ""
                for part in sdk.chat.completions.create(**CHAT, stream=True) if part.choices]
        assert "".join(said) == "Hello there,"
        with pytest.raises(openai.NotFoundError):
            sdk.chat.completions.create(**{**CHAT, "model": "no-such-model"})
    assert len(versions) == 3 and set(versions) == {"HTTP/2"}
    asyncio.run(ask_side_by_side(gateway, certificate, openai))


async def ask_side_by_side(gateway, certificate, openai):  # noqa: F811
    """Streams of one connection: by tasks, since httpcore's connections are not safe for threads
    that begin streams at once (it raises LocalProtocolError)."""
    import httpx
    trust = ssl.create_default_context(cafile=certificate)
    client = httpx.AsyncClient(http2=True, verify=trust)
    async with openai.AsyncOpenAI(base_url=f"https://localhost:{gateway.port}/v1",
                                  api_key=wire.KEY, max_retries=0, timeout=20,
                                  http_client=client) as sdk:
        answers = await asyncio.gather(*[sdk.chat.completions.create(**CHAT) for _ in range(8)])
    assert [one.choices[0].message.content for one in answers] == ["Hello there,"] * 8
