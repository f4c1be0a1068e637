"""How pensions in payment rose: yearly factors from the claim to the year asked about.

From 2008 the nation's published percentages apply; before, notices tied rises to wages, in assumed shares. The percentages
are those of the average pension: a person's own rise (so much, so much a year of contributions, per cent) differs.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from app.population.synthetic.tables import Floats, Ints, by_year, curve, number

FIRST_YEAR, LAST_YEAR = 1950, 2025
_PUBLISHED = 2008
_INSTITUTIONS_TOO = 2016


@cache
def rises(*, institution: bool) -> Floats:
    """The rise of each year from 1950 on, as a share of last year's pension."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    wages = by_year("wages_national", "yuan_per_year", series="staff_on_post")
    growth = np.maximum(wages(years - 1.0) / wages(years - 2.0) - 1, 0.0)
    published = by_year("pension_adjustment", "percent")(years) / 100
    if institution:
        return np.where(years >= _INSTITUTIONS_TOO, published, number("gap_institution_wage_share") * growth)
    recent = curve("gap_wage_share_in_rises")
    share = np.where(years < recent.at[0], number("gap_wage_share_in_rises_before_2005"), recent(years))
    return np.where(years >= _PUBLISHED, published, share * growth)


def growth(claim_year: Ints, year: int, institution: Ints) -> Floats:
    """What a yuan awarded in the claim's year has become in the year: rises begin the year after the claim."""
    found = np.empty(len(claim_year))
    for kind in (False, True):
        grown = np.cumprod(1 + rises(institution=kind))
        here = institution.astype(bool) == kind
        found[here] = grown[year - FIRST_YEAR] / grown[np.clip(claim_year[here], FIRST_YEAR, year) - FIRST_YEAR]
    return found
