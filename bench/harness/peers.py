# SPDX-License-Identifier: MIT
"""The peers and the gateway, each one worker in front of the same upstream."""
import glob
import os
import shlex
import subprocess
import sys

from . import tools
from .process import Server

BEARER = "sk-bench-0123456789abcdef"
CONNECTIONS = 8192  # of nginx, which has the memory for all of them from the start
PEERS = os.path.join(tools.RUN, "peers")  # where bench/setup-peers installs


def _template(name):
    return os.path.join(tools.BENCH, "peers", name)


def _server(name, command, port, cpu, keys, **more):
    """With `keys`, clients of it speak TLS."""
    return Server(name, command, port, cpu, trusted=keys and keys.certificate, **more)


def _named(variable, program, *places):
    """The program's path: by the environment, in PATH, or where it is installed."""
    found = os.environ.get(variable) or tools.find(program)
    for place in places:
        found = found or next(iter(glob.glob(place)), None)
    if not found:
        raise SystemExit(f"{program} is missing: run bench/setup-peers, or name it by {variable}")
    return found


def envoy_program():
    return _named("BENCH_ENVOY", "envoy", f"{PEERS}/envoy/lib/*/site-packages/envoy/_bin/envoy")


def litellm_program():
    return _named("BENCH_LITELLM", "litellm", f"{PEERS}/litellm/bin/litellm")


def upstream(cpu=None, keys=None):
    """The scripted provider, on a free port."""
    port = tools.free_port()
    command = [os.path.join(tools.RUN, "upstream")]
    if keys:
        command += ["--certificate", keys.certificate, "--key", keys.key]
    return _server("upstream", [*command, f"{port}:tls={int(bool(keys))}"], port, cpu, keys)


def nginx(upstream, cpu=None, keys=None, http2=False, connections=CONNECTIONS):
    tools.require("nginx")
    port = tools.free_port()
    serves = (f"    ssl_certificate {keys.certificate};\n    ssl_certificate_key {keys.key};\n"
              "    ssl_protocols TLSv1.3;\n    proxy_ssl_protocols TLSv1.3;\n"
              "    proxy_ssl_verify on;\n"
              f"    proxy_ssl_trusted_certificate {keys.certificate};\n"
              "    proxy_ssl_server_name on;\n    proxy_ssl_name localhost;") if keys else ""
    config = tools.fill(
        _template("nginx.conf"), f"nginx.{port}.conf", PORT=port, UPSTREAM=upstream, RUN=tools.RUN,
        CONNECTIONS=connections, TLS=serves, SCHEME="https" if keys else "http",
        LISTEN=" ssl" * bool(keys) + " http2" * http2)
    return _server("nginx", [tools.find("nginx"), "-e", "stderr", "-c", config], port, cpu, keys)


def haproxy(upstream, cpu=None, keys=None, http2=False, checks=False):
    tools.require("haproxy")
    port, name = tools.free_port(), "haproxy-checks" if checks else "haproxy"
    rules = ""
    if checks:
        with open(_template("haproxy-checks.cfg"), encoding="utf-8") as file:
            rules = file.read()
    bind = f" ssl crt {keys.both} ssl-min-ver TLSv1.3" if keys else " proto h2" * http2
    server = (f" ssl verify required ca-file {keys.certificate} sni str(localhost)"
              " verifyhost localhost ssl-min-ver TLSv1.3") if keys else ""
    config = tools.fill(_template("haproxy.cfg"), f"{name}.{port}.cfg", PORT=port,
                        UPSTREAM=upstream, RULES=rules, BIND=bind, SERVER=server)
    return _server(name, [tools.find("haproxy"), "-db", "-f", config], port, cpu, keys)


def envoy(upstream, cpu=None, keys=None):
    port, serves, trusts = tools.free_port(), "", ""
    if keys:
        api = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
        tls = "tls_params: {tls_minimum_protocol_version: TLSv1_3, " \
              "tls_maximum_protocol_version: TLSv1_3}"
        serves = (f'transport_socket: {{name: tls, typed_config: {{"@type": '
                  f'{api}DownstreamTlsContext, common_tls_context: {{{tls}, tls_certificates: '
                  f'[{{certificate_chain: {{filename: {keys.certificate}}}, '
                  f'private_key: {{filename: {keys.key}}}}}]}}}}}}')
        trusts = (f'transport_socket: {{name: tls, typed_config: {{"@type": '
                  f'{api}UpstreamTlsContext, sni: localhost, common_tls_context: {{{tls}, '
                  f'validation_context: {{trusted_ca: {{filename: {keys.certificate}}}}}}}}}}}')
    config = tools.fill(_template("envoy.yaml"), f"envoy.{port}.yaml", PORT=port,
                        UPSTREAM=upstream, DOWNSTREAM_TLS=serves, UPSTREAM_TLS=trusts)
    command = [envoy_program(), "-c", config, "--concurrency", "1", "--disable-hot-restart",
               "--log-level", "error"]
    return _server("envoy", command, port, cpu, keys)


