"""Time a scan of a household of four with every scheme, in process: one worker's work for one request.

Run from the project's root: ``python -m bench.scan`` (see bench/README.md).
"""

import argparse
import gc
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns, process_time_ns

import orjson
from rich.console import Console
from rich.table import Table

from app.advice.scan_call import SCAN
from app.engine import Engine
from app.intake import RequestReader
from app.language import load_rulebook

ROOT = Path(__file__).resolve().parent.parent
HOUSEHOLDS = ROOT / "fixtures" / "households"
PERCENTILES = (0.0, 0.5, 0.9, 0.99)


def main() -> None:
    """Print the time of whole requests: body read, every scheme of every member decided, the answer as JSON text."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=Path, default=ROOT / "rules")
    parser.add_argument("--count", type=int, default=500, help="scans of each household")
    options = parser.parse_args()
    rulebook = load_rulebook(options.rules)
    engine, reader = Engine(rulebook), SCAN.reader(RequestReader(rulebook), rulebook)
    gc.freeze()  # as the service's workers do
    gc.set_threshold(50_000, 20, 20)
    table = Table(title=f"a household scan, ms (load {os.getloadavg()[0]:.1f})")
    for heading in ("household", "members", "schemes", "clock", *("best" if each == 0 else f"p{each * 100:g}" for each in PERCENTILES)):
        table.add_column(heading, justify="left" if heading in ("household", "clock") else "right")
    for path in sorted(HOUSEHOLDS.glob("*.json")):
        body = path.read_bytes()

        def ask(body: bytes = body) -> bytes:
            asked = reader.read(body)
            return orjson.dumps(SCAN.answer(engine, asked.request, asked.own, "zh"))

        members = orjson.loads(ask())["members"]
        schemes = sum(len(each[part]) for each in members for part in ("eligible", "possible", "not", "unsuggested", "asked_of_others"))
        for clock, read in (("wall", perf_counter_ns), ("processor", process_time_ns)):
            times = sorted(timed(ask, read) for _ in range(options.count))
            found = [f"{times[min(len(times) - 1, int(each * len(times)))]:.1f}" for each in PERCENTILES]
            table.add_row(path.stem, str(len(members)), str(schemes // len(members)), clock, *found)
    Console().print(table)


def timed(call: Callable[[], object], clock: Callable[[], int]) -> float:
    """The time of one call in milliseconds."""
    start = clock()
    call()
    return (clock() - start) / 1e6


if __name__ == "__main__":
    main()
