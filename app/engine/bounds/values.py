"""What is known of a value while one number of the case may lie anywhere between two: the bounds of a value.

A bound holds every value that the exact engine can come to, and may hold more. Named tuples, because a look at one
interval makes thousands of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from ..numbers import MARGIN

PRECISION = 60
DOWN = Context(prec=PRECISION, rounding=ROUND_FLOOR, Emax=999_999, Emin=-999_999, traps=[])
UP = Context(prec=PRECISION, rounding=ROUND_CEILING, Emax=999_999, Emin=-999_999, traps=[])
ZERO, ONE = Decimal(0), Decimal(1)
INFINITY = Decimal("Infinity")
# Texts of which more are possible than these are any text.
MOST_WORDS = 64
_LONG = 40


class Span(NamedTuple):
    """A number, day (its ordinal), month or length of time: `slope` times what moves, plus something from `low` to `high`.

    The slope keeps what is taken away again from counting twice: in `x - min(x, cap)` both parts move together.
    """

    low: Decimal
    high: Decimal
    slope: Decimal = ZERO
    unknown: bool = False


class Among(NamedTuple):
    """One of a few truths or texts; None among them is an unknown value."""

    values: frozenset[bool | str | None]


class Items(NamedTuple):
    """A list: its items in order, each with whether it is there for certain."""

    items: tuple[tuple[Bound, bool], ...]
    unknown: bool = False


class Entries(NamedTuple):
    """A record."""

    values: Mapping[str, Bound]
    unknown: bool = False


class Anything(NamedTuple):
    """No bound at all: any value, or none."""


Bound = Span | Among | Items | Entries | Anything

ANYTHING = Anything()
UNKNOWN = Among(frozenset({None}))
TRUE, FALSE = Among(frozenset({True})), Among(frozenset({False}))
WIDE = Span(-INFINITY, INFINITY)
ANY_TRUTH = frozenset({True, False, None})


def exactly(value: Any) -> Bound:
    """The bound of a value as the exact engine has it; decimals that may carry an error get room for it."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool | str):
        return Among(frozenset({value}))
    if isinstance(value, date):
        return point(Decimal(value.toordinal()))
    if isinstance(value, Decimal):
        if len(value.as_tuple().digits) < _LONG:
            return point(value)
        return Span(DOWN.subtract(value, MARGIN), UP.add(value, MARGIN))
    if isinstance(value, int):  # a month or a length of time
        return point(Decimal(int(value)))
    if isinstance(value, Fraction):
        above, below = Decimal(value.numerator), Decimal(value.denominator)
        return Span(DOWN.divide(above, below), UP.divide(above, below))
    if isinstance(value, Mapping):
        return Entries({name: exactly(each) for name, each in value.items()})
    return Items(tuple((exactly(each), True) for each in value))


def point(value: Decimal) -> Span:
    return Span(value, value)


def the_point(bound: Bound) -> Decimal | None:
    """The one number that a bound leaves; None where there are several, or it may be unknown."""
    if isinstance(bound, Span) and not bound.slope and bound.low == bound.high and not bound.unknown:
        return bound.low
    return None


def may_be_unknown(bound: Bound) -> bool:
    if isinstance(bound, Anything):
        return True
    return None in bound.values if isinstance(bound, Among) else bound.unknown


def is_unknown(bound: Bound) -> bool:
    """Whether a value is unknown for certain."""
    return isinstance(bound, Among) and bound.values == UNKNOWN.values


def known(bound: Bound) -> Bound:
    """What is left of a bound where the value is known."""
    if isinstance(bound, Anything):
        return bound
    return Among(bound.values - UNKNOWN.values) if isinstance(bound, Among) else bound._replace(unknown=False)


def perhaps_unknown(bound: Bound, unknown: bool = True) -> Bound:
    """A bound that the value may be unknown as well."""
    if not unknown or isinstance(bound, Anything):
        return bound
    return Among(bound.values | UNKNOWN.values) if isinstance(bound, Among) else bound._replace(unknown=True)


def truths(bound: Bound) -> frozenset[bool | str | None]:
    """The truths that a condition may have: true, false, unknown (None)."""
    return bound.values if isinstance(bound, Among) else ANY_TRUTH


def words(bound: Bound) -> frozenset[bool | str | None] | None:
    """The texts that a value may be, without 'unknown'; None where it may be any."""
    return bound.values - UNKNOWN.values if isinstance(bound, Among) else None
