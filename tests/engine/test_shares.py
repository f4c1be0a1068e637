"""Shares of a change: what they are, and that they add up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.shares import coalitions, exact_shares, in_units, rounded, share_out

CENT = Decimal("0.01")
amounts = st.fractions(min_value=-10_000, max_value=10_000, max_denominator=1000)


@st.composite
def games(draw: st.DrawFn) -> tuple[int, dict[frozenset[int], Fraction | None]]:
    count = draw(st.integers(1, 4))
    return count, {made: draw(amounts) for made in coalitions(count)}


def orders(values: dict[frozenset[int], Fraction | None], count: int) -> list[list[Fraction]]:
    """What each adds in every order that only leads through known values."""
    found = []
    for order in permutations(range(count)):
        steps = [values[frozenset(order[:made])] for made in range(count + 1)]
        if None in steps:
            continue
        parts = [Fraction(0)] * count
        for place, number in enumerate(order):
            after, before = steps[place + 1], steps[place]
            assert after is not None and before is not None
            parts[number] = after - before
        found.append(parts)
    return found


@given(games(), st.data())
def test_a_share_is_the_average_over_every_order_that_can_be_computed(
    game: tuple[int, dict[frozenset[int], Fraction | None]], data: st.DataObject
) -> None:
    count, values = game
    inner = [made for made in values if 0 < len(made) < count]
    for made in data.draw(st.lists(st.sampled_from(inner), max_size=3)) if inner else []:
        values[made] = None
    found = exact_shares(values, count)
    assert found is not None
    every = orders(values, count)
    if every:
        assert found == ([sum(parts[number] for parts in every) / len(every) for number in range(count)], False)
    else:
        assert len(set(found[0])) == 1 and found[1]


@settings(max_examples=200)
@given(games(), st.sampled_from([6, 2, -1]), st.sampled_from([CENT, Decimal(1), Decimal("1e-12")]))
def test_shares_add_up_to_the_fen(game: tuple[int, dict[frozenset[int], Fraction | None]], most: int, unit: Decimal) -> None:
    count, values = game
    shares = share_out(values, count, unit, most)
    assert shares is not None
    assert sum(shares.parts) == shares.total
    first, last = values[frozenset()], values[frozenset(range(count))]
    assert first is not None and last is not None and abs(Fraction(shares.total) - (last - first)) <= Fraction(unit) / 2


@given(st.lists(amounts, min_size=1, max_size=6))
def test_a_rounded_share_is_within_a_unit_of_the_exact_one(parts: list[Fraction]) -> None:
    found = in_units(parts, rounded(sum(parts, Fraction(0)), CENT), CENT)
    assert all(abs(Fraction(share) - part) <= Fraction(CENT) for share, part in zip(found, parts, strict=True))


def test_largest_remainders_go_up() -> None:
    third = Fraction(1, 3)
    assert in_units([third, third, third], Decimal("1.00"), CENT) == (Decimal("0.34"), Decimal("0.33"), Decimal("0.33"))
    assert in_units([-third, -third, -third], Decimal("-1.00"), CENT) == (Decimal("-0.33"), Decimal("-0.33"), Decimal("-0.34"))


def test_an_interaction_is_shared_equally() -> None:
    values: dict[frozenset[int], Fraction | None] = dict.fromkeys(coalitions(2), Fraction(0))
    values[frozenset({0, 1})] = Fraction(100)
    shares = share_out(values, 2, CENT)
    assert shares is not None and shares.parts == (Decimal(50), Decimal(50)) and shares.method == "shapley"


def test_more_than_six_are_taken_in_order() -> None:
    sets = coalitions(7)
    assert len(sets) == 8
    shares = share_out({made: Fraction(len(made) ** 2) for made in sets}, 7, CENT)
    assert shares is not None and shares.method == "in_order" and shares.parts == tuple(map(Decimal, (1, 3, 5, 7, 9, 11, 13)))


@pytest.mark.parametrize("missing", [frozenset[int](), frozenset({0, 1})])
def test_an_unknown_end_has_no_shares(missing: frozenset[int]) -> None:
    values: dict[frozenset[int], Fraction | None] = dict.fromkeys(coalitions(2), Fraction(1))
    values[missing] = None
    assert share_out(values, 2, CENT) is None
