"""Weighted sums by place, held to plain fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from app.population.reasons.totals import Groups, entitled_values, whole_values

largest = 10**24 - 1
rows = st.lists(
    st.tuples(st.integers(0, 3), st.one_of(st.integers(-(10**9), 10**9), st.integers(-largest, largest), st.none()), st.integers(0, 10**12)), max_size=30
)


@given(rows, st.booleans())
def test_sums_are_exact(people: list[tuple[int, int | None, int]], weighted: bool) -> None:
    column = pa.array([None if value is None else Decimal(value).scaleb(-2) for _, value, _ in people], pa.decimal128(26, 2))
    places = np.array([place for place, _, _ in people], np.int64)
    # A weight of so many digits is a float that rounds to the very millionths it was made from.
    weights = np.array([weight / 10**6 for _, _, weight in people]) if weighted else None
    sums: dict[int, Fraction] = {}
    Groups(places, weights).add(sums, whole_values(column), 2)
    expected: dict[int, Fraction] = {}
    for place, value, weight in people:
        expected[place] = expected.get(place, Fraction(0)) + Fraction(value or 0, 100) * (Fraction(weight, 10**6) if weighted else 1)
    assert sums == expected


def test_slices_and_statuses() -> None:
    column = pa.array([Decimal("1.00"), Decimal("-2.50"), None, Decimal("4.00")], pa.decimal128(24, 2))
    assert whole_values(column.slice(1)).tolist() == [-250, 0, 400]
    assert entitled_values(pa.array(["eligible", None, "undetermined"]).dictionary_encode()).tolist() == [1, 0, 0]
