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

import pytest
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
from tests.population.kernel.random_files import load
from tests.population.kernel.random_ground import DAYS, HEAD, NUMBER_HINTS, PARAMETERS, REFORM, REGIONS, SCHEME
from tests.population.kernel.random_rules import RandomRules
from tests.population.persons import Habits, persons

RULEBOOKS = int(os.environ.get("SHEBAO_FUZZ", "6"))
PERSONS = 3
INTERVALS = 4
CONSTRUCT_INTERVALS = 4
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


# -- every construct --------------------------------------------------------------------------------

EXPRESSIONS = (
    "money * 0.07 - money / 3 + 1", "money / 3 * 3 - money", "(money - 100) * (money + 7.5) - money * money", "money * small - small * small", "small * small - 20 * small + 100", "money / (small - 7)",
    "money * money", "wide * wide - 3 * wide", "(money - 500) ** 2", "(money - 500) ** 3", "2 ** small", "small ** -1", "(small - 5) ** around", "abs(money - 500) - money", "-money", "modulo(money, 7)", "modulo(small, -5)", "modulo(money, small)",
    *(f"{name}(money * 0.07, 1)" for name in ("round_half_up", "round_half_even", "round_half_down", "round_up", "round_down")), "round_half_even(money, -1) - money", "floor(money / 7) + ceiling(-money)",
    "round_half_up(500 - money, 0) + money", "round_up(wide * 0.5, 0)", "round_down(wide * 0.5, 0)",
    "min(money, 300) + max(money, 700) - money", "min(small, 10, around)", "max([small, 3, 7])", "sum([money, small, -money])", "mean([small, small + 1, 9])", "or_else(at(with_gaps, the_year), small)",
    "at(by_year, the_year)", "at(stepped, money)", "at(stepped, small - 5)", "at(grown, the_year)", "at(grown_raw, claim.year)", "at(set_on, the_year)", "at(rungs, small)", "at(since, claim)", "at(monthly, begun)",
    "at(monthly_exact, begun)", "at(ages, months)", "progressive(money, scale)", "progressive(wide, low_scale)", "at(coded, if small > 5 then kind else \"x\")",
    "if money > 500 then money else 500 - money", "if flag then small else money", "if small = 7 then 1 else if small in [10..20) then 2 else 3", "if money > 300 and not(small < 10) or open then 1 else 0",
    "sum(for k in 1..small return k * 2)", "count(for k in small..20 return k)", "sum((for k in 1..30 return k)[item < small])", "count((for k in 1..9 return k * 100)[item >= money])", "(for k in 1..9 return k * k)[small]",
    "(for k in 1..small return k)[-1]", "count(distinct_values([small, 7, around]))", "sum(rows[year < the_year].paid)", "count(rows[item.year = the_year])", "rows[small].year", "min(events.amount) * small", "max(rows[year > the_year].year)",
    "if some r in rows satisfies r.year > the_year then 1 else 0", "if every r in rows satisfies r.paid <= small then 1 else 0", "if list_contains(rows.year, the_year) then 1 else 0", "if all(for k in 1..5 return k < small) then 1 else 0",
    "in_months(years_between(born, claim)) / in_months(1)", "in_years(months_between(born, claim)) / in_years(12)", "days_between(born, claim) / days_between(date(\"2000-01-01\"), date(\"2000-01-02\"))", "claim.year * 12 + claim.month", "claim.month", "begun.month", "day(claim)",
    "begun.year + begun.month", "in_years(year_month(claim) - begun) / in_years(in_months(1))", "in_years(months) * 7 / in_years(12)", "string_length(substring(\"abcdefghij\", small, 3))", "if starts_with(if small > 7 then kind else mode, \"b\") then 1 else 0",
)  # fmt: skip
DAYS_MADE = (
    "claim + duration(\"P1M\")", "claim - duration(\"P18M\")", "claim - duration(\"P400D\")", "claim + (claim - born)", "add_months(claim, months)", "add_months(born, small * in_months(1))", "first_day(begun)", "last_day(begun)", "date(the_year, 2, 28)",
    "date(2015, small, 31)", "min(claim, born + duration(\"P60Y\"))", "if claim > born then claim else born", "or_else(at(coded_day, kind), claim)", "first_day(begun + months)", "last_day(add_months(begun, months) - 3)",
)  # fmt: skip
MADE = """\
definitions:
{plain}
  guarded: {{value: small}}
  folded:
    carry:
      each: k
      in: 1..small
      start: money
      next: previous * 1.01 - k
      round: {{to: 0.01, mode: half up}}
  kept:
    carry: {{each: r, in: "rows[year <= the_year]", start: 0, next: "previous + r.paid * small", round: {{to: 1, mode: half even}}}}
  gathered: {{carry: {{each: k, in: 1..small, start: 1, next: previous + k, round: none, collect: true}}}}
{tables}
"""
HITS = ("first", "any", "rule order", "collect", "collect sum", "collect min", "collect max", "collect count")


def _made() -> str:
    plain = "".join(f"  e{number}: {{value: {_quote(text)}}}\n" for number, text in enumerate((*EXPRESSIONS, *DAYS_MADE)))
    rows = "".join(f"        - [{test}]\n" for test in ("'< 7', '-', 1", "'[7..20]', '> 500', money", "'> 15', '-', small", "'-', '-', 1"))
    tables = "".join(f"  t{number}:\n    decide:\n      hit: {hit}\n      inputs: [small, money]\n      rows:\n{rows}" for number, hit in enumerate(HITS) if hit != "any")
    best = "".join(f"  p{number}:\n    decide:\n      hit: {hit}\n      priorities: ['3', '1', '2']\n      inputs: [small]\n      rows:\n        - ['< 7', 1]\n        - ['> 5', 2]\n        - ['-', 3]\n" for number, hit in enumerate(("priority", "output order")))
    gaps = "".join(f"  u{number}:\n    decide:\n      hit: {hit}\n      inputs: ['at(with_gaps, the_year)']\n      rows:\n        - ['< 0', 5]\n        - ['-', 7]\n" for number, hit in enumerate(("first", "collect sum")))
    return HEAD + PARAMETERS + MADE.format(plain=plain.rstrip("\n"), tables=tables + best + gaps)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


AMENDED = HEAD.replace("title: {zh: 测试, en: Test}\n", "").replace("2000-01-01}", "2001-01-01}") + """\
amends: test.random@2000-01-01
definitions:
  guarded: {value: small * money, applies_when: 'claim >= date("2010-06-15") or small > 50'}
"""


@pytest.mark.parametrize("moves", ["money", "wide", "small", "around", "the_year", "months", "claim", "born", "begun"])
@pytest.mark.parametrize("assumptions", [{}, {"growth": Decimal("0.05"), "interest": Decimal("0.02")}], ids=["known", "assumed"])
def test_every_construct_within_bounds(tmp_path: Path, moves: str, assumptions: dict[str, Any]) -> None:
    rulebook, _, said = load(tmp_path, {"made.yaml": _made(), "amended.yaml": AMENDED})
    assert said == []
    engine, fact = Engine(rulebook), rulebook.facts.facts[moves]
    chance = random.Random(moves)
    step = limits(fact)[2]
    for unknown in (0.0, 0.6):
        for request in requests(rulebook, 11, unknown, assumptions, ()):
            probe = Probe(engine, request)
            for _ in range(CONSTRUCT_INTERVALS):
                first, last = interval(fact, chance)
                compare(engine, probe, fact, Enclosure(probe, moves).over(first * step, last * step), first, last, chance, {})
