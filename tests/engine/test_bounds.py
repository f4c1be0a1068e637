"""Bounds hold everything that the exact engine comes to, at every point of the interval they were made for."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from app.engine import Engine, InputError, Probe, Request
from app.engine.bounds import Among, Bound, Enclosure, Look, Span
from app.engine.bounds.values import Anything, Entries
from app.engine.case import UNSET, TooLong
from app.intake import RequestReader
from app.language import Fact, Rulebook, YearMonth
from app.population.question import Question
from app.population.rows import RowWriter
from tests.population.kernel.random_rules import DAYS, NUMBER_HINTS, REFORM, REGIONS, SCHEME, RandomRules, load
from tests.population.persons import Habits, persons

RULEBOOKS = int(os.environ.get("SHEBAO_FUZZ", "6"))
PERSONS = 3
INTERVALS = 4
AS_OF = date(2026, 1, 1)
MOVABLE = ("whole", "number", "date", "month")


def number_of(value: Any) -> Fraction:
    if isinstance(value, date):
        return Fraction(value.toordinal())
    return Fraction(value)


def holds(bound: Bound, value: Any, moved: Fraction) -> bool:
    """Whether a bound holds a value of the exact engine, where what moves is `moved`."""
    if isinstance(bound, Anything):
        return True
    if value is None:
        return None in bound.values if isinstance(bound, Among) else bound.unknown
    if isinstance(bound, Among):
        return value in bound.values
    if isinstance(bound, Span):
        rest = number_of(value) - Fraction(bound.slope) * moved
        room = Fraction(1, 10**24)  # the exact engine's decimals may be off by as much
        low = bound.low.is_infinite() or Fraction(bound.low) - room <= rest
        return low and (bound.high.is_infinite() or rest <= Fraction(bound.high) + room)
    if isinstance(bound, Entries):
        return all(holds(each, value.get(name), moved) for name, each in bound.values.items())
    return _some_of(list(bound.items), list(value), moved)


def _some_of(items: list[tuple[Bound, bool]], values: list[Any], moved: Fraction) -> bool:
    """Whether the values are the items, some of those that may be there left out."""
    reached = {0}
    for item, certain in items:
        taken = {at + 1 for at in reached if at < len(values) and holds(item, values[at], moved)}
        reached = taken if certain else taken | reached
    return len(values) in reached


def limits(fact: Fact) -> tuple[int, int, Decimal]:
    """The first and the last step of a fact, and the step."""
    if fact.kind in ("date", "month"):
        first, last = fact.earliest or date.min, fact.latest or date.max
        return (first.toordinal(), last.toordinal(), Decimal(1)) if fact.kind == "date" else (YearMonth.of(first), YearMonth.of(last), Decimal(1))
    step = Decimal(1).scaleb(-fact.decimals)
    assert fact.at_least is not None and fact.at_most is not None
    low, high = fact.at_least, fact.at_most
    return int(low / step), int(high / step), step


def value_of(fact: Fact, index: int, step: Decimal) -> Any:
    return date.fromordinal(index) if fact.kind == "date" else YearMonth(index) if fact.kind == "month" else index * step


def interval(fact: Fact, chance: random.Random) -> tuple[int, int]:
    """Steps from one to another, narrow or wide, often near what rules are written with."""
    first, last, step = limits(fact)
    hints = [(day + timedelta(chance.randint(-3, 3))).toordinal() for day in DAYS] if fact.kind == "date" else [YearMonth.of(day) for day in DAYS]
    near = [int(each / step) for each in NUMBER_HINTS] if fact.kind in ("whole", "number") else hints
    start = max(first, min(last, chance.choice([*near, chance.randint(first, last)])))
    width = int(10 ** chance.uniform(0, 12)) if fact.kind in ("whole", "number") else int(10 ** chance.uniform(0, 5))
    return max(first, start - chance.choice([0, 1, width // 2])), min(last, start + width)


def inside(first: int, last: int, chance: random.Random) -> Iterator[int]:
    yield from {first, last, (first + last) // 2, *(chance.randint(first, last) for _ in range(4))}


def compare(engine: Engine, probe: Probe, moves: Fact, look: Look, first: int, last: int, chance: random.Random, said: Mapping[int, str]) -> None:
    step = limits(moves)[2]
    for index in inside(first, last, chance):
        value = value_of(moves, index, step)
        changed = Probe(engine, Request(**{**_parts(probe.request), "facts": {**probe.request.facts, moves.name: value}}))
        for number, definition in enumerate(probe.program.definitions):
            if probe.program.units[number] is None:
                continue
            try:
                exact = changed.value(number)
            except TooLong:
                continue
            assert exact is not UNSET
            bound = look.definition(number)
            where = f"{definition.name} at {moves.name} = {value} of {first}..{last}: {bound} does not hold {exact}"
            assert holds(bound, exact, number_of(value)), f"{where}\n{said.get(number, '')}"


def _parts(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in Request.__dataclass_fields__}


def requests(rulebook: Rulebook, seed: int, unknown: float, assumptions: dict[str, Any], reforms: tuple[str, ...]) -> Iterator[Request]:
    question = Question(AS_OF, (SCHEME,), outputs=True, assumptions=assumptions, reforms=reforms)
    habits = Habits(unknown=unknown, numbers=NUMBER_HINTS, days=DAYS, longest=6)
    batch = persons(rulebook.facts, PERSONS, seed, regions=(*REGIONS, "000000"), habits=habits)
    reader = RequestReader(rulebook)
    for body in RowWriter(rulebook.facts, question).bodies(batch):
        yield reader.read_value(dict(body))[0]


drawn = st.tuples(st.integers(0, 2**32), st.sampled_from([0.0, 0.2]), st.sampled_from([{}, {"growth": Decimal("0.05"), "hold": True}]), st.sampled_from([(), (REFORM,)]))


@settings(max_examples=RULEBOOKS, deadline=None, derandomize="SHEBAO_FUZZ" not in os.environ, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(drawn)
def test_random_rules_within_bounds(drawn: tuple[int, float, dict[str, Any], tuple[str, ...]]) -> None:
    seed, unknown, assumptions, reforms = drawn
    chance = random.Random(seed)
    files = RandomRules(seed, size=14).files()
    with tempfile.TemporaryDirectory() as folder:
        rulebook, files, _ = load(Path(folder), files)
    engine = Engine(rulebook)
    movable = [fact for fact in rulebook.facts.facts.values() if fact.kind in MOVABLE]
    for request in requests(rulebook, seed % 2**31, unknown, assumptions, reforms):
        try:
            probe = Probe(engine, request)
        except InputError:
            continue
        said = {number: _text_of(str(each.name.local), files) for number, each in enumerate(probe.program.definitions)}
        for _ in range(INTERVALS):
            moves = chance.choice(movable)
            first, last = interval(moves, chance)
            step = limits(moves)[2]
            note(f"{moves.name} {first}..{last} {request.facts}")
            look = Enclosure(probe, moves.name).over(first * step, last * step)
            compare(engine, probe, moves, look, first, last, chance, said)


def _text_of(name: str, files: dict[str, str]) -> str:
    found = [text[text.index(f"\n  {name}:") :] for text in files.values() if f"\n  {name}:" in text]
    return "\n".join(each[:600] for each in found)
