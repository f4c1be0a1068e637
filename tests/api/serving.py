"""The service as it is run, for a test: gunicorn with the project's own configuration, on loopback."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .conftest import SMALL_RULES

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0


@dataclass(frozen=True)
class Serving:
    port: int
    log: Path
    process: subprocess.Popen[bytes]


def request(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json", "Accept-Language": "en"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def is_ready(port: int) -> bool:
    try:
        return request(port, "GET", "/readyz")[0] == 200
    except OSError:
        return False


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[Serving]:
    """A server that is ready; it is stopped at the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = folder / "log"
    whole = {**os.environ, "SHEBAO_BIND": f"127.0.0.1:{port}", "SHEBAO_RULES": str(SMALL_RULES), "WEB_CONCURRENCY": "2", **environment}
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, env=whole, stdout=output, stderr=output) as process:
        try:
            deadline = time.monotonic() + START_S
            while not is_ready(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield Serving(port, log, process)
        finally:
            process.terminate()
            process.wait(15)
