"""Parameters ready to be read: rows by key, and how a series goes on under an assumption."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from app.language import Parameter, Standing
from app.language.types import NumberType

from .case import MAX_SEQUENCE, Case, Reading, TooLong
from .numbers import RATIONAL, Arithmetic

# Of how many rates of growth the years are kept.
MAX_RATES = 16


class Table:
    """One parameter's rows in one arithmetic. Never changes once made; what it is extended by is kept."""

    __slots__ = ("_exact", "_grown_at", "_keys", "_rows", "arithmetic", "bands", "number", "parameter")

    def __init__(self, number: int, parameter: Parameter, arithmetic: Arithmetic) -> None:
        self.number = number
        self.parameter = parameter
        self.arithmetic = arithmetic
        convert: Callable[[Any], Any] = arithmetic.number if isinstance(parameter.type, NumberType) else _same
        self._rows = [Reading(convert(row.value), row.standing, row) for row in parameter.rows]
        self._keys: list[Any] = [row.key for row in parameter.rows]
        self._exact: dict[Any, Reading] = dict(zip(self._keys, self._rows, strict=True))
        self._grown_at: dict[Any, dict[Any, Any]] = {}
        self.bands = [(arithmetic.number(band.above), arithmetic.number(band.rate), band) for band in parameter.bands]

    def single(self) -> Reading | None:
        return self._exact.get(None)

    def finder(self) -> Callable[[Any], Reading | None]:
        """What finds the row at a key (match exact) or the last row at or before it (match from)."""
        return self._exact.get if self.parameter.match == "exact" else self._before

    def _before(self, key: Any) -> Reading | None:
        position = bisect_right(self._keys, key)
        return self._rows[position - 1] if position else None

    def extend(self, case: Case, key: Any) -> Reading | None:
        """The value beyond the last row under the case's assumptions, or None."""
        extend = self.parameter.extend
        if extend is None or not self._keys or key <= self._keys[-1]:
            return None
        last, last_key = self._rows[-1], self._keys[-1]
        if extend.provisional and case.assumptions.get(extend.provisional) and key == last_key + 1:
            return Reading(last.value, max(Standing.PROVISIONAL, last.standing), last.row)
        rate = case.assumptions.get(extend.assumption)
        if rate is None:
            return None
        if extend.how == "set":
            return Reading(rate, max(Standing.ESTIMATED, last.standing), None)
        return Reading(self._grown(case, key, rate), max(Standing.ESTIMATED, last.standing), None)

    def _grown(self, case: Case, key: Any, rate: Any) -> Any:
        """Grow the last value year by year, rounding each year as the parameter says. Raises TooLong where nobody can mean that many."""
        if key > self._keys[-1] + MAX_SEQUENCE:
            raise TooLong(f"a series carried on to {key} is too long")
        rounding = self.parameter.extend.round if self.parameter.extend else None
        known = self._years(case, rate, rounded=rounding is not None)
        year = self._keys[-1] + (len(known) - 1)
        value = known[year]
        while year < key:
            value, year = value * (1 + rate), year + 1
            if rounding is not None:
                value = self.arithmetic.round_to(value, rounding.step, rounding.mode)
            known[year] = value
        return known.get(key)

    def _years(self, case: Case, rate: Any, *, rounded: bool) -> dict[Any, Any]:
        """The years so far, the last published one first; every year is there up to the last.

        Fractions are the same in every case, so that they are kept by rate (unrounded ones would grow long); decimals leave it
        in the case's context whether they are exact.
        """
        start = {self._keys[-1]: self._rows[-1].value}
        if self.arithmetic is not RATIONAL or not rounded:
            return case.extended.setdefault(self.number, start)
        if len(self._grown_at) >= MAX_RATES and rate not in self._grown_at:
            self._grown_at.clear()
        return self._grown_at.setdefault(rate, start)


def _same(value: Any) -> Any:
    return value
