# SPDX-License-Identifier: MIT
"""Gateways whose providers' credentials are fetched, or whose requests are signed."""
import json
from contextlib import contextmanager

from . import configuration, process, wire

# Nothing of the machine that runs the tests.
CLEAN = {name: "" for name in (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
    "AWS_BEARER_TOKEN_BEDROCK", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_REGION",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_ENDPOINT_URL_STS", "AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "GCE_METADATA_HOST", "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "http_proxy")}


def gateway(url, kind="openai-compatible", name="cloud", **more):
    return {"name": name, "type": kind, "base_url": url, "protocol": "openai-compatible", **more}


@contextmanager
def serving(folder, upstream, gateways, routing=None, environment=None, **options):
    """A gateway with these accounts; every model goes to the first unless `routing` says more."""
    folder.mkdir(exist_ok=True)
    made = configuration.write(folder, upstream, **options)
    with open(made.path, encoding="utf-8") as file:
        value = json.load(file)
    value["gateways"] = gateways
    value["model_routing"] = routing or {"*": [gateways[0]["name"]]}
    with open(made.path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
    one = process.Gateway(
        made.path, environment={**CLEAN, "HOME": str(folder), **(environment or {})})
    one.start()
    try:
        yield one
    except BaseException:
        one.stop()
        raise
    assert one.stop() == 0, one.output()


def ask(gateway, case=None, **more):
    return wire.ask(gateway.port, wire.chat_body(case.token if case else None, **more), seconds=25)
