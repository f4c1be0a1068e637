"""What a report can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Level = Literal["province", "prefecture", "county"]
# The first age of each group but the first.
AGE_STARTS = (16, 25, 35, 45, 50, 55, 60, 65, 70, 75, 80)


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """`measures`: benefits that count for a scheme, by their names; the others follow the rule of `measures.entries`.

    `poverty_line`: yuan a month for a person living alone; None takes `poverty_share` of the median before the reform.
    `equivalence`: a household's income is divided by its size to this power (0.5: the square-root scale; 0: not at all).
    `income_has_benefits`: the income column already holds the benefits of the baseline. `undetermined_as_nothing`: who is
    undetermined is taken to be paid nothing, where people are compared and incomes added up.
    `age_starts`: the first age of each age group but the first. `pool_level` and `pool_within`: whose pools are shown, such as the counties of "22", Jilin. `charts`: whether to draw. `memory`: what DuckDB may use, as it writes sizes.
    """

    measures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    poverty_line: Decimal | None = None
    poverty_share: Decimal = Decimal("0.5")
    equivalence: Decimal = Decimal("0.5")
    income_has_benefits: bool = False
    undetermined_as_nothing: bool = False
    age_starts: tuple[int, ...] = AGE_STARTS
    pool_level: Level = "province"
    pool_within: str = ""
    charts: bool = True
    memory: str = "2GB"

    def __post_init__(self) -> None:
        if self.poverty_line is not None and self.poverty_line <= 0:
            raise ValueError(f"the poverty line is {self.poverty_line} yuan a month. Give one above 0.")
        if not 0 < self.poverty_share < 1:
            raise ValueError(f"the poverty line is {self.poverty_share} of the median. Give a share between 0 and 1.")
        if not 0 <= self.equivalence <= 1:
            raise ValueError(f"the equivalence exponent is {self.equivalence}. Give one from 0 (household income as it is) to 1 (income per head).")
        if not self.age_starts or list(self.age_starts) != sorted(set(self.age_starts)) or self.age_starts[0] <= 0:
            raise ValueError(f"age groups start at {self.age_starts}. Give rising ages above 0.")

    def age_groups(self) -> tuple[str, ...]:
        """The names of the age groups, youngest first."""
        last = f"{self.age_starts[-1]}+"
        starts = (0, *self.age_starts)
        return (*(f"{low}-{high - 1}" for low, high in zip(starts, self.age_starts, strict=False)), last)
