# SPDX-License-Identifier: MIT
"""A server under measurement: started, watched and ended by its own process ids."""
import json
import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

from . import tools

STARTED = []


class Gone(Exception):
    """The server ended on its own."""


def _parents():
    parents = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue
        parents[int(name)] = int(text[text.rindex(")") + 2:].split()[1])
    return parents


def tree(root):
    """`root` and every process below it."""
    parents, found = _parents(), [root]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return [process for process in found if process in parents]


def cpu_nanoseconds(process):
    """All threads of a process, ended ones too: its CPU-time clock (clock_getcpuclockid(3))."""
    try:
        return time.clock_gettime_ns((~process << 3) | 2)
    except OSError:
        return 0


def memory_mebibytes(processes):
    """(resident, proportional) of the processes together."""
    resident = proportional = 0
    for process in processes:
        try:
            with open(f"/proc/{process}/smaps_rollup", encoding="utf-8") as file:
                fields = dict(line.split(":", 1) for line in file.readlines()[1:])
        except OSError:
            continue
        resident += int(fields["Rss"].split()[0])
        proportional += int(fields["Pss"].split()[0])
    return resident / 1024, proportional / 1024


def set_real_time(processes, on):
    """SCHED_RR for each thread, so that other work on the machine stays out of the figures."""
    policy, priority = (os.SCHED_RR, 1) if on else (os.SCHED_OTHER, 0)
    for process in processes:
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                os.sched_setscheduler(int(thread), policy, os.sched_param(priority))
        except OSError:
            pass  # not permitted, or just ended: measured without


class Server:
    """One proxy (or the upstream) on its own port."""

    ready_seconds = 30

    def __init__(self, name, command, port, cpu=None, environment=None, bearer=None,
                 model="gpt-4o-mini", folder=None, trusted=None):
        """`trusted`: it speaks TLS by this certificate (PEM)."""
        self.name, self.command, self.port, self.cpu = name, command, port, cpu
        self.trusted = trusted
        self.environment, self.bearer, self.model = environment or {}, bearer, model
        self.folder = folder or tools.RUN
        self.process = None
        self.log_path = os.path.join(tools.RUN, f"{name}.{port}.log")

    def start(self, prefix=()):
        cpus = None if self.cpu is None else {self.cpu}
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [*prefix, *self.command], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env={**os.environ, **self.environment},
                cwd=self.folder, start_new_session=True,
                preexec_fn=cpus and (lambda: os.sched_setaffinity(0, cpus)))
        STARTED.append(self)
        return self

    def output(self, count=2000):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()[-count:]

    def processes(self):
        if self.process.poll() is not None:
            raise Gone(f"{self.name} ended with {self.process.returncode}: {self.output(400)}")
        return tree(self.process.pid)

    def ask(self, timeout=5):
        body = json.dumps({"model": self.model, "messages": [{"role": "user", "content": "hi"}]})
        headers = {"Content-Type": "application/json",
                   "Authorization": f"Bearer {self.bearer or 'sk-bench-0123456789abcdef'}"}
        scheme = "https" if self.trusted else "http"
        url = f"{scheme}://127.0.0.1:{self.port}/v1/chat/completions"
        request = urllib.request.Request(url, body.encode(), headers)
        context = ssl.create_default_context(cafile=self.trusted) if self.trusted else None
        with urllib.request.urlopen(request, timeout=timeout, context=context) as answer:
            return json.load(answer)

    def wait_until_ready(self, seconds=None):
        seconds = seconds or self.ready_seconds
        end, last = time.monotonic() + seconds, "no answer"
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self.process.returncode}:\n"
                                 + self.output())
            try:
                answer = self.ask()
                if answer["usage"]["total_tokens"] == 50:
                    return self
                last = f"unexpected answer {str(answer)[:300]}"
            except urllib.error.HTTPError as error:
                last = f"HTTP {error.code}: {error.read(400).decode(errors='replace')}"
            except (OSError, ValueError, KeyError) as error:
                last = repr(error)
            time.sleep(0.1)
        raise SystemExit(f"{self.name} is not ready on {self.port} after {seconds} s: {last}\n"
                         + self.output())

    def wait_until_listening(self, seconds=None):
        """For servers that `ask` cannot speak to."""
        end = time.monotonic() + (seconds or self.ready_seconds)
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    time.sleep(0.5)
                    return self
            time.sleep(0.1)
        raise SystemExit(f"{self.name} does not listen on {self.port}:\n" + self.output())

    def stop(self, seconds=5):
        """SIGTERM to the tree, SIGKILL to what is left of it after `seconds`."""
        if not self.process:
            return
        left = tree(self.process.pid) if self.process.poll() is None else []
        for sign in (signal.SIGTERM, signal.SIGKILL):
            for process in left:
                try:
                    os.kill(process, sign)
                except OSError:
                    pass
            end = time.monotonic() + seconds
            while left and time.monotonic() < end:
                self.process.poll()
                left = [process for process in left if os.path.exists(f"/proc/{process}")]
                time.sleep(0.02)
        if self in STARTED:
            STARTED.remove(self)


def stop_all():
    for server in reversed(list(STARTED)):
        server.stop(2)


def stop_on_signals(seconds):
    """Everything started is ended on SIGINT, SIGTERM and after `seconds`."""
    def end(number, _frame):
        stop_all()
        os._exit(128 + number)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, end)
    signal.alarm(seconds)
