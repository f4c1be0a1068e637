"""Arithmetic on bounds while what moves lies between two numbers. Every result holds all that can come of its operands.

Lower bounds are rounded down and upper ones up, so that what is left out is impossible for certain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Context, Decimal

from ..numbers import MAX_EXPONENT, MODES
from .values import (
    ANYTHING,
    DOWN,
    MOST_WORDS,
    ONE,
    UNKNOWN,
    UP,
    WIDE,
    ZERO,
    Among,
    Anything,
    Bound,
    Entries,
    Items,
    Span,
    is_unknown,
    perhaps_unknown,
    point,
    the_point,
)

_EXACT = Context(prec=400, Emax=999_999, Emin=-999_999, traps=[])
_HALF = frozenset({"half up", "half even", "half down"})
_ERROR: dict[str, tuple[Decimal, Decimal]] = {"floor": (-ONE, ZERO), "ceiling": (ZERO, ONE)}
_FEW_STEPS = 4
_QUARTER = Decimal("0.25")
# Beyond so many digits nothing is rounded: no rule means such a number.
_MOST_DIGITS = 300


class Frame:
    """What moves lies from `first` to `last`, both included."""

    __slots__ = ("first", "last")

    def __init__(self, first: Decimal, last: Decimal) -> None:
        self.first = first
        self.last = last

    def range(self, span: Span) -> tuple[Decimal, Decimal]:
        """The least and the greatest number a span can be."""
        slope = span.slope
        if not slope:
            return span.low, span.high
        least, most = (self.first, self.last) if slope > 0 else (self.last, self.first)
        return DOWN.add(DOWN.multiply(slope, least), span.low), UP.add(UP.multiply(slope, most), span.high)

    def flat(self, span: Span) -> Span:
        """The same numbers without a slope."""
        return span if not span.slope else Span(*self.range(span), ZERO, span.unknown)

    def lift(self, operands: Sequence[Bound], build: Callable[..., Bound]) -> Bound:
        """`build` of the operands' spans; unknown where an operand is."""
        spans: list[Span] = []
        unknown = False
        for operand in operands:
            if is_unknown(operand):
                return UNKNOWN
            span = operand if isinstance(operand, Span) else WIDE._replace(unknown=True)
            unknown = unknown or span.unknown
            spans.append(span)
        return perhaps_unknown(build(*spans), unknown)

    # -- sums and products --------------------------------------------------------------------

    def add(self, left: Span, right: Span) -> Span:
        low, high = DOWN.add(left.low, right.low), UP.add(left.high, right.high)
        if not left.slope and not right.slope:
            return Span(low, high)
        return self._sloped(low, high, DOWN.add(left.slope, right.slope), UP.add(left.slope, right.slope))

    def subtract(self, left: Span, right: Span) -> Span:
        return self.add(left, self.negate(right))

    def negate(self, span: Span) -> Span:
        return Span(-span.high if span.high else ZERO, -span.low if span.low else ZERO, span.slope.copy_negate())

    def multiply(self, left: Span, right: Span) -> Span:
        if right.low == right.high and not right.slope:
            return self._scaled(left, right.low, Context.multiply)
        if left.low == left.high and not left.slope:
            return self._scaled(right, left.low, Context.multiply)
        flat = self._of_ranges(left, right, Context.multiply)
        if flat.low.is_infinite() or flat.high.is_infinite():
            return flat
        curved = self._curved(left, right)
        # What a slope leaves open is what later sums have to carry; the chord costs it little.
        return curved if UP.subtract(curved.high, curved.low) < UP.subtract(flat.high, flat.low) else flat

    def divide(self, left: Span, right: Span) -> Bound:
        low, high = self.range(right)
        if low <= 0 <= high:
            return UNKNOWN if low == high else WIDE._replace(unknown=True)
        if low == high:
            return self._scaled(left, low, Context.divide)
        return self._of_ranges(left, right, Context.divide)

    def _curved(self, left: Span, right: Span) -> Span:
        """A product with its slope: x times x lies below the chord of its ends, by a quarter of their distance squared at most."""
        first, last = point(self.first), point(self.last)
        (a, around_left), (b, around_right) = _middle(left), _middle(right)
        by_left, by_right = point(left.slope), point(right.slope)
        square = self.multiply(by_left, by_right)
        distance = self.subtract(last, first)
        below = self.multiply(self.multiply(distance, distance), point(_QUARTER))
        slope = self.add(self.multiply(square, self.add(first, last)), self.add(self.multiply(by_left, b), self.multiply(by_right, a)))
        rest = self.subtract(self.multiply(a, b), self.multiply(square, self.multiply(first, last)))
        rest = self.subtract(rest, self.multiply(square, Span(ZERO, below.high)))
        rest = self.add(rest, self._of_ranges(around_left, right, Context.multiply))
        rest = self.add(rest, self._of_ranges(around_right, Span(a.low, a.high, left.slope), Context.multiply))
        return self._sloped(rest.low, rest.high, slope.low, slope.high)

    def _scaled(self, span: Span, factor: Decimal, operation: Callable[[Context, Decimal, Decimal], Decimal]) -> Span:
        if not factor:
            return point(ZERO)
        low, high = (span.low, span.high) if factor > 0 else (span.high, span.low)
        low, high = operation(DOWN, low, factor), operation(UP, high, factor)
        if not span.slope:
            return Span(low, high)
        return self._sloped(low, high, operation(DOWN, span.slope, factor), operation(UP, span.slope, factor))

    def _sloped(self, low: Decimal, high: Decimal, least: Decimal, most: Decimal) -> Span:
        """A span whose slope lies between two that are next to each other; what this leaves open is added to its bounds."""
        if least != most:
            wide = UP.subtract(most, least)
            low = DOWN.add(low, min(ZERO, DOWN.multiply(wide, self.first)))
            high = UP.add(high, max(ZERO, UP.multiply(wide, self.last)))
        return Span(low, high, least)

    def _of_ranges(self, left: Span, right: Span, operation: Callable[[Context, Decimal, Decimal], Decimal]) -> Span:
        a, b = self.range(left), self.range(right)
        if any(each.is_infinite() for each in (*a, *b)):
            return WIDE
        lows, highs = zip(*((operation(DOWN, one, other), operation(UP, one, other)) for one in a for other in b), strict=True)
        return Span(min(lows), max(highs))

    def power(self, base: Span, exponent: Span) -> Bound:
        whole = the_point(exponent)
        if whole is None or self.flat(base).low.is_infinite():
            return WIDE._replace(unknown=True)
        if whole != int(whole) or abs(whole) > MAX_EXPONENT:
            return UNKNOWN
        count = int(whole)
        if count < 0:
            return self.divide(point(ONE), self._raised(base, -count))
        return self._raised(base, count)

    def _raised(self, base: Span, count: int) -> Span:
        if count == 1:
            return base
        low, high = self.range(base)
        ends = [_raise(DOWN, low, count), _raise(UP, low, count), _raise(DOWN, high, count), _raise(UP, high, count)]
        least = ZERO if count % 2 == 0 and low < 0 < high else min(ends)
        return Span(least, max(ends))

    # -- roundings ----------------------------------------------------------------------------

    def rounded(self, span: Span, step: Decimal, mode: str) -> Span:
        """A multiple of `step`. Rounding keeps order, so the ends tell; over many steps the slope tells more."""
        low, high = self.range(span)
        if max(low.adjusted(), high.adjusted()) > _MOST_DIGITS:
            return WIDE
        if span.slope and _EXACT.subtract(high, low) > _FEW_STEPS * step:
            below, above = (-step / 2, step / 2) if mode in _HALF else tuple(each * step for each in _ERROR.get(mode, (-ONE, ONE)))
            return Span(DOWN.add(span.low, below), UP.add(span.high, above), span.slope)
        return Span(round_to(low, step, mode), round_to(high, step, mode))

    # -- order --------------------------------------------------------------------------------

    def signs(self, left: Span, right: Span) -> tuple[bool, bool, bool]:
        """Whether left may be less than, equal to, greater than right."""
        low, high = self.range(self.subtract(left, right))
        return low < 0, low <= 0 <= high, high > 0

    def extreme(self, items: Sequence[tuple[Span, bool]], *, greatest: bool) -> Span:
        """The least or greatest of numbers, at least one of them; those that are not there for certain may only add to what is possible."""
        best: Span | None = None
        chosen = [(self.negate(span), certain) for span, certain in items] if greatest else items
        for span in (span for span, certain in chosen if certain):
            best = span if best is None else self._lesser(best, span)
        sure = best is not None
        for span in (span for span, certain in chosen if not certain):
            best = span if best is None else self.hull(best, self._lesser(best, span) if sure else span)
        assert best is not None
        return self.negate(best) if greatest else best._replace(unknown=False)

    def _lesser(self, left: Span, right: Span) -> Span:
        less, _, greater = self.signs(left, right)
        if not greater:
            return left
        if not less:
            return right
        a, b = self.range(left), self.range(right)
        return Span(min(a[0], b[0]), min(a[1], b[1]))

    def hull(self, left: Span, right: Span) -> Span:
        unknown = left.unknown or right.unknown
        if left.slope == right.slope:
            return Span(min(left.low, right.low), max(left.high, right.high), left.slope, unknown)
        a, b = self.range(left), self.range(right)
        return Span(min(a[0], b[0]), max(a[1], b[1]), ZERO, unknown)

    # -- either of two ------------------------------------------------------------------------

    def either(self, left: Bound | None, right: Bound) -> Bound:
        """What is one or the other; None is no value yet."""
        if left is None or left is right:
            return right
        if isinstance(left, Anything) or isinstance(right, Anything):
            return ANYTHING
        if is_unknown(left):
            return perhaps_unknown(right)
        if is_unknown(right):
            return perhaps_unknown(left)
        if isinstance(left, Span) and isinstance(right, Span):
            return self.hull(left, right)
        if isinstance(left, Among) and isinstance(right, Among):
            found = left.values | right.values
            return Among(found) if len(found) <= MOST_WORDS else ANYTHING
        if isinstance(left, Items) and isinstance(right, Items) and len(left.items) == len(right.items):
            pairs = zip(left.items, right.items, strict=True)
            return Items(tuple((self.either(a, b), sure and also) for (a, sure), (b, also) in pairs), left.unknown or right.unknown)
        if isinstance(left, Entries) and isinstance(right, Entries):
            names = dict.fromkeys((*left.values, *right.values))
            return Entries({name: self.either(left.values.get(name, UNKNOWN), right.values.get(name, UNKNOWN)) for name in names}, left.unknown or right.unknown)
        return ANYTHING


def _middle(span: Span) -> tuple[Span, Span]:
    """A number in the middle of a span's rest, and how far the rest lies from it."""
    middle = UP.multiply(UP.add(span.low, span.high), Decimal("0.5"))
    return point(middle), Span(DOWN.subtract(span.low, middle), UP.subtract(span.high, middle))


def round_to(value: Decimal, step: Decimal, mode: str) -> Decimal:
    """A number to a multiple of a step, exactly."""
    if value.is_infinite():
        return value
    return _EXACT.multiply(_EXACT.divide(value, step).quantize(ONE, MODES[mode], _EXACT), step)


def _raise(context: Context, value: Decimal, count: int) -> Decimal:
    """A power, rounded towards where the context rounds."""
    if value < 0:
        other = UP if context is DOWN else DOWN
        return _raise(context, -value, count) if count % 2 == 0 else -_raise(other, -value, count)
    result = ONE
    while count:
        if count & 1:
            result = context.multiply(result, value)
        value = context.multiply(value, value)
        count >>= 1
    return result
