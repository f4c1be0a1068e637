"""Answers that stand for all that may be given to a question: every choice of a few, else usual ones and ones at an edge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError

from app.engine.request import FactValue
from app.intake import fact_reader
from app.intake.json_schema import example_of
from app.language import Fact

FEW = 8
# Years before the day of the question: of people at work, about to retire, and very old; and the day itself.
_YEARS_BEFORE = (30, 60, 85, 0)
_BURDEN = {"enum": 1.0, "boolean": 1.0, "region": 1.0, "list": 4.0, "record": 2.0}
_OTHER_BURDEN = 1.25


def burden(fact: Fact) -> float:
    """What it costs a person to answer, a choice among few being 1."""
    return 1.0 if is_few(fact) else _BURDEN.get(fact.kind, _OTHER_BURDEN)


def is_few(fact: Fact) -> bool:
    """Whether the answers are so few that each can be tried."""
    if fact.kind == "whole" and fact.at_least is not None and fact.at_most is not None:
        return fact.at_most - fact.at_least < FEW
    return fact.kind in ("enum", "boolean")


def likely_answers(fact: Fact, day: date) -> tuple[FactValue, ...]:
    """Answers to try: all of a few, the usual one first of the others; `day` is the day of the question."""
    return _likely(_Held(fact), day)


class _Held:
    """A fact as a key of a cache: it is one of the dictionary's, of which there is one object each."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact

    def __hash__(self) -> int:
        return id(self.fact)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.fact is self.fact


@lru_cache(maxsize=2_048)
def _likely(held: _Held, day: date) -> tuple[FactValue, ...]:
    read = fact_reader(held.fact)
    found: list[FactValue] = []
    for text in _texts(held.fact, day):
        try:
            value = read(text)
        except ValidationError:  # beyond the fact's own bounds
            continue
        if value not in found:
            found.append(value)
    return tuple(found)


def _texts(fact: Fact, day: date) -> Iterator[Any]:
    """Answers as a client would send them."""
    example = example_of(fact)
    if fact.kind == "enum":
        yield from (code for code, _ in fact.values)
    elif fact.kind == "boolean":
        yield from (True, False)
    elif is_few(fact):
        yield from range(int(fact.at_least or 0), int(fact.at_most or 0) + 1)
    else:
        if example is not None:
            yield example
        if fact.kind in ("date", "month"):
            length = 10 if fact.kind == "date" else 7
            yield from (date(day.year - years, day.month, 1).isoformat()[:length] for years in _YEARS_BEFORE if day.year > years)
        elif fact.kind in ("whole", "number"):
            least = fact.at_least or Decimal(0)
            yield str(least)
            yield from (str(Decimal(str(example)) * 4),) if example is not None else (str(least + 1), str(least + 100))
        elif fact.kind == "list":
            yield []
