# SPDX-License-Identifier: MIT
"""A certificate for `localhost` and its key (ECDSA P-256), made anew when they are a week old."""
import os
import subprocess
import time
from dataclasses import dataclass

from . import tools

AGE_SECONDS_MAX = 7 * 24 * 3600


@dataclass
class Keys:
    certificate: str
    key: str
    both: str  # in one file, as HAProxy wants them


def make():
    tools.require("openssl")
    made = Keys(*(os.path.join(tools.RUN, name) for name in ("tls.pem", "tls.key", "tls.both")))
    if os.path.exists(made.both) and time.time() - os.path.getmtime(made.both) < AGE_SECONDS_MAX:
        return made
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "30", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", made.key, "-out", made.certificate],
        check=True, timeout=30, capture_output=True)
    with open(made.both, "w", encoding="utf-8") as file:
        for path in (made.certificate, made.key):
            with open(path, encoding="utf-8") as part:
                file.write(part.read())
    return made
