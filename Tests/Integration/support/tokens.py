# SPDX-License-Identifier: MIT
"""A token server: STS, the metadata services of three clouds, and two OAuth token endpoints."""
import json
import threading
import time
import urllib.parse
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STS = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>{token}</SessionToken>
<SecretAccessKey>{secret}</SecretAccessKey><Expiration>{expiry}</Expiration>
<AccessKeyId>{key}</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""
SECRET = "fetched/secret+key"


class TokenServer:
    """`life` in seconds, `status`, `delay` and `hangs` may be changed at any time; `requests` has
    what came: method, path with query, headers, form."""

    def __init__(self, life=3600):
        self.life, self.status, self.delay = life, 200, 0
        self.requests, self._lock = [], threading.Lock()

    def __enter__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer._answer(self)

            do_POST = do_PUT = do_GET

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def issued(self, text):
        """How many requests for a credential came to paths with `text` in them."""
        with self._lock:
            return sum(text in path for _, path, _, _ in self.requests)

    def wait_for(self, text, count, seconds=10):
        end = time.monotonic() + seconds
        while self.issued(text) < count and time.monotonic() < end:
            time.sleep(0.02)
        return self.issued(text)

    def _answer(self, handler):
        length = int(handler.headers.get("content-length", 0))
        form = urllib.parse.parse_qs(handler.rfile.read(length).decode())
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self.requests.append(
                (handler.command, handler.path, headers, {k: v[0] for k, v in form.items()}))
            number = len(self.requests)
        time.sleep(self.delay)
        body = self._body(handler.path, number) if self.status == 200 else \
            json.dumps({"error": "server_error", "error_description": "scripted"})
        data = body.encode()
        handler.send_response(self.status)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _body(self, path, number):
        expiry = datetime.now(timezone.utc) + timedelta(seconds=self.life)
        text = expiry.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if path == "/latest/api/token":
            return "imds-session"
        if path == "/latest/meta-data/iam/security-credentials/":
            return "the-role"
        if "/security-credentials/" in path or path == "/ecs":
            return json.dumps({"Code": "Success", "AccessKeyId": f"ASIA{number}",
                               "SecretAccessKey": SECRET, "Token": f"session-{number}",
                               "Expiration": text})
        if path == "/":
            return STS.format(key=f"ASIA{number}", secret=SECRET, token=f"session-{number}",
                              expiry=text)
        return json.dumps({"access_token": f"token-{number}", "expires_in": self.life,
                           "token_type": "Bearer"})
