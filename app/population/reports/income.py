"""Incomes: which column they come from, whose they are, and each person's share of the household's.

Statistics of incomes are binary floats, computed from exact decimals; no amount and no decision depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from app.language import Title

from .options import ReportOptions
from .run_files import Run

# Columns a year and a month, the first of them that is there counts.
HOUSEHOLD_INCOMES = ("about.household_income", "about.household_monthly_income")
OWN_INCOMES = ("about.income", "about.monthly_income")
HOUSEHOLD_SIZE = "about.household_size"
INCOME_COLUMNS = ("household_income", "own_income", "household_size")
_INCOME_TYPE = "DECIMAL(24,6)"
_MONTHLY = "monthly_income"
DECILES = 10

HOW_TO_ADD = Title(
    f"人口表没有收入列。请加入 {HOUSEHOLD_INCOMES[0]}（全户每年收入，元，小数型；每月的用 {HOUSEHOLD_INCOMES[1]}）与 household_id，"
    f"或 {OWN_INCOMES[0]}（本人每年收入；每月的用 {OWN_INCOMES[1]}）；户内有人不在表中时再加 {HOUSEHOLD_SIZE}（户内人数）。",
    f"The population has no column of incomes. Add {HOUSEHOLD_INCOMES[0]} (the whole household's, yuan a year, as decimals; {HOUSEHOLD_INCOMES[1]} if a "
    f"month's) and household_id, or {OWN_INCOMES[0]} (the person's own; {OWN_INCOMES[1]} if a month's); where members are not in the table, "
    f"{HOUSEHOLD_SIZE} (persons in the household) too.",
)


@dataclass(frozen=True, slots=True)
class IncomeBasis:
    """How incomes are read. `column` of a name of INCOME_COLUMNS is the SQL that reads it (a year's), null where there is none."""

    household_income: str | None
    own_income: str | None
    household_size: str | None
    households: bool
    options: ReportOptions

    @property
    def available(self) -> bool:
        return self.household_income is not None or self.own_income is not None

    def column(self, name: str) -> str:
        source: str | None = getattr(self, name)
        kind = "INTEGER" if name == "household_size" else _INCOME_TYPE
        if source is None:
            return f"NULL::{kind}"
        return f'12 * "{source}"::{kind}' if source.endswith(_MONTHLY) else f'"{source}"::{kind}'

    def describe(self) -> Title:
        """What an income is, in words."""
        if not self.available:
            return HOW_TO_ADD
        column = self.household_income or self.own_income
        unit = Title("按户合计", "added up by household") if self.households else Title("按人", "of each person alone")
        power = self.options.equivalence
        shared = Title(f"除以户内人数的 {power} 次方", f"divided by the household's size to the power {power}")
        held = (
            Title("该列已含基准待遇", "it holds the baseline's benefits already")
            if self.options.income_has_benefits
            else Title("该列不含待遇", "it holds no benefits yet")
        )
        return Title(f"收入取自 {column}，{unit.zh}，{shared.zh}；{held.zh}。", f"Income is {column}, {unit.en}, {shared.en}; {held.en}.")

    def make_incomes(self, db: duckdb.DuckDBPyConnection, recurring: int | None, has_reform: bool) -> None:
        """Make the table `incomes` from the view `persons`, and the view `people` with each person's decile.

        Columns of yuan a month for a person living alone (equivalised): `y_given` as in the column, `y_without` benefits,
        `y_before` and `y_after` with them. The last three are null together as soon as one is not known.
        """
        before = "0" if recurring is None else f"before_{recurring}"
        after = before if recurring is None or not has_reform else f"after_{recurring}"
        own = "household_income" if self.household_income else "own_income"
        size = "coalesce(household_size, 1)" if self.household_income else "1"
        alone = f"SELECT *, {own} AS income, {size} AS size, {before} AS paid_before, {after} AS paid_after FROM persons"
        if self.households:
            db.execute(_HOUSEHOLDS.format(before=before, after=after, income=self._household_total()))
            alone = _MEMBERS.format(alone=f"{alone} WHERE household IS NULL")
        without = "income - paid_before" if self.options.income_has_benefits else "income"
        db.execute(_INCOMES.format(members=alone, without=without, shared=f"(12 * pow(greatest(size, 1), {self.options.equivalence}))"))
        cuts = self._cuts(db)
        steps = " ".join(f"WHEN y_given <= {cut!r}::DOUBLE THEN {decile}" for decile, cut in cuts)
        decile = f"CASE WHEN y_given IS NULL THEN NULL {steps} END" if steps else "NULL::INTEGER"
        db.execute(f"CREATE VIEW people AS SELECT *, {decile} AS decile FROM incomes")

    def _household_total(self) -> str:
        if self.household_income:
            return "max(household_income)"
        return "CASE WHEN count(own_income) = count(*) THEN sum(own_income) END"

    def _cuts(self, db: duckdb.DuckDBPyConnection) -> list[tuple[int, float]]:
        """The highest income of each decile. Persons of equal income share a decile: that of the middle of their group."""
        return [(int(decile), float(cut)) for decile, cut in db.execute(_CUTS.format(deciles=DECILES)).fetchall()]


def income_basis(run: Run, options: ReportOptions) -> IncomeBasis:
    """What the results say of incomes."""
    household = next((name for name in HOUSEHOLD_INCOMES if _is_number(run, name)), None)
    own = None if household is not None else next((name for name in OWN_INCOMES if _is_number(run, name)), None)
    size = HOUSEHOLD_SIZE if _is_number(run, HOUSEHOLD_SIZE) else None
    return IncomeBasis(household, own, size, run.has("household_id"), options)


def _is_number(run: Run, column: str) -> bool:
    if not run.has(column):
        return False
    kind = run.type_of(column)
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind))


