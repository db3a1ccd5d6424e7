# SPDX-License-Identifier: MIT
"""The peers and the gateway, each one worker in front of the same upstream."""
import os
import shlex

from . import tools
from .process import Server

BEARER = "sk-bench-0123456789abcdef"


def _template(name):
    return os.path.join(tools.BENCH, "peers", name)


def nginx(upstream, cpu=None):
    tools.require("nginx")
    port = tools.free_port()
    config = tools.fill(_template("nginx.conf"), f"nginx.{port}.conf",
                        PORT=port, UPSTREAM=upstream, RUN=tools.RUN)
    return Server("nginx", [tools.find("nginx"), "-e", "stderr", "-c", config], port, cpu)


def haproxy(upstream, cpu=None, checks=False):
    tools.require("haproxy")
    port, name = tools.free_port(), "haproxy-checks" if checks else "haproxy"
    rules = ""
    if checks:
        with open(_template("haproxy-checks.cfg"), encoding="utf-8") as file:
            rules = file.read()
    config = tools.fill(_template("haproxy.cfg"), f"{name}.{port}.cfg",
                        PORT=port, UPSTREAM=upstream, RULES=rules)
    return Server(name, [tools.find("haproxy"), "-db", "-f", config], port, cpu)


def gateway(upstream, cpu=None, binary=None, config=None):
    """The gateway with all its stages on, by `peers/gateway.yaml`."""
    binary = binary or os.path.join(tools.ROOT, ".build", "release", "gateway")
    if not os.path.exists(binary):
        raise SystemExit(f"{binary} is missing: swift build -c release --product gateway")
    port = tools.free_port()
    filled = tools.fill(config or _template("gateway.yaml"), f"gateway.{port}.yaml",
                        PORT=port, UPSTREAM=upstream, BEARER=BEARER, ROOT=tools.ROOT)
    return Server("gateway", [os.path.abspath(binary), "serve", "--config", filled], port, cpu,
                  bearer=BEARER, model="smart", folder=tools.ROOT)


def other(name, command, upstream, cpu=None, environment=(), bearer=None, model=None,
          port=None):
    """Any proxy: {port}, {upstream_port} and {upstream_url} are filled in."""
    port = port or tools.free_port()

    def filled(text):
        return (text.replace("{port}", str(port)).replace("{upstream_port}", str(upstream))
                .replace("{upstream_url}", f"http://127.0.0.1:{upstream}/v1"))
    pairs = dict(filled(pair).split("=", 1) for pair in environment)
    return Server(name, shlex.split(filled(command)), port, cpu, environment=pairs,
                  bearer=bearer, model=model or "gpt-4o-mini", folder=os.getcwd())


def make(name, upstream, cpu=None):
    makers = {
        "nginx": nginx, "haproxy": haproxy,
        "haproxy-checks": lambda upstream, cpu: haproxy(upstream, cpu, checks=True),
    }
    if name not in makers:
        raise SystemExit(f"unknown peer `{name}`; known: {', '.join(makers)}")
    return makers[name](upstream, cpu)


def add_arguments(parser):
    """The options that say what is measured, the same for both programs."""
    parser.add_argument("--gateway", help="the gateway's binary (default: .build/release/gateway)")
    parser.add_argument("--config", help="its configuration template (default: peers/gateway.yaml)")
    parser.add_argument("--command", help="measure this command instead of the gateway; {port}, "
                        "{upstream_port} and {upstream_url} are filled in")
    parser.add_argument("--name", default="candidate", help="what to call it")
    parser.add_argument("--environment", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--bearer", help="the key it wants")
    parser.add_argument("--model", help="the model asked of it (default: gpt-4o-mini)")
    parser.add_argument("--port", type=int, help="the port it takes, if it cannot be told one")
    parser.add_argument("--no-candidate", action="store_true", help="measure the peers alone")
    parser.add_argument("--peers", default="nginx,haproxy", help="also: haproxy-checks")


def chosen(arguments, upstream, cpu=None):
    """(the candidate or None, every server to measure)"""
    servers = [make(name, upstream, cpu) for name in arguments.peers.split(",") if name]
    if arguments.no_candidate:
        return None, servers
    if arguments.command:
        candidate = other(arguments.name, arguments.command, upstream, cpu,
                          arguments.environment, arguments.bearer, arguments.model,
                          arguments.port)
    else:
        candidate = gateway(upstream, cpu, arguments.gateway, arguments.config)
        if arguments.model:
            candidate.model = arguments.model
    return candidate, servers + [candidate]
