"""Time one explained evaluation in process, and the start of a worker.

Run from the project's root: ``python -m bench.inprocess`` (see bench/README.md).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter_ns

from rich.console import Console
from rich.table import Table

from app.engine import Engine, Request, answer_json
from app.intake import RequestReader
from app.language import load_rulebook

BENCH = Path(__file__).resolve().parent
BODY = BENCH / "evaluate_25_years.json"
RESULTS = BENCH / "results" / "inprocess.json"
BARE_START = "print('ready', flush=True)"
WORKER_START = "import wsgi; wsgi.app; print('ready', flush=True)"


@dataclass(frozen=True)
class Parts:
    """The body as bytes and as a request, and what works on them; made once, before anything is timed."""

    body: bytes
    reader: RequestReader
    request: Request
    engine: Engine

    def read(self) -> object:
        """From the body's bytes to a checked request."""
        return self.reader.read(self.body)

    def evaluate_once(self) -> bytes:
        """One explained evaluation: decided twice, amounts, default trace, the answer as JSON text."""
        return answer_json(self.engine.evaluate(self.request))


def make_parts(rules: Path) -> Parts:
    """Load the rulebook and read the body."""
    rulebook, body = load_rulebook(rules), BODY.read_bytes()
    reader = RequestReader(rulebook)
    return Parts(body, reader, reader.read(body)[0], Engine(rulebook))


def time_calls(call: Callable[[], object], count: int, warmup: int) -> list[float]:
    """Return the time of each call in microseconds."""
    for _ in range(warmup):
        call()
    return [timed(call) for _ in range(count)]


def timed(call: Callable[[], object]) -> float:
    """Return the time of one call in microseconds."""
    start = perf_counter_ns()
    call()
    return (perf_counter_ns() - start) / 1e3


def start_environment(bytecode: str) -> dict[str, str]:
    """Let the spawned interpreters keep their bytecode outside the project."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": bytecode}


def start_ms(code: str, root: Path, bytecode: str) -> float:
    """Return the time from spawning an interpreter until it says it is ready."""
    start = perf_counter_ns()
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=root,
        env=start_environment(bytecode),
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        said_ready = any(line.strip() == "ready" for line in child.stdout)
        elapsed = (perf_counter_ns() - start) / 1e6
    if not said_ready or child.returncode != 0:
        raise SystemExit(f"bench failed: {code!r} exited with {child.returncode}")
    return elapsed


def time_starts(code: str, root: Path, runs: int) -> list[float]:
    """Time several fresh starts after one that fills the bytecode cache."""
    with tempfile.TemporaryDirectory() as bytecode:
        start_ms(code, root, bytecode)
        return [start_ms(code, root, bytecode) for _ in range(runs)]


def spread(values: list[float]) -> dict[str, float]:
    """Return the least, the median, the 99th percentile and the greatest."""
    return {
        "count": len(values),
        "min": min(values),
        "median": median(values),
        "p99": quantiles(values, n=100, method="inclusive")[98],
        "max": max(values),
    }


def show(console: Console, results: dict[str, dict[str, float]]) -> None:
    """Print one row per thing that was timed."""
    table = Table(title="in process")
    table.add_column("what")
    for heading in ("count", "min", "median", "p99", "max"):
        table.add_column(heading, justify="right")
    for name, found in results.items():
        figures = [f"{value:.1f}" for key, value in found.items() if key != "count"]
        table.add_row(name, f"{found['count']:.0f}", *figures)
    console.print(table)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.inprocess")
    parser.add_argument("--project-root", type=Path, default=BENCH.parent)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--warmup", type=int, default=500)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--output", type=Path, default=RESULTS)
    return parser.parse_args()


def main() -> None:
    """Time, print and write down."""
    asked = parse_arguments()
    root = asked.project_root.resolve()
    parts = make_parts(root / "rules")
    results = {
        "explained evaluation, us": spread(time_calls(parts.evaluate_once, asked.count, asked.warmup)),
        "reading the request, us": spread(time_calls(parts.read, asked.count, asked.warmup)),
        "worker start, ms": spread(time_starts(WORKER_START, root, max(asked.starts, 2))),
        "bare interpreter, ms": spread(time_starts(BARE_START, root, max(asked.starts, 2))),
    }
    show(Console(), results)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
