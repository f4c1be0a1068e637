"""Drive one URL with wrk and read what it measured."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.servers import HOST

SCRIPT = Path(__file__).resolve().parent / "wrk_post.lua"
RESULT_PREFIX = "RESULT "


class LoadError(RuntimeError):
    """The load generator is missing, or an answer was not what it should be."""


@dataclass(frozen=True)
class Target:
    """One thing to measure: a path of a running server and the body to post."""

    name: str
    port: int
    path: str
    body_file: Path

    @property
    def url(self) -> str:
        """The address wrk posts to."""
        return f"http://{HOST}:{self.port}{self.path}"


@dataclass(frozen=True)
class Sizes:
    """Bytes of the request's and of the response's body."""

    request: int
    response: int


@dataclass(frozen=True)
class Run:
    """What wrk measured in one run."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    requests: int
    non_2xx: int


def require_wrk() -> None:
    """Raise with the way to install wrk when it is missing."""
    if shutil.which("wrk") is None:
        raise LoadError(
            "wrk is not installed. On Debian or Ubuntu: "
            "sudo apt-get update && sudo apt-get install -y wrk"
        )


def post_once(target: Target) -> Sizes:
    """Post the body once; raise unless the answer is a JSON object with a 2xx."""
    body = target.body_file.read_bytes()
    connection = HTTPConnection(HOST, target.port, timeout=30)
    try:
        connection.request(
            "POST", target.path, body, {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    check_answer(target, response.status, answer)
    return Sizes(len(body), len(answer))


def check_answer(target: Target, status: int, answer: bytes) -> None:
    """Raise unless the answer is a 2xx that holds a JSON object."""
    shown = answer[:2000].decode(errors="replace")
    if not 200 <= status <= 299:
        raise LoadError(f"{target.name}: POST {target.url} gave {status}: {shown}")
    try:
        parsed = json.loads(answer)
    except ValueError as error:
        raise LoadError(f"{target.name}: the answer is not JSON: {shown}") from error
    if not isinstance(parsed, dict):
        raise LoadError(f"{target.name}: the answer is not a JSON object: {shown}")


def wrk_command(target: Target, connections: int, seconds: int) -> list[str]:
    """Return the wrk command line of one run."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    return [*command, "-s", str(SCRIPT), target.url, "--", str(target.body_file)]


def parse_wrk(target: Target, output: str) -> Run:
    """Read the script's result line; raise on any failed request."""
    lines = [x for x in output.splitlines() if x.startswith(RESULT_PREFIX)]
    if len(lines) != 1:
        raise LoadError(f"{target.name}: wrk printed no result:\n{output}")
    raw: dict[str, int] = json.loads(lines[0].removeprefix(RESULT_PREFIX))
    failed = raw["non_2xx"] + raw["socket_errors"]
    if failed or not raw["requests"]:
        raise LoadError(
            f"{target.name}: {raw['requests']} answers, of them {raw['non_2xx']} "
            f"non-2xx; {raw['socket_errors']} socket errors"
        )
    return Run(
        requests_per_s=raw["requests"] / (raw["duration_us"] / 1e6),
        p50_ms=raw["p50_us"] / 1e3,
        p99_ms=raw["p99_us"] / 1e3,
        requests=raw["requests"],
        non_2xx=raw["non_2xx"],
    )


def drive(target: Target, connections: int, seconds: int) -> Run:
    """Run wrk once against the target."""
    done = subprocess.run(
        wrk_command(target, connections, seconds),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LoadError(f"{target.name}: wrk failed: {done.stdout}{done.stderr}")
    return parse_wrk(target, done.stdout)
