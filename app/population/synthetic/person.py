"""One block of the population: persons drawn from the calibrated table, everything about them, in households' order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from . import households
from .careers import Careers, careers
from .cells import calibrated
from .coverage import DRAWING, PAYING, RESIDENT_DRAWING, RESIDENT_PAYING
from .draws import Purpose, stream, systematic
from .health import disabilities
from .money import Money, money
from .residents import Residents, residents
from .retirement import FEMALE_45_SPECIAL, MALE_55_SPECIAL, Retirements, retire
from .tables import AGES, Flags, Floats, Ints, by_year, curve

BLOCK = 32_768
"""Persons in a block. Changing it changes every population."""


@dataclass(frozen=True, slots=True)
class Block:
    """Persons in households' order. `employees` and `insured` are the rows that `careers` and `residents` speak of."""

    number: int
    region: Ints
    area: Ints
    sex: Ints
    age: Ints
    status: Ints
    birth_month: Ints
    birth_day: Ints
    household: Ints
    family: Flags
    marital: Ints
    employees: Ints
    retirements: Retirements
    careers: Careers
    institution: Flags
    flexible: Flags
    hardship_years: Ints
    insured: Ints
    residents: Residents
    money: Money
    disability: Ints
    helpless: Ints


@cache
def _cumulative(year: int) -> tuple[Floats, tuple[int, ...]]:
    """Running sum over the cells: by province, area, status, sex and age, so that each gets its even share of draws."""
    cells = calibrated(year).transpose(0, 1, 4, 2, 3)
    return np.cumsum(cells.ravel()), cells.shape


def draw(year: int, seed: int, number: int) -> Block:
    """The block of this number: the same for every size of population."""
    cumulative, shape = _cumulative(year)
    drawn = np.unravel_index(systematic(cumulative, BLOCK, seed, number), shape)
    region, area, status, sex, age = (np.asarray(each, dtype=np.int64) for each in drawn)
    homes = households.form(year, seed, number, region, area, sex, age)
    order, household = _order(seed, number, homes.household, age)
    region, area, status, sex, age = (each[order] for each in (region, area, status, sex, age))
    family, marital = homes.family[order], homes.marital[order]

    dates = stream(seed, number, Purpose.DATES)
    birth_month = 12 * (year - age) + dates.integers(0, 12, BLOCK)
    birth_day = 1 + dates.integers(0, 28, BLOCK)
    employees = np.flatnonzero((status == PAYING) | (status == DRAWING))
    drawing = status[employees] == DRAWING
    retired = retire(year, seed, number, sex[employees], age[employees], birth_month[employees], drawing)
    careered = careers(year, seed, number, region[employees], drawing, retired)
    insured = np.flatnonzero((status == RESIDENT_PAYING) | (status == RESIDENT_DRAWING))
    of_residents = residents(year, seed, number, birth_month[insured], status[insured] == RESIDENT_DRAWING)

    kind = dates.random(len(employees))
    share = np.where(drawing, _institution_drawing(year), curve("institution_paying_share")(year))
    special = np.isin(retired.category, (MALE_55_SPECIAL, FEMALE_45_SPECIAL))
    institution = careered.formal & ~special & (kind < share * _as_share_of(careered.formal & ~special, drawing))
    flexible = ~careered.formal & (dates.random(len(employees)) < 0.7)
    hardship = np.where(special, dates.integers(10, 26, len(employees)), 0)
    factor = np.ones(BLOCK)
    factor[employees] = careered.factor
    earned = money(year, seed, number, region, area, age, status, household, factor)
    disability, helpless = disabilities(seed, number, age)
    return Block(
        number, region, area, sex, age, status, birth_month, birth_day, household, family, marital, employees, retired, careered,
        institution, flexible, hardship, insured, of_residents, earned, disability, helpless,
    )  # fmt: skip


def _institution_drawing(year: int) -> float:
    """The share of public institutions' persons among those who draw."""
    return float(curve("institution_drawing_10k")(year) / by_year("employees_scheme", "drawing_10k")(year))


def _as_share_of(part: Flags, drawing: Flags) -> Floats:
    """What turns a share of those drawing (or of those paying) into a share of the part of them."""
    found: Floats = np.where(drawing, drawing.sum() / max(1, (part & drawing).sum()), (~drawing).sum() / max(1, (part & ~drawing).sum()))
    return found


def _order(seed: int, number: int, household: Ints, age: Ints) -> tuple[Ints, Ints]:
    """Households in random order, so that any beginning of the block stands for all of it; members from old to young.

    Returns the order of persons, and each ordered person's household, numbered from 0 in that order.
    """
    there = np.zeros(len(household), dtype=bool)
    there[household] = True
    place = stream(seed, number, Purpose.ORDER).permutation(int(there.sum()))[(np.cumsum(there) - 1)[household]]
    order = np.argsort(place * AGES - age, kind="stable")
    return order, place[order]
