"""How many of the facts that schemes rest on are asked for, and how fast: `python -m bench.questions`.

A case is taken as what a person knows. Its facts are given out one at a time, each when it is the best question; what the
case does not have is left out. Cases are the fixtures with their own schemes, the fixtures with every scheme by itself, and
generated persons who can answer everything, with every scheme by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import mean, median
from time import perf_counter
from typing import Any

from app.advice import questions
from app.engine import Engine, InputError, Request
from app.engine.inquiry import Inquiry
from app.intake import RequestReader
from app.language import Rulebook, load_rulebook
from app.population.question import Question
from app.population.rows import RowWriter
from tests.population.persons import Habits, persons

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = sorted((ROOT / "fixtures").glob("*.json"))
DAY = date(2026, 3, 1)
REGIONS = ("110000", "310000", "510100", "440300", "610700", "320000")


@dataclass(frozen=True, slots=True)
class Asked:
    """A case asked to the end: the request with what was asked for alone, the facts in the order asked, those left out."""

    request: Request
    order: tuple[str, ...]
    left_out: tuple[str, ...]
    rested_on: frozenset[str]
    foreseen: int
    seconds: tuple[float, ...]

    @property
    def share(self) -> float:
        """The part of the facts that the schemes rest on which was asked for."""
        return len(self.order) / len(self.rested_on) if self.rested_on else 0.0


def ask_all(engine: Engine, full: Request) -> Asked:
    """Ask for the facts of a case, best question first, until none is left."""
    request = replace(full, facts={})
    order: list[str] = []
    left_out: list[str] = []
    seconds: list[float] = []
    foreseen: int | None = None
    while True:
        start = perf_counter()
        found = questions(engine, request, left_out)
        seconds.append(perf_counter() - start)
        if foreseen is None:
            foreseen = found.progress.at_most
        if not found.questions:
            rested_on = Inquiry(engine, full).rested_on()
            return Asked(request, tuple(order), tuple(left_out), rested_on, foreseen, tuple(seconds))
        name = found.questions[0].fact.name
        order.append(name)
        if name in full.facts:
            request = replace(request, facts={**request.facts, name: full.facts[name]})
        else:
            left_out.append(name)


def fixtures(rulebook: Rulebook) -> list[Request]:
    reader = RequestReader(rulebook)
    return [reader.read(path.read_bytes())[0] for path in FIXTURES]


def by_scheme(rulebook: Rulebook, requests: Iterable[Request]) -> Iterator[Request]:
    """Each case with every scheme in force in its day and place, by itself; figures given stay where they were given for it alone."""
    for request in requests:
        for scheme in rulebook.at(request.as_of, request.region, request.reforms).schemes:
            if scheme in rulebook.scheme_ids():
                yield replace(request, schemes=(scheme,), given=request.given if request.schemes == (scheme,) else {})


def generated(engine: Engine, size: int, seed: int, unknown: float) -> list[Request]:
    """Persons drawn from the fact dictionary, in some regions, who know all or most facts of theirs that fit together."""
    rulebook = engine.rulebook
    drawn = persons(rulebook.facts, size, seed, regions=REGIONS, habits=Habits(unknown=unknown, longest=12))
    reader = RequestReader(rulebook)
    question = Question(DAY, (rulebook.scheme_ids()[0],))
    bodies = RowWriter(rulebook.facts, question).bodies(drawn)
    return [fitting for body in bodies if (fitting := _fitting(engine, reader, body)) is not None]


def _fitting(engine: Engine, reader: RequestReader, body: dict[str, Any]) -> Request | None:
    """A person without the facts that contradict others; None of one who lives nowhere."""
    try:
        request, _ = reader.read_value({**body, "facts": {}})
    except InputError:
        return None
    facts = dict(body["facts"])
    while True:
        try:
            request, _ = reader.read_value({**body, "facts": facts})
            engine.evaluate(request)
            return request
        except InputError as error:
            for fault in error.faults:
                facts.pop(fault.pointer.split("/")[2], None)


def measured(engine: Engine, requests: Iterable[Request]) -> list[Asked]:
    """Every case asked to the end; one that contradicts itself is passed over."""
    found = []
    for request in requests:
        try:
            engine.evaluate(request)
            found.append(ask_all(engine, request))
        except InputError:
            continue
    return found


def main() -> None:
    rulebook = load_rulebook(ROOT / "rules")
    engine = Engine(rulebook)
    cases = fixtures(rulebook)
    sets = {
        "fixtures, their own schemes": cases,
        "fixtures, every scheme by itself": list(by_scheme(rulebook, cases)),
        "persons who know everything, every scheme by itself": list(by_scheme(rulebook, generated(engine, 40, 1, 0.0))),
    }
    print(f"{'':54}{'cases':>7}{'asked':>8}{'rest on':>9}{'share':>8}{'a call':>10}")
    for name, requests in sets.items():
        found = measured(engine, requests)
        counts = f"{mean(len(each.order) for each in found):8.1f}{mean(len(each.rested_on) for each in found):9.1f}"
        print(f"{name:54}{len(found):7}{counts}{mean(each.share for each in found):8.1%}{median(time for each in found for time in each.seconds) * 1000:8.1f}ms")


if __name__ == "__main__":
    main()
