"""Sum the rounds up, print them, and write them down."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.load import Run, Sizes
from bench.peer import pinned_versions

TRACE = "OpenFisca /trace"
FLOOR = "bare Flask echo"
RATIO_NOTE = "median of the per-round ratios (lowest to highest round)"


@dataclass(frozen=True)
class Ratio:
    """A target's requests/s over a reference's, round by round."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        """Show the median and the spread over the rounds."""
        return f"{self.median:.2f}x ({self.low:.2f}-{self.high:.2f})"


@dataclass(frozen=True)
class Row:
    """One target at one number of connections, over all rounds."""

    target: str
    connections: int
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    non_2xx: int
    to_trace: Ratio | None
    to_floor: Ratio | None


Runs = dict[tuple[str, int], list[Run]]


def ratio(runs: list[Run], reference: list[Run] | None) -> Ratio | None:
    """Compare two targets within each round, then sum up over the rounds."""
    if reference is None:
        return None
    pairs = zip(runs, reference, strict=True)
    values = [mine.requests_per_s / other.requests_per_s for mine, other in pairs]
    return Ratio(median(values), min(values), max(values))


def summarise(runs: Runs) -> list[Row]:
    """Return one row per target and number of connections."""
    return [summarise_one(runs, name, connections) for name, connections in runs]


def summarise_one(runs: Runs, name: str, connections: int) -> Row:
    """Sum up one target's rounds at one number of connections."""
    mine = runs[name, connections]
    return Row(
        target=name,
        connections=connections,
        requests_per_s=median(run.requests_per_s for run in mine),
        p50_ms=median(run.p50_ms for run in mine),
        p99_ms=median(run.p99_ms for run in mine),
        non_2xx=sum(run.non_2xx for run in mine),
        to_trace=ratio(mine, runs.get((TRACE, connections))),
        to_floor=ratio(mine, runs.get((FLOOR, connections))),
    )


def print_table(console: Console, rows: list[Row], connections: int) -> None:
    """Print the rows of one number of connections."""
    table = Table(title=f"c={connections}, one worker per server, loopback")
    table.add_column("target", no_wrap=True)
    for heading in ("req/s", "p50 ms", "p99 ms", "non-2xx", "/ trace", "/ Flask"):
        table.add_column(heading, justify="right")
    for row in (row for row in rows if row.connections == connections):
        table.add_row(
            row.target,
            f"{row.requests_per_s:.1f}",
            f"{row.p50_ms:.2f}",
            f"{row.p99_ms:.2f}",
            str(row.non_2xx),
            str(row.to_trace or "-"),
            str(row.to_floor or "-"),
        )
    console.print(table)


def cpu_model() -> str:
    """Return the processor's name as Linux gives it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")]
    return names[0] if names else platform.processor()


def git_state(root: Path) -> str | None:
    """Return the project's commit, marked when the tree differs from it."""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def machine() -> dict[str, object]:
    """Describe what the figures depend on besides the code."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load_average_at_start": os.getloadavg(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def versions() -> dict[str, dict[str, str]]:
    """Return the versions of the web stacks on both sides."""
    here = {name: version(name) for name in ("Flask", "Werkzeug", "gunicorn")}
    return {"shebao_and_bare_flask": here, "openfisca": pinned_versions()}


def write_json(
    path: Path, header: dict[str, object], runs: Runs, sizes: dict[str, Sizes]
) -> None:
    """Write the summary and every single run."""
    document = {
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **header,
        "body_bytes": {name: asdict(size) for name, size in sizes.items()},
        "ratio_note": RATIO_NOTE,
        "summary": [asdict(row) for row in summarise(runs)],
        "runs": [
            {"target": name, "connections": connections, "rounds": listed(rounds)}
            for (name, connections), rounds in runs.items()
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def listed(rounds: list[Run]) -> list[dict[str, object]]:
    """Return the rounds as plain dictionaries."""
    return [asdict(run) for run in rounds]
