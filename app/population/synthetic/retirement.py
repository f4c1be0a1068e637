"""When employees retire: the category each belongs to, and the month of the claim of those who draw or are about to.

Margins of this were not found; every share is an assumption (margins/assumptions.csv).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .draws import Purpose, stream
from .tables import Flags, Ints, curve, legal, number, version_start

CATEGORIES = ("male_60", "female_55", "female_50", "male_55_special", "female_45_special")
MALE_60, FEMALE_55, FEMALE_50, MALE_55_SPECIAL, FEMALE_45_SPECIAL = range(5)
NO_CLAIM = -1


@dataclass(frozen=True, slots=True)
class Retirements:
    """Of each employee: category, month of birth and month of claim (12 * year + month - 1; -1 where none is near)."""

    category: Ints
    birth_month: Ints
    claim_month: Ints


@cache
def original_months() -> Ints:
    """The original retirement age of each category, in months."""
    ages = legal("original_age")
    return np.array([ages[category] for category in CATEGORIES]).astype(np.int64)


def retire(year: int, seed: int, block: int, sex: Ints, age: Ints, birth_month: Ints, drawing: Flags) -> Retirements:
    """Categories and claims of employees; who draws has claimed by the end of the year, who pays claims next year at the soonest."""
    random = stream(seed, block, Purpose.CAREERS)
    birth_year = birth_month // 12
    category = _categories(random, sex, age, birth_year, drawing)
    original = birth_month + original_months()[category]
    gradual = version_start("gradual")
    delay = np.where(original >= gradual, int(number("claim_delay_from_2025")), 0)
    late = (random.random(len(age)) < number("late_claim_share")) & (category != MALE_55_SPECIAL) & (category != FEMALE_45_SPECIAL)
    delay = np.where(late & (original < gradual), 1 + random.integers(0, int(number("late_claim_months")), len(age)), delay)
    end_of_year = 12 * year + 11
    claimed = np.minimum(original + delay, end_of_year)
    # Whoever pays at or past the original age goes on paying: his claim is not in sight.
    near = (original + delay > end_of_year) & (original + delay <= end_of_year + 12)
    claim = np.where(drawing, claimed, np.where(near, original + delay, NO_CLAIM))
    return Retirements(category, birth_month, claim)


def _categories(random: np.random.Generator, sex: Ints, age: Ints, birth_year: Ints, drawing: Flags) -> Ints:
    """A category that goes with sex, age and drawing: nobody draws before the age of his category."""
    men, draw = sex == 0, random.random(len(age))
    ages = original_months() // 12
    manager, worker = ages[FEMALE_55], ages[FEMALE_50]
    ordinary, hardship = np.where(men, ages[MALE_60], manager), np.where(men, ages[MALE_55_SPECIAL], ages[FEMALE_45_SPECIAL])
    special = np.where(men, number("special_job_men"), number("special_job_women"))
    early = np.where(men, hardship, worker)
    # Who draws before the ordinary age of his sex has a special job; who pays after the special age has none.
    must = drawing & (age < early) | drawing & men & (age < ordinary)
    cannot = ~drawing & (age >= hardship)
    is_special = must | ((draw < special) & ~cannot)
    managers = curve("female_55")(birth_year + (manager + worker) / 2)
    at_55 = np.where(drawing, (random.random(len(age)) < managers) & (age >= manager), (random.random(len(age)) < managers) | (age >= worker))
    women = np.where(is_special, FEMALE_45_SPECIAL, np.where(at_55, FEMALE_55, FEMALE_50))
    return np.where(men, np.where(is_special, MALE_55_SPECIAL, MALE_60), women)
