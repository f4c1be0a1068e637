"""What may be changed: a fact, or a definition whose figure is stated, with the values it may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, Literal

from app.engine import InputError, InputFault, Probe, find_rule
from app.language import Definition, Fact, FactDictionary, Title, Type, YearMonth
from app.language.facts import DEFAULT_LIMIT
from app.language.types import DateType, MonthType, NumberType

from .what_if_search import Line

Kind = Literal["number", "day", "month", "choice"]
MOST_ALLOWED = 60
MOST_INSTEAD = 5
# The largest figure of a definition that can be meant, by what it counts; a definition states no bounds of its own.
_LARGEST = {"month": 1200, "year": 150, "day": 40_000, "person": 100, "point": 1000}
_COUNTS = frozenset(_LARGEST)


@dataclass(frozen=True, slots=True)
class Lever:
    """One thing that may be changed. `definition` is its number, None for a fact; `step` is the smallest change of a number.

    `first` and `last` are steps: a number in its smallest steps, a day's ordinal, a month's number. `choices` are the others of a choice.
    """

    name: str
    title: Title
    kind: Kind
    changes: str
    now: Any
    definition: int | None
    unit: str | None
    step: Decimal
    first: int
    last: int
    choices: tuple[Any, ...]
    words: tuple[tuple[str, Title], ...]

    @property
    def moves(self) -> str | int:
        """What an enclosure moves: the fact's name, or the definition's number."""
        return self.name if self.definition is None else self.definition

    def value(self, step: int) -> Any:
        """The value at a step."""
        if self.kind == "day":
            return date.fromordinal(step)
        return YearMonth(step) if self.kind == "month" else step * self.step

    def position(self, value: Any) -> Fraction:
        """Where a value lies, in steps."""
        return Fraction(value.toordinal()) if isinstance(value, date) else Fraction(value) / Fraction(self.step)

    def line(self, as_of: date) -> Line:
        """The steps and where the case stands; what is not known yet is sought from nothing, or from the day of the question."""
        if self.now is not None:
            return Line(self.first, self.last, self.position(self.now))
        start = as_of.toordinal() if self.kind == "day" else int(YearMonth.of(as_of)) if self.kind == "month" else 0
        return Line(self.first, self.last, Fraction(min(max(start, self.first), self.last)), stated=False)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something asked for that cannot be tried, and why; `instead` are figures made of it that can be."""

    name: str
    title: Title
    reason: Literal["list", "record", "region", "no_effect", "kind"]
    instead: tuple[str, ...] = ()


def choose(probe: Probe, facts: FactDictionary, allowed: tuple[str, ...] | None, roots: tuple[int, ...]) -> tuple[list[Lever], list[LeftOut]]:
    """What to try: what is allowed, or else whatever the goal rests on and a person can change. Raises InputError on an unknown name."""
    below = _below(probe, roots)
    resting = frozenset().union(*(probe.dependencies.facts_of(number) for number in roots))
    if allowed is None:
        names = [name for name, fact in facts.facts.items() if name in resting and fact.changes == "can"]
        numbers = [number for number in sorted(below) if probe.program.definitions[number].changes == "can"]
    else:
        names, numbers = _named(probe, facts, allowed)
    levers: list[Lever] = []
    left_out: list[LeftOut] = []
    for fact in (facts.facts[name] for name in names):
        reason = _why_not(fact, resting)
        if reason is None:
            levers.append(_of_fact(fact, probe.request.facts.get(fact.name)))
        else:
            left_out.append(LeftOut(fact.name, fact.title, reason, _instead(probe, fact.name, below) if reason == "list" else ()))
    for number in numbers:
        definition = probe.program.definitions[number]
        if number not in below:
            left_out.append(LeftOut(str(definition.name), definition.title, "no_effect"))
        elif not isinstance(definition.type, NumberType | DateType | MonthType):
            left_out.append(LeftOut(str(definition.name), definition.title, "kind"))
        else:
            levers.append(_of_definition(probe, number, definition))
    return levers, left_out


