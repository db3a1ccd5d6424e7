# SPDX-License-Identifier: MIT
"""HTTP/2 to upstreams: many requests on one connection, refusals, GOAWAY, windows, real servers."""
import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest
from support import configuration, process, replies, wire
from test_listeners import make_certificate

http2 = pytest.importorskip("support.http2_upstream", reason="needs hyper-h2; run setup.sh")


class Front:
    """A gateway in front of one upstream, with one worker."""

    def __init__(self, folder, url, use="prior_knowledge", upstream=None, environment=None,
                 **more):
        class Nowhere:
            pass
        nowhere = Nowhere()
        nowhere.url = url
        made = configuration.write(folder, nowhere)
        with open(made.path, encoding="utf-8") as file:
            value = json.load(file)
        value["workers"] = 1
        value["gateways"][0]["http2"] = use
        for key, fields in more.items():
            value[key].update(fields)
        with open(made.path, "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
        self.gateway = process.Gateway(made.path, environment=environment)

    def __enter__(self):
        self.gateway.start()
        return self

    def __exit__(self, *_):
        assert self.gateway.stop() == 0, self.gateway.output()

    def chat(self, seconds=15, **more):
        return wire.ask(self.gateway.port, wire.chat_body(**more), seconds=seconds)

    def together(self, count, **more):
        answers = [None] * count

        def ask(index):
            answers[index] = self.chat(**more)
        threads = [threading.Thread(target=ask, args=(index,)) for index in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return answers


def test_requests_share_a_connection(tmp_path):
    with http2.HTTP2Upstream() as upstream, Front(tmp_path, upstream.url) as front:
        answer = front.chat()
        assert answer.status == 200, answer.body
        assert answer.json()["choices"][0]["message"]["content"] == "Hello there, friend"
        assert "connection" not in answer.headers
        stream = front.chat(stream=True)
        assert stream.clean and stream.events()[-1] == "[DONE]"
        assert all(one.status == 200 for one in front.together(20))
        sent = upstream.facts.requests[0]
        assert sent.headers[":path"] == "/v1/chat/completions"
        assert sent.headers["authorization"] == "Bearer sk-upstream-key"
        for name in ("connection", "host", "transfer-encoding"):
            assert name not in sent.headers
        assert int(sent.headers["content-length"]) == len(sent.body)
        assert upstream.facts.connections == 1
        # A stream that came to its end is not reset, whatever frame said so.
        assert upstream.facts.resets == []


def test_requests_at_the_start_wait_for_one_connection(tmp_path):
    async def slow(connection, number, request):
        await asyncio.sleep(0.3)
        await http2.honest(connection, number, request)
    with http2.HTTP2Upstream(slow) as upstream, Front(tmp_path, upstream.url) as front:
        assert all(one.status == 200 for one in front.together(30))
        assert upstream.facts.connections == 1
        assert upstream.facts.most > 20, "they were not side by side"


def test_the_upstreams_limit_of_streams_is_kept(tmp_path):
    async def slow(connection, number, request):
        await asyncio.sleep(0.2)
        await http2.honest(connection, number, request)
    limit = {http2.h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 4}
    with http2.HTTP2Upstream(slow, limit) as upstream, Front(tmp_path, upstream.url) as front:
        assert front.chat().status == 200
        assert all(one.status == 200 for one in front.together(16))
        assert upstream.facts.connections > 1, "more connections for more streams"


def test_refused_streams_are_sent_again(tmp_path):
    """REFUSED_STREAM: nothing was done, so it is no failure, with retries off."""
    async def refuse_first(connection, number, request):
        if len(upstream.facts.requests) in (1, 3):
            return connection.reset(number, 7)
        await http2.honest(connection, number, request)
    with http2.HTTP2Upstream(refuse_first) as upstream, Front(tmp_path, upstream.url) as front:
        assert front.chat().status == 200
        assert front.chat(stream=True).events()[-1] == "[DONE]"
        assert len(upstream.facts.requests) == 4


def test_an_upstream_that_always_refuses(tmp_path):
    async def refuse(connection, number, request):
        connection.reset(number, 7)
    with http2.HTTP2Upstream(refuse) as upstream, Front(tmp_path, upstream.url) as front:
        assert front.chat().status == 502
        assert len(upstream.facts.requests) == 4


def test_other_resets_are_failures(tmp_path):
    async def fail(connection, number, request):
        connection.reset(number, 2)
    with http2.HTTP2Upstream(fail) as upstream, Front(tmp_path, upstream.url) as front:
        answer = front.chat()
        assert answer.status == 502 and answer.error["code"] == "upstream_reset"
        assert len(upstream.facts.requests) == 1


def test_goaway_sends_unprocessed_requests_elsewhere(tmp_path):
    """Those up to the last stream are answered, those after it go out on a new connection."""
    async def script(connection, number, request):
        if connection.number == 1:
            if number == 1:
                return await http2.honest(connection, number, request)
            if number == 5:
                # By hand: hyper-h2 sends nothing after its own GOAWAY.
                connection.raw(bytes.fromhex("000008070000000000" "00000003" "00000000"))
                await asyncio.sleep(0.2)
                parked = connection.h2
                parked.send_headers(3, [(":status", "200"), ("content-type", "application/json")])
                parked.send_data(3, json.dumps(replies.chat_completion("late")).encode(),
                                 end_stream=True)
                connection.flush()
            return None
        return await http2.honest(connection, number, request)
    with http2.HTTP2Upstream(script) as upstream, Front(tmp_path, upstream.url) as front:
        assert front.chat().status == 200
        answers = front.together(2)
        assert [one.status for one in answers] == [200, 200], answers
        said = sorted(one.json()["choices"][0]["message"]["content"] for one in answers)
        assert said == ["Hello there, friend", "late"]
        assert upstream.facts.connections == 2
        assert front.chat().status == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_connection_that_breaks(tmp_path, stream):
    async def cut(connection, number, request):
        if stream:
            connection.head(number, content_type="text/event-stream")
            await connection.data(number, replies.stream_events()[0])
        await asyncio.sleep(0.05)
        connection.transport.abort()
    with http2.HTTP2Upstream(cut) as upstream, Front(tmp_path, upstream.url) as front:
        answer = front.chat(stream=stream)
        if stream:
            assert answer.status == 200 and b'"error"' in answer.body
            assert b"[DONE]" not in answer.body
        else:
            assert answer.status == 502
        upstream.script = http2.honest
        assert front.chat().status == 200


def test_a_stream_without_its_end(tmp_path):
    async def short(connection, number, request):
        connection.head(number, content_type="text/event-stream")
        await connection.data(number, replies.stream_events()[0], end=True)
    with http2.HTTP2Upstream(short) as upstream, Front(tmp_path, upstream.url) as front:
        answer = front.chat(stream=True)
        assert b'"error"' in answer.body and b"[DONE]" not in answer.body


def test_a_client_that_leaves_cancels_its_stream_alone(tmp_path):
    async def endless(connection, number, request):
        if json.loads(request.body).get("user") != "endless":
            return await http2.honest(connection, number, request)
        connection.head(number, content_type="text/event-stream")
        while True:
            await connection.data(number, replies.event(replies.chunk({"content": "x"})))
            await asyncio.sleep(0.02)
    with http2.HTTP2Upstream(endless) as upstream, Front(tmp_path, upstream.url) as front:
        with wire.Wire(front.gateway.port) as client:
            client.send(wire.request(wire.chat_body("endless", stream=True)))
            assert client.head()[0] == 200
        end = time.monotonic() + 3
        while not upstream.facts.resets and time.monotonic() < end:
            time.sleep(0.02)
        assert upstream.facts.resets == [8]
        assert front.chat().status == 200 and upstream.facts.connections == 1


def test_a_slow_client_pauses_its_stream_alone(tmp_path):
    """Its window stays shut; the connection's does not, so others go on."""
    sent = {"bytes": 0}

    async def much(connection, number, request):
        if json.loads(request.body).get("user") != "much":
            return await http2.honest(connection, number, request)
        connection.head(number, content_type="text/event-stream")
        one = replies.event(replies.chunk({"content": "y" * 8_000}))
        for _ in range(2_000):
            await connection.data(number, one)
            sent["bytes"] += len(one)
        await connection.data(number, replies.event("[DONE]"), end=True)
    with http2.HTTP2Upstream(much) as upstream, Front(
            tmp_path, upstream.url, timeouts={"client_write": "20s"}) as front:
        with wire.Wire(front.gateway.port, 60) as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
            client.send(wire.request(wire.chat_body("much", stream=True)))
            assert client.head()[0] == 200
            time.sleep(1)
            before = sent["bytes"]
            time.sleep(0.5)
            assert sent["bytes"] == before, "nothing holds the upstream back"
            assert before < 12_000_000
            assert all(one.status == 200 for one in front.together(10))
            client.until(b"[DONE]")
        assert upstream.facts.connections == 1 and sent["bytes"] > 16_000_000


def test_a_large_request_keeps_to_the_windows(tmp_path):
    with http2.HTTP2Upstream() as upstream, Front(
            tmp_path, upstream.url, limits={"request_body": "16MiB"}) as front:
        pad = "z" * 5_000_000
        assert front.chat(seconds=30, pad=pad).status == 200
        assert json.loads(upstream.facts.requests[0].body)["pad"] == pad


def test_fields_that_would_forge_an_answer(tmp_path):
    """A hostile upstream: its stream fails, no line of its making reaches the client."""
    async def forge(connection, number, request):
        connection.h2.config.validate_outbound_headers = False
        connection.h2.config.normalize_outbound_headers = False
        connection.head(number, content_type="application/json", x="a\r\nset-cookie: evil")
        await connection.data(number, b"{}", end=True)
    with http2.HTTP2Upstream(forge) as upstream, Front(tmp_path, upstream.url) as front:
        answer = front.chat()
        assert answer.status == 502 and "set-cookie" not in answer.headers


def test_idle_connections_are_closed(tmp_path):
    with http2.HTTP2Upstream() as upstream, Front(
            tmp_path, upstream.url, timeouts={"upstream_idle": "1s"}) as front:
        assert front.chat().status == 200
        end = time.monotonic() + 6
        while upstream.peers and time.monotonic() < end:
            time.sleep(0.05)
        assert not upstream.peers and upstream.facts.client_goaways == 1
        assert front.chat().status == 200 and upstream.facts.connections == 2


def test_an_upstream_that_is_not_there(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        with Front(tmp_path, url) as front:
            assert [one.status for one in front.together(10)] == [502] * 10


def test_an_upstream_of_http1_by_mistake(tmp_path, upstream):
    with Front(tmp_path, upstream.url) as front:
        assert [one.status for one in front.together(5)] == [502] * 5


@pytest.mark.parametrize("protocols,version", [(["h2", "http/1.1"], 2), (["http/1.1"], 1),
                                               (None, 1)])
def test_alpn_decides(tmp_path, upstream, protocols, version):
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, tmp_path / "server.key")
    if protocols:
        context.set_alpn_protocols(protocols)
    folder = tmp_path / "front"
    folder.mkdir()
    environment = {"SSL_CERT_FILE": str(certificate)}
    if version == 2:
        with http2.HTTP2Upstream(context=context) as over, Front(
                folder, over.url, "auto", environment=environment) as front:
            assert all(one.status == 200 for one in front.together(10))
            assert over.facts.connections == 1
        return
    with tls_front(upstream.port, context) as port, Front(
            folder, f"https://localhost:{port}/v1", "auto", environment=environment) as front:
        assert all(one.status == 200 for one in front.together(10))


class tls_front:
    """TLS in front of a port: bytes both ways."""

    def __init__(self, port, context):
        self.port, self.context = port, context

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(
            self.serve, "127.0.0.1", 0, ssl=self.context), self.loop).result(5)
        return server.sockets[0].getsockname()[1]

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    async def serve(self, reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.port)

        async def pass_on(source, target):
            try:
                while data := await source.read(65_536):
                    target.write(data)
            finally:
                target.close()
        await asyncio.gather(pass_on(reader, inner_writer), pass_on(inner_reader, writer),
                             return_exceptions=True)


NGINX = """\
daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 512; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream scripted {{ server 127.0.0.1:{upstream}; keepalive 16; }}
  server {{
    listen 127.0.0.1:{port} http2;
    location / {{
      proxy_pass http://scripted; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_pass_header X-Request-Id;
    }}
  }}
}}
"""


def test_nginx_as_the_upstream(tmp_path, upstream):
    """A real server: answers, streams, errors and a broken stream, through its HTTP/2."""
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None:
        pytest.skip("there is no nginx")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    (tmp_path / "nginx.conf").write_text(
        NGINX.format(folder=tmp_path, upstream=upstream.port, port=port), encoding="utf-8")
    server = subprocess.Popen([nginx, "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        folder = tmp_path / "front"
        folder.mkdir()
        with Front(folder, f"http://127.0.0.1:{port}/v1") as front:
            assert all(one.status == 200 for one in front.together(20))
            case = upstream.case(replies.honest(tokens=["a", "b", "c"], delay=0.05))
            stream = front.chat(token=case.token, stream=True)
            assert stream.clean and len(stream.events()) == 6
            case = upstream.case(replies.status(400, replies.error_object("no", "invalid")))
            assert front.chat(token=case.token).status == 400
            case = upstream.case(replies.raw(
                replies.STREAM_HEAD + replies.chunked(replies.stream_events()[0]), "reset"))
            cut = front.chat(token=case.token, stream=True)
            assert b'"error"' in cut.body and b"[DONE]" not in cut.body
    finally:
        server.kill()
        server.wait(5)


def wait_for(port):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the server does not listen")
