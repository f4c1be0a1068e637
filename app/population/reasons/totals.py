"""Sums of result columns by place, exact: amounts in their own units, weights to six decimals."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

WEIGHT_DECIMALS = 6
_LARGEST = 1 << 62
# Whole numbers are multiplied limb by limb, so that no sum over a batch of fewer than 2^18 rows outgrows 64 bits.
_LIMB, _MOST_ROWS = 22, 1 << 18


class Groups:
    """The rows of a batch by place (a whole number a row), each with its weight; sums a column over each place."""

    def __init__(self, places: Any, weights: Any | None) -> None:
        assert len(places) < _MOST_ROWS
        self._order = np.argsort(places, kind="stable")
        places = places[self._order]
        self._starts = np.flatnonzero(np.diff(places, prepend=-1))
        self._places: list[int] = places[self._starts].tolist()
        self._weights = None if weights is None else np.rint(weights * 10**WEIGHT_DECIMALS).astype(np.int64)[self._order]

    def add(self, sums: dict[int, Fraction], values: Any, scale: int) -> None:
        """Add a column, as whole numbers of 10^-scale, to the weighted sums by place."""
        if not self._places:
            return
        found = self._sums(values[self._order])
        unit = 10 ** (scale + (0 if self._weights is None else WEIGHT_DECIMALS))
        for place, value in zip(self._places, found, strict=True):
            sums[place] = sums.get(place, Fraction(0)) + Fraction(value, unit)

    def _sums(self, values: Any) -> list[int]:
        if self._weights is None or values.dtype == object:
            return [int(each) for each in np.add.reduceat(values if self._weights is None else values * self._weights.astype(object), self._starts)]
        found = [0] * len(self._places)
        for low, left in enumerate(_limbs(values)):
            for high, right in enumerate(_limbs(self._weights)):
                for place, value in enumerate(np.add.reduceat(left * right, self._starts).tolist()):
                    found[place] += value << _LIMB * (low + high)
        return found


def _limbs(values: Any) -> Iterator[Any]:
    """Whole numbers cut into pieces of `_LIMB` bits, the lowest first; only the last carries the sign."""
    while np.any((values < -(1 << _LIMB - 1)) | (values >= 1 << _LIMB)):
        yield values & ((1 << _LIMB) - 1)
        values = values >> _LIMB
    yield values


def whole_values(column: pa.Array) -> Any:
    """A decimal column as whole numbers of its last place, null as nothing; Python's own where they may be too large to add."""
    filled = pc.fill_null(column, 0)
    words = np.frombuffer(filled.buffers()[1], np.int64)[2 * filled.offset : 2 * (filled.offset + len(filled))].reshape(-1, 2)
    low, high = words[:, 0], words[:, 1]
    largest = int(np.abs(low).max(initial=0))
    if bool(np.all(high == low >> 63)) and 0 <= largest < _LARGEST // max(1, len(filled)):
        return low
    scale = column.type.scale
    return np.array([int(value.scaleb(scale)) for value in filled.to_pylist()], object)


def entitled_values(column: pa.Array) -> Any:
    """A column of statuses: one where entitled."""
    return pc.fill_null(pc.equal(column.cast(pa.string()), "eligible"), False).to_numpy(zero_copy_only=False).astype(np.int64)
