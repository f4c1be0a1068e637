"""How pensions in payment rose: yearly factors from the claim to the year asked about.

From 2008 the nation's published percentages apply; before, notices tied rises to wages, in assumed shares. The percentages
are those of the average pension: a person's own rise (so much, so much a year of contributions, per cent) differs.
"""

from __future__ import annotations

import numpy as np

from app.population.synthetic.tables import Flags, Floats, Ints, by_year, curve, number

FIRST_YEAR, LAST_YEAR = 1950, 2025
PUBLISHED = 2008
INSTITUTIONS_TOO = 2016


def enterprise_rises() -> Floats:
    """The rise of each year from 1950 on of enterprises' pensions, as a share of last year's pension."""
    recent = curve("gap_wage_share_in_rises")
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    share = np.where(years < recent.at[0], number("gap_wage_share_in_rises_before_2005"), recent(years))
    return _from(PUBLISHED, share * _wage_growth())


def institution_rises(share: float) -> Floats:
    """The same of public institutions' pensions: a share of the growth of wages until they came under the national notices."""
    return _from(INSTITUTIONS_TOO, share * _wage_growth())


def growth(rises: Floats, claim_year: Ints, year: int) -> Floats:
    """What a yuan awarded in the claim's year has become in the year: rises begin the year after the claim."""
    grown = np.cumprod(1 + rises)
    found: Floats = grown[year - FIRST_YEAR] / grown[np.clip(claim_year, FIRST_YEAR, year) - FIRST_YEAR]
    return found


def employees_growth(claim_year: Ints, institution: Flags, year: int) -> Floats:
    """Enterprises' people by the notices; of institutions' people those who came into the fund from 2016 on kept pace with wages."""
    among = curve("institution_drawing_10k")
    came_in = 1 - float(among(min(year, INSTITUTIONS_TOO - 1)) / among(year))
    old, new = (growth(institution_rises(number(f"gap_institution_wage_share{which}")), claim_year, year) for which in ("", "_of_newcomers"))
    found: Floats = np.where(institution, (1 - came_in) * old + came_in * new, growth(enterprise_rises(), claim_year, year))
    return found


def _wage_growth() -> Floats:
    """The growth of last year's average wage, known at each year's rise."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    wages = by_year("wages_national", "yuan_per_year", series="staff_on_post")
    return np.maximum(wages(years - 1.0) / wages(years - 2.0) - 1, 0.0)


def _from(first: int, before: Floats) -> Floats:
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    rises: Floats = np.where(years >= first, by_year("pension_adjustment", "percent")(years) / 100, before)
    return rises
