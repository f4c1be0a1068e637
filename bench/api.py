"""Measure Shebao's API beside OpenFisca's web API and a bare Flask application.

Run from the project's root: ``python -m bench.api`` (see bench/README.md).
"""

import argparse
import signal
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from rich.console import Console

from bench import peer
from bench.load import LoadError, Run, Sizes, Target, drive, post_once, require_wrk
from bench.report import (
    FLOOR,
    TRACE,
    Runs,
    git_state,
    machine,
    print_table,
    summarise,
    versions,
    write_json,
)
from bench.servers import Server, ServerError, ServerSpec, running

BENCH = Path(__file__).resolve().parent
RESULTS = BENCH / "results" / "api.json"
SHEBAO_BODY = BENCH / "evaluate_25_years.json"
OPENFISCA_BODY = BENCH / "openfisca_couple.json"
TABLE_WIDTH = 110
SERVERS = ("openfisca", "floor", "shebao")
GUNICORN = (sys.executable, "-m", "gunicorn", "--no-control-socket")


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    project_root: Path
    servers: tuple[str, ...]
    rounds: int
    seconds: int
    warmup_seconds: int
    connections: tuple[int, ...]
    output: Path


def openfisca_spec() -> ServerSpec:
    """OpenFisca's own server command (gunicorn) with its country template."""
    return ServerSpec(
        name="openfisca",
        command=(
            peer.executable("openfisca"),
            "serve",
            "--country-package",
            "openfisca_country_template",
            "--workers=1",
            "--worker-class=sync",
        ),
        cwd=BENCH,
        ready_path="/spec",
    )


def floor_spec() -> ServerSpec:
    """Bare Flask; started in bench/ so that no gunicorn.conf.py is picked up."""
    return ServerSpec(
        name="floor",
        command=(*GUNICORN, "--workers=1", "--worker-class=sync", "floor:app"),
        cwd=BENCH,
        ready_path="/readyz",
    )


def shebao_spec(root: Path) -> ServerSpec:
    """Shebao as it is deployed, held to one worker."""
    return ServerSpec(
        name="shebao",
        command=(*GUNICORN, "-c", "gunicorn.conf.py", "wsgi:app"),
        cwd=root,
        ready_path="/readyz",
        env={"WEB_CONCURRENCY": "1"},
    )


def spec_of(name: str, options: Options) -> ServerSpec:
    """Return how to start the named server."""
    if name == "openfisca":
        return openfisca_spec()
    if name == "floor":
        return floor_spec()
    return shebao_spec(options.project_root)


def targets_of(server: Server) -> list[Target]:
    """Return what is measured on a server."""
    port = server.port
    if server.spec.name == "openfisca":
        return [
            Target("OpenFisca /calculate", port, "/calculate", OPENFISCA_BODY),
            Target(TRACE, port, "/trace", OPENFISCA_BODY),
        ]
    if server.spec.name == "floor":
        return [Target(FLOOR, port, "/echo", SHEBAO_BODY)]
    return [Target("Shebao /v1/evaluate", port, "/v1/evaluate", SHEBAO_BODY)]


def rotated(targets: list[Target], by: int) -> list[Target]:
    """Start each round with another target, so that none is always first."""
    shift = by % len(targets)
    return targets[shift:] + targets[:shift]


def warm_up(targets: list[Target], options: Options) -> dict[str, Sizes]:
    """Check one answer of each target, then drive each for a while unrecorded."""
    sizes = {target.name: post_once(target) for target in targets}
    for target in targets:
        drive(target, max(options.connections), options.warmup_seconds)
    return sizes


def measure(targets: list[Target], options: Options, console: Console) -> Runs:
    """Drive every target in turn, round after round."""
    runs: Runs = {(t.name, c): [] for c in options.connections for t in targets}
    for number in range(options.rounds):
        for connections in options.connections:
            for target in rotated(targets, number):
                run = drive(target, connections, options.seconds)
                runs[target.name, connections].append(run)
                console.print(progress(number, connections, target, run))
    return runs


def progress(number: int, connections: int, target: Target, run: Run) -> str:
    """Return the line shown after one run."""
    return (
        f"round {number + 1}  c={connections}  {target.name:<22}"
        f"{run.requests_per_s:>9.1f} req/s"
    )


def run_benchmark(options: Options, console: Console) -> None:
    """Start the servers, measure them, print and write the results."""
    require_wrk()
    if "openfisca" in options.servers:
        peer.ensure_environment()
    header = describe(options)
    with ExitStack() as stack:
        specs = [spec_of(name, options) for name in options.servers]
        servers = [stack.enter_context(running(spec)) for spec in specs]
        targets = [target for server in servers for target in targets_of(server)]
        sizes = warm_up(targets, options)
        runs = measure(targets, options, console)
    for connections in options.connections:
        print_table(console, summarise(runs), connections)
    write_json(options.output, header, runs, sizes)
    console.print(f"written: {options.output}")


def describe(options: Options) -> dict[str, object]:
    """Return what the result file says about the run besides its figures."""
    return {
        "shebao_commit": git_state(options.project_root),
        "machine": machine(),
        "versions": versions(),
        "settings": {
            "rounds": options.rounds,
            "seconds_per_run": options.seconds,
            "warmup_seconds": options.warmup_seconds,
            "connections": options.connections,
            "workers_per_server": 1,
            "servers": options.servers,
        },
    }


def positive(text: str) -> int:
    """Parse a whole number of at least one."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def parse_options(arguments: list[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__)
    parser.add_argument("--project-root", type=Path, default=BENCH.parent)
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=SERVERS)
    parser.add_argument("--rounds", type=positive, default=3)
    parser.add_argument("--seconds", type=positive, default=6)
    parser.add_argument("--warmup-seconds", type=positive, default=2)
    parser.add_argument("--connections", nargs="+", type=positive, default=[1, 4])
    parser.add_argument("--output", type=Path, default=RESULTS)
    found = parser.parse_args(arguments)
    return Options(
        project_root=found.project_root.resolve(),
        servers=tuple(dict.fromkeys(found.servers)),
        rounds=found.rounds,
        seconds=found.seconds,
        warmup_seconds=found.warmup_seconds,
        connections=tuple(dict.fromkeys(found.connections)),
        output=found.output.resolve(),
    )


def wide_console() -> Console:
    """Return a console wide enough for the table, also when piped to a file."""
    return Console(width=max(TABLE_WIDTH, Console().width))


def leave_on_sigterm(number: int, frame: FrameType | None) -> None:
    """Turn SIGTERM into an exception, so that the servers are stopped."""
    raise SystemExit(128 + number)


def main() -> int:
    """Run the benchmark; any failure is loud and gives exit code 1."""
    signal.signal(signal.SIGTERM, leave_on_sigterm)
    options = parse_options(sys.argv[1:])
    try:
        run_benchmark(options, wide_console())
    except (LoadError, ServerError) as error:
        sys.stderr.write(f"bench failed: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
