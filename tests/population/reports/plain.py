"""The figures of a report computed once more, row by row in plain Python: what the SQL is held to."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from app.population.reports.options import AGE_STARTS

from .sample import AS_OF

Row = dict[str, Any]
# What each line of a report pays in a year (or once): column and times.
PAID: dict[str, tuple[str, int]] = {
    "pension.small": ("pension.small.monthly_pension", 12),
    "grant.small": ("grant.small.grant", 1),
    "subsidy.small": ("subsidy.small.yearly", 1),
}
TOGETHER = ("pension.small", "subsidy.small")


def weight(row: Row) -> Fraction:
    """A weight as the report takes it: to six decimals."""
    return Fraction(round(row.get("weight", 1.0) * 10**6), 10**6)


def fen(amount: Fraction) -> Decimal:
    """Half up to the fen (amounts here may be negative: then away from zero)."""
    exact = Decimal(abs(amount.numerator) * 10**30 // amount.denominator).scaleb(-30)
    rounded = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return -rounded if amount < 0 and rounded else rounded


def status(row: Row, scheme: str, side: str) -> str:
    """The status of a scheme, or of all together."""
    if scheme != "all":
        return row.get(f"{side}{scheme}.status") or "rejected"
    each = [status(row, member, side) for member in TOGETHER]
    for found in ("eligible", "rejected", "undetermined"):
        if found in each:
            return found
    return "not_eligible"


def amount(row: Row, scheme: str, side: str) -> Fraction | None:
    """What a person is paid in a year (or once); None where that is not known."""
    if scheme == "all":
        each = [amount(row, member, side) for member in TOGETHER]
        return None if None in each else sum((found for found in each if found is not None), Fraction(0))
    found = status(row, scheme, side)
    if found == "not_eligible":
        return Fraction(0)
    if found != "eligible":
        return None
    column, times = PAID[scheme]
    return times * Fraction(row.get(side + column) or 0)


def known(row: Row, scheme: str, side: str) -> Fraction:
    """What a person is known to be paid in a year (or once)."""
    return sum((amount(row, member, side) or Fraction(0) for member in (TOGETHER if scheme == "all" else (scheme,))), Fraction(0))


def total(pairs: Iterable[tuple[Row, Fraction | int | None]]) -> Fraction:
    """The weighted sum of values."""
    return sum((weight(row) * (value or 0) for row, value in pairs), Fraction(0))


def persons(rows: Iterable[Row]) -> Fraction:
    return sum((weight(row) for row in rows), Fraction(0))


def median(pairs: Iterable[tuple[Any, Fraction | float]]) -> Any:
    """The smallest value at or below which at least half of the weight lies."""
    found = sorted(pairs)
    everyone, so_far = sum((Fraction(held) for _, held in found), Fraction(0)), Fraction(0)
    for value, held in found:
        so_far += Fraction(held)
        if 2 * so_far >= everyone:
            return value
    return None


def age(row: Row) -> int | None:
    born = row.get("birth_date")
    return None if born is None else AS_OF.year - born.year - ((AS_OF.month, AS_OF.day) < (born.month, born.day))


def age_group(row: Row) -> str | None:
    years = age(row)
    if years is None:
        return None
    starts = (0, *AGE_STARTS, 10_000)
    low, high = next((low, high) for low, high in pairwise(starts) if low <= years < high)
    return f"{low}+" if high == 10_000 else f"{low}-{high - 1}"


def province(row: Row) -> str:
    return str(row["region"])[:2] + "0000"


# -- incomes ----------------------------------------------------------------------------------------


def households(rows: list[Row]) -> list[list[Row]]:
    """Rows by household; a row without one is alone."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        found[("alone", number) if row.get("household_id") is None else row["household_id"]].append(row)
    return list(found.values())


def incomes(rows: list[Row], scheme: str, power: float = 0.5) -> list[tuple[Row, float | None, Mapping[str, float] | None]]:
    """Each row with the income it has as given, and its incomes without and with benefits where all are known."""
    found: list[tuple[Row, float | None, Mapping[str, float] | None]] = []
    for members in households(rows):
        stated = [row["about.household_income"] for row in members if row.get("about.household_income") is not None]
        if not stated:
            found += [(row, None, None) for row in members]
            continue
        income, shared = Fraction(max(stated)) / 12, math.pow(len(members), power)
        given = float(income) / shared
        paid = {side: [amount(row, scheme, side) for row in members] for side in ("", "after.")}
        known = None
        if not any(None in each for each in paid.values()):
            before, after = (sum((each for each in paid[side] if each is not None), Fraction(0)) / 12 for side in ("", "after."))
            known = {"without": given, "before": float(income + before) / shared, "after": float(income + after) / shared}
        found += [(row, given, known) for row in members]
    return found


def gini(pairs: list[tuple[float, float]]) -> float:
    """Half the mean absolute difference between any two persons, over the mean."""
    everyone, everything = sum(held for _, held in pairs), sum(held * income for income, held in pairs)
    apart = sum(one * other * abs(mine - theirs) for mine, one in pairs for theirs, other in pairs)
    return apart / (2 * everyone * everything)


def deciles(pairs: Sequence[tuple[Any, Fraction]]) -> dict[Any, int]:
    """The decile of each income: that of the middle of the persons who have it."""
    held: dict[Any, Fraction] = defaultdict(Fraction)
    for income, each in pairs:
        held[income] += each
    everyone, below, found = sum(held.values()), Fraction(0), {}
    for income in sorted(held):
        found[income] = 1 + min(9, math.floor(10 * (below + held[income] / 2) / everyone))
        below += held[income]
    return found
