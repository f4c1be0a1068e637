"""Compiled rules against the exact engine on generated persons: every scheme, all regions by row, several days.

    python -m bench.differential --persons 1000000 --processes 8 --out build/differential

Persons come in chunks, each drawn from its number, so that a run that was broken off goes on where it stopped (`--out`
keeps one line a chunk, with the release of the rules it was compared under). Prints how many persons under which release,
how many rows compiled code left open, and how many cells differ, which must be none; the exit code says so too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.engine import Engine, InputError
from app.language import Rulebook, load_rulebook
from app.population.engine import PopulationEngine
from app.population.exact import ExactEvaluator
from app.population.question import Question
from tests.population.kernel.comparing import differences, told
from tests.population.persons import Habits, persons
from tests.population.plausible import plausible

RULES = Path(__file__).resolve().parent.parent / "rules"
CHUNK = 5_000
DAYS = (date(2026, 3, 1), date(2025, 1, 1), date(2012, 7, 1), date(2003, 10, 1))
ASSUMED: tuple[dict[str, Decimal | bool], ...] = ({}, {"wage_growth": Decimal("0.03"), "account_interest": Decimal("0.025"), "pay_on_last_base": True})
# What the rules turn on; persons are drawn around these days.
TURNING = tuple(date.fromisoformat(day) for day in ("1997-07-16", "2006-01-01", "2011-07-01", "2015-07-01", "2019-05-01", "2025-01-01", "2026-01-01", "2030-01-01"))


@dataclass(frozen=True, slots=True)
class Chunk:
    """So many persons of one question; `number` is what they are drawn from."""

    number: int
    rows: int
    day: date
    assumed: int


@dataclass(frozen=True, slots=True)
class Compared:
    number: int
    rows: int
    open: int
    rejected: int
    eligible: int
    different: int
    compiled_seconds: float
    exact_seconds: float
    said: str
    release: str = "unknown"


def chunks(count: int, size: int = CHUNK) -> Iterator[Chunk]:
    """Chunks of all days in turn, with and without assumptions."""
    for number, first in enumerate(range(0, count, size)):
        yield Chunk(number, min(size, count - first), DAYS[number % len(DAYS)], number // len(DAYS) % len(ASSUMED))


@cache
def rulebook() -> Rulebook:
    return load_rulebook(RULES)


@cache
def engine() -> Engine:
    return Engine(rulebook())


@cache
def question(day: date, assumed: int) -> Question:
    """All schemes in force somewhere on a day."""
    figures = {name: value for name, value in ASSUMED[assumed].items() if name in rulebook().facts.assumptions}
    schemes = tuple(scheme for scheme in rulebook().scheme_ids() if _answers(Question(day, (scheme,))))
    return Question(day, schemes, assumptions=figures, outputs=True)


def _answers(asked: Question) -> bool:
    try:
        return bool(ExactEvaluator(rulebook(), asked, engine()).columns)
    except InputError:
        return False


@cache
def evaluators(day: date, assumed: int) -> tuple[PopulationEngine, ExactEvaluator]:
    asked = question(day, assumed)
    return PopulationEngine(rulebook(), asked, threads=1, engine=engine()), ExactEvaluator(rulebook(), asked, engine())


def compare(chunk: Chunk) -> Compared:
    """Draw a chunk's persons and answer them twice."""
    compiled, exact = evaluators(chunk.day, chunk.assumed)
    drawn = persons(rulebook().facts, chunk.rows, chunk.number, regions=rulebook().regions(), habits=Habits(unknown=0.06, edges=0.05, days=TURNING))
    batch = plausible(engine(), question(chunk.day, chunk.assumed), drawn, chunk.number)
    started = time.perf_counter()
    mine = compiled.evaluate(batch)
    halfway = time.perf_counter()
    theirs = exact.evaluate(batch)
    ended = time.perf_counter()
    found = differences(mine, theirs)
    columns = [name for name in theirs.results.schema.names if name.endswith(".status")]
    eligible = sum(status == "eligible" for name in columns for status in theirs.results.column(name).to_pylist())
    return Compared(chunk.number, chunk.rows, mine.exact_rows, len(theirs.rejects), eligible, len(found), halfway - started, ended - halfway, told(found, batch), rulebook().release)


def run(count: int, processes: int, out: Path | None, size: int = CHUNK) -> list[Compared]:
    """Compare as many persons, in as many processes; chunks that `out` already has are not compared again."""
    done = [] if out is None or not out.exists() else [Compared(**json.loads(line)) for line in out.read_text(encoding="utf-8").splitlines()]
    known = {(each.number, each.rows) for each in done}
    # Day by day: the laws of all regions on one day are as many as an engine keeps.
    waiting = sorted((chunk for chunk in chunks(count, size) if (chunk.number, chunk.rows) not in known), key=lambda chunk: chunk.day)
    wanted = {(chunk.number, chunk.rows) for chunk in chunks(count, size)}
    results = [each for each in done if (each.number, each.rows) in wanted]
    for each in _answered(waiting, processes):
        results.append(each)
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(each), ensure_ascii=False) + "\n")
        if each.said:
            print(f"chunk {each.number}: {each.said}", flush=True)
    return results


def _answered(waiting: list[Chunk], processes: int) -> Iterator[Compared]:
    if processes == 1:
        yield from map(compare, waiting)
        return
    with ProcessPoolExecutor(processes) as pool:
        for each in as_completed([pool.submit(compare, chunk) for chunk in waiting]):
            yield each.result()


def report(results: list[Compared]) -> str:
    def total(name: str) -> Any:
        return sum(getattr(each, name) for each in results)

    rows = total("rows")
    releases = {each.release: sum(other.rows for other in results if other.release == each.release) for each in results}
    lines = [
        f"persons     {rows:,}",
        *(f"release     {release}: {persons:,} persons" for release, persons in releases.items()),
        f"rejected    {total('rejected'):,}",
        f"eligible    {total('eligible'):,} answers",
        f"rows open   {total('open'):,} ({100 * total('open') / max(rows, 1):.2f} %; those to be rejected among them)",
        f"differences {total('different'):,}",
        f"compiled    {total('compiled_seconds'):.1f} s, its open rows included; exact {total('exact_seconds'):.1f} s",
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--persons", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a file that keeps what was compared, one line a chunk")
    options = parser.parse_args()
    results = run(options.persons, options.processes, options.out)
    print(report(results))
    return 1 if any(each.different for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
