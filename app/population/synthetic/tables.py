"""The margins and assumptions, read from the CSV files beside this module.

Every row of a margin has a `confidence` (A read in an official release or a faithful reprint, B secondary, C recalled
and checked, D recalled: an order of magnitude) and a `source` named in margins/README.md.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NATION = "000000"
SEXES = ("male", "female")
AGES = 101
"""Single years of age 0 to 99, and 100 and over."""


@cache
def read(name: str) -> tuple[dict[str, str], ...]:
    """The rows of margins/<name>.csv."""
    with files(__package__).joinpath("margins", f"{name}.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def regions() -> tuple[str, ...]:
    """The codes of the 31 mainland provinces in GB/T 2260's order."""
    return tuple(sorted({row["region"] for row in read("account_start")}))


@cache
def region_number(code: str) -> int:
    return regions().index(code)


@dataclass(frozen=True, slots=True)
class Curve:
    """A value by age or year: straight between its points, flat outside them."""

    at: Floats
    value: Floats

    def __call__(self, where: Any) -> Floats:
        found: Floats = np.interp(where, self.at, self.value)
        return found


@cache
def curve(name: str) -> Curve:
    """An assumption that has several points."""
    points = sorted((float(row["at"]), float(row["value"])) for row in read("assumptions") if row["name"] == name)
    if not points:
        raise KeyError(f"margins/assumptions.csv has no rows named '{name}'.")
    return Curve(np.array([at for at, _ in points]), np.array([value for _, value in points]))


FIRST_YEAR, LAST_YEAR = 1900, 2100


@cache
def yearly(name: str) -> Floats:
    """An assumption by year as a table: its element at `year - FIRST_YEAR`."""
    return curve(name)(np.arange(FIRST_YEAR, LAST_YEAR + 1))


@cache
def number(name: str) -> float:
    """An assumption that is one number."""
    (value,) = (float(row["value"]) for row in read("assumptions") if row["name"] == name)
    return value


@cache
def legal(name: str) -> dict[str, float]:
    """A figure of the law by its key, out of margins/law.csv: what people are drawn to fit has to be the rules' own."""
    found = {row["key"]: float(row["value"]) for row in read("law") if row["name"] == name}
    if not found:
        raise KeyError(f"margins/law.csv has no rows named '{name}'.")
    return found


def legal_number(name: str) -> float:
    """A figure of the law that has no key."""
    return legal(name)[""]


def version_start(name: str) -> int:
    """The month (12 * year + month - 1) from which a version of the law holds."""
    return int(legal("version_start")[name])


def by_year(table: str, column: str, **wanted: str) -> Curve:
    """A column of a yearly table as a curve over years, rows chosen by the named columns' values."""
    rows = [row for row in read(table) if row[column] and all(row[key] == value for key, value in wanted.items())]
    points = sorted((float(row["year"]), float(row[column])) for row in rows)
    return Curve(np.array([year for year, _ in points]), np.array([value for _, value in points]))
