"""How much of a change each of several amendments carries: shares that add up to the change exactly.

Up to `MOST_SHAPLEY` amendments, a share is the Shapley value: what the amendment adds when it is made, averaged over
every order in which the amendments could be made. Orders that lead through a law that cannot be computed are left out.
With more amendments, one order counts: that in which they apply. The shares are exact fractions, then rounded to a
unit by largest remainder, so that they still add up. docs/reasons.md has an example.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

MOST_SHAPLEY = 6
Made = frozenset[int]
Method = Literal["shapley", "in_order"]


@dataclass(frozen=True, slots=True)
class Shares:
    """`parts`, one for each amendment in their order, add up to `total`.

    `joint`: some could only be computed together, and share what they do together equally.
    """

    method: Method
    total: Decimal
    parts: tuple[Decimal, ...]
    joint: bool


def coalitions(count: int, most: int = MOST_SHAPLEY) -> tuple[Made, ...]:
    """The sets of amendments whose laws have to be computed, from none to all."""
    if count > most:
        return tuple(frozenset(range(made)) for made in range(count + 1))
    return tuple(_members(mask) for mask in range(1 << count))


def exact_shares(values: Mapping[Made, Fraction | None], count: int, most: int = MOST_SHAPLEY) -> tuple[list[Fraction], bool] | None:
    """What each amendment has in what all change together, and whether some share equally what they do jointly.

    `values` has one for each of the `coalitions`, None where it is unknown; None comes of an unknown value at one of the ends.
    """
    if values[frozenset()] is None or values[frozenset(range(count))] is None:
        return None
    if count > most:
        return _in_order([values[frozenset(range(made))] for made in range(count + 1)])
    return _shapley([values[_members(mask)] for mask in range(1 << count)], count)


def share_out(values: Mapping[Made, Fraction | None], count: int, unit: Decimal, most: int = MOST_SHAPLEY) -> Shares | None:
    """The `exact_shares` rounded to a unit, so that they add up to the total, which is rounded half away from zero."""
    found = exact_shares(values, count, most)
    if found is None:
        return None
    total = rounded(_known(values[frozenset(range(count))]) - _known(values[frozenset()]), unit)
    return Shares(method_for(count, most), total, in_units(found[0], total, unit), found[1])


def method_for(count: int, most: int = MOST_SHAPLEY) -> Method:
    return "in_order" if count > most else "shapley"


def rounded(value: Fraction, unit: Decimal) -> Decimal:
    """The nearest multiple of a unit, halves away from zero."""
    whole, rest = divmod(abs(value) / Fraction(unit), 1)
    count = int(whole) + (rest >= Fraction(1, 2))
    return (count if value >= 0 else -count) * unit


def in_units(parts: Sequence[Fraction], total: Decimal, unit: Decimal) -> tuple[Decimal, ...]:
    """The parts as multiples of a unit that add up to the total, a multiple itself: rounded down, then the largest remainders up."""
    counts = [part / Fraction(unit) for part in parts]
    floors = [count.numerator // count.denominator for count in counts]
    left = int(total / unit) - sum(floors)
    if not parts:
        return ()
    each, more = divmod(left, len(parts))
    order = sorted(range(len(parts)), key=lambda number: (floors[number] - counts[number], number))
    upward = set(order[:more])
    return tuple((floor + each + (number in upward)) * unit for number, floor in enumerate(floors))


def _members(mask: int) -> Made:
    return frozenset(number for number in range(mask.bit_length()) if mask >> number & 1)


def _shapley(values: list[Fraction | None], count: int) -> tuple[list[Fraction], bool]:
    """The average of what each adds, over all orders that only lead through known values; by the numbers of such orders."""
    full = (1 << count) - 1
    before = [0] * (full + 1)  # orders that lead from nothing to a set
    before[0] = 1
    for mask in range(1, full + 1):
        if values[mask] is not None:
            before[mask] = sum(before[mask & ~(1 << number)] for number in range(count) if mask >> number & 1)
    after = [0] * (full + 1)  # orders that lead from a set to everything
    after[full] = 1
    for mask in range(full - 1, -1, -1):
        if values[mask] is not None:
            after[mask] = sum(after[mask | 1 << number] for number in range(count) if not mask >> number & 1)
    if not after[0]:
        return _equally(values[0], values[full], count), count > 1
    parts = [Fraction(0)] * count
    for mask in range(full):
        for number in range(count):
            step = mask | 1 << number
            orders = before[mask] * after[step]
            if step != mask and orders:
                parts[number] += orders * (_known(values[step]) - _known(values[mask]))
    return [part / after[0] for part in parts], False


def _in_order(values: list[Fraction | None]) -> tuple[list[Fraction], bool]:
    """What each adds in the order they apply; those between two known values equally."""
    known = [position for position, value in enumerate(values) if value is not None]
    parts: list[Fraction] = []
    for low, high in pairwise(known):
        parts += _equally(values[low], values[high], high - low)
    return parts, len(known) < len(values)


def _equally(first: Fraction | None, last: Fraction | None, count: int) -> list[Fraction]:
    return [(_known(last) - _known(first)) / count] * count


def _known(value: Fraction | None) -> Fraction:
    assert value is not None
    return value
