# SPDX-License-Identifier: MIT
"""`/v1/realtime`: WebSockets passed through, with the gateway's key, back-pressure and ends."""
import json
import socket
import time

import pytest
from support import configuration, process, websocket, wire


def front(folder, upstream, use=None, timeouts=None, azure=None, concurrency=None):
    made = configuration.write(folder, upstream)
    with open(made.path, encoding="utf-8") as file:
        value = json.load(file)
    value["timeouts"].update(timeouts or {})
    if use:
        value["gateways"][0]["http2"] = use
    if concurrency:
        value["gateways"][0]["concurrency"] = concurrency
    value["gateways"][0]["upstream_models"] = {"gpt-4o": "gpt-realtime/2"}
    if azure:
        value["gateways"][0].update(type="azure", api_version=azure,
                                    base_url=upstream.url.removesuffix("/v1"))
    with open(made.path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    gateway = process.Gateway(made.path)
    gateway.drain_seconds = made.facts["drain_seconds"]
    return gateway.start()


@pytest.fixture
def echo():
    with websocket.Upstream() as one:
        yield one


@pytest.fixture
def through(tmp_path, echo):
    gateway = front(tmp_path, echo)
    yield gateway
    gateway.stop()


def test_words_both_ways(through, echo):
    with websocket.Client(through.port, "/v1/realtime?model=gpt-4o&intent=a%20b", headers=[
            "OpenAI-Beta: realtime=v1", "Cookie: secret", "Sec-WebSocket-Protocol: realtime, "
            f"openai-insecure-api-key.{wire.KEY}, openai-beta.realtime-v1"]) as client:
        headers = client.open()
        assert headers["x-gateway-model"] == "gpt-4o" and "x-gateway-decision-id" in headers
        assert headers["x-request-id"] == "req_ws"
        assert headers["sec-websocket-protocol"] == "realtime"
        for payload in (b"hello", b"", b"x" * 70_000, bytes(range(256)) * 300):
            client.say(payload, 2)
            assert client.hear() == (2, payload)
        client.say(b"\x03\xe8", 8)
        assert client.hear() == (8, b"\x03\xe8")
        assert client.closed()
    lines = echo.heads[0]
    assert lines[0] == "GET /v1/realtime?model=gpt-realtime%2f2&intent=a%20b HTTP/1.1"
    fields = [line.lower() for line in lines[1:]]
    assert "authorization: bearer sk-upstream-key" in fields
    assert "openai-beta: realtime=v1" in fields
    assert "sec-websocket-protocol: realtime, openai-beta.realtime-v1" in fields
    assert not any(wire.KEY in line for line in lines)
    assert not any(line.startswith("cookie") for line in fields)
    end = time.monotonic() + 3
    while not counted(through) and time.monotonic() < end:
        time.sleep(0.05)
    assert counted(through), "the request was not settled"


def counted(gateway):
    metrics = wire.ask(gateway.port, path="/metrics", method="GET").body.decode()
    return any(line.startswith("gateway_requests_total{") and 'status="other"' in line
               for line in metrics.splitlines())


VERSION = "2024-10-01-preview"


@pytest.mark.parametrize("path,rest", [
    ("/v1/realtime?model=gpt-4o&intent=transcription", "&intent=transcription"),
    (f"/openai/realtime?api-version={VERSION}&deployment=gpt-4o", ""),
    ("/openai/v1/realtime?model=gpt-4o", ""),
    # Written otherwise they are the same to a server, and are no client's to say.
    ("/v1/realtime?model=gpt-4o&%6dodel=o1&api%2Dversion=1&deployment=o1&x=%41", "&x=%41")])
def test_azures_older_path(tmp_path, echo, path, rest):
    gateway = front(tmp_path, echo, azure="2025-04-01-preview")
    try:
        with websocket.Client(gateway.port, path) as client:
            assert client.open()["x-gateway-model"] == "gpt-4o"
            client.say(b"hello")
            assert client.hear() == (1, b"hello")
    finally:
        gateway.stop()
    lines = echo.heads[-1]
    assert lines[0] == ("GET /openai/realtime?api-version=2025-04-01-preview"
                        f"&deployment=gpt-realtime%2f2{rest} HTTP/1.1")
    assert "api-key: sk-upstream-key" in [line.lower() for line in lines]


def test_azures_clients_before_openai(through, echo):
    """Neither Azure's version nor its name for the model goes to a server that knows neither."""
    path = f"/openai/realtime?api-version={VERSION}&deployment=gpt-4o&intent=transcription"
    with websocket.Client(through.port, path) as client:
        client.open()
        client.say(b"hello")
        assert client.hear() == (1, b"hello")
    assert echo.heads[-1][0] == (
        "GET /v1/realtime?model=gpt-realtime%2f2&intent=transcription HTTP/1.1")


def test_the_key_of_a_browser(through, echo):
    protocols = f"Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.{wire.KEY}"
    with websocket.Client(through.port, headers=[protocols], key=None) as client:
        client.open()
        client.say(b"hi")
        assert client.hear() == (1, b"hi")


def test_a_hasty_client(through, echo):
    with websocket.Client(through.port) as client:
        client.say(b"early")
        client.open()
        assert client.hear() == (1, b"early")


@pytest.mark.parametrize("change,status", [
    ({"key": None}, 401), ({"key": "sk-wrong"}, 401),
    ({"path": "/v1/realtime"}, 400), ({"path": "/v1/realtime?model="}, 400),
    ({"path": "/v1/realtime?model=no-such-model"}, 404),
    ({"path": "/v1/realtime?model=forbidden-model"}, 403),
])
def test_refusals_are_answers(through, echo, change, status):
    with websocket.Client(through.port, **change) as client:
        answer = client.answer()
        assert answer.status == status and answer.error["message"]
    assert not echo.heads


def test_what_is_no_handshake(through, echo):
    path = "/v1/realtime?model=gpt-4o"
    assert wire.ask(through.port, path=path, method="GET").status == 400
    assert wire.ask(through.port, b"{}", path=path).status == 405
    lines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x",
             "Sec-WebSocket-Version: 13"]
    assert wire.ask(through.port, path=path, method="GET", headers=lines).status == 400
    lines[2:] = ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 7"]
    assert wire.ask(through.port, path=path, method="GET", headers=lines).status == 400
    assert not echo.heads


