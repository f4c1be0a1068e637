"""Careers of employees: when work began, deemed months, one contribution record a year, the account.

Published margins of careers were not found, so all of this is assumed (margins/assumptions.csv): people in units work
from youth on with gaps; late entrants (flexible workers, migrants) have little more than the least years.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .draws import Purpose, stream
from .retirement import NO_CLAIM, Retirements, original_months
from .tables import (
    FIRST_YEAR,
    LAST_YEAR,
    Flags,
    Floats,
    Ints,
    by_year,
    curve,
    legal,
    legal_number,
    number,
    read,
    region_number,
    regions,
    version_start,
    yearly,
)
from .wages import wage

INDEX_SCALE = 10**6
"""An index has six decimals (`rules/facts/pension.yaml`)."""


@dataclass(frozen=True, slots=True)
class Careers:
    """Of each employee; the records of all in one run, `counts` of them each, in order of years."""

    formal: Flags
    factor: Floats
    work_start: Ints
    deemed: Ints
    counts: Ints
    year: Ints
    months: Ints
    index: Ints
    balance: Floats
    """Account in yuan at the claim; of those who pay at the end of the year before."""


@cache
def account_start() -> Ints:
    """The month each province's personal accounts began, as a month number."""
    found = np.zeros(len(regions()), dtype=np.int64)
    for row in read("account_start"):
        year, month = row["month"].split("-")
        found[region_number(row["region"])] = 12 * int(year) + int(month) - 1
    return found


def careers(year: int, seed: int, block: int, region: Ints, drawing: Flags, retired: Retirements) -> Careers:
    """Careers up to the claim, or of those who pay up to the end of the year."""
    random = stream(seed, block, Purpose.RECORDS)
    count = len(region)
    birth, claim = retired.birth_month, retired.claim_month
    expected = birth + original_months()[retired.category]
    end = np.where(claim != NO_CLAIM, np.minimum(claim, 12 * year + 11), 12 * year + 11)
    formal = random.random(count) < curve("formal_share")(np.where(drawing, claim, expected) / 12)
    begin = account_start()[region]

    started = np.clip(random.normal(curve("work_start_age")(birth / 12), number("work_start_spread")), 16, 30)
    youth = birth + (12 * started).astype(np.int64)
    extra = random.exponential(12 * number("late_entry_extra_years"), count)
    tenure = random.random(count) * 12 * number("late_entry_tenure")
    least = int(legal_number("minimum_months_1997"))
    late = np.where(drawing, claim - least - extra.astype(np.int64), end - tenure.astype(np.int64))
    work_start = np.minimum(np.where(formal, youth, np.maximum(youth, late)), end)
    first = np.maximum(work_start, begin)

    owner, record_year, months = _years(first, end)
    kept = (random.random(len(owner)) < yearly("contribution_density")[record_year - FIRST_YEAR]) | ~formal[owner]
    owner, record_year, months = owner[kept], record_year[kept], months[kept]
    counts = np.bincount(owner, minlength=count)
    paid = np.bincount(owner, weights=months, minlength=count).astype(np.int64)
    deemed = np.maximum(np.minimum(begin, end) - work_start, 0) * formal
    needed = np.where(claim >= version_start("unified"), least, int(legal_number("minimum_months_1978")))
    # The least years are met by whoever draws: what is missing was bought or deemed.
    deemed = np.where(drawing & (claim != NO_CLAIM), np.maximum(deemed, needed - paid), deemed)

    spread = np.where(formal, number("index_spread_formal"), number("index_spread_late"))
    mean = np.where(formal, number("index_formal"), number("index_late"))
    factor = mean * np.exp(spread * random.standard_normal(count) - spread**2 / 2)
    level = factor[owner] * yearly("index_by_year")[record_year - FIRST_YEAR]
    index = np.minimum(np.maximum(level, number("index_lowest")), number("index_highest")).round(4)
    balance = _accounts(region, owner, record_year, months, index, end // 12, claim != NO_CLAIM)
    return Careers(formal, factor, work_start, deemed, counts, record_year, months, np.round(index * INDEX_SCALE).astype(np.int64), balance)


def _years(first: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """One record for each calendar year from the first month to the last: whose it is, the year, the months in it."""
    counts = np.maximum(end // 12 - first // 12 + 1, 0) * (first < end)
    owner = np.repeat(np.arange(len(first)), counts)
    starts = np.cumsum(counts) - counts
    year = np.arange(len(owner)) + np.repeat(first // 12 - starts, counts)
    months = np.full(len(owner), 12)
    some = counts > 0
    months[starts[some]] -= first[some] % 12
    months[(starts + counts - 1)[some]] -= 11 - end[some] % 12
    return owner, year, months


def _accounts(region: Ints, owner: Ints, year: Ints, months: Ints, index: Floats, last: Ints, claims: Flags) -> Floats:
    """Balances by the yearly method: interest for whole years up to the end of the year before `last`, credits of `last` without.

    Who does not claim yet has the balance of the end of the year before `last`: without the credits of `last`.
    """
    whole_years, of_last_year = _credit_factors()
    before_last = last[owner] - 1
    late = year > before_last
    credit = index * months * wage(region[owner], year - 1) * np.where(late, of_last_year[year - FIRST_YEAR] * claims[owner], whole_years[year - FIRST_YEAR])
    until = interest()[1][np.where(late, year, before_last) - FIRST_YEAR]
    return np.bincount(owner, weights=credit * until, minlength=len(region)).astype(np.float64)


@cache
def _credit_factors() -> tuple[Floats, Floats]:
    """By year, what a yuan of wage adds to the account, over a yuan's growth to then: with the year's interest, and without."""
    rates, growth = interest()
    years = np.arange(FIRST_YEAR, FIRST_YEAR + len(rates))
    shares = sorted((int(year), share) for year, share in legal("account_share").items())
    share = np.full(len(years), number("account_share_before_1998"))
    for since, credited in shares:
        share[years >= since] = credited
    with_interest: Floats = share * (1.0 + legal_number("yearly_method_factor") * rates) / growth
    without: Floats = share / growth
    return with_interest, without


@cache
def interest() -> tuple[Floats, Floats]:
    """Yearly rates from `FIRST_YEAR` on, and one yuan's growth to the end of each year."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    published = by_year("account_interest", "percent")
    rates: Floats = np.where(years < published.at[0], curve("account_interest_before_2016")(years), published(years) / 100)
    rates[years < number("account_interest_from")] = 0.0
    return rates, np.cumprod(1.0 + rates).astype(np.float64)
