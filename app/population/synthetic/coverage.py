"""Who is in which pension scheme, by province, at the end of a year: counts to calibrate to, in persons.

Nation by year from the bulletins; provinces of 2010 (employees) and 2024 (both schemes) from the yearbook. Between,
a province's share of the employees' scheme moves straight from one to the other; its part of the residents' scheme
goes with its people of the age. The insured are counted where they are insured, people where they live: what does not
fit into a province lives in another one (`fit`).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .demography import population, survival
from .tables import AGES, Flags, Floats, by_year, curve, number, read, region_number, regions

STATUSES = ("employees_paying", "employees_drawing", "residents_paying", "residents_drawing", "none")
PAYING, DRAWING, RESIDENT_PAYING, RESIDENT_DRAWING, NO_SCHEME = range(5)
FIRST_YEAR, LAST_YEAR = 2011, 2024
COUNTED = (2005, 2008, 2010, 2013, 2016, 2019)
"""Years whose published counts of pensioners say how many of a later year's had begun by then."""
RESIDENT_AGES = slice(16, 60)
PENSION_AGES = slice(60, None)
_TEN_THOUSAND = 1e4


@cache
def employees(year: int) -> Floats:
    """Persons paying and drawing in the employees' scheme by province: shape (31, 2)."""
    first, last = _provinces(2010, "employees"), _provinces(LAST_YEAR, "employees")
    shares = [counts / counts.sum(axis=0) for counts in (first, last)]
    weight = min(1.0, (year - 2010) / (LAST_YEAR - 2010))
    nation = _nation("employees_scheme", ("paying_10k", "drawing_10k"), year, last.sum(axis=0))
    counts: Floats = ((1 - weight) * shares[0] + weight * shares[1]) * nation
    return counts


@cache
def residents(year: int) -> Floats:
    """Persons paying and drawing in the residents' scheme by province of registration: shape (31, 2)."""
    last = _provinces(LAST_YEAR, "residents")
    growth = _of_age(year) / _of_age(LAST_YEAR)
    insured = by_year("residents_scheme", "insured_10k")
    drawing = by_year("residents_scheme", "drawing_10k")
    nation = np.array([insured(year) - drawing(year), drawing(year)])
    whole = np.array([insured(LAST_YEAR) - drawing(LAST_YEAR), drawing(LAST_YEAR)])
    grown = last * growth
    counts: Floats = grown / grown.sum(axis=0) * (nation * (last.sum(axis=0) / whole))
    return counts


def _of_age(year: int) -> Floats:
    people = population(year).sum(axis=1)
    return np.stack([people[:, RESIDENT_AGES].sum(axis=1), people[:, PENSION_AGES].sum(axis=1)], axis=1)


def _provinces(year: int, scheme: str) -> Floats:
    counts = np.zeros((len(regions()), 2))
    for row in read("schemes_by_province"):
        if int(row["year"]) == year:
            counts[region_number(row["region"])] = [float(row[f"{scheme}_{what}_10k"]) * _TEN_THOUSAND for what in ("paying", "drawing")]
    return counts


def _nation(table: str, columns: tuple[str, str], year: int, provinces: Floats) -> Floats:
    """The nation's counts less the part the yearbook gives to no province (0.3 % in 2024)."""
    counts = [by_year(table, column) for column in columns]
    unallocated = provinces / np.array([each(LAST_YEAR) * _TEN_THOUSAND for each in counts])
    found: Floats = np.array([each(year) for each in counts]) * _TEN_THOUSAND * unallocated
    return found


def fit(wanted: Floats, room: Floats) -> Floats:
    """The wanted counts made to fit where people live: who has no room in his province lives where those from others do."""
    fitted = np.minimum(wanted, room)
    for _ in range(50):
        over = wanted.sum() - fitted.sum()
        pull = np.where(room > fitted, from_elsewhere(), 0.0)
        if over <= 1.0 or not pull.any():
            break
        fitted = np.minimum(fitted + over * pull / pull.sum(), room)
    return fitted


@cache
def from_elsewhere() -> Floats:
    """Persons of each province registered in another one (2020)."""
    rows = {row["region"]: float(row["registered_other_province"]) for row in read("census_households") if row["year"] == "2020"}
    return np.array([rows[code] for code in regions()])


def drawing_by_cohort(year: int) -> list[tuple[int, float]]:
    """How many who draw in the year had begun by the end of each earlier year of a published count: that count less the dead.

    Those of public institutions who came in later with a pension from before are added as if of the same ages.
    """
    drawing = by_year("employees_scheme", "drawing_10k")
    joined = curve("institution_drawing_10k")
    found = []
    for earlier in COUNTED:
        if earlier < year:
            alive = _cohort(year, year - earlier) / _cohort(earlier, 0)
            came_in = max(0.0, float(joined(year) - joined(max(earlier, 2015)))) if year > 2015 else 0.0
            before = min(1.0, float(drawing(earlier) / drawing(min(year, 2015))))
            found.append((earlier, (float(drawing(earlier)) * alive + came_in * before) * _TEN_THOUSAND))
    return found


def began_by(year: int, earlier: int) -> Flags:
    """Of each sex and age in the year: whether of pension age already at the end of the earlier year. Shape (2, 101)."""
    then = np.arange(AGES) - (year - earlier)
    return np.stack([then >= 60, then >= number("women_claim_age")])


def _cohort(year: int, since: int) -> float:
    """Persons who were of pension age `since` years before the end of the year."""
    first = max(year, 2010)
    ages = began_by(first, year - since)
    people = population(first).sum(axis=0)
    for back in range(first, year, -1):
        people[:, :-1] = people[:, 1:] / survival(back)[:, :-1]
        ages = began_by(back - 1, year - since)
    return float(people[ages].sum())


def employees_seed() -> Floats:
    """Assumed shares paying, drawing and neither, by area, sex and age before calibration: shape (2, 2, 101, 3)."""
    ages = np.arange(AGES)
    seed = np.zeros((2, 2, len(ages), 3))
    for sex, name in enumerate(("men", "women")):
        paying, drawing = curve(f"employees_paying_{name}")(ages), curve(f"employees_drawing_{name}")(ages)
        for area, weight in enumerate((1.0, number("rural_in_employees_scheme"))):
            seed[area, sex] = np.stack([weight * paying, weight * drawing, 1 - paying - drawing], axis=-1)
    return seed
