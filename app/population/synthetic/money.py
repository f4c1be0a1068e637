"""Earnings of persons and incomes of households.

Earnings rank the households; the level, the difference between provinces, town and country, and the spread of income per
head are the published ones (income_*.csv), so that fifths and Gini come out (`fit`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .coverage import DRAWING, PAYING, RESIDENT_DRAWING
from .demography import by_area
from .draws import Purpose, stream
from .tables import Floats, Ints, by_year, number, read, region_number, regions
from .wages import wage

_MONTHS = 12
_BASIC = 0.03
"""The share of the local wage that keeps the logarithm of a household without earnings finite."""


@dataclass(frozen=True, slots=True)
class Money:
    """Of each person: monthly earnings in yuan (0 without), and the yearly income of the household."""

    wage: Floats
    household_income: Floats


def money(
    year: int, seed: int, block: int, region: Ints, area: Ints, age: Ints, status: Ints, household: Ints, factor: Floats
) -> Money:
    """Earnings by status; household income by rank of the household's earnings in town or country.

    `factor` is each employee's wage beside the average (1 for the others).
    """
    random = stream(seed, block, Purpose.MONEY)
    count = len(age)
    local = wage(region, np.full(count, year))
    noise = np.exp(number("wage_spread") * random.standard_normal(count) - number("wage_spread") ** 2 / 2)
    private = by_year("wages_national", "yuan_per_year", series="private")(year) / _MONTHS
    post = float(by_year("wages_national", "yuan_per_year", series="nonprivate")(year)) / _MONTHS
    employed = status == PAYING
    earns = ~np.isin(status, (PAYING, DRAWING, RESIDENT_DRAWING)) & (age >= 20) & (age < 60) & (random.random(count) < number("works_without_scheme"))
    informal = number("informal_wage") * private * local / post
    earnings = np.where(employed, local * factor * noise, np.where(earns, informal * noise, 0.0))
    pension = np.where(status == DRAWING, number("pension_in_income") * local, 0.0)
    return Money(earnings, _household_income(year, random, region, area, household, (earnings + pension) / local))


def _household_income(year: int, random: np.random.Generator, region: Ints, area: Ints, household: Ints, earned: Floats) -> Floats:
    """Yearly income of each person's household, by its place in the province's town or country as earnings go."""
    homes = int(household.max()) + 1 if len(household) else 0
    size = np.bincount(household, minlength=homes)
    per_head = np.bincount(household, weights=earned, minlength=homes) / np.maximum(size, 1)
    score = np.log(per_head + _BASIC) + number("income_noise") * random.standard_normal(homes)
    own = score[household]
    place = 2 * region + area
    count = np.maximum(np.bincount(place), 1)
    own = own - (np.bincount(place, weights=own) / count)[place]
    standard = own / np.maximum(np.sqrt(np.bincount(area, weights=own**2) / np.maximum(np.bincount(area), 1)), 1e-9)[area]
    spread = np.array([number("income_urban_spread"), number("income_rural_spread")])[area]
    level = np.exp(spread * standard)
    income = mean_income(year)[region, area] * level / (np.bincount(place, weights=level) / count)[place]
    found: Floats = income * size[household]
    return found


@cache
def mean_income(year: int) -> Floats:
    """Mean disposable income per head a year by province, in town and country: shape (31, 2)."""
    people = by_area(year).sum(axis=(2, 3))
    urban, rural = (by_year("income_national", f"mean_{name}_yuan") for name in ("urban", "rural"))
    town = people[:, 0] / people.sum(axis=1)
    ratio = float(urban(year) / rural(year))
    provinces = np.zeros(len(regions()))
    for row in read("income_province"):
        provinces[region_number(row["region"])] = float(row["yuan_per_head"])
    level = provinces / (provinces * people.sum(axis=1)).sum() * people.sum() * _nation(year)
    country = level / (town * ratio + 1 - town)
    return np.stack([country * ratio, country], axis=1)


def _nation(year: int) -> float:
    """The nation's mean; before it was published (2013) it moves with town and country."""
    published = by_year("income_national", "mean_yuan")
    first = max(year, int(published.at[0]))
    return float(published(first)) * _mixed(year) / _mixed(first)


def _mixed(year: int) -> float:
    people = by_area(year).sum(axis=(0, 2, 3))
    means = np.array([float(by_year("income_national", f"mean_{name}_yuan")(year)) for name in ("urban", "rural")])
    return float((people * means).sum() / people.sum())
