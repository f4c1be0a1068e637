"""Measure batches: cases a second and the most memory, at several sizes, for the command line and the service.

    python -m bench.batch --sizes 10000 100000

Beside them: the same case sent as one HTTP call after another with wrk. Every case is `evaluate_25_years.json` with a
balance of its own and without a trace. Processor time is shown because others may use the machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from time import perf_counter

from rich.console import Console
from rich.table import Table

from bench.api import SHEBAO_BODY, shebao_spec
from bench.load import Target, drive, require_wrk
from bench.report import git_state, machine
from bench.servers import HOST, Server, running

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
RESULTS = BENCH / "results" / "batch.json"
TICKS = os.sysconf("SC_CLK_TCK")
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Measured:
    """One way of asking so many cases. `peak`: bytes of the largest process; `cpu`: processor seconds of all."""

    way: str
    cases: int
    seconds: float
    cpu: float
    peak: int

    @property
    def rate(self) -> float:
        return self.cases / self.seconds


def cases(count: int) -> Iterator[bytes]:
    """Lines of JSON."""
    case = json.loads(SHEBAO_BODY.read_bytes())
    for number in range(count):
        case["facts"]["account_balance"] = f"{100_000 + number}.{number % 100:02}"
        yield json.dumps({"id": number, **case, "trace": "none"}).encode() + b"\n"


def write(folder: Path, count: int) -> Path:
    path = folder / f"{count}.ndjson"
    with path.open("wb") as file:
        file.writelines(cases(count))
    return path


def answered(lines: Iterator[bytes], count: int) -> None:
    """Raise unless every case has its answer, in order."""
    number = 0
    for number, line in enumerate(lines, 1):
        assert line.startswith(b'{"line":%d,"id":%d,"as_of"' % (number, number - 1)), line[:200]
    assert number == count, f"{number} answers of {count}"


def by_command(path: Path, count: int, processes: int) -> Measured:
    """`shebao evaluate --batch`."""
    out = path.with_suffix(".out")
    command = [sys.executable, "-m", "app.cli", "evaluate", "--batch", str(path), "--out", str(out), "--to", "ndjson", "--processes", str(processes)]
    start = perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    with out.open("rb") as file:
        answered(file, count)
    out.unlink()
    return Measured(f"command line, {processes} process{'es' if processes > 1 else ''}", count, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def by_service(path: Path, count: int, *, sends_first: bool) -> Measured:
    """One call of the service with one worker; a client that reads while it sends, or one that sends everything first."""
    with running(shebao_spec(ROOT)) as server:
        worker = _worker(server)
        _post(server, path.read_bytes()[:PIECE].rpartition(b"\n")[0], lambda lines: [*lines], sends_first=False)
        before, start = _cpu(worker), perf_counter()
        _post(server, path, lambda lines: answered(lines, count), sends_first=sends_first)
        seconds = perf_counter() - start
        peak = _peak(worker)
        return Measured(f"service, client that {'sends everything first' if sends_first else 'reads as it sends'}", count, seconds, _cpu(worker) - before, peak)


def _post(server: Server, body: Path | bytes, take: Callable[[Iterator[bytes]], object], *, sends_first: bool) -> None:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=120)
    size = len(body) if isinstance(body, bytes) else body.stat().st_size
    connection.putrequest("POST", "/v1/evaluate/batch")
    connection.putheader("Content-Type", "application/x-ndjson")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    # Not connection.send: once the answer has begun, that would open another connection.
    socket = connection.sock

    def send() -> None:
        if isinstance(body, bytes):
            socket.sendall(body)
            return
        with body.open("rb") as file:
            while piece := file.read(PIECE):
                socket.sendall(piece)

    sender = Thread(target=send)
    sender.start()
    if sends_first:
        sender.join()
    response = connection.getresponse()
    assert response.status == http.client.OK, response.read()
    take(iter(response.readline, b""))
    sender.join()
    connection.close()


def one_by_one(seconds: int) -> Measured:
    """One call a case, over one connection at a time."""
    require_wrk()
    with running(shebao_spec(ROOT)) as server, tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(next(cases(1)).replace(b'"id": 0, ', b""))
        file.flush()
        target = Target("one call a case", server.port, "/v1/evaluate", Path(file.name))
        drive(target, 1, 2)
        worker = _worker(server)
        before = _cpu(worker)
        run = drive(target, 1, seconds)
        return Measured("service, one call a case (wrk)", run.requests, run.requests / run.requests_per_s, _cpu(worker) - before, _peak(worker))


def _worker(server: Server) -> int:
    tasks = Path(f"/proc/{server.process.pid}/task").iterdir()
    (found,) = [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    return found


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def show(console: Console, found: list[Measured]) -> None:
    table = Table("way", "cases", "cases/s", "CPU ms/case", "peak MiB")
    for each in found:
        cells = (f"{each.cases:,}", f"{each.rate:,.0f}", f"{each.cpu / each.cases * 1000:.2f}", f"{each.peak / 2**20:,.0f}")
        table.add_row(each.way, *cells)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.batch", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--processes", nargs="+", type=int, default=[1, os.cpu_count() or 1])
    parser.add_argument("--seconds", type=int, default=6, help="of one call a case")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    console = Console()
    found: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in options.sizes:
            path = write(Path(folder), count)
            ways: list[Callable[[], Measured]] = [lambda p=path, c=count, n=n: by_command(p, c, n) for n in options.processes]  # type: ignore[misc]
            ways += [lambda p=path, c=count, first=first: by_service(p, c, sends_first=first) for first in (False, True)]  # type: ignore[misc]
            for way in ways:
                found.append(way())
                console.print(f"{found[-1].way}, {count:,} cases: {found[-1].rate:,.0f} cases/s")
            path.unlink()
    found.append(one_by_one(options.seconds))
    show(console, found)
    document = {"shebao_commit": git_state(ROOT), "machine": machine(), "measured": [{**asdict(each), "rate": each.rate} for each in found]}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    console.print(f"written: {options.output}")


if __name__ == "__main__":
    main()
