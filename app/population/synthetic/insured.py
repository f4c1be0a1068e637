"""Where people are insured: mostly where they live; not all of those who live in another province than the one that insures them."""

from __future__ import annotations

from functools import cache

import numpy as np

from .cells import calibrated
from .coverage import NO_SCHEME, employees, residents
from .draws import Purpose, stream
from .tables import Floats, Ints, regions


def insured_regions(year: int, seed: int, block: int, residence: Ints, status: Ints) -> Ints:
    """The province whose scheme each person is in; his own without a scheme.

    Where more of a status live than a province insures, some of them are insured in those that insure more than live there.
    """
    random = stream(seed, block, Purpose.INSURED)
    elsewhere, shares = _flows(year)
    leaves = random.random(len(residence)) < elsewhere[residence, status]
    goal = np.zeros(len(residence), dtype=np.int64)
    drawn = random.random(len(residence))
    for each in range(NO_SCHEME):
        here = leaves & (status == each)
        goal[here] = np.searchsorted(shares[each], drawn[here], side="right")
    return np.where(leaves, np.minimum(goal, len(regions()) - 1), residence)


@cache
def _flows(year: int) -> tuple[Floats, Floats]:
    """By province and status the chance of being insured elsewhere; by status the running shares of the provinces that insure them."""
    wanted = np.concatenate([employees(year), residents(year)], axis=1)
    living = calibrated(year).sum(axis=(1, 2, 3))
    over = living[:, :NO_SCHEME] - wanted
    chance = np.zeros_like(living)
    chance[:, :NO_SCHEME] = np.maximum(over, 0.0) / np.maximum(living[:, :NO_SCHEME], 1.0)
    missing = np.maximum(-over, 0.0)
    shares = np.cumsum(missing, axis=0) / np.maximum(missing.sum(axis=0), 1e-9)
    return chance, shares.T
