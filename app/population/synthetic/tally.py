"""What is counted in a population to compare it with the margins: sums over batches, in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .coverage import NO_SCHEME
from .health import OLD, SEVERE
from .households import MARITAL
from .tables import AGES, Flags, Floats, Ints, regions

_BINS = np.geomspace(50.0, 5e6, 4001)
"""Income classes, one of them 0.3 % wide."""
_BIGGEST = 10


class Tally:
    """Weighted counts of a population, batch by batch.

    The households of a batch are whole; the one cut off at a population's end counts as it is.
    """

    def __init__(self) -> None:
        self.persons = np.zeros((len(regions()), 2, AGES))
        self.area = np.zeros(2)
        self.status = np.zeros((len(regions()), NO_SCHEME + 1))
        self.marital = np.zeros((2, len(MARITAL)))
        self.in_families = np.zeros(len(regions()))
        self.homes = np.zeros(len(regions()))
        self.alone = np.zeros(len(regions()))
        self.sizes = np.zeros(_BIGGEST + 1)
        self.homes_with_old = 0.0
        self.disabled = np.zeros(AGES)
        self.severe = 0.0
        self.helpless = 0.0
        self.institution = 0.0
        self.claims: dict[int, float] = {}
        self.claim_age_sum = 0.0
        self.index_sum = 0.0
        self.index_months = 0.0
        self.income = np.zeros((2, len(_BINS) + 1))
        self.incomes = np.zeros((2, len(_BINS) + 1))
        self.province_income = np.zeros(len(regions()))
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Count one batch of `Synthesis`."""
        weight = _floats(batch, "weight")
        region, home, sex = _codes(batch, "region"), _codes(batch, "about.residence"), _codes(batch, "sex")
        age = batch["about.age"].to_numpy().astype(np.int64)
        self.rows += batch.num_rows
        np.add.at(self.persons, (home, sex, age), weight)
        urban = _flags(batch, "about.urban")
        np.add.at(self.area, 1 - urban.astype(np.int64), weight)
        scheme, drawing = _codes(batch, "about.scheme"), _flags(batch, "about.drawing")
        status = np.where(scheme == 2, NO_SCHEME, 2 * scheme + drawing)
        np.add.at(self.status, (region, status), weight)
        grown = age >= 15
        np.add.at(self.marital, (sex[grown], _codes(batch, "about.marital_status")[grown]), weight[grown])
        self._add_health(batch, age, weight)
        self._add_households(batch, home, age, weight)
        self._add_income(batch, home, urban, weight)
        self._add_careers(batch, drawing & (scheme == 0), weight)

    def _add_health(self, batch: pa.RecordBatch, age: Ints, weight: Floats) -> None:
        kind = _codes(batch, "about.disability")
        np.add.at(self.disabled, age, weight * (kind > 0))
        self.severe += float(weight[kind == SEVERE].sum())
        helpless = ~_flags(batch, "about.self_caring", missing=True) & (age >= OLD)
        self.helpless += float(weight[helpless].sum())

    def _add_households(self, batch: pa.RecordBatch, region: Ints, age: Ints, weight: Floats) -> None:
        family = _flags(batch, "about.family_household")
        np.add.at(self.in_families, region[family], weight[family])
        homes, first, place = np.unique(batch["household_id"].to_numpy()[family], return_index=True, return_inverse=True)
        size = np.bincount(place)
        of = weight[family][first]
        np.add.at(self.homes, region[family][first], of)
        np.add.at(self.alone, region[family][first][size == 1], of[size == 1])
        np.add.at(self.sizes, np.minimum(size, _BIGGEST), of)
        self.homes_with_old += float(of[np.bincount(place, weights=age[family] >= 65, minlength=len(homes)) > 0].sum())

    def _add_income(self, batch: pa.RecordBatch, region: Ints, urban: Flags, weight: Floats) -> None:
        per_head = _floats(batch, "about.household_income") / batch["about.household_size"].to_numpy()
        place = np.searchsorted(_BINS, per_head)
        area = 1 - urban.astype(np.int64)
        np.add.at(self.income, (area, place), weight)
        np.add.at(self.incomes, (area, place), weight * per_head)
        np.add.at(self.province_income, region, weight * per_head)

    def _add_careers(self, batch: pa.RecordBatch, pensioners: Flags, weight: Floats) -> None:
        self.institution += float(weight[_flags(batch, "about.institution") & pensioners].sum())
        claimed = batch.filter(pa.array(pensioners))
        years = pc.year(claimed["claim_date"]).to_numpy().astype(np.int64)
        ages = (claimed["claim_date"].cast(pa.int32()).to_numpy() - claimed["birth_date"].cast(pa.int32()).to_numpy()) / 365.2425
        self.claim_age_sum += float((ages * weight[pensioners]).sum())
        for year, persons in zip(*_sums(years, weight[pensioners]), strict=True):
            self.claims[int(year)] = self.claims.get(int(year), 0.0) + float(persons)
        paying = batch.filter(pc.and_(pc.equal(batch["about.scheme"].cast(pa.string()), "employees"), pc.invert(batch["about.drawing"])))
        records = paying["contribution_records"].flatten()
        months = records.field("months").to_numpy().astype(float)
        now = records.field("year").to_numpy() == records.field("year").to_numpy().max(initial=0)
        self.index_sum += float((_decimals(records.field("index")) * months)[now].sum())
        self.index_months += float(months[now].sum())

    # -- what follows from the counts ---------------------------------------------------------------

    def share(self, ages: slice) -> float:
        """Per cent of persons of these ages."""
        return 100 * float(self.persons[..., ages].sum() / self.persons.sum())

    def income_mean(self, *areas: int) -> float:
        return float(self.incomes[list(areas)].sum() / self.income[list(areas)].sum())

    def income_fifths(self) -> Floats:
        """Mean income per head of each fifth of persons, from poor to rich."""
        persons, incomes = self.income.sum(axis=0), self.incomes.sum(axis=0)
        below = np.concatenate([[0.0], np.cumsum(persons)]) / persons.sum()
        up_to = np.interp(np.arange(6) / 5, below, np.concatenate([[0.0], np.cumsum(incomes)]))
        fifths: Floats = np.diff(up_to) / (persons.sum() / 5)
        return fifths

    def income_median(self) -> float:
        persons = self.income.sum(axis=0)
        return float(np.interp(0.5, np.cumsum(persons) / persons.sum(), np.append(_BINS, _BINS[-1])))

    def income_gini(self) -> float:
        persons, incomes = self.income.sum(axis=0), self.incomes.sum(axis=0)
        lorenz = np.concatenate([[0.0], np.cumsum(incomes)]) / incomes.sum()
        return float(1 - ((lorenz[1:] + lorenz[:-1]) * persons / persons.sum()).sum())


def _codes(batch: pa.RecordBatch, name: str) -> Ints:
    return np.asarray(batch[name].indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _flags(batch: pa.RecordBatch, name: str, *, missing: bool = False) -> Flags:
    return np.asarray(batch[name].fill_null(missing).to_numpy(zero_copy_only=False), dtype=bool)


def _floats(batch: pa.RecordBatch, name: str) -> Floats:
    column = batch[name]
    return _decimals(column) if pa.types.is_decimal(column.type) else np.asarray(column.to_numpy(), dtype=np.float64)


def _decimals(column: Any) -> Floats:
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _sums(keys: Ints, weights: Floats) -> tuple[Ints, Floats]:
    found, place = np.unique(keys, return_inverse=True)
    return found, np.bincount(place, weights=weights, minlength=len(found)).astype(np.float64)
