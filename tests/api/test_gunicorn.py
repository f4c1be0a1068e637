"""The service as it is run: gunicorn with the project's own configuration, on loopback."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import SMALL_RULES, career

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0


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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    environment = {**os.environ, "SHEBAO_BIND": f"127.0.0.1:{port}", "SHEBAO_RULES": str(SMALL_RULES), "WEB_CONCURRENCY": "2"}
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output) as process:
        try:
            deadline = time.monotonic() + START_S
            while not is_ready(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield port, log
        finally:
            process.terminate()
            process.wait(15)


def test_a_case_over_the_wire(server: tuple[int, Path]) -> None:
    port, log = server
    for _ in range(10):
        status, body = request(port, "POST", "/v1/evaluate", json.dumps(career()).encode())
        assert status == 200
        assert json.loads(body)["results"]["pension.small"]["benefits"]["monthly_pension"]["value"] == "3831.84"
    status, body = request(port, "POST", "/v1/evaluate", b'{"schemes": NaN}')
    assert (status, json.loads(body)["errors"][0]["code"]) == (400, "not_a_number")
    assert "182345" not in log.read_text()


def test_a_body_too_large_over_the_wire(server: tuple[int, Path]) -> None:
    port, _ = server
    status, body = request(port, "POST", "/v1/evaluate", b"9" * 300_000)
    assert (status, json.loads(body)["title"]) == (413, "The request body is too large")
    assert is_ready(port)
