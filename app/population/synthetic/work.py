"""Where people work and are registered: all of it assumed, in shares (margins/assumptions.csv)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .careers import Careers
from .coverage import DRAWING, PAYING, RESIDENT_DRAWING, RESIDENT_PAYING
from .draws import Purpose, stream
from .retirement import FEMALE_45_SPECIAL, MALE_55_SPECIAL, Retirements
from .tables import Flags, Floats, Ints, by_year, curve, number

EMPLOYERS = ("state_enterprise", "collective_enterprise", "other_enterprise", "other_unit", "government")
GOVERNMENT = 4
RURAL, URBAN = range(2)
REGISTRATIONS = ("rural", "urban")


@dataclass(frozen=True, slots=True)
class Work:
    """Of each employee: of a public institution, flexible, the kind of employer, years in a listed hardship job (0 without)."""

    institution: Flags
    flexible: Flags
    employer: Ints
    hardship_years: Ints


def work(year: int, seed: int, block: int, drawing: Flags, careers: Careers, retired: Retirements) -> Work:
    """Public institutions' people are drawn from those with a career in units."""
    random = stream(seed, block, Purpose.WORK)
    count = len(drawing)
    special = np.isin(retired.category, (MALE_55_SPECIAL, FEMALE_45_SPECIAL))
    drawing_share = float(curve("institution_drawing_10k")(year) / by_year("employees_scheme", "drawing_10k")(year))
    share = np.where(drawing, drawing_share, curve("institution_paying_share")(year))
    eligible = careers.formal & ~special
    institution = eligible & (random.random(count) < share * _as_share_of(eligible, drawing))
    flexible = ~careers.formal & (random.random(count) < number("flexible_of_late"))
    shares = np.array([number(f"works_in_{name}") for name in EMPLOYERS[:GOVERNMENT]])
    employer = np.searchsorted(np.cumsum(shares / shares.sum())[:-1], random.random(count), side="right")
    hardship = np.where(special, random.integers(10, 26, count), 0)
    return Work(institution, flexible, np.where(institution, GOVERNMENT, employer), hardship)


def registrations(seed: int, block: int, area: Ints, status: Ints) -> Ints:
    """Of each person the household register: in town many are still registered in the country."""
    random = stream(seed, block, Purpose.REGISTRATION)
    in_town = np.select(
        [np.isin(status, (PAYING, DRAWING)), np.isin(status, (RESIDENT_PAYING, RESIDENT_DRAWING))],
        [number("registered_in_town_employees"), number("registered_in_town_residents")],
        number("registered_in_town_others"),
    )
    chance = np.where(area == 0, in_town, number("registered_in_town_country"))
    return np.where(random.random(len(area)) < chance, URBAN, RURAL)


def _as_share_of(part: Flags, drawing: Flags) -> Floats:
    """What turns a share of those drawing (or of those paying) into a share of the part of them."""
    found: Floats = np.where(drawing, drawing.sum() / max(1, (part & drawing).sum()), (~drawing).sum() / max(1, (part & ~drawing).sum()))
    return found