def litellm(upstream, cpu=None):
    program, port = litellm_program(), tools.free_port()
    config = tools.fill(_template("litellm.yaml"), f"litellm.{port}.yaml", UPSTREAM=upstream,
                        BEARER=BEARER)
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "NO_DOCS": "True",
             "DISABLE_ADMIN_UI": "True", "LITELLM_TELEMETRY": "False"}
    command = [program, "--config", config, "--host", "127.0.0.1", "--port", str(port),
               "--num_workers", "1"]
    one = Server("litellm", command, port, cpu, environment=quiet, bearer=BEARER)
    one.ready_seconds = 120
    return one


def gateway(upstream, cpu=None, binary=None, config=None, keys=None):
    """The gateway with all its stages on, by `peers/gateway.yaml`."""
    binary = binary or os.path.join(tools.ROOT, ".build", "release", "gateway")
    if not os.path.exists(binary):
        raise SystemExit(f"{binary} is missing: swift build -c release --product gateway")
    port = tools.free_port()
    tls = f"    tls: {{certificate: {keys.certificate}, key: {keys.key}}}" if keys else ""
    filled = tools.fill(
        config or _template("gateway.yaml"), f"gateway.{port}.yaml", PORT=port, UPSTREAM=upstream,
        BEARER=BEARER, ROOT=tools.ROOT, TLS=tls,
        ORIGIN=f"{'https://localhost' if keys else 'http://127.0.0.1'}:{upstream}")
    return _server("gateway", [os.path.abspath(binary), "serve", "--config", filled], port, cpu,
                   keys, bearer=BEARER, model="smart", folder=tools.ROOT,
                   environment={"SSL_CERT_FILE": keys.certificate} if keys else None)


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


MAKERS = {
    "nginx": nginx, "haproxy": haproxy, "envoy": envoy, "litellm": litellm,
    "haproxy-checks": lambda upstream, cpu, **more: haproxy(upstream, cpu, checks=True, **more),
}


def make(name, upstream, cpu=None, **more):
    """`more` where it is not the plain one: keys, http2, connections."""
    if name not in MAKERS:
        raise SystemExit(f"unknown peer `{name}`; known: {', '.join(MAKERS)}")
    return MAKERS[name](upstream, cpu, **{key: value for key, value in more.items() if value})


def _litellm_version():
    """As its package says: `litellm --version` takes half a minute and asks the network."""
    with open(litellm_program(), encoding="utf-8", errors="replace") as file:
        python = file.readline().removeprefix("#!").strip()
    return [python, "-c", "import importlib.metadata as m; print('version', m.version('litellm'))"]


def versions():
    """{program: what it says of itself} of those that are installed."""
    found = tools.versions()
    for name, command in (("envoy", lambda: [envoy_program(), "--version"]),
                          ("litellm", _litellm_version)):
        try:
            done = subprocess.run(command(), capture_output=True, text=True, timeout=20,
                                  check=False)
        except (SystemExit, OSError, subprocess.TimeoutExpired):
            continue
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "version" in line]
        found[name] = lines[-1].rpartition("version")[2].strip(": ") if lines else "?"
        if "/" in found[name]:  # Envoy: commit/version/…
            found[name] = found[name].split("/")[1]
    return found


def available(but=()):
    """The peers among nginx, HAProxy, Envoy and LiteLLM that are installed here."""
    def is_there(program):
        try:
            return bool(program())
        except SystemExit as missing:
            print(f"left out: {missing}", file=sys.stderr)
            return False
    return [name for name in ("nginx", "haproxy") if tools.find(name)] + [
        name for name, program in (("envoy", envoy_program), ("litellm", litellm_program))
        if name not in but and is_there(program)]


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
    parser.add_argument("--peers", default="nginx,haproxy",
                        help=f"of {', '.join(MAKERS)}; Envoy and LiteLLM by bench/setup-peers")


def chosen(arguments, upstream, cpu=None, keys=None):
    """(the candidate or None, every server to measure)"""
    servers = [make(name, upstream, cpu, keys=keys)
               for name in arguments.peers.split(",") if name]
    if arguments.no_candidate:
        return None, servers
    if arguments.command:
        candidate = other(arguments.name, arguments.command, upstream, cpu,
                          arguments.environment, arguments.bearer, arguments.model,
                          arguments.port)
    else:
        candidate = gateway(upstream, cpu, arguments.gateway, arguments.config, keys)
        if arguments.model:
            candidate.model = arguments.model
    return candidate, servers + [candidate]
