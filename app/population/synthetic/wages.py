"""Average monthly wages by province and year, in yuan: what contribution indexes and reference wages are measured by.

Where the rules know a province's own series it is that; else the nation's wage of staff in post times the province's
place beside it, straight between what the yearbooks give for 2002 and 2021. From 2019 it is the wage of all urban units.
Rows of grade D are left out.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .tables import NATION, Floats, Ints, by_year, read, region_number, regions

FIRST_YEAR, LAST_YEAR = 1950, 2025
FULL_CALIBRE = 2019
_MONTHS = 12


@cache
def average_wages() -> Floats:
    """By province and year from 1950 to 2025: shape (31, 76), yuan a month. Before 1978 as in 1978."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    nation = by_year("wages_national", "yuan_per_year", series="staff_on_post")
    wages = nation(years) * _relative(years)
    full = _full_calibre_over_post()
    recent = years >= FULL_CALIBRE
    wages[:, recent] = wages[:, recent] * full[:, None]
    for row in read("wages_by_province"):
        if row["series"] in ("local", "full_calibre") and row["confidence"] != "D":
            wages[region_number(row["region"]), int(row["year"]) - FIRST_YEAR] = float(row["yuan_per_year"])
    wages[:, -1] = wages[:, -2] * 1.02
    return wages / _MONTHS


def wage(region: Ints, year: Ints) -> Floats:
    """The average monthly wage of each pair of province and year."""
    return average_wages().ravel().take(region * (LAST_YEAR - FIRST_YEAR + 1) + (np.clip(year, FIRST_YEAR, LAST_YEAR) - FIRST_YEAR))


def _relative(years: Ints) -> Floats:
    """Each province's wage beside the nation's, by year."""
    found: dict[int, dict[int, float]] = {index: {} for index in range(len(regions()))}
    for row in read("wages_by_province"):
        if row["series"] in ("staff_on_post", "nonprivate") and row["region"] != NATION:
            nation = float(by_year("wages_national", "yuan_per_year", series=row["series"])(int(row["year"])))
            found[region_number(row["region"])][int(row["year"])] = float(row["yuan_per_year"]) / nation
    return np.array([np.interp(years, list(points), list(points.values())) for points in found.values()])


def _full_calibre_over_post() -> Floats:
    """Each province's wage of all urban units over that of staff in post in 2021, where the two are known best."""
    nation = by_year("wages_national", "yuan_per_year", series="staff_on_post")
    full = {row["region"]: float(row["yuan_per_year"]) for row in read("wages_by_province") if row["series"] == "full_calibre" and row["year"] == "2021"}
    post = nation(2021.0) * _relative(np.array([2021]))[:, 0]
    ratios = np.array([full.get(code, np.nan) for code in regions()]) / post
    return np.where(np.isnan(ratios), np.nanmean(ratios), ratios)
