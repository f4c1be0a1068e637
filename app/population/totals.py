"""Sums of result columns by place, exact: amounts in their own units, weights to six decimals."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

WEIGHT_DECIMALS = 6
_LARGEST = 1 << 62


class Groups:
    """The rows of a batch by place (a whole number a row) and weight; sums a column over each place."""

    def __init__(self, places: Any, weights: Any | None) -> None:
        millionths = np.full(len(places), 10**WEIGHT_DECIMALS, np.int64) if weights is None else np.rint(weights * 10**WEIGHT_DECIMALS).astype(np.int64)
        self._order = np.lexsort((millionths, places))
        places, millionths = places[self._order], millionths[self._order]
        fresh = np.ones(len(places), bool)
        fresh[1:] = (places[1:] != places[:-1]) | (millionths[1:] != millionths[:-1])
        self._starts = np.flatnonzero(fresh)
        self._places = places[self._starts].tolist()
        self._weights = [Fraction(each, 10**WEIGHT_DECIMALS) for each in millionths[self._starts].tolist()]

    def add(self, sums: dict[int, Fraction], values: Any, scale: int) -> None:
        """Add a column, as whole numbers of 10^-scale, to the sums by place."""
        if not len(self._starts):
            return
        found = np.add.reduceat(values[self._order], self._starts)
        for place, weight, value in zip(self._places, self._weights, found.tolist(), strict=True):
            sums[place] = sums.get(place, Fraction(0)) + Fraction(value, 10**scale) * weight


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


Sums = Mapping[int, Fraction]
