"""Units of measure: products of powers of a closed set of base units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .errors import ExpressionError, suggestion

BASE_UNITS = ("CNY", "year", "month", "day", "person", "point")
_FACTOR = re.compile(r"([A-Za-z]+)(?:\^([0-9]+))?\Z")


@dataclass(frozen=True, slots=True)
class Unit:
    """Exponents of base units, sorted by name, zero exponents left out; empty is a pure number."""

    powers: tuple[tuple[str, int], ...] = ()

    def __mul__(self, other: Unit) -> Unit:
        return _product(self, other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return _product(self, other, -1)

    def to_the(self, exponent: int) -> Unit:
        return _unit({name: power * exponent for name, power in self.powers})

    def __str__(self) -> str:
        return _written(self.powers)


@cache
def _written(powers: tuple[tuple[str, int], ...]) -> str:
    above = "*".join(_factor(name, power) for name, power in powers if power > 0)
    below = "/".join(_factor(name, -power) for name, power in powers if power < 0)
    return (above or "1") + (f"/{below}" if below else "")


@cache
def _product(left: Unit, right: Unit, sign: int) -> Unit:
    """One unit times the other to the power of `sign`."""
    ours, theirs = dict(left.powers), dict(right.powers)
    return _unit({name: ours.get(name, 0) + sign * theirs.get(name, 0) for name in BASE_UNITS})


def _unit(powers: dict[str, int]) -> Unit:
    order = {name: index for index, name in enumerate(BASE_UNITS)}
    kept = sorted(((name, power) for name, power in powers.items() if power), key=lambda pair: order[pair[0]])
    return Unit(tuple(kept))


def _factor(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"


ONE = Unit()


@cache
def parse_unit(text: str) -> Unit:
    """Read a unit such as `CNY/month`, `1/year` or `1`. Raises ExpressionError on an unknown unit."""
    result = ONE
    for position, part in enumerate(text.split("/")):
        for factor in part.split("*"):
            word = factor.strip()
            if word == "1":
                continue
            match = _FACTOR.match(word)
            if match is None or match[1] not in BASE_UNITS:
                raise ExpressionError(
                    f"'{text}' is not a known unit.{suggestion(word, BASE_UNITS)} "
                    f"Units are built from {', '.join(BASE_UNITS)} and 1 with * and /, such as CNY/month."
                )
            unit = _unit({match[1]: int(match[2] or 1)})
            result = result * unit if position == 0 else result / unit
    return result
