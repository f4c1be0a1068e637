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
from .insured import insured_regions
from .money import Money, money
from .residents import Residents, residents
from .retirement import Retirements, retire
from .tables import AGES, Flags, Floats, Ints
from .work import Work, registrations, work

BLOCK = 32_768
"""Persons in a block. Changing it changes every population."""


@dataclass(frozen=True, slots=True)
class Block:
    """Persons in households' order. `employees` and `insured` are the rows that `careers` and `residents` speak of."""

    number: int
    residence: Ints
    region: Ints
    """The province that insures; without a scheme, of residence."""
    area: Ints
    sex: Ints
    age: Ints
    status: Ints
    birth_month: Ints
    birth_day: Ints
    household: Ints
    family: Flags
    marital: Ints
    registration: Ints
    employees: Ints
    retirements: Retirements
    careers: Careers
    work: Work
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
    insured_in = insured_regions(year, seed, number, region, status)

    dates = stream(seed, number, Purpose.DATES)
    birth_month = 12 * (year - age) + dates.integers(0, 12, BLOCK)
    birth_day = 1 + dates.integers(0, 28, BLOCK)
    employees = np.flatnonzero((status == PAYING) | (status == DRAWING))
    drawing = status[employees] == DRAWING
    retired = retire(year, seed, number, sex[employees], age[employees], birth_month[employees], drawing)
    careered = careers(year, seed, number, insured_in[employees], drawing, retired)
    insured = np.flatnonzero((status == RESIDENT_PAYING) | (status == RESIDENT_DRAWING))
    of_residents = residents(year, seed, number, birth_month[insured], status[insured] == RESIDENT_DRAWING)

    worked = work(year, seed, number, drawing, careered, retired)
    factor = np.ones(BLOCK)
    factor[employees] = careered.factor
    earned = money(year, seed, number, region, area, age, status, household, factor)
    disability, helpless = disabilities(seed, number, age)
    return Block(
        number, region, insured_in, area, sex, age, status, birth_month, birth_day, household, family, marital, registrations(seed, number, area, status),
        employees, retired, careered, worked, insured, of_residents, earned, disability, helpless,
    )  # fmt: skip


def _order(seed: int, number: int, household: Ints, age: Ints) -> tuple[Ints, Ints]:
    """Households in random order, so that any beginning of the block stands for all of it; members from old to young.

    Returns the order of persons, and each ordered person's household, numbered from 0 in that order.
    """
    there = np.zeros(len(household), dtype=bool)
    there[household] = True
    place = stream(seed, number, Purpose.ORDER).permutation(int(there.sum()))[(np.cumsum(there) - 1)[household]]
    order = np.argsort(place * AGES - age, kind="stable")
    return order, place[order]
