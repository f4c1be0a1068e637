"""How pensions in payment rose: yearly factors from the claim to the year asked about.

The nation's percentages of `pension.adjustment` apply where the rules know them (2006, and every year from 2008); other years'
notices tied rises to wages, in assumed shares. The percentages are those of the average pension: a person's own rise (so
much, so much a year of contributions, per cent) differs, and is not needed for an average.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from app.language import NATION, Rulebook
from app.population.synthetic.tables import Flags, Floats, Ints, by_year, curve, number

FIRST_YEAR, LAST_YEAR = 1950, 2025
INSTITUTIONS_TOO = 2016
"""From then on one notice covers enterprises and public institutions."""


class Rises:
    """The rises the rules and the assumptions give."""

    def __init__(self, rulebook: Rulebook) -> None:
        law = rulebook.at(date(LAST_YEAR, 12, 31), NATION, ())
        rows = law.schemes["pension.adjustment"].parameters["national_percentage"].rows
        self._notices = {int(row.key): float(row.value) for row in rows if isinstance(row.key, Decimal) and isinstance(row.value, Decimal)}
        recent = curve("gap_wage_share_in_rises")
        years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
        share = np.where(years < recent.at[0], number("gap_wage_share_in_rises_before_2005"), recent(years))
        self._enterprises = np.cumprod(1 + self._noticed(share * _wage_growth(), 0))
        self._institutions = [
            np.cumprod(1 + self._noticed(number(name) * _wage_growth(), INSTITUTIONS_TOO))
            for name in ("gap_institution_wage_share", "gap_institution_wage_share_of_newcomers")
        ]

    def growth(self, claim_year: Ints, institution: Flags, year: int) -> Floats:
        """What a yuan awarded in the claim's year has become in the year: rises begin the year after the claim.

        Of public institutions' people those who came into the fund from 2016 on had kept pace with wages.
        """
        among = curve("institution_drawing_10k")
        came_in = 1 - float(among(min(year, INSTITUTIONS_TOO - 1)) / among(year))
        start = np.clip(claim_year, FIRST_YEAR, year) - FIRST_YEAR
        old, new = (grown[year - FIRST_YEAR] / grown[start] for grown in self._institutions)
        enterprise = self._enterprises[year - FIRST_YEAR] / self._enterprises[start]
        found: Floats = np.where(institution, (1 - came_in) * old + came_in * new, enterprise)
        return found

    def _noticed(self, otherwise: Floats, first: int) -> Floats:
        """The notices' rises from the first year on, the others elsewhere."""
        rises = otherwise.copy()
        for year, percentage in self._notices.items():
            if first <= year <= LAST_YEAR:
                rises[year - FIRST_YEAR] = percentage
        return rises


def _wage_growth() -> Floats:
    """The growth of last year's average wage, known at each year's rise."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    wages = by_year("wages_national", "yuan_per_year", series="staff_on_post")
    return np.maximum(wages(years - 1.0) / wages(years - 2.0) - 1, 0.0)
