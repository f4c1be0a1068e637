"""Persons put into households: couples by age, children with mothers, the old alone, as couples or with their children.

How many live in family households, their mean size and how many live alone are the census's, by province. Who marries,
who stays with parents and who joins whom is drawn with assumed weights by age.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .cells import calibrated
from .draws import Purpose, choose, stream, whole
from .matching import Hosts, couples
from .tables import AGES, NATION, Flags, Floats, Ints, curve, number, read, region_number, regions

NEVER, MARRIED, FORMERLY = range(3)
MARITAL = ("never_married", "married", "widowed_or_divorced")
GROWN_UP = 18


@dataclass(frozen=True, slots=True)
class Homes:
    """Of each person: the household's number in the block, whether it is a family household, the marital status."""

    household: Ints
    family: Flags
    marital: Ints


@dataclass(frozen=True, slots=True)
class HouseholdMargins:
    """Of each province: the share of persons in family households, persons in one, and the share of one person's."""

    in_families: Floats
    mean_size: Floats
    alone: Floats


@cache
def household_margins(year: int) -> HouseholdMargins:
    """The censuses' figures, straight between 2010 and 2020 and as in 2020 from then on."""
    found = {}
    for row in read("census_households"):
        if row["region"] != NATION:
            homes, persons = float(row["family_households"]), float(row["persons_in_family_households"])
            shares = (persons / float(row["persons"]), persons / homes, float(row["one_person_households"]) / homes)
            found[int(row["year"]), region_number(row["region"])] = shares
    first, last = (np.array([found[census, index] for index in range(len(regions()))]) for census in (2010, 2020))
    weight = (min(year, 2020) - 2010) / 10
    return HouseholdMargins(*((1 - weight) * first + weight * last).T)


@cache
def _outside_families(year: int) -> Floats:
    """The chance of living outside family households by province and age."""
    people = calibrated(year).sum(axis=(1, 2, 4))
    weight = curve("collective_weight")(np.arange(AGES))
    wanted = (1 - household_margins(year).in_families) * people.sum(axis=1)
    chance: Floats = np.minimum(0.8, weight * (wanted / (people * weight).sum(axis=1))[:, None])
    return chance


def form(year: int, seed: int, block: int, region: Ints, area: Ints, sex: Ints, age: Ints) -> Homes:
    """Households of one block's persons; only persons of one province and area live together."""
    random = stream(seed, block, Purpose.HOUSEHOLDS)
    count = len(age)
    group = 2 * region + area
    family = random.random(count) >= _outside_families(year)[region, age]
    marital = _marry(seed, block, sex, age)
    women_ages = age + random.random(count)
    husband, wife = couples(group, sex, age, family & (marital == MARRIED), random)
    paired = np.zeros(count, dtype=bool)
    paired[husband] = paired[wife] = True
    single = family & ~paired

    young = (marital == NEVER) & (random.random(count) < curve("lives_with_parents")(age)) & (age < 45)
    child = single & ((age < GROWN_UP) | young)
    lone = single & (sex == 1) & (marital != NEVER) & (age >= 22) & (age < 65)
    mothers = np.concatenate([wife, np.flatnonzero(lone)])
    children = np.flatnonzero(child)
    born = np.clip(random.normal(number("mother_age"), number("mother_age_spread"), len(children)), 18, 45)
    mother = Hosts(group, women_ages, mothers).find(group[children], age[children] + born)

    margins = household_margins(year)
    provinces = len(regions())
    homes = np.bincount(region[family], minlength=provinces) / margins.mean_size
    alone_wanted = homes * margins.alone
    lone_mothers = np.zeros(count, dtype=bool)
    lone_mothers[mother[mother >= 0]] = True
    lone_mothers[paired] = False
    rest = np.flatnonzero(single & ~child & ~lone_mothers)
    own = homes - alone_wanted - np.bincount(region[lone_mothers], minlength=provinces)
    pairs = np.bincount(region[wife], minlength=provinces)
    heads = whole(np.maximum(own - pairs, 0.0) + alone_wanted, random)
    leads = choose(region[rest], curve("alone_weight")(age[rest]), heads, random)
    joining = choose(region[wife], curve("joins_weight")(age[husband]), whole(pairs - own, random), random)

    household = np.arange(count)
    household[husband] = wife
    hosts = Hosts(group, women_ages, np.concatenate([wife[~joining], np.flatnonzero(lone_mothers)]))
    household[wife[joining]] = _join(hosts, group, age, wife[joining], random)
    household[husband[joining]] = household[wife[joining]]
    household[rest[~leads]] = _join(hosts, group, age, rest[~leads], random)
    found = mother >= 0
    household[children[found]] = household[mother[found]]
    return Homes(household, family, marital)


def _marry(seed: int, block: int, sex: Ints, age: Ints) -> Ints:
    drawn = stream(seed, block, Purpose.MARRIAGE).random(len(age))
    married = np.where(sex == 0, curve("married_men")(age), curve("married_women")(age)) * (age >= GROWN_UP)
    formerly = np.where(sex == 0, curve("formerly_married_men")(age), curve("formerly_married_women")(age)) * (age >= 22)
    return np.where(drawn < married, MARRIED, np.where(drawn < married + formerly, FORMERLY, NEVER))


def _join(hosts: Hosts, group: Ints, age: Ints, joiners: Ints, random: np.random.Generator) -> Ints:
    """The household each joiner moves into: the old to their children, the young to their parents; his own where there is none."""
    apart = random.normal(number("mother_age"), number("mother_age_spread"), len(joiners))
    older = age[joiners] + random.normal(0, 5, len(joiners)) > 50
    host = hosts.find(group[joiners], age[joiners] + np.where(older, -apart, apart))
    return np.where(host >= 0, host, joiners)
