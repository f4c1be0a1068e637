"""Disability by age, and the old who do not care for themselves: chances that give the published numbers."""

from __future__ import annotations

from functools import cache

import numpy as np

from .demography import population
from .draws import Purpose, stream
from .tables import AGES, Floats, Ints, number, read

NO_DISABILITY, MODERATE, SEVERE = range(3)
DISABILITIES = ("none", "grades_3_4", "grades_1_2")
OLD = 60
_TEN_THOUSAND = 1e4


def disabilities(seed: int, block: int, age: Ints) -> tuple[Ints, Ints]:
    """Of each person the disability, and whether he does not care for himself (1; only asked from 60 on)."""
    random = stream(seed, block, Purpose.HEALTH)
    drawn, severe = random.random(len(age)), random.random(len(age))
    helpless = drawn < helpless_rates()[age]
    disabled = drawn < disability_rates()[age]
    found = np.where(helpless | (disabled & (severe < _severe_otherwise())), SEVERE, np.where(disabled, MODERATE, NO_DISABILITY))
    return found, helpless.astype(np.int64)


@cache
def _severe_otherwise() -> float:
    """The share of grades 1 and 2 among the disabled who care for themselves: with the helpless it makes the whole share."""
    people = population(2010).sum(axis=(0, 1))
    disabled, helpless = float((people * disability_rates()).sum()), float((people * helpless_rates()).sum())
    return (severe_share() * disabled - helpless) / (disabled - helpless)


def _value(year: str, measure: str, category: str) -> float:
    (found,) = (float(row["value"]) for row in read("disability") if (row["year"], row["measure"], row["category"]) == (year, measure, category))
    return found


def severe_share() -> float:
    """The share of grades 1 and 2 among the disabled (estimate for 2010)."""
    return _value("2010", "all_disabled_persons_10k", "grades_1_2") / _value("2010", "all_disabled_persons_10k", "all")


@cache
def disability_rates() -> Floats:
    """By age: the estimate for 2010 in the age groups of the 2006 survey, rising with age from 60 on."""
    people = population(2010).sum(axis=(0, 1))
    ages = np.arange(AGES)
    disabled = _value("2010", "all_disabled_persons_10k", "all") * _TEN_THOUSAND / 100
    shape = np.exp(number("disability_growth_60plus") * np.maximum(ages - OLD, 0))
    rates = np.zeros(AGES)
    for category, start, end in (("age_0_14", 0, 15), ("age_15_59", 15, OLD), ("age_60_plus", OLD, AGES)):
        wanted = disabled * _value("2006", "share_of_disabled_pct", category)
        group = slice(start, end)
        rates[group] = shape[group] * wanted / (people[group] * shape[group]).sum()
    return np.minimum(rates, 0.95)


@cache
def helpless_rates() -> Floats:
    """By age from 60 on: those who do not care for themselves (census of 2020)."""
    people = population(2020).sum(axis=(0, 1))[OLD:]
    shape = np.exp(number("not_self_caring_growth") * np.arange(AGES - OLD))
    rates = np.zeros(AGES)
    wanted = people.sum() * _value("2020", "elders_60plus_pct", "not_self_caring") / 100
    for _ in range(20):
        rates[OLD:] = np.minimum(0.9, shape)
        shape = shape * wanted / (people * rates[OLD:]).sum()
    return rates
