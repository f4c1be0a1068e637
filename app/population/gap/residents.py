"""What residents' pensions were in a year: by `pension.resident` month by month, and with local additions as an order of magnitude."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa

from app.language import Rulebook
from app.population.columns.conforming import REGION, conform
from app.population.question import Evaluator, Question
from app.population.synthetic.tables import Floats, region_number, regions

from .awards import Maker

SCHEME = "pension.resident"
JUNE, DECEMBER = 5, 11
PAID_LATE = 2014
"""The base of 2014-07 was announced in January 2015 (人社部发〔2015〕5号): the rise of that half year was paid in 2015."""


@dataclass(frozen=True, slots=True)
class ResidentPensions:
    """Monthly pensions in yuan in the first and the second half of the year, arrears in months' pensions, and the base of the second half.

    nan where the rules leave it open.
    """

    first_half: Floats
    second_half: Floats
    arrears: Floats
    base: Floats


class ResidentAwards:
    """Pensions of one year's residents who draw."""

    def __init__(self, rulebook: Rulebook, year: int, make: Maker) -> None:
        self._rulebook, self._year = rulebook, year
        self._evaluator: Evaluator = make(Question(date(year, 12, 31), (SCHEME,)))

    def award(self, people: pa.RecordBatch) -> ResidentPensions:
        """The pensions of a batch of `Synthesis` that holds residents who draw."""
        year = self._year
        june, base = self._in_month(people, 12 * year + JUNE)
        december, base = self._in_month(people, 12 * year + DECEMBER)
        arrears = np.zeros(people.num_rows)
        if year == PAID_LATE:
            december, base = june, self._in_month(people, 12 * year + JUNE)[1]
        if year == PAID_LATE + 1:
            arrears = 6 * (self._in_month(people, 12 * PAID_LATE + DECEMBER)[0] - self._in_month(people, 12 * PAID_LATE + JUNE)[0])
        return ResidentPensions(june, december, arrears, base)

    def _in_month(self, people: pa.RecordBatch, month: int) -> tuple[Floats, Floats]:
        columns = {name: people[name] for name in people.schema.names if name != "contribution_records"}
        columns["pension_month"] = pa.array(np.full(people.num_rows, month, dtype=np.int32))
        batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
        results = self._evaluator.evaluate(conform(batch, self._rulebook.facts).batch).results
        found = (results[f"{SCHEME}.{name}"].cast(pa.float64()).to_numpy(zero_copy_only=False) for name in ("monthly_pension", "base_pension"))
        pension, base = (np.array(each) for each in found)
        return pension, base


def local_ratio(people: pa.RecordBatch) -> Floats:
    """Each person's local base beside the nation's, as in 2025 and 2026 (grade D): local bases of earlier years were not found."""
    ratios: Floats = _ratios()[people[REGION].indices.to_numpy()]
    return ratios


@cache
def _ratios() -> Floats:
    found = np.ones(len(regions()))
    with files(__package__).joinpath("data", "local_bases.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[region_number(row["region"])] = max(1.0, float(row["yuan"]) / float(row["national_yuan"]))
    return found
