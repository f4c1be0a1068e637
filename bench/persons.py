"""Persons with careers, in canonical columns, drawn quickly and the same for the same seed.

They are made to be computed, not to be representative: every province with rules of its own is as frequent as any
other, everybody has reached the age to claim, and careers have the length and the gaps of real ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from app.language import NATION, FactDictionary, Rulebook, ir
from app.population.columns.conforming import fact_type

Ints = np.ndarray[Any, np.dtype[np.int64]]
CATEGORIES = ("male_60", "female_55", "female_50", "male_55_special", "female_45_special")
# How often each category is drawn, and the age at which it may claim under the gradual table's first years.
_SHARES = (0.48, 0.17, 0.29, 0.04, 0.02)
_AGES = (60, 55, 50, 55, 45)
_FIRST_CLAIM, _LAST_CLAIM = 12 * 2025, 12 * 2026
_EPOCH_MONTH = 12 * 1970
_BASE_SHARE, _DEEMED_SHARE = 0.15, 0.35
_WAGES = ir.Name("figures.wages", "average_wage")


@dataclass(frozen=True, slots=True)
class Career:
    """Yearly records of many persons, one after the other; person i has those from `offsets[i]` to `offsets[i + 1]`."""

    offsets: Ints
    year: Ints
    months: Ints
    index: Ints
    base: Ints
    has_base: np.ndarray[Any, np.dtype[np.bool_]]


class Drawing:
    """Draws persons for one rulebook: of every region that has rules of its own, with bases only for years whose wage is published."""

    def __init__(self, rulebook: Rulebook, as_of: date) -> None:
        self.facts = rulebook.facts
        self.regions = tuple(region for region in rulebook.regions() if region != NATION)
        self._by_base = np.zeros((len(self.regions), 10_000), np.bool_)
        for number, region in enumerate(self.regions):
            known = [int(str(row.key)) for row in rulebook.at(as_of, region).parameter(_WAGES).rows if row.key is not None]
            # An index leans on the wage of the year before.
            self._by_base[number, np.array(known, np.int64) + 1] = True

    def persons(self, rows: int, seed: int) -> pa.RecordBatch:
        """`rows` persons in canonical columns: 25 records on average, most of them with an index, the others with a base."""
        return _persons(rows, np.random.default_rng(seed), self.facts, self.regions, self._by_base)


def _persons(rows: int, rng: np.random.Generator, facts: FactDictionary, regions: tuple[str, ...], by_base: Any) -> pa.RecordBatch:
    region = rng.integers(0, len(regions), rows)
    category = rng.choice(len(CATEGORIES), rows, p=_SHARES)
    male = np.isin(category, [0, 3])
    claim = rng.integers(_FIRST_CLAIM, _LAST_CLAIM, rows)
    birth = claim - 12 * np.array(_AGES)[category] - rng.integers(4, 16, rows)
    deemed = np.where(rng.random(rows) < _DEEMED_SHARE, rng.integers(1, 120, rows), 0)
    columns = {
        "region": pa.DictionaryArray.from_arrays(pa.array(region, pa.int16()), pa.array(regions)),
        "sex": _codes(facts, "sex", np.where(male, 0, 1)),
        "birth_date": _days(birth, rng.integers(0, 28, rows)),
        "retirement_category": _codes(facts, "retirement_category", category),
        "claim_date": _days(claim, rng.integers(0, 28, rows)),
        "contribution_records": _records(facts, career(rng, claim, region, by_base)),
        "deemed_contribution_months": pa.array(deemed, pa.int32()),
        "account_balance": money(rng.integers(20_000_00, 400_000_00, rows)),
        "pre_account_balance_months": pa.array(np.minimum(rng.integers(0, 60, rows), np.where(deemed > 0, 60, 0)), pa.int32()),
        "work_start_date": _days(birth + 12 * rng.integers(18, 24, rows), rng.integers(0, 28, rows)),
        "first_insured_date": _days(np.maximum(birth + 12 * 25, 12 * 1993), rng.integers(0, 28, rows)),
        "imputed_account_amount": money(np.zeros(rows, np.int64)),
        "hardship_service_years": pa.array(np.where(category >= 3, 10, 0), pa.int32()),
        "hardship_kind": _codes(facts, "hardship_kind", rng.integers(0, 3, rows)),
        "family_planning_status": _codes(facts, "family_planning_status", rng.integers(0, 3, rows)),
        "tibet_service_months": pa.array(rng.integers(0, 120, rows), pa.int32()),
        "recognised_intellectual": pa.array(rng.random(rows) < 0.02),
    }
    return pa.RecordBatch.from_pydict(columns)


def career(rng: np.random.Generator, claim: Ints, region: Ints, by_base: Any) -> Career:
    """Records of 16 to 34 years up to the year of the claim, in order of the year; the last one ends with the claim."""
    lengths = rng.integers(16, 35, len(claim))
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    total = int(offsets[-1])
    last = np.repeat(offsets[1:] - 1, lengths)
    year = np.asarray(np.repeat(claim // 12, lengths) - (last - np.arange(total)), np.int64)
    months = np.where(rng.random(total) < 0.08, rng.integers(1, 12, total), 12)
    months[offsets[1:] - 1] = claim % 12 + 1
    index = rng.integers(6_000, 20_000, total) * 100
    base = rng.integers(3_000_00, 12_000_00, total)
    has_base = (rng.random(total) < _BASE_SHARE) & by_base[np.repeat(region, lengths), year]
    return Career(offsets, year, months, index, base, has_base)


def decimal(unscaled: Ints, scale: int, known: Any = None) -> pa.Array:
    """A decimal128(18, scale) column from whole numbers of its last place; unknown where `known` is false."""
    halves = np.empty((len(unscaled), 2), np.int64)
    halves[:, 0] = unscaled
    halves[:, 1] = unscaled >> 63
    bits = None if known is None else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(unscaled), [bits, pa.py_buffer(halves)])


def money(fen: Ints) -> pa.Array:
    """Whole fen as CNY with two decimals."""
    return decimal(fen, 2)


def _records(facts: FactDictionary, found: Career) -> pa.Array:
    fact = facts.facts["contribution_records"]
    made = {
        "year": pa.array(found.year, pa.int32()),
        "months": pa.array(found.months, pa.int32()),
        "index": decimal(found.index, 6, ~found.has_base),
        "base": decimal(found.base, 2, found.has_base),
    }
    total = len(found.year)
    fields = [made.get(field.name, pa.nulls(total, fact_type(field))) for field in fact.fields]
    items = pa.StructArray.from_arrays(fields, names=[field.name for field in fact.fields])
    return pa.ListArray.from_arrays(pa.array(found.offsets, pa.int32()), items)


def _codes(facts: FactDictionary, name: str, codes: Any) -> pa.Array:
    words = [code for code, _ in facts.facts[name].values]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(words))


def _days(month: Ints, day: Ints) -> pa.Array:
    first = (month - _EPOCH_MONTH).astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    return pa.array(first + day.astype(np.int32), pa.int32()).cast(pa.date32())
