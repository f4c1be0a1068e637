"""Persons by province, area, sex and single year of age at the end of any year from 2010 to 2025.

The censuses of 2010 and 2020 give five-year groups. They are split into single years as smoothly as the groups' sums
allow, and followed along birth cohorts: between the censuses geometrically (so deaths and moves between provinces are
those observed), after 2020 by United Nations death rates and births, without moves between provinces.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .tables import AGES, NATION, SEXES, Floats, curve, number, read, region_number, regions

FIRST_CENSUS, LAST_CENSUS = 2010, 2020
_STARTS = (0, 1, *range(5, 90, 5))
_OPEN = 85
"""Five-year groups end here: the last one is 85 and over."""


@cache
def population(year: int) -> Floats:
    """Persons by province, sex and age at the end of the year: shape (31, 2, 101)."""
    if not FIRST_CENSUS <= year <= 2025:
        raise ValueError(f"There are margins from {FIRST_CENSUS} to 2025, not for {year}. Choose a year among them.")
    if year <= LAST_CENSUS:
        return _between(year)
    people = census(LAST_CENSUS)
    for each in range(LAST_CENSUS + 1, year + 1):
        people = _next_year(people, each)
    return people


@cache
def census(year: int) -> Floats:
    """A census split into single years of age."""
    groups = np.zeros((len(regions()), 2, len(_STARTS)))
    for row in read("census_age_sex"):
        if int(row["year"]) == year and row["region"] != NATION:
            start = int(row["age_group"].rstrip("+").split("-")[0])
            groups[region_number(row["region"]), SEXES.index(row["sex"]), _STARTS.index(start)] = float(row["persons"])
    return _single_years(groups, year)


def _single_years(groups: Floats, year: int) -> Floats:
    """Groups to single years: the least sum of squared second differences that keeps every group's sum."""
    ages = np.zeros((*groups.shape[:-1], AGES))
    split = np.maximum(groups[..., :-1] @ _splitter().T, 0.0)
    ends = [*_STARTS[1:-1], _OPEN]
    for index, (start, end) in enumerate(zip(_STARTS[:-1], ends, strict=True)):
        part = split[..., start:end]
        ages[..., start:end] = part * (groups[..., index] / part.sum(axis=-1))[..., None]
    for sex in range(2):
        alive = np.cumprod(np.concatenate([[1.0], survival(year)[sex, _OPEN:-1]]))
        alive[-1] /= 1.0 - survival(year)[sex, -1]
        ages[:, sex, _OPEN:] = groups[:, sex, -1:] * alive / alive.sum()
    return ages


@cache
def _splitter() -> Floats:
    """The matrix from the groups below 85 to single years: the solution of the constrained least squares."""
    count = len(_STARTS) - 1
    sums = np.zeros((count, _OPEN))
    for index, (start, end) in enumerate(zip(_STARTS[:-1], [*_STARTS[1:-1], _OPEN], strict=True)):
        sums[index, start:end] = 1.0
    bend = np.diff(np.eye(_OPEN), n=2, axis=0)
    system = np.block([[bend.T @ bend, sums.T], [sums, np.zeros((count, count))]])
    right = np.vstack([np.zeros((_OPEN, count)), np.eye(count)])
    return np.linalg.solve(system, right)[:_OPEN]


@cache
def survival(year: int) -> Floats:
    """The share of each age that lives to the end of the year, by sex and age: shape (2, 101)."""
    period = min(2025, 5 * (year // 5))
    rates = np.zeros((2, AGES))
    for row in read("death_rates"):
        if int(row["period_start"]) == period:
            rates[SEXES.index(row["sex"]), int(row["age_start"].rstrip("+")) :] = float(row["rate"])
    return np.exp(-rates)


def _between(year: int) -> Floats:
    """Between two censuses: each birth cohort in constant proportion, so its yearly change is the same every year."""
    gone, left = year - FIRST_CENSUS, LAST_CENSUS - year
    before, after = census(FIRST_CENSUS), census(LAST_CENSUS)
    share = gone / (LAST_CENSUS - FIRST_CENSUS)
    ages = np.arange(AGES)
    people = np.maximum(before, 1.0) ** (1 - share) * np.maximum(after, 1.0) ** share
    cohort = (ages - gone >= 0) & (ages + left < _OPEN - 1)
    old = np.maximum(before[..., ages[cohort] - gone], 1.0)
    new = np.maximum(after[..., ages[cohort] + left], 1.0)
    people[..., cohort] = old ** (1 - share) * new**share
    for age in range(gone):
        alive = np.prod([survival(year + step)[:, age + step] for step in range(left)], axis=0) if left else np.ones(2)
        people[..., age] = after[..., age + left] / alive
    return people


def _next_year(people: Floats, year: int) -> Floats:
    """One year on: everybody a year older, the dead taken out, the year's births put in."""
    alive = people * survival(year)
    older = np.zeros_like(people)
    older[..., 1:] = alive[..., :-1]
    older[..., -1] += alive[..., -1]
    births = {int(row["year"]): row for row in read("births")}[year]
    boys = float(births["boys_per_100_girls"])
    total = 1000 * float(births["births_thousand"]) * np.array([boys, 100.0]) / (100.0 + boys)
    babies = census(LAST_CENSUS)[..., 0]
    older[..., 0] = babies / babies.sum(axis=0) * total * np.sqrt(survival(year)[:, 0])
    return older


@cache
def urban_share(year: int) -> Floats:
    """The share of each province's people who live in town: between the censuses straight, after them slower."""
    shares = {}
    for row in read("census_households"):
        if row["region"] != NATION:
            shares[int(row["year"]), region_number(row["region"])] = float(row["urban_persons"]) / float(row["persons"])
    first, last = (np.array([shares[census_year, index] for index in range(len(regions()))]) for census_year in (FIRST_CENSUS, LAST_CENSUS))
    step = (last - first) / (LAST_CENSUS - FIRST_CENSUS)
    after = number("urban_growth_after_2020") * max(0, year - LAST_CENSUS)
    grown: Floats = np.minimum(first + step * (min(year, LAST_CENSUS) - FIRST_CENSUS + after), 0.97)
    return grown


@cache
def by_area(year: int) -> Floats:
    """Persons by province, area, sex and age: shape (31, 2, 2, 101). Townspeople's ages follow assumed odds."""
    people = population(year)
    wanted = urban_share(year) * people.sum(axis=(1, 2))
    odds = curve("urban_odds")(np.arange(AGES))
    low, high = np.full(len(wanted), 1e-3), np.full(len(wanted), 1e3)
    for _ in range(60):
        factor = np.sqrt(low * high)
        town = people * (factor[:, None, None] * odds) / (1 + factor[:, None, None] * odds)
        too_many = town.sum(axis=(1, 2)) > wanted
        low, high = np.where(too_many, low, factor), np.where(too_many, factor, high)
    return np.stack([town, people - town], axis=1)
