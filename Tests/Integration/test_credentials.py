# SPDX-License-Identifier: MIT
"""Credentials that the gateway fetches for its providers: each way, expiry, failure, rotation."""
import os
import signal
import threading
import time

import pytest
from support import credentials, process, replies, wire
from support.tokens import SECRET, TokenServer

KEY_FILE = os.path.join(process.ROOT, "Tests", "Fixtures", "Credentials", "service-account-key.pem")
ENTRA = {"type": "entra", "tenant_id": "tenant", "client_id": "client",
         "client_secret": "s3cret-of-the-client"}


@pytest.fixture
def tokens():
    with TokenServer() as one:
        yield one


def entra(tokens, upstream, name="cloud"):
    return credentials.gateway(upstream.url, "azure", name,
                               auth={**ENTRA, "authority_url": tokens.url})


def sent(gateway, upstream, field="authorization"):
    case = upstream.case()
    answer = credentials.ask(gateway, case)
    assert answer.status == 200, answer.body
    return case.requests[-1].headers.get(field)


def aws(environment):
    def make(folder, tokens, upstream):
        values = {name: text.format(url=tokens.url, folder=folder)
                  for name, text in environment.items()}
        (folder / "token").write_text("web.identity.token\n")
        return [credentials.gateway(upstream.url, "bedrock", region="eu-west-1")], values
    return make


def google_file(folder, tokens, upstream):
    import json
    with open(KEY_FILE, encoding="utf-8") as file:
        pem = file.read()
    (folder / "key.json").write_text(json.dumps(
        {"type": "service_account", "client_email": "robot@p.iam.gserviceaccount.com",
         "private_key_id": "k", "private_key": pem, "token_uri": tokens.url + "/google"}))
    auth = {"type": "gcp", "credentials_file": str(folder / "key.json")}
    return [credentials.gateway(upstream.url, "vertex", auth=auth)], {}


def google_metadata(folder, tokens, upstream):
    host = tokens.url.removeprefix("http://")
    return [credentials.gateway(upstream.url, "vertex")], {"GCE_METADATA_HOST": host}


def entra_secret(folder, tokens, upstream):
    return [entra(tokens, upstream)], {}


def entra_workload(folder, tokens, upstream):
    (folder / "federated").write_text("federated.token\n")
    return [credentials.gateway(upstream.url, "azure", auth="entra")], {
        "AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client",
        "AZURE_FEDERATED_TOKEN_FILE": str(folder / "federated"),
        "AZURE_AUTHORITY_HOST": tokens.url}


def entra_managed(folder, tokens, upstream):
    auth = {"type": "entra", "metadata_url": tokens.url}
    return [credentials.gateway(upstream.url, "azure", auth=auth)], {}


