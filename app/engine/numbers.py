"""The two arithmetics a rule is computed with, and the numbers they give.

`CERTIFIED` works in decimals of 200 digits and knows when it was exact (the decimal context's Inexact
flag). Wherever a number decides something (a rounding, a comparison, a floor) after an inexact operation,
it checks that the number stands clear of the boundary by more than any possible error; where it does
not, it raises `Undecided` and the case is computed again in `RATIONAL`, whose fractions are exact.
docs/decisions/0003-exact-arithmetic.md has the error bound.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    getcontext,
    localcontext,
)
from fractions import Fraction
from functools import cache
from typing import Any, Protocol

Number = Decimal | Fraction

PRECISION = 200
MARGIN = Decimal("1e-24")
SMALLEST_DIVISOR = Decimal("1e-9")
MAX_EXPONENT = 1000

# Emax makes libmpdec itself refuse intermediate results of 1e26 and more, which the error bound relies on.
_WORKING = Context(prec=PRECISION, Emax=25, Emin=-999_999, traps=[InvalidOperation, DivisionByZero, Overflow])
# Roundings run in a context of their own, so that the digits they drop on purpose do not count as errors.
_ROUNDING = Context(prec=400, Emax=999_999, Emin=-999_999, traps=[InvalidOperation])

MODES = {
    "half up": ROUND_HALF_UP,
    "half even": ROUND_HALF_EVEN,
    "half down": ROUND_HALF_DOWN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}
_HALF = frozenset({"half up", "half even", "half down"})
_ONE = Decimal(1)
_LONG_TEXT = 40
_SHOWN_DECIMALS = 12
_LAST_SHOWN = Decimal(1).scaleb(-_SHOWN_DECIMALS)
_DISPLAY = Context(prec=80, Emax=999_999, Emin=-999_999, traps=[InvalidOperation])
_BOUNDLESS = Context(prec=100_000, Emax=999_999, Emin=-999_999, traps=[InvalidOperation])
_LONG_ZERO = Decimal("0E-60")


class Undecided(Exception):
    """A decision fell within the error of the decimals; the case has to be computed in fractions."""


class Arithmetic(Protocol):
    """What generated code needs of numbers; each arithmetic is given the numbers it made itself."""

    name: str

    def number(self, value: Decimal) -> Any: ...
    def context(self) -> AbstractContextManager[object]: ...
    def divide(self, left: Any, right: Any) -> Any: ...
    def power(self, base: Any, exponent: Any) -> Any: ...
    def round_to(self, value: Any, step: Decimal, mode: str) -> Any: ...
    def compare(self, left: Any, right: Any) -> int: ...
    def settled(self, value: Any) -> Any: ...


class CertifiedDecimals:
    """Decimals of 200 digits that refuse to decide what their error could change."""

    name = "decimal"

    def number(self, value: Decimal) -> Decimal:
        return value

    def context(self) -> AbstractContextManager[object]:
        working = _WORKING.copy()
        working.clear_flags()
        return localcontext(working)

    def divide(self, left: Decimal, right: Decimal) -> Decimal | None:
        """Return left / right, None for a zero divisor. Raises Undecided where the divisor is as small as its error."""
        if -SMALLEST_DIVISOR < right < SMALLEST_DIVISOR:
            if getcontext().flags[Inexact] and not _is_short(right):
                raise Undecided
            if not right:
                return None
        result = left / right
        if getcontext().flags[Inexact] and not (_is_short(left) and _is_short(right)):
            result += _LONG_ZERO
        return result

    def power(self, base: Decimal, exponent: Decimal) -> Decimal | None:
        whole = int(self.settled(exponent))
        if whole != exponent or abs(whole) > MAX_EXPONENT or (not base and whole < 0):
            return None
        if not whole:
            return _ONE
        return base**whole if whole > 0 else self.divide(_ONE, base**-whole)

    def round_to(self, value: Decimal, step: Decimal, mode: str) -> Decimal:
        """Return the multiple of step (1, 2 or 5 of a decimal place) that mode chooses. Raises Undecided."""
        quantum = _quantum(step)
        scaled, unit = (value, quantum) if quantum is not None else (_ROUNDING.divide(value, step), _ONE)
        rounded = scaled.quantize(unit, MODES[mode], _ROUNDING)
        if getcontext().flags[Inexact]:
            distance = abs(_ROUNDING.subtract(scaled, rounded))
            to_boundary = abs(_ROUNDING.subtract(distance, unit / 2)) if mode in _HALF else min(distance, unit - distance)
            if to_boundary <= MARGIN and not _is_short(value):
                raise Undecided
        return rounded if quantum is not None else _ROUNDING.multiply(rounded, step)

    def compare(self, left: Decimal, right: Decimal) -> int:
        """Return -1, 0 or 1. Raises Undecided where the difference is as small as its error."""
        if getcontext().flags[Inexact] and abs(_ROUNDING.subtract(left, right)) <= MARGIN and not (_is_short(left) and _is_short(right)):
            raise Undecided
        return -1 if left < right else (1 if left > right else 0)

    def settled(self, value: Decimal) -> Decimal:
        """Return a number that is about to be a key, a position or an exponent. Raises Undecided if it may carry an error."""
        if getcontext().flags[Inexact] and not _is_short(value):
            raise Undecided
        return value


@cache
def _quantum(step: Decimal) -> Decimal | None:
    """A power of ten written as a single digit, as `quantize` needs it (100 is 1E+2); None for any other step."""
    shortest = step.normalize(_ROUNDING)
    return shortest if shortest.as_tuple().digits == (1,) else None


def _is_short(value: Decimal) -> bool:
    """Whether a number cannot carry an error: what comes of an inexact operation is long.

    Such a number ends at least 174 decimals out (200 digits, below 1e26), so it has many digits unless leading
    ones cancelled, and then it is so small that it is written with an exponent. Only a division of two inexact
    numbers could come out short by accident; `divide` lengthens its result.
    """
    text = str(value)
    return len(text) < _LONG_TEXT and "E" not in text


class Rounded(Fraction):
    """A fraction as rounded to a step, which is how it is shown; what is computed from it is a plain fraction again."""

    __slots__ = ("step",)
    step: Decimal

    def __new__(cls, value: Fraction, step: Decimal) -> Rounded:
        made = super().__new__(cls, value)
        made.step = step
        return made


class Rationals:
    """Exact fractions: slower, never undecided."""

    name = "rational"

    def number(self, value: Decimal) -> Fraction:
        return Fraction(value)

    def context(self) -> AbstractContextManager[object]:
        return localcontext()

    def divide(self, left: Fraction, right: Fraction) -> Fraction | None:
        return left / right if right else None

    def power(self, base: Fraction, exponent: Fraction) -> Fraction | None:
        whole = int(exponent)
        if whole != exponent or abs(whole) > MAX_EXPONENT or (not base and whole < 0):
            return None
        return Fraction(base**whole)

    def round_to(self, value: Fraction, step: Decimal, mode: str) -> Fraction:
        unit = Fraction(step)
        scaled = value / unit
        return Rounded(_round_fraction(scaled, mode) * unit, step)

    def compare(self, left: Fraction, right: Fraction) -> int:
        return -1 if left < right else (1 if left > right else 0)

    def settled(self, value: Fraction) -> Fraction:
        return value


def _round_fraction(value: Fraction, mode: str) -> int:
    below = value.numerator // value.denominator
    rest = value - below
    if not rest:
        return below
    away, toward = (below + 1, below) if value > 0 else (below, below + 1)
    choices: dict[str, Callable[[], int]] = {
        "floor": lambda: below,
        "ceiling": lambda: below + 1,
        "down": lambda: toward,
        "up": lambda: away,
    }
    if mode in choices:
        return choices[mode]()
    half = Fraction(1, 2)
    if rest != half:
        return below + 1 if rest > half else below
    if mode == "half even":
        return below if below % 2 == 0 else below + 1
    return away if mode == "half up" else toward


def written(value: Fraction, step: Decimal) -> Decimal:
    """A fraction that is a multiple of a rounding step, as the decimal it is, however large."""
    return _BOUNDLESS.divide(Decimal(value.numerator), Decimal(value.denominator)).quantize(step, context=_BOUNDLESS)


CERTIFIED = CertifiedDecimals()
RATIONAL = Rationals()


def show(value: Number) -> str:
    """A number as written for people and JSON: no exponent, at most 12 decimals, no zeros beyond what it was rounded to."""
    if not isinstance(value, Decimal):  # asked first: Fraction is an abstract class's child, whose check is slow
        if isinstance(value, Rounded):
            return show(written(value, value.step))
        return _cut(_DISPLAY.divide(Decimal(value.numerator), Decimal(value.denominator)))
    text = str(value)
    if "E" in text or not value:
        text = format(value if value else abs(value), "f")
    point = text.find(".")
    return text if point < 0 or len(text) - point <= _SHOWN_DECIMALS + 1 else _cut(value)


def _cut(value: Decimal) -> str:
    if int(value.as_tuple().exponent) >= 0:
        return format(value, "f")
    text = format(value.quantize(_LAST_SHOWN, ROUND_HALF_EVEN, _ROUNDING), "f")
    return text.rstrip("0").rstrip(".")