def test_an_upstream_that_refuses(tmp_path):
    body = json.dumps({"error": {"message": "no realtime", "type": "invalid_request_error",
                                 "param": None, "code": "nope"}}).encode()
    refuse = (b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n"
              b"content-length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
    with websocket.Upstream(refuse=refuse) as upstream:
        gateway = front(tmp_path, upstream)
        try:
            with websocket.Client(gateway.port) as client:
                answer = client.answer()
                assert answer.status == 400 and answer.error["code"] == "nope"
        finally:
            assert gateway.stop() == 0


def test_a_switch_that_was_not_asked_for(tmp_path):
    refuse = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
    with websocket.Upstream(refuse=refuse) as upstream:
        gateway = front(tmp_path, upstream)
        try:
            with websocket.Client(gateway.port) as client:
                assert client.answer().status == 502
            assert wire.ask(gateway.port, path="/health", method="GET").status == 200
        finally:
            assert gateway.stop() == 0


def test_the_upstream_hears_of_a_client_that_leaves(through, echo):
    with websocket.Client(through.port) as client:
        client.open()
    assert echo.ended.wait(3)


def test_the_client_hears_of_an_upstream_that_breaks(tmp_path):
    def abort(server, connection, read):
        connection.sendall(websocket.frame(b"last words"))
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    with websocket.Upstream(abort) as upstream:
        gateway = front(tmp_path, upstream)
        try:
            with websocket.Client(gateway.port) as client:
                client.open()
                assert client.hear() == (1, b"last words")
                assert client.hear() is None
        finally:
            assert gateway.stop() == 0


@pytest.mark.timeout(60)
def test_each_side_holds_the_other_back(tmp_path):
    """Neither a client nor an upstream that does not read fills the gateway's memory."""
    counts = {"sent": 0, "heard": 0}
    piece = b"y" * 60_000

    def script(server, connection, read):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        for _ in range(400):
            connection.sendall(websocket.frame(piece, 2))
            counts["sent"] += 1
        # Only now does it read: what the client says meanwhile must wait.
        while (one := websocket.read_frame(read)) is not None and one[0] != 8:
            counts["heard"] += len(one[1])
        connection.sendall(websocket.frame(b"\x03\xe8", 8))
    with websocket.Upstream(script) as upstream:
        gateway = front(tmp_path, upstream)
        try:
            with websocket.Client(gateway.port, seconds=40) as client:
                client.open()
                # The kernel's buffers grow for a while.
                before, end = -1, time.monotonic() + 10
                while before != counts["sent"] and time.monotonic() < end:
                    before = counts["sent"]
                    time.sleep(1)
                assert counts["sent"] == before < 400, "nothing holds the upstream back"
                for _ in range(400):
                    assert client.hear() == (2, piece)
                for _ in range(50):
                    client.say(piece, 2)
                client.say(b"\x03\xe8", 8)
                assert client.hear() == (8, b"\x03\xe8")
            assert counts["heard"] == 50 * len(piece)
        finally:
            assert gateway.stop() == 0


def test_silence_ends_it(tmp_path, echo):
    gateway = front(tmp_path, echo, timeouts={"realtime_idle": "1s"})
    try:
        with websocket.Client(gateway.port) as client:
            client.open()
            for _ in range(3):
                time.sleep(0.6)
                client.say(b"still here")
                assert client.hear() == (1, b"still here")
            begin = time.monotonic()
            assert client.hear() == (8, b"\x03\xe9"), "Close, going away"
            assert client.closed() and 0.8 < time.monotonic() - begin < 3
        assert echo.ended.wait(3)
    finally:
        assert gateway.stop() == 0


@pytest.mark.timeout(40)
def test_drain(tmp_path, echo):
    """What is open goes on until the limit, and then hears why it ends."""
    gateway = front(tmp_path, echo)
    with websocket.Client(gateway.port, seconds=30) as client:
        client.open()
        gateway.terminate()
        begin = time.monotonic()
        time.sleep(0.5)
        client.say(b"go on")
        assert client.hear() == (1, b"go on")
        assert client.hear() == (8, b"\x03\xe9")
        assert time.monotonic() - begin > gateway.drain_seconds - 1
    assert gateway.wait(gateway.drain_seconds + 10) == 0


def test_http2_upstreams_are_asked_in_http1(tmp_path, echo):
    gateway = front(tmp_path, echo, use="prior_knowledge")
    try:
        with websocket.Client(gateway.port) as client:
            client.open()
            client.say(b"hi")
            assert client.hear() == (1, b"hi")
    finally:
        assert gateway.stop() == 0


def places(gateway):
    text = wire.ask(gateway.port, path="/metrics", method="GET").body.decode()
    line = next(one for one in text.splitlines()
                if one.startswith("gateway_concurrency_in_flight{"))
    return int(line.rpartition(" ")[2])


def freed(gateway, seconds=3):
    end = time.monotonic() + seconds
    while places(gateway) > 0:
        assert time.monotonic() < end, "a place was not given back"
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("ending", ["leaves", "reset", "silence", "upstream"])
def test_it_holds_a_place_for_its_life(tmp_path, echo, ending):
    """The second waits in vain, the third gets the place of the first, which is free at the end."""
    gateway = front(tmp_path, echo, timeouts={"realtime_idle": "2s"},
                    concurrency={"maximum": 1, "queue": 1, "queue_timeout": "700ms"})
    try:
        with websocket.Client(gateway.port) as first:
            first.open()
            first.say(b"hi")
            assert first.hear() == (1, b"hi") and places(gateway) == 1
            with websocket.Client(gateway.port) as second:
                answer = second.answer()
                assert answer.status == 429
                assert answer.error["code"] == "concurrency_limit_exceeded"
            first.say(b"still")
            assert first.hear() == (1, b"still") and places(gateway) == 1
            with websocket.Client(gateway.port) as third:
                time.sleep(0.2)
                first.socket.close()
                third.open()
                third.say(b"mine")
                assert third.hear() == (1, b"mine") and places(gateway) == 1
                if ending == "reset":
                    third.reset()
                elif ending == "silence":
                    assert third.hear() == (8, b"\x03\xe9")
                elif ending == "upstream":
                    third.say(b"\x03\xe8", 8)
                    assert third.hear() == (8, b"\x03\xe8") and third.closed()
        assert freed(gateway)
    finally:
        assert gateway.stop() == 0


def test_a_place_comes_back_where_the_upgrade_is_refused(tmp_path):
    refuse = (b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n"
              b"content-length: 2\r\n\r\n{}")
    with websocket.Upstream(refuse=refuse) as upstream:
        gateway = front(tmp_path, upstream, concurrency={"maximum": 1, "queue": 0})
        try:
            for _ in range(3):
                with websocket.Client(gateway.port) as client:
                    assert client.answer().status == 404
            assert freed(gateway)
        finally:
            assert gateway.stop() == 0


def test_a_very_hasty_client(through, echo):
    """More ahead of the answer than is read: once it is passed on, reading goes on."""
    with websocket.Client(through.port) as client:
        for number in range(30):
            client.say(b"%d " % number * 5_000, 2)
        client.open()
        for number in range(30):
            assert client.hear() == (2, b"%d " % number * 5_000)
        client.say(b"later")
        assert client.hear() == (1, b"later")
