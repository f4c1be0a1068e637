"""The gap between employees' and residents' pensions, year by year, from rules and population, beside what was published.

The published averages are what a fund paid in the year over those who draw at its end, over twelve. So are the model's: months
drawn in the year, half a year for those who died in it, and (employees) the grants at death.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.language import Rulebook
from app.population.synthetic import Synthesis
from app.population.synthetic.demography import survival
from app.population.synthetic.tables import Floats, Ints, by_year, number

from .awards import EmployeeAwards, Maker, Way, claim_months
from .indexation import Rises
from .residents import ResidentAwards, local_ratio

YEARS = tuple(range(2011, 2018))
CLAIMS = ((0, 1997), (1998, 2005), (2006, 2010), (2011, 2100))
"""Stretches of claim years shown apart: before the unified scheme, under the formula of 1997, of 2005, and since 2011."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Yuan a month: the model's average and the published one."""

    model: float
    published: float

    @property
    def error(self) -> float:
        """Per cent by which the model is off."""
        return 100 * (self.model / self.published - 1)


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the employees who draw: its share in per cent, and its average pension in the year in yuan a month."""

    name: str
    share: float
    pension: float


@dataclass(frozen=True, slots=True)
class YearGap:
    """One year. `residents` is by the rules alone; `residents_with_local` adds local bases as an order of magnitude (grade D)."""

    year: int
    employees: Compared
    residents: Compared
    residents_with_local: Compared
    groups: tuple[Group, ...]
    persons: int
    open_share: float

    @property
    def ratio(self) -> Compared:
        """Employees' pension beside the residents', by the rules alone."""
        return Compared(self.employees.model / self.residents.model, self.employees.published / self.residents.published)

    @property
    def ratio_with_local(self) -> Compared:
        return Compared(self.employees.model / self.residents_with_local.model, self.employees.published / self.residents_with_local.published)


def gap(rulebook: Rulebook, make: Maker, make_rest: Maker, size: int, seed: int, years: Iterable[int] = YEARS) -> Iterator[YearGap]:
    """The gap of each year from a population of `size` persons at its end.

    `make` gives evaluators for most rows, `make_rest` for the few it leaves open.
    """
    rises = Rises(rulebook)
    for year in years:
        employees = EmployeeAwards(rulebook, year, make, make_rest)
        residents = ResidentAwards(rulebook, year, make)
        sums = _Sums()
        for batch in Synthesis(size, year, seed):
            _add_employees(sums, _drawing(batch, "employees"), year, employees, rises)
            _add_residents(sums, _drawing(batch, "residents"), year, residents)
        yield sums.result(year)


@dataclass(slots=True)
class _Sums:
    """What was paid in the year and who draws at its end, over the batches."""

    paid: float = 0.0
    drawing: float = 0.0
    open: float = 0.0
    persons: int = 0
    residents_paid: float = 0.0
    residents_local: float = 0.0
    residents_drawing: float = 0.0
    groups: dict[str, tuple[float, float]] = field(default_factory=dict)

    def result(self, year: int) -> YearGap:
        employees, residents = published()[year]
        months = 12 * self.residents_drawing
        groups = tuple(Group(name, 100 * count / self.drawing, paid / count) for name, (count, paid) in self.groups.items() if count)
        return YearGap(
            year,
            Compared(self.paid / (12 * self.drawing), employees),
            Compared(self.residents_paid / months, residents),
            Compared((self.residents_paid + self.residents_local) / months, residents),
            groups,
            self.persons,
            100 * self.open / (self.drawing + self.open),
        )


@cache
def published() -> dict[int, tuple[float, float]]:
    """The published averages of both schemes by year. They are compared with, and used for nothing else."""
    with files(__package__).joinpath("data", "published.csv").open(encoding="utf-8") as file:
        return {int(row["year"]): (float(row["employees_yuan"]), float(row["residents_yuan"])) for row in csv.DictReader(file)}


def _drawing(batch: pa.RecordBatch, scheme: str) -> pa.RecordBatch:
    """Those who draw a pension of the scheme."""
    return batch.filter(pc.and_(batch["about.drawing"], pc.equal(batch["about.scheme"].cast(pa.string()), scheme)))


def _add_employees(sums: _Sums, people: pa.RecordBatch, year: int, awards: EmployeeAwards, rises: Rises) -> None:
    found = awards.award(people)
    known = found.way != Way.OPEN
    claim_year = found.claim_month // 12
    pension = found.pension * rises.growth(claim_year, found.way == Way.INSTITUTION, year)
    months, dead = _months_drawn(found.claim_month, year), _died(people, year)
    paid = pension * (months + dead * (6.0 + number("gap_death_grant_months")))
    sums.persons += people.num_rows
    sums.paid += float(paid[known].sum())
    sums.drawing += float(known.sum())
    sums.open += float((~known).sum())
    of_enterprises = known & (found.way != Way.INSTITUTION)
    for first, last in CLAIMS:
        name = f"claimed until {last}" if first == 0 else f"claimed {first} to {min(last, year)}"
        _group(sums, name, pension, of_enterprises & (claim_year >= first) & (claim_year <= last))
    _group(sums, "public institutions", pension, known & (found.way == Way.INSTITUTION))
    for way, name in ((Way.PROVINCE, "by the province's rules"), (Way.NATION, "by the nation's rules"), (Way.OLD_RULES, "by assumption (before 1997-07)")):
        _group(sums, name, pension, found.way == way)


def _add_residents(sums: _Sums, people: pa.RecordBatch, year: int, awards: ResidentAwards) -> None:
    found = awards.award(people)
    known = ~np.isnan(found.first_half) & ~np.isnan(found.second_half)
    claim = claim_months(people)
    months = _months_drawn(claim, year)
    second_half = np.minimum(months, 6)
    first_half = months - second_half
    dead = 1 + 0.5 * _died(people, year) - _latecomers(year, claim)
    paid = (found.first_half * first_half + found.second_half * second_half + found.arrears) * dead
    local = (local_ratio(people) - 1) * found.base * months * dead
    sums.residents_paid += float(paid[known].sum())
    sums.residents_local += float(local[known].sum())
    sums.residents_drawing += float(known.sum())


def _group(sums: _Sums, name: str, pension: Floats, rows: np.typing.NDArray[np.bool_]) -> None:
    count, paid = sums.groups.get(name, (0.0, 0.0))
    sums.groups[name] = (count + float(rows.sum()), paid + float(pension[rows].sum()))


def _months_drawn(claim_month: Ints, year: int) -> Ints:
    """How many months of the year each pension was drawn: from the month after the claim."""
    return np.clip(12 * year + 11 - claim_month, 0, 12)


def _died(people: pa.RecordBatch, year: int) -> Floats:
    """For each who lives at the end of the year, how many like him died in it."""
    alive = survival(year)[people["sex"].indices.to_numpy(), people["about.age"].to_numpy()]
    found: Floats = 1 / alive - 1
    return found


def _latecomers(year: int, claim_month: Ints) -> Floats:
    """The share of the year not drawn by those to whom the scheme only came in the year: on average half of it.

    The counts of the ends of two years say how many came in beyond those who turned sixty.
    """
    counts = by_year("residents_scheme", "drawing_10k")
    before, now = float(counts(year - 1)), float(counts(year))
    earlier = claim_month < 12 * year
    share_of_earlier = max(float(earlier.mean()), 1e-9)
    came_in = max(0.0, 1 - before / now - (1 - share_of_earlier))
    return np.where(earlier, 0.5 * came_in / share_of_earlier, 0.0)
