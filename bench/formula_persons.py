"""Persons for the bare formula, and what the formula gives for each of them in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from bench.persons import Ints, money

YEARS = tuple(range(2000, 2025))
_SCALE = 10**11


@dataclass(frozen=True, slots=True)
class Figures:
    """The formula's figures: whole CNY a month by year, months by age, the reference wage in fen, the rate in percent."""

    wages: dict[int, int]
    months: dict[int, int]
    reference_fen: int
    rate_percent: int

    def plain(self) -> dict[str, object]:
        """The same for the peer."""
        months = {str(age): each for age, each in self.months.items()}
        return {"average_wage": self.wages, "payment_months": months, "reference_wage": self.reference_fen / 100, "rate": self.rate_percent / 100}


@dataclass(frozen=True, slots=True)
class People:
    """`bases` has a row a person and a column a year, in fen; `balances` in fen; `ages` in years."""

    bases: Ints
    balances: Ints
    ages: Ints


@dataclass(frozen=True, slots=True)
class Exact:
    """The right answers: the index in ten-thousandths, the amounts in fen."""

    index: Ints
    base_pension: Ints
    account_pension: Ints


def draw(rows: int, seed: int, figures: Figures) -> People:
    """Persons whose bases follow the wages, from 0.6 to 2 of them, to the fen."""
    rng = np.random.default_rng(seed)
    wages = np.array([figures.wages[year] for year in YEARS], np.int64)
    bases = wages * rng.integers(60, 200, (rows, 1)) + rng.integers(0, 20_000, (rows, len(YEARS)))
    return People(bases, rng.integers(20_000_00, 400_000_00, rows), rng.integers(50, 66, rows))


def as_batch(people: People) -> pa.RecordBatch:
    """The persons in canonical columns."""
    rows = len(people.ages)
    items = pa.StructArray.from_arrays(
        [pa.array(np.tile(np.array(YEARS, np.int32), rows)), money(people.bases.ravel())],
        names=["year", "base"],
    )
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * len(YEARS))
    columns = {
        "claim_age": pa.array(people.ages.astype(np.int32)),
        "contribution_records": pa.ListArray.from_arrays(offsets, items),
        "account_balance": money(people.balances),
    }
    return pa.RecordBatch.from_pydict(columns)


def exact(people: People, figures: Figures) -> Exact:
    """Whole numbers throughout: 64 bits with bounds on what is cut off, fractions where the bounds meet a rounding."""
    index = _index(people.bases, figures)
    base = _half_up(figures.reference_fen * (10_000 + index) * len(YEARS) * figures.rate_percent, 2 * 10_000 * 100)
    months = np.array([figures.months.get(age, 1) for age in range(max(figures.months) + 1)], np.int64)[people.ages]
    return Exact(index, base, _half_up(people.balances, months))


def _index(bases: Ints, figures: Figures) -> Ints:
    total = np.zeros(len(bases), np.int64)
    for number, year in enumerate(YEARS):
        total += bases[:, number] * (_SCALE // 100) // figures.wages[year]
    # Each quotient was cut by less than one unit, so the sum lies in [total, total + 25).
    unit = len(YEARS) * _SCALE
    low, high = _half_up(total * 10_000 // 1, unit), _half_up((total + len(YEARS)) * 10_000, unit)
    for row in np.flatnonzero(low != high):
        mean = sum(Fraction(int(base), 100 * figures.wages[year]) for base, year in zip(bases[row], YEARS, strict=True)) / len(YEARS)
        low[row] = int(mean * 10_000 + Fraction(1, 2))
    return low


def _half_up(value: Any, divisor: Any) -> Ints:
    """Quotients of numbers that are not negative, half up."""
    return np.asarray((2 * value + divisor) // (2 * divisor), np.int64)


def wrong(found: Any, right: Ints, factor: int) -> Any:
    """Which binary floats are not the right whole number of 1 / factor."""
    return np.rint(np.asarray(found, np.float64) * factor).astype(np.int64) != right
