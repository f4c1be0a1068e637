"""Residents' scheme: the month drawing began or will begin, months paid, and the account at that month.

Nobody paid before the scheme began; who was 60 by then draws the basic part alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .draws import Purpose, stream
from .retirement import NO_CLAIM
from .tables import Flags, Floats, Ints, curve, legal, legal_number, number

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Residents:
    """Of each person of the scheme: month of the claim (-1 where none is near), months paid, account in yuan."""

    claim_month: Ints
    months: Ints
    balance: Floats
    yearly: Floats
    """What he pays a year now, in yuan: one of the scheme's tiers."""


def residents(year: int, seed: int, block: int, birth_month: Ints, drawing: Flags) -> Residents:
    """Careers up to the claim, of those who pay up to the end of the year."""
    random = stream(seed, block, Purpose.RESIDENTS)
    count = len(birth_month)
    start = _MONTHS * int(number("residents_start"))
    at_60 = birth_month + _MONTHS * int(legal_number("resident_pension_age"))
    end_of_year = _MONTHS * year + 11
    first = np.maximum(start, birth_month + _MONTHS * int(number("residents_entry_age")))
    near = ~drawing & (at_60 > end_of_year) & (at_60 <= end_of_year + _MONTHS)
    claim = np.where(drawing, np.minimum(np.maximum(start, at_60), end_of_year), np.where(near, at_60, NO_CLAIM))
    last = np.where(drawing, at_60, end_of_year + 1)
    # Years paid go with a person: some miss none, some most. Who draws has made up for them.
    share = random.beta(6.0 * number("residents_density"), 6.0 * (1 - number("residents_density")), count)
    years = np.maximum(last - first, 0) // _MONTHS
    months = np.where(drawing, years, np.round(years * share)).astype(np.int64) * _MONTHS
    level = np.exp(number("residents_yearly_spread") * random.standard_normal(count) - number("residents_yearly_spread") ** 2 / 2)
    balance = level * share * _credits(first // _MONTHS, np.maximum(last // _MONTHS, first // _MONTHS)) * (months > 0)
    wanted = level * curve("residents_yearly")(year)
    tiers = np.array(sorted(legal("resident_tier").values()))
    return Residents(claim, months, balance, tiers[np.searchsorted((tiers[1:] + tiers[:-1]) / 2, wanted)])


def _credits(first: Ints, last: Ints) -> Floats:
    """One average credit a year from the first year to the one before the last, with interest, in yuan at the last."""
    total, growth = _series()
    return (total[last - _FIRST] - total[first - _FIRST]) * growth[last - _FIRST]


_FIRST = 2000


@cache
def _series() -> tuple[Floats, Floats]:
    years = np.arange(_FIRST, 2031)
    growth: Floats = (1 + number("residents_interest")) ** (years - _FIRST).astype(np.float64)
    yearly = curve("residents_yearly")(years) / growth
    return np.concatenate([[0.0], np.cumsum(yearly)[:-1]]), growth