WAYS = {
    "sts": aws({"AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_ENDPOINT_URL_STS": "{url}",
                "AWS_WEB_IDENTITY_TOKEN_FILE": "{folder}/token"}),
    "ecs": aws({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/ecs",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "of-the-task"}),
    "imds": aws({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}"}),
    "google file": google_file, "google metadata": google_metadata,
    "entra secret": entra_secret, "entra workload": entra_workload,
    "entra managed": entra_managed,
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gets_a_credential(tmp_path, upstream, tokens, way):
    gateways, environment = WAYS[way](tmp_path, tokens, upstream)
    with credentials.serving(
            tmp_path / "gateway", upstream, gateways, environment=environment) as gateway:
        if way in ("sts", "ecs", "imds"):
            assert "Credential=ASIA" in sent(gateway, upstream)
            assert sent(gateway, upstream, "x-amz-security-token").startswith("session-")
        else:
            assert sent(gateway, upstream).startswith("Bearer token-")
        methods = [(method, path) for method, path, _, _ in tokens.requests]
        assert len(methods) == (3 if way == "imds" else 1), methods
        check(way, *tokens.requests[-1][2:])
        log = gateway.output(1000)
        for secret in (SECRET, "s3cret-of-the-client", "token-1", "session-", "BEGIN PRIVATE"):
            assert secret not in log


def check(way, headers, form):
    """The last request for a credential had what its server asks for."""
    if way == "sts":
        assert form["Action"] == "AssumeRoleWithWebIdentity"
        assert form["WebIdentityToken"] == "web.identity.token"
    elif way == "ecs":
        assert headers["authorization"] == "of-the-task"
    elif way == "imds":
        assert headers["x-aws-ec2-metadata-token"] == "imds-session"
    elif way == "google file":
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        assert form["assertion"].count(".") == 2
    elif way == "google metadata":
        assert headers["metadata-flavor"] == "Google"
    elif way == "entra managed":
        assert headers["metadata"] == "true"
    else:
        assert form["scope"] == "https://cognitiveservices.azure.com/.default"
        assert form.get("client_assertion", "federated.token") == "federated.token"


def burst(gateway, upstream, count=50, **more):
    """The statuses of as many requests at once, and the tokens they were sent with."""
    cases, answers = [upstream.case() for _ in range(count)], [None] * count

    def one(index):
        answers[index] = credentials.ask(gateway, cases[index], **more)

    threads = [threading.Thread(target=one, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ([answer.status for answer in answers],
            {case.requests[-1].headers["authorization"] for case in cases if case.requests})


def test_requests_before_the_first_token_wait_for_it(tmp_path, upstream, tokens):
    tokens.delay = 1.5
    with credentials.serving(
            tmp_path / "gateway", upstream, [entra(tokens, upstream)]) as gateway:
        statuses, shown = burst(gateway, upstream)
        assert statuses == [200] * 50
        assert shown == {"Bearer token-1"}
        assert tokens.issued("/oauth2/") == 1


def test_streams_of_one_connection_wait_each_on_its_own(tmp_path, upstream, tokens):
    """HTTP/2: ten streams wait for the first token, and a health check passes them."""
    http2 = pytest.importorskip("support.http2", reason="needs hyper-h2; run setup.sh")
    tokens.delay = 2
    with credentials.serving(
            tmp_path / "gateway", upstream, [entra(tokens, upstream)]) as gateway, http2.Client(
                gateway.port) as client:
        waiting = [client.open(wire.chat_body()) for _ in range(10)]
        health = client.ask(path="/health", method="GET")
        assert health.status == 200
        assert not any(client.streams[number].status for number in waiting)
        assert [client.finish(number).status for number in waiting] == [200] * 10
        assert tokens.issued("/oauth2/") == 1


def test_expiry_in_the_middle_of_a_burst_makes_one_refresh(tmp_path, upstream):
    """Tokens of four seconds are refreshed after three: each once, however many requests run."""
    with TokenServer(life=4) as tokens, credentials.serving(
            tmp_path / "gateway", upstream, [entra(tokens, upstream)]) as gateway:
        assert tokens.wait_for("/oauth2/", 1) == 1
        tokens.delay = 0.3
        begin, shown, rounds = time.monotonic(), set(), 0
        while time.monotonic() - begin < 4.5:
            statuses, seen = burst(gateway, upstream)
            assert statuses == [200] * 50
            shown |= seen
            rounds += 1
        assert rounds >= 3 and shown == {"Bearer token-1", "Bearer token-2"}
        assert tokens.issued("/oauth2/") == 2


def test_a_token_that_is_withdrawn_is_renewed_once_for_all(tmp_path, upstream, tokens):
    """The provider answers 401 to fifty requests at once: one new token, and all succeed."""
    with credentials.serving(
            tmp_path / "gateway", upstream, [entra(tokens, upstream)]) as gateway:
        assert sent(gateway, upstream) == "Bearer token-1"
        time.sleep(5.5)  # A younger one is not renewed.
        tokens.delay = 0.5

        async def refuse_the_first(exchange):
            bad = exchange.request.headers["authorization"] == "Bearer token-1"
            await (replies.status(401) if bad else replies.honest())(exchange)

        cases = [upstream.case(refuse_the_first) for _ in range(50)]
        answers = [None] * 50

        def one(index):
            answers[index] = credentials.ask(gateway, cases[index])

        threads = [threading.Thread(target=one, args=(index,)) for index in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert [answer.status for answer in answers] == [200] * 50
        assert tokens.issued("/oauth2/") == 2
        # A provider that refuses every token is not asked for ever.
        refused = upstream.case(replies.status(401))
        answer = credentials.ask(gateway, refused)
        assert answer.status == 502 and answer.error["code"] == "upstream_auth_error"
        assert len(refused.requests) == 1 and tokens.issued("/oauth2/") == 2


def test_without_a_token_server_the_error_says_so_and_it_recovers(tmp_path, upstream, tokens):
    tokens.status = 503
    with credentials.serving(
            tmp_path / "gateway", upstream, [entra(tokens, upstream)]) as gateway:
        tokens.wait_for("/oauth2/", 1)
        answer = credentials.ask(gateway)
        assert answer.status == 503 and answer.error["code"] == "credential_unavailable"
        assert "'cloud'" in answer.error["message"]
        assert "Microsoft Entra answered 503 (server_error)" in answer.error["message"]
        assert int(answer.headers["retry-after"]) >= 1
        assert ENTRA["client_secret"] not in gateway.output(1000)
        tokens.status = 200
        end = time.monotonic() + 10
        while credentials.ask(gateway).status != 200:
            assert time.monotonic() < end
            time.sleep(0.1)


def test_another_gateway_serves_while_one_has_no_credential(tmp_path, upstream, tokens):
    tokens.status = 503
    plain = credentials.gateway(upstream.url, name="plain", api_key="sk-plain")
    with credentials.serving(
            tmp_path / "gateway", upstream, [entra(tokens, upstream), plain],
            {"*": ["cloud", "plain"]}, retries=True) as gateway:
        tokens.wait_for("/oauth2/", 1)
        for _ in range(10):
            assert sent(gateway, upstream) == "Bearer sk-plain"


def test_a_client_that_leaves_while_it_waits_is_forgotten(tmp_path, upstream, tokens):
    tokens.delay = 2
    with credentials.serving(
            tmp_path / "gateway", upstream, [entra(tokens, upstream)]) as gateway:
        for _ in range(10):
            with wire.Wire(gateway.port) as one:
                one.send(wire.request(wire.chat_body()))
                time.sleep(0.02)
                one.reset()
        assert sent(gateway, upstream) == "Bearer token-1"


def test_the_gateway_ends_while_a_fetch_is_under_way(tmp_path, upstream, tokens):
    tokens.delay = 4
    begin = time.monotonic()
    with credentials.serving(
            tmp_path / "gateway", upstream, [entra(tokens, upstream)]) as gateway:
        assert tokens.wait_for("/oauth2/", 1) == 1
        assert gateway.stop() == 0
    assert time.monotonic() - begin < 4


def test_a_key_file_is_read_anew_on_sighup(tmp_path, upstream):
    file = tmp_path / "key"
    file.write_text("sk-first\n")
    auth = {"type": "api_key", "file": str(file)}
    gateways = [credentials.gateway(upstream.url, "azure", auth=auth)]
    with credentials.serving(tmp_path / "gateway", upstream, gateways) as gateway:
        assert sent(gateway, upstream, "api-key") == "sk-first"
        file.write_text("sk-second\n")
        gateway.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 10
        while sent(gateway, upstream, "api-key") != "sk-second":
            assert time.monotonic() < end
        assert "sk-" not in gateway.output(1000)


def test_googles_own_header(tmp_path, upstream):
    one = credentials.gateway(upstream.url, api_key="AIza-key", authentication="x-goog-api-key")
    with credentials.serving(tmp_path / "gateway", upstream, [one]) as gateway:
        case = upstream.case()
        assert credentials.ask(gateway, case).status == 200
        headers = case.requests[-1].headers
        assert headers["x-goog-api-key"] == "AIza-key" and "authorization" not in headers
