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
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter_ns
from typing import Any

from rich.console import Console
from rich.table import Table

BENCH = Path(__file__).resolve().parent
BODY = BENCH / "evaluate_25_years.json"
RESULTS = BENCH / "results" / "inprocess.json"
BARE_START = "print('ready', flush=True)"
WORKER_START = "import wsgi; wsgi.app; print('ready', flush=True)"


@cache
def _engine() -> Callable[[dict[str, Any]], object]:
    """Load the rulebook once and return the explained evaluation bound to it."""
    # A guess at names that are not fixed yet; adapt these lines and nothing else.
    from app.engine import evaluate, load_rulebook

    rulebook = load_rulebook()
    return lambda body: evaluate(rulebook, body)


def evaluate_once(body: dict[str, Any]) -> object:
    """Evaluate one parsed request body in process, with its full explanation.

    It must do what POST /v1/evaluate does between parsing the JSON and writing
    the answer: the same input, the same explanation, no HTTP. The rulebook is
    loaded by the first call and kept; the warm-up pays for that, not the timing.
    Only this function and ``_engine`` know where the engine lives.
    """
    return _engine()(body)


def time_evaluations(body: dict[str, Any], count: int, warmup: int) -> list[float]:
    """Return the time of each evaluation in microseconds."""
    for _ in range(warmup):
        evaluate_once(body)
    return [timed(body) for _ in range(count)]


def timed(body: dict[str, Any]) -> float:
    """Return the time of one evaluation in microseconds."""
    start = perf_counter_ns()
    evaluate_once(body)
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
    sys.path.insert(0, str(root))
    body = json.loads(BODY.read_text())
    results = {
        "evaluation, us": spread(time_evaluations(body, asked.count, asked.warmup)),
        "worker start, ms": spread(time_starts(WORKER_START, root, asked.starts)),
        "bare interpreter, ms": spread(time_starts(BARE_START, root, asked.starts)),
    }
    show(Console(), results)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
