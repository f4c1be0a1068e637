"""Facts beyond what the dictionary allows: the compiled test finds exactly the rows that the exact engine refuses."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from app.language import Rulebook
from app.population.columns import schema
from app.population.engine import PopulationEngine
from app.population.exact import ExactEvaluator

from .people import QUESTION

# More than one block of the compiled code, and no multiple of 8.
ROWS = 2_603
GOOD: dict[str, Any] = {
    "wage": Decimal("1000000.00"),
    "months": 720,
    "population_number": 900_000_000_000,
    "sex": "male",
    "birth_date": date(1900, 1, 1),
    "claim_month": 12 * 2026,
    "insured": True,
    "records": [{"year": 1951, "paid": 0, "index": Decimal("0.0000")}, {"year": 2100, "paid": 12, "index": Decimal("30.0000")}, {"year": 2100, "paid": 0}],
    "job": {"since": date(1999, 1, 1), "kind": "office"},
}
RECORD = {"year": 2000, "paid": 1, "index": Decimal(1)}
BEYOND: dict[str, dict[str, Any]] = {
    "number above": {"wage": Decimal("1000000.01")},
    "number below": {"wage": Decimal("-0.01")},
    "whole above": {"months": 721},
    "whole below": {"months": -1},
    "least whole of 32 bits": {"months": -(2**31)},
    "wide whole above": {"population_number": 900_000_000_001},
    "date before": {"birth_date": date(1899, 12, 31)},
    "date after": {"birth_date": date(2101, 1, 1)},
    "year before": {"records": [{**RECORD, "year": 1950}]},
    "months of a record": {"records": [RECORD, {**RECORD, "paid": 13}]},
    "index of a record": {"records": [RECORD, {**RECORD, "index": Decimal("30.0001")}]},
    "negative index": {"records": [{**RECORD, "index": Decimal("-0.0001")}]},
    "required field": {"records": [RECORD, {**RECORD, "paid": None}]},
    "no item": {"records": [RECORD, None]},
    "too many items": {"records": [RECORD] * 7},
}


def _batch(rulebook: Rulebook, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=schema(rulebook.facts))


def _same(rulebook: Rulebook, batch: pa.RecordBatch, threads: int) -> list[int]:
    """Both engines agree in every row; returns the rows refused."""
    exact = ExactEvaluator(rulebook, QUESTION).evaluate(batch)
    found = PopulationEngine(rulebook, QUESTION, threads=threads).evaluate(batch)
    assert found.results.to_pylist() == exact.results.to_pylist()
    assert [(each.row, each.faults) for each in found.rejects] == [(each.row, each.faults) for each in exact.rejects]
    assert found.exact_rows == len(exact.rejects)
    return [each.row for each in found.rejects]


def test_the_limits_themselves_are_allowed(rulebook: Rulebook) -> None:
    assert _same(rulebook, _batch(rulebook, [GOOD]), 1) == []


@pytest.mark.parametrize("name", BEYOND)
def test_just_beyond_a_limit_is_refused(rulebook: Rulebook, name: str) -> None:
    """Alone and between others, whose answers it leaves as they are."""
    rows = [GOOD, {**GOOD, **BEYOND[name]}, GOOD]
    assert _same(rulebook, _batch(rulebook, rows), 1) == [1]


def test_rows_among_many_blocks_and_in_a_slice(rulebook: Rulebook) -> None:
    rows = [deepcopy(GOOD) for _ in range(ROWS)]
    wrong = {number * 97 % ROWS: facts for number, facts in enumerate(BEYOND.values())} | {ROWS - 1: BEYOND["whole above"], 1023: BEYOND["no item"]}
    for row, facts in wrong.items():
        rows[row] |= facts
    batch = _batch(rulebook, rows)
    assert _same(rulebook, batch, 2) == sorted(wrong)
    first = 501
    assert _same(rulebook, batch.slice(first), 2) == sorted(row - first for row in wrong if row >= first)


def test_what_stands_under_a_null_is_not_looked_at(rulebook: Rulebook) -> None:
    """Absent lists, records and figures, whatever their buffers hold."""
    rows = [GOOD, {**GOOD, "months": None, "job": None}, {**GOOD, "records": None}, {}]
    batch = _batch(rulebook, rows)
    months = pa.Array.from_buffers(pa.int32(), 4, [pa.py_buffer(bytes([0b0101])), pa.array([720, -5, 720, 99_999], pa.int32()).buffers()[1]])
    batch = batch.set_column(batch.schema.get_field_index("months"), batch.schema.field("months"), months)
    assert _same(rulebook, batch, 1) == []
