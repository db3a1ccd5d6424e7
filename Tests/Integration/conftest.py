# SPDX-License-Identifier: MIT
"""Fixtures: the scripted upstream, gateways in front of it, and the official SDK."""
import os

import pytest
from support import configuration, process, providers, wire
from support.upstream import Upstream

# LiteLLM's price list lies in its package; without this it is fetched when it is imported.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


@pytest.fixture(scope="session")
def upstream():
    one = Upstream().start()
    yield one
    one.stop()


def _start(folder, upstream, **options):
    made = configuration.write(folder, upstream, **options)
    gateway = process.Gateway(made.path)
    gateway.__dict__.update(made.facts, key=wire.KEY)
    return gateway.start()


def _stop(gateway, request):
    """Ends it; a session that failed prints what the gateway said."""
    try:
        gateway.stop()
    finally:
        if request.session.testsfailed:
            print("\n--- the gateway's log ---\n" + gateway.output())


@pytest.fixture(scope="session")
def gateway(tmp_path_factory, upstream, request):
    """The gateway most tests share: no retries, no breaker, short time-outs."""
    one = _start(tmp_path_factory.mktemp("gateway"), upstream)
    yield one
    _stop(one, request)


@pytest.fixture(scope="session")
def retrying_gateway(tmp_path_factory, upstream, request):
    """Retries and fallback on."""
    one = _start(tmp_path_factory.mktemp("retrying"), upstream, retries=True)
    yield one
    _stop(one, request)


@pytest.fixture
def breaking_gateway(tmp_path, upstream, request):
    """A circuit breaker that opens after eight failures, and no retries."""
    one = _start(tmp_path, upstream, sensitive=True)
    yield one
    _stop(one, request)


@pytest.fixture
def roomy_gateway(tmp_path, upstream, request):
    """Bodies up to 64 MiB."""
    one = _start(tmp_path, upstream, body_limit=64 << 20)
    yield one
    _stop(one, request)


@pytest.fixture
def own_gateway(tmp_path, upstream, request):
    """A gateway for one test, that may reload or end it."""
    one = _start(tmp_path, upstream)
    yield one
    _stop(one, request)


@pytest.fixture(scope="session")
def provider_fake():
    """One process that speaks every provider's API."""
    with providers.fake() as one:
        yield one


@pytest.fixture(scope="session")
def provider_gateway(tmp_path_factory, provider_fake, request):
    """A model of every provider, in front of the fakes."""
    one = providers.start(tmp_path_factory.mktemp("providers"), provider_fake)
    yield one
    _stop(one, request)


@pytest.fixture
def openai_module():
    return pytest.importorskip("openai", reason="run Tests/Integration/setup.sh first")


@pytest.fixture
def provider_client(provider_gateway, openai_module):
    """The official SDK in front of a model of every provider."""
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{provider_gateway.port}/v1",
                              api_key=wire.KEY, max_retries=0, timeout=20) as one:
        yield one


@pytest.fixture
def client(gateway, openai_module):
    """The official SDK as a user configures it; its own retries only where a test wants them."""
    with openai_module.OpenAI(base_url=f"http://127.0.0.1:{gateway.port}/v1", api_key=wire.KEY,
                              max_retries=0, timeout=20) as one:
        yield one
