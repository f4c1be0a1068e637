"""Time every scheme in force for one person, decided twice and explained with a summary trace, in process.

Run from the project's root: ``python -m bench.all_schemes`` (see bench/README.md). Each fixture is asked of all schemes: as it
stands, again and again (`same`), and with amounts moved by some fen and the day of birth by some days, so that no two cases
are alike (`moved`).
"""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import quantiles
from time import perf_counter_ns, process_time_ns

from rich.console import Console
from rich.table import Table

from app.engine import Engine, FactValue, InputError, Request, answer_json
from app.intake import RequestReader
from app.language import Rulebook, load_rulebook
from app.language.types import NumberType

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
FEN = Decimal("0.01")


@dataclass(slots=True)
class Times:
    """Milliseconds of each part, by clock."""

    evaluate: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    both: list[float] = field(default_factory=list)


def main() -> None:
    """Print the spread over all cases."""
    parser = argparse.ArgumentParser(prog="python -m bench.all_schemes", description=__doc__)
    parser.add_argument("--rules", type=Path, default=ROOT / "rules")
    parser.add_argument("--rounds", type=int, default=10, help="cases made of each fixture")
    options = parser.parse_args()
    rulebook = load_rulebook(options.rules)
    engine = Engine(rulebook)
    requests = list(_requests(rulebook, engine))
    gc.collect()
    gc.freeze()  # as the service's workers do
    gc.set_threshold(50_000, 20, 20)
    table = Table(title=f"all schemes of one person, ms ({len(requests)} fixtures, load {os.getloadavg()[0]:.1f})")
    for heading in ("cases", "clock", "what", "count", "best", "p50", "p90", "p99"):
        table.add_column(heading, justify="left" if heading in ("cases", "clock", "what") else "right")
    makes: dict[str, Callable[[Request, int], Request]] = {"same": lambda request, _: request, "moved": lambda request, number: moved(rulebook, request, number)}
    for name, make in makes.items():
        for turn, (clock, read) in enumerate((("processor", process_time_ns), ("wall", perf_counter_ns))):
            found = _timed(engine, requests, range(turn * options.rounds, (turn + 1) * options.rounds + 1), make, read)
            for what, times in (("evaluate", found.evaluate), ("answer", found.answer), ("both", found.both)):
                cuts = quantiles(times, n=100, method="inclusive")
                table.add_row(name, clock, what, str(len(times)), *(f"{each:.2f}" for each in (min(times), cuts[49], cuts[89], cuts[98])))
    Console().print(table)


def _requests(rulebook: Rulebook, engine: Engine) -> Iterator[Request]:
    """Each fixture with every scheme in force then and there; those that are refused with all schemes are left out."""
    reader = RequestReader(rulebook)
    for path in sorted(FIXTURES.glob("*.json")):
        stated, _ = reader.read(path.read_bytes())
        law = rulebook.at(stated.as_of, stated.region, ())
        request = replace(stated, schemes=tuple(each for each in rulebook.scheme_ids() if each in law.schemes), reforms=(), given={})
        try:
            answer_json(engine.evaluate(request))
        except InputError:
            continue
        yield request


def moved(rulebook: Rulebook, request: Request, number: int) -> Request:
    """The same case with every amount `number` fen higher and everybody born `number` days earlier."""
    facts: dict[str, FactValue] = {}
    for name, value in request.facts.items():
        kind = rulebook.facts.facts[name].type
        if isinstance(value, Decimal) and value and isinstance(kind, NumberType) and str(kind.unit or "").startswith("CNY"):
            facts[name] = value + number * FEN
        elif name == "birth_date" and isinstance(value, date):
            facts[name] = value - timedelta(days=number)
        else:
            facts[name] = value
    return replace(request, facts=facts)


def _timed(engine: Engine, requests: list[Request], numbers: range, make: Callable[[Request, int], Request], clock: Callable[[], int]) -> Times:
    times = Times()
    for request in requests:
        for number in numbers:
            case = make(request, number)
            started = clock()
            try:
                evaluation = engine.evaluate(case)
            except InputError:  # a fen more may not be plausible
                continue
            halfway = clock()
            answer_json(evaluation)
            ended = clock()
            if number > numbers[0]:  # the first one warms the rules of that place
                times.evaluate.append((halfway - started) / 1e6)
                times.answer.append((ended - halfway) / 1e6)
                times.both.append((ended - started) / 1e6)
    return times


if __name__ == "__main__":
    main()
