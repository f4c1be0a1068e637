"""Couples and hosts by age, within groups, without a loop over persons."""

from __future__ import annotations

import numpy as np

from .draws import ranks
from .tables import Flags, Floats, Ints, number

_SPAN = 256.0
"""Wider than any age: a group's ages, shifted by its number times this, do not meet another group's."""
_NEAR = 9
"""Guests of about one age are dealt out in turn to this many hosts around the best one."""


def couples(group: Ints, sex: Ints, age: Ints, married: Flags, random: np.random.Generator) -> tuple[Ints, Ints]:
    """The husbands and wives, in pairs: within a group by rank of age, husbands a little older. Who is over is left out."""
    men, women = np.flatnonzero(married & (sex == 0)), np.flatnonzero(married & (sex == 1))
    groups = int(group.max()) + 1 if len(group) else 0
    pairs = np.minimum(np.bincount(group[men], minlength=groups), np.bincount(group[women], minlength=groups))
    men = men[ranks(group[men], random.random(len(men))) < pairs[group[men]]]
    women = women[ranks(group[women], random.random(len(women))) < pairs[group[women]]]
    men_ages = age[men] - number("husband_older") + random.normal(0, number("spouse_age_spread"), len(men))
    women_ages = age[women] + random.random(len(women))
    return men[np.lexsort((men_ages, group[men]))], women[np.lexsort((women_ages, group[women]))]


class Hosts:
    """Women with a household, to be found by group and age."""

    def __init__(self, group: Ints, age: Floats, hosts: Ints) -> None:
        keys = group[hosts] * _SPAN + age[hosts]
        order = np.argsort(keys, kind="stable")
        self._keys, self._hosts = keys[order], hosts[order]

    def find(self, group: Ints, age: Floats | Ints) -> Ints:
        """For each guest a host of about the age in the same group; -1 where the group has none."""
        if not len(self._hosts):
            return np.full(len(group), -1)
        first = np.searchsorted(self._keys, group * _SPAN)
        last = np.searchsorted(self._keys, (group + 1) * _SPAN)
        best: Ints = np.searchsorted(self._keys, group * _SPAN + np.clip(age, 0, _SPAN / 2))
        place = best + ranks(group, age) % _NEAR - _NEAR // 2
        place = np.minimum(np.maximum(place, first), last - 1)
        return np.where(last > first, self._hosts[np.maximum(place, 0)], -1)
