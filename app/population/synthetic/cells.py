"""The calibrated table: how many persons live in each province, town or country, by sex, age and scheme status.

Employees are raked (iterative proportional fitting) to two margins at once: persons by province, area, sex and age, and
persons by province and status; and pensioners of the nation to a third, when they began, which earlier years' counts
give. Residents are a share of the others, by age and area, that gives the scheme's counts.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .coverage import (
    DRAWING,
    NO_SCHEME,
    PAYING,
    RESIDENT_DRAWING,
    RESIDENT_PAYING,
    began_by,
    drawing_by_cohort,
    employees,
    employees_seed,
    fit,
    residents,
)
from .demography import by_area
from .tables import AGES, Flags, Floats, curve, number

_ROUNDS = 200
_CLOSE = 1e-6


@cache
def calibrated(year: int) -> Floats:
    """Persons by province, area, sex, age and status: shape (31, 2, 2, 101, 5)."""
    people = by_area(year)
    in_scheme = rake_employees(year, people)
    cells = np.zeros((*people.shape, 5))
    cells[..., PAYING], cells[..., DRAWING] = in_scheme[..., 0], in_scheme[..., 1]
    others = in_scheme[..., 2]
    ages = np.arange(AGES)
    town = np.array([number("urban_in_residents_scheme"), 1.0])[:, None, None]
    weight = curve("residents_paying_weight")(ages) * ((ages >= 16) & (ages < 60))
    wanted = residents(year)
    cells[..., RESIDENT_PAYING] = share_out(others, town * weight, wanted[:, 0])
    cells[..., RESIDENT_DRAWING] = share_out(others, town * (ages >= 60), wanted[:, 1])
    cells[..., NO_SCHEME] = others - cells[..., RESIDENT_PAYING] - cells[..., RESIDENT_DRAWING]
    return cells


def _bands(year: int) -> list[tuple[Flags, float]]:
    """Who came onto the pension in each stretch between counted years: sexes and ages, and their share of those drawing."""
    counts = drawing_by_cohort(year)
    whole = employees(year)[:, DRAWING].sum()
    earlier = np.zeros((2, AGES), dtype=bool)
    before, bands = 0.0, []
    for at, persons in counts:
        ages = began_by(year, at)
        share = min(persons / whole, 1.0) - before
        bands.append((ages & ~earlier, share))
        earlier, before = ages, before + share
    return [*bands, (~earlier, 1.0 - before)]


def _room_for_paying(people: Floats) -> Floats:
    men, women = people[:, :, 0, 18:60], people[:, :, 1, 18:55]
    room: Floats = number("employees_highest_share") * (men.sum(axis=(1, 2)) + women.sum(axis=(1, 2)))
    return room


def rake_employees(year: int, people: Floats) -> Floats:
    """Paying, drawing and neither: shape (31, 2, 2, 101, 3), summing to `people` over status and to the scheme's counts over the rest."""
    wanted = np.stack([fit(employees(year)[:, PAYING], _room_for_paying(people)), employees(year)[:, DRAWING]], axis=1)
    bands = _bands(year)
    target = np.concatenate([wanted, (people.sum(axis=(1, 2, 3)) - wanted.sum(axis=1))[:, None]], axis=1)
    cells = people[..., None] * employees_seed()
    for _ in range(_ROUNDS):
        for ages, share in bands:
            drawing = cells[:, :, ages, DRAWING]
            cells[:, :, ages, DRAWING] = drawing * (share * wanted[:, DRAWING].sum() / drawing.sum())
        by_status = cells.sum(axis=(1, 2, 3))
        cells *= (target / by_status)[:, None, None, None, :]
        total = cells.sum(axis=-1)
        cells *= np.divide(people, total, out=np.zeros_like(people), where=total > 0)[..., None]
        if np.abs(by_status / target - 1).max() < _CLOSE:
            break
    return cells


def share_out(others: Floats, weight: Floats, wanted: Floats) -> Floats:
    """Of `others` (province, area, sex, age) as many as wanted in each province: shares go with the weights, up to the highest share."""
    highest = number("residents_highest_share")
    room = highest * (others * (weight > 0)).sum(axis=(1, 2, 3))
    fitted = fit(wanted, room)
    low, high = np.zeros(len(fitted)), np.full(len(fitted), 100.0)
    for _ in range(60):
        factor = (low + high) / 2
        found = others * np.minimum(highest, factor[:, None, None, None] * weight)
        too_many = found.sum(axis=(1, 2, 3)) > fitted
        low, high = np.where(too_many, low, factor), np.where(too_many, factor, high)
    counted: Floats = found
    return counted
