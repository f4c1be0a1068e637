"""A value as one of two evaluations has it: known, unknown, not due, not computed, of a rule that is not there, or several rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from app.language import YearMonth

from .case import UNSET
from .numbers import show

State = Literal["known", "unknown", "not_due", "not_computed", "absent", "several"]
# Two numbers nearer to each other than this are one number, computed in another order.
_NEAR = Fraction(1, 10**24)


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is None unless the state is known."""

    state: State
    value: Any = None


UNKNOWN, NOT_DUE, NOT_COMPUTED = Figure("unknown"), Figure("not_due"), Figure("not_computed")
ABSENT, SEVERAL = Figure("absent"), Figure("several")
# What is not paid is nothing.
_NOTHING = frozenset({"not_due", "absent"})


def figure_of(value: Any) -> Figure:
    """A value as a case keeps it."""
    if value is UNSET:
        return NOT_COMPUTED
    return UNKNOWN if value is None else Figure("known", value)


def same(left: Figure, right: Figure) -> bool:
    """Whether two figures are the same, in whichever arithmetic each was computed."""
    return left.state == right.state and same_value(left.value, right.value)


def same_value(left: Any, right: Any) -> bool:
    if isinstance(left, Decimal | Fraction) and isinstance(right, Decimal | Fraction):
        return left == right or abs(Fraction(left) - Fraction(right)) < _NEAR
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same_value, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return all(same_value(left.get(name), right.get(name)) for name in {**left, **right})
    return bool(left == right)


def amount(figure: Figure) -> Decimal | None:
    """A figure as a number that can be subtracted: a number as shown, a month or a day by its place in time.

    An amount that is not due, or that no rule knows, is nothing; None where it is unknown, or no number.
    """
    value = figure.value
    if figure.state in _NOTHING:
        return Decimal(0)
    if isinstance(value, Decimal | Fraction):
        return Decimal(show(value))
    if isinstance(value, YearMonth):
        return Decimal(int(value))
    return Decimal(value.toordinal()) if isinstance(value, date) else None


def difference(before: Figure, after: Figure) -> Decimal | None:
    """After minus before: a number in its unit, months between months, days between dates; None where there is no telling."""
    numbers = [amount(each) for each in (before, after)]
    if None in numbers or _no_number(before, after) or _no_number(after, before):
        return None
    return (numbers[1] or Decimal(0)) - (numbers[0] or Decimal(0))


def _no_number(figure: Figure, other: Figure) -> bool:
    """A month or a day that one side does not have is no distance in time."""
    return figure.state in _NOTHING and (isinstance(other.value, date | YearMonth) or other.state in _NOTHING)
