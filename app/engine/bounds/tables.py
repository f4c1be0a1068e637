"""Figures within bounds: every row that a key within its bounds may read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal, localcontext
from typing import Any

from app.language import Parameter, YearMonth
from app.language.types import DateType, MonthType, StringType

from ..case import Case, TooLong
from ..numbers import RATIONAL
from ..tables import Table
from .calendar import days, months
from .frame import Frame
from .values import ANYTHING, UNKNOWN, ZERO, Bound, Span, exactly, is_unknown, may_be_unknown, perhaps_unknown, point, words

# So many rows, or years beyond the last, are read one by one.
MOST_ROWS = 500


class Figures:
    """The parameters of a program as one case reads them: with what was given and assumed."""

    def __init__(self, parameters: list[Parameter], case: Case, space: dict[str, Any]) -> None:
        self._parameters = parameters
        self._case = case
        self._space = space
        self._tables: dict[int, Table] = {}
        self._found: dict[tuple[int, Any], Bound] = {}

    def single(self, number: int) -> Bound:
        return self._kept(number, None, keyed=False)

    def at(self, frame: Frame, number: int, key: Bound) -> Bound:
        """What may be read by a key."""
        if is_unknown(key):
            return UNKNOWN
        parameter = self._parameters[number]
        if isinstance(parameter.key_type, StringType):
            return self._by_word(frame, number, key)
        if not isinstance(key, Span):
            return ANYTHING
        low, high = frame.range(key)
        if low == high:
            found = self._kept(number, _key(frame, parameter, key, low), keyed=True)
            return perhaps_unknown(found, key.unknown)
        return self._between(frame, parameter, number, key)

    def _by_word(self, frame: Frame, number: int, key: Bound) -> Bound:
        texts = words(key)
        result: Bound | None = None
        for text in [row.key for row in self._parameters[number].rows] if texts is None else sorted(map(str, texts)):
            result = frame.either(result, self._kept(number, text, keyed=True))
        if texts is None:
            given = self._case.given_parameters.get(number)
            for value in () if given is None else given.values():
                result = frame.either(result, exactly(value))
            return perhaps_unknown(UNKNOWN if result is None else result)
        return perhaps_unknown(UNKNOWN if result is None else result, may_be_unknown(key))

    def _between(self, frame: Frame, parameter: Parameter, number: int, key: Span) -> Bound:
        """The rows of a stretch of keys, those beyond the last under an assumption too."""
        ends = _ends(frame, parameter, key)
        low, high = ends
        keys: list[Any] = [row.key for row in parameter.rows]
        first = bisect_left(keys, low) if parameter.match == "exact" else max(0, bisect_right(keys, low) - 1)
        last = bisect_right(keys, high)
        if last - first > MOST_ROWS:
            return ANYTHING
        result: Bound | None = None
        for each in keys[first:last]:
            result = frame.either(result, self._kept(number, each, keyed=True))
        given = self._case.given_parameters.get(number)
        for value in () if given is None else given.values():
            result = frame.either(result, exactly(value))
        beyond = self._beyond(frame, parameter, number, keys, ends)
        if beyond is not None:
            result = frame.either(result, beyond)
        covered = parameter.match != "exact" and bool(keys) and keys[0] <= low
        return perhaps_unknown(UNKNOWN if result is None else result, not covered or key.unknown)

    def _beyond(self, frame: Frame, parameter: Parameter, number: int, keys: list[Any], ends: tuple[Any, Any]) -> Bound | None:
        if parameter.extend is None or not keys or ends[1] <= keys[-1] or parameter.match != "exact":
            return None
        if not isinstance(ends[1], Decimal | YearMonth) or int(ends[1]) - int(keys[-1]) > MOST_ROWS:
            return ANYTHING
        result: Bound | None = None
        start = max(int(keys[-1]) + 1, int(ends[0]))
        for each in range(start, int(ends[1]) + 1):
            made = YearMonth(each) if isinstance(ends[1], YearMonth) else Decimal(each)
            result = frame.either(result, self._kept(number, made, keyed=True))
        if parameter.extend.how == "set":  # for a key between two whole ones as well
            rate = self._case.assumptions.get(parameter.extend.assumption)
            result = result if rate is None else frame.either(result, exactly(rate))
        return result

    def _kept(self, number: int, key: Any, *, keyed: bool) -> Bound:
        """One reading, exactly as the exact engine reads it, in fractions."""
        if (number, key) not in self._found:
            try:
                with localcontext(), RATIONAL.context():
                    exact = RATIONAL.number(key) if isinstance(key, Decimal) else key
                    value = self._space["lookup"](self._case, number, exact) if keyed else self._space["single"](self._case, number)
            except TooLong:
                return ANYTHING
            self._found[number, key] = exactly(value)
        return self._found[number, key]

    def progressive(self, frame: Frame, number: int, amount: Span) -> Bound:
        """The amount charged band by band. Within one band the charge moves with the amount; else its turning points tell."""
        bands = self._parameters[number].bands
        if not bands:
            return UNKNOWN
        low, high = frame.range(amount)
        if low.is_infinite() or high.is_infinite():
            return ANYTHING
        crossed = [band.above for band in bands if low < band.above < high]
        if not crossed:
            charge, within = self._charge(frame, number, low)
            return frame.add(charge, frame.multiply(frame.subtract(amount, point(low)), point(within)))
        charges = [self._charge(frame, number, each)[0] for each in (low, *crossed, high)]
        return Span(min(each.low for each in charges), max(each.high for each in charges))

    def _charge(self, frame: Frame, number: int, amount: Decimal) -> tuple[Span, Decimal]:
        """The charge of one amount, and the rate of what is added to it."""
        charge, rate = point(ZERO), ZERO
        bands = self._parameters[number].bands
        for index, band in enumerate(bands):
            if amount < band.above:
                break
            rate = band.rate
            top = bands[index + 1].above if index + 1 < len(bands) else amount
            charge = frame.add(charge, frame.multiply(frame.subtract(point(min(top, amount)), point(band.above)), point(band.rate)))
        return charge, rate


def _key(frame: Frame, parameter: Parameter, key: Span, value: Decimal) -> Any:
    if isinstance(parameter.key_type, DateType):
        return days(frame, key)[0]
    return months(frame, key)[0] if isinstance(parameter.key_type, MonthType) else value


def _ends(frame: Frame, parameter: Parameter, key: Span) -> tuple[Any, Any]:
    if isinstance(parameter.key_type, DateType):
        return days(frame, key)
    return months(frame, key) if isinstance(parameter.key_type, MonthType) else frame.range(key)

