"""Start, await and stop the servers under measurement."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

HOST = "127.0.0.1"
READY_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 10.0
LOG_TAIL_CHARS = 3000


class ServerError(RuntimeError):
    """A server did not start, or did not run as the benchmark needs it to."""


@dataclass(frozen=True)
class ServerSpec:
    """How to start one server, and the path that answers 200 when it is ready."""

    name: str
    command: tuple[str, ...]
    cwd: Path
    ready_path: str
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    """One running server."""

    spec: ServerSpec
    port: int
    process: subprocess.Popen[bytes]
    log: IO[bytes]


def free_port() -> int:
    """Return a TCP port that is free on the loopback interface now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def get_status(port: int, path: str) -> int | None:
    """Return the status of a GET, or None while nothing answers there."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def log_tail(server: Server) -> str:
    """Return the end of what the server wrote."""
    server.log.seek(0)
    return server.log.read().decode(errors="replace")[-LOG_TAIL_CHARS:]


def fail(server: Server, reason: str) -> ServerError:
    """Build an error that carries the command and the end of the server's log."""
    command = " ".join(server.spec.command)
    return ServerError(
        f"{server.spec.name}: {reason}\n  command: {command}\n"
        f"  in: {server.spec.cwd}\n--- end of its log ---\n{log_tail(server)}"
    )


def wait_until_ready(server: Server) -> None:
    """Return once the ready path answers 200; raise when it never does."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    status: int | None = None
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise fail(server, f"exited with code {server.process.returncode}")
        status = get_status(server.port, server.spec.ready_path)
        if status == http.client.OK:
            return
        time.sleep(0.1)
    path = server.spec.ready_path
    raise fail(
        server, f"GET {path} not 200 in {READY_TIMEOUT_S:.0f} s (last: {status})"
    )


def worker_count(pid: int) -> int:
    """Count the child processes of a gunicorn master (Linux's /proc)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(len((task / "children").read_text().split()) for task in tasks)


def require_one_worker(server: Server) -> None:
    """Refuse a comparison in which a server runs more or less than one worker."""
    count = worker_count(server.process.pid)
    if count != 1:
        raise fail(server, f"runs {count} workers where the benchmark needs 1")


def launch(spec: ServerSpec, log: IO[bytes]) -> Server:
    """Start the server's process in its own process group on a free port."""
    port = free_port()
    process = subprocess.Popen(
        [*spec.command, "--bind", f"{HOST}:{port}"],
        cwd=spec.cwd,
        env={**os.environ, **spec.env},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    return Server(spec, port, process, log)


def kill_group(group: int) -> None:
    """Kill what is left of a process group this benchmark started, if anything."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def stop(server: Server) -> None:
    """Stop the server: ask first, then kill its process group."""
    server.process.terminate()
    try:
        server.process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
    kill_group(server.process.pid)


@contextmanager
def running(spec: ServerSpec) -> Iterator[Server]:
    """Run a server, ready and with one worker, for the length of the block."""
    with tempfile.TemporaryFile() as log:
        server = launch(spec, log)
        try:
            wait_until_ready(server)
            require_one_worker(server)
            yield server
        finally:
            stop(server)
