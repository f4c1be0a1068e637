"""Random numbers that depend on the seed, the block and the purpose alone: a block is the same whatever came before it.

Philox is counter-based: a key is a stream, and streams of different keys are independent.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from .tables import Flags, Floats, Ints

DEFAULT_SEED = 20241231
_GOLDEN = (5**0.5 - 1) / 2


class Purpose(IntEnum):
    """What a stream is for. Numbers stay as they are: changing one changes every population."""

    PERSONS = 1
    MARRIAGE = 2
    HOUSEHOLDS = 3
    ORDER = 4
    DATES = 5
    CAREERS = 6
    RECORDS = 7
    RESIDENTS = 8
    MONEY = 9
    HEALTH = 10
    WORK = 11
    REGISTRATION = 12
    INSURED = 13


def stream(seed: int, block: int, purpose: Purpose) -> np.random.Generator:
    """The random numbers of one purpose in one block."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, block * 256 + purpose], dtype=np.uint64)))


def systematic(cumulative: Floats, count: int, seed: int, block: int) -> Ints:
    """Which cell each of `count` draws falls in, in the cells' order, one draw in every equal part of the total.

    Systematic sampling: any run of neighbouring cells gets its share to within one person. The start moves by the golden
    ratio from block to block, so that many blocks together fall evenly as well.
    """
    start = (stream(seed, 0, Purpose.PERSONS).random() + block * _GOLDEN) % 1.0
    cells: Ints = np.searchsorted(cumulative, (np.arange(count) + start) * (cumulative[-1] / count), side="right")
    return cells


def ranks(group: Ints, key: Floats | Ints) -> Ints:
    """The rank of each element by key within its group, from 0."""
    order = np.lexsort((key, group))
    first = np.zeros(len(group), dtype=np.int64)
    if len(group):
        sorted_group = group[order]
        starts = np.flatnonzero(np.concatenate([[True], sorted_group[1:] != sorted_group[:-1]]))
        first = np.repeat(starts, np.diff(np.concatenate([starts, [len(group)]])))
    found = np.empty(len(group), dtype=np.int64)
    found[order] = np.arange(len(group)) - first
    return found


def choose(group: Ints, weight: Floats, wanted: Ints, random: np.random.Generator) -> Flags:
    """In each group as many as wanted (or all there are), drawn without replacement in proportion to the weights."""
    key = random.exponential(size=len(group)) / np.maximum(weight, 1e-9)
    chosen: Flags = ranks(group, key) < wanted[group]
    return chosen


def whole(expected: Floats, random: np.random.Generator) -> Ints:
    """Expected counts to whole ones, up or down by chance, so that they are right on average."""
    return np.floor(np.maximum(expected, 0.0) + random.random(len(expected))).astype(np.int64)