# A household's income is the same in each of its rows; the highest counts.
_HOUSEHOLDS = """
CREATE TABLE households AS
SELECT
    household,
    {income} AS income,
    coalesce(max(household_size), count(*)) AS size,
    CASE WHEN count(*) = count({before}) THEN sum({before}) END AS paid_before,
    CASE WHEN count(*) = count({after}) THEN sum({after}) END AS paid_after
FROM persons
WHERE household IS NOT NULL
GROUP BY household
"""

# A row without a household is one of its own.
_MEMBERS = "SELECT persons.*, income, size, paid_before, paid_after FROM persons JOIN households USING (household) UNION ALL {alone}"

_INCOMES = """
CREATE TABLE incomes AS
SELECT
    * EXCLUDE (region, age, household, household_income, own_income, household_size, income, size, paid_before, paid_after, known),
    income::DOUBLE / {shared} AS y_given,
    CASE WHEN known THEN ({without})::DOUBLE / {shared} END AS y_without,
    CASE WHEN known THEN ({without} + paid_before)::DOUBLE / {shared} END AS y_before,
    CASE WHEN known THEN ({without} + paid_after)::DOUBLE / {shared} END AS y_after
FROM (SELECT *, income IS NOT NULL AND paid_before IS NOT NULL AND paid_after IS NOT NULL AS known FROM ({members}))
"""

_CUTS = """
WITH levels AS (SELECT y_given, sum(weight) AS held FROM incomes WHERE y_given IS NOT NULL GROUP BY y_given),
ranked AS (
    SELECT y_given, held, sum(held) OVER (ORDER BY y_given) - held AS below, sum(held) OVER () AS everyone FROM levels
)
SELECT decile, max(y_given)
FROM (
    SELECT y_given, 1 + least(floor({deciles} * (2 * below + held) / (2 * everyone)), {deciles} - 1)::INTEGER AS decile
    FROM ranked
    WHERE everyone > 0
)
GROUP BY decile
ORDER BY decile
"""