def _named(probe: Probe, facts: FactDictionary, allowed: tuple[str, ...]) -> tuple[list[str], list[int]]:
    names: list[str] = []
    numbers: list[int] = []
    faults: list[InputFault] = []
    for index, text in enumerate(allowed):
        rule = None if text in facts.facts else find_rule(text, probe.program, probe.request.schemes)
        if text in facts.facts:
            names.append(text)
        elif rule is not None and rule in probe.program.number_of:
            numbers.append(probe.program.number_of[rule])
        else:
            zh, en = f"没有名为 '{text}' 的事实，所问险种此时此地也没有这一规则。", f"there is no fact '{text}', and the schemes asked for have no such definition here and now."
            faults.append(InputFault(f"/allowed/{index}", "unknown_name", zh, en))
    if faults:
        raise InputError(faults)
    return names, list(dict.fromkeys(numbers))


def _below(probe: Probe, roots: tuple[int, ...]) -> set[int]:
    """The definitions that some are computed from, these themselves among them."""
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting.extend(probe.dependencies.used(number))
    return found


def _why_not(fact: Fact, resting: frozenset[str]) -> Literal["list", "record", "region", "no_effect"] | None:
    if fact.kind in ("list", "record", "region"):
        return fact.kind
    return None if fact.name in resting else "no_effect"


def _instead(probe: Probe, name: str, below: set[int]) -> tuple[str, ...]:
    """Figures made of a list that may be stated instead: those a person can change, else those shown, else those made of it directly."""
    able, shown, direct = [], [], []
    for number in sorted(below):
        definition, unit = probe.program.definitions[number], probe.program.units[number]
        plain = definition.kind == "definition" and isinstance(definition.type, NumberType | DateType | MonthType)
        if not plain or unit is None or name not in probe.dependencies.facts_of(number):
            continue
        if definition.changes == "can":
            able.append(str(definition.name))
        elif definition.output:
            shown.append(str(definition.name))
        elif any(name in uses.facts for uses in unit.uses):
            direct.append(str(definition.name))
    return tuple(able or shown or direct)[:MOST_INSTEAD]


def _of_fact(fact: Fact, now: Any) -> Lever:
    step = Decimal(1)
    first = last = 0
    choices: tuple[Any, ...] = ()
    kind: Kind = "choice"
    if fact.kind in ("date", "month"):
        early, late = fact.earliest or date.min, fact.latest or date.max
        kind = "day" if fact.kind == "date" else "month"
        first, last = (early.toordinal(), late.toordinal()) if kind == "day" else (int(YearMonth.of(early)), int(YearMonth.of(late)))
    elif fact.kind in ("whole", "number"):
        kind, step = "number", Decimal(1).scaleb(-fact.decimals)
        low = -DEFAULT_LIMIT if fact.at_least is None else fact.at_least
        high = DEFAULT_LIMIT if fact.at_most is None else fact.at_most
        first, last = ceil(Fraction(low) / Fraction(step)), floor(Fraction(high) / Fraction(step))
    else:
        every = (True, False) if fact.kind == "boolean" else tuple(code for code, _ in fact.values)
        choices = tuple(each for each in every if each != now)
    return Lever(fact.name, fact.title, kind, fact.changes, now, None, None if fact.unit is None else str(fact.unit), step, first, last, choices, fact.values)


def _of_definition(probe: Probe, number: int, definition: Definition) -> Lever:
    """A definition that is stated: in steps of its own rounding, else of what it counts in."""
    now = probe.value(number)
    if isinstance(now, Fraction):
        now = Decimal(now.numerator) / Decimal(now.denominator)
    kind, unit = _kind_and_unit(definition.type)
    step, first, last = Decimal(1), 0, 0
    if kind == "day":
        first, last = date.min.toordinal(), date.max.toordinal()
    elif kind == "month":
        first, last = int(YearMonth.of(date.min)), int(YearMonth.of(date.max))
    else:
        step = _step(definition, unit)
        last = int(Decimal(_LARGEST.get(unit or "", 10**9)) / step)
        first = 0 if now is None or now >= 0 else -last
    changes = definition.changes or "past"
    return Lever(str(definition.name), definition.title, kind, changes, now, number, unit, step, first, last, (), ())


def _kind_and_unit(kind: Type) -> tuple[Kind, str | None]:
    if isinstance(kind, NumberType):
        return "number", None if kind.unit is None else str(kind.unit)
    return ("day" if isinstance(kind, DateType) else "month"), None


def _step(definition: Definition, unit: str | None) -> Decimal:
    rounding = definition.versions[0].rounding
    if rounding is not None:
        return rounding.step
    if unit in _COUNTS:
        return Decimal(1)
    return Decimal("0.01") if unit is not None and unit.startswith("CNY") else Decimal("0.0001")
