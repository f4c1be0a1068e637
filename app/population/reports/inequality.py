"""Inequality and poverty before and after: Gini, poverty rate and gap, the Lorenz curve.

These are statistics in binary floats. They speak of persons (each with its weight) whose income and benefits, before
and after, are all known; the same persons in every line, so that the lines can be compared.
"""

from __future__ import annotations

from typing import Any

import duckdb

from app.language import Title

from .income import IncomeBasis
from .options import ReportOptions
from .queries import ask
from .tables import ReportTable, table
from .words import columns

_SIDES = {"without": "y_without", "before": "y_before", "after": "y_after"}
SIDE_TITLES = {
    "without": Title("不含待遇的收入", "Income without benefits"),
    "before": Title("加现行待遇", "With benefits before"),
    "after": Title("加改革后待遇", "With benefits after"),
}


def inequality_tables(db: duckdb.DuckDBPyConnection, basis: IncomeBasis, options: ReportOptions, has_reform: bool) -> list[ReportTable]:
    """The table of inequality and poverty, and the Lorenz curves; nothing where no income is known."""
    median = _median(db, "y_before") if basis.available else None
    line = options.poverty_line if options.poverty_line is not None else None if median is None else float(options.poverty_share) * median
    if median is None or line is None or line <= 0:
        return []
    sides = {side: income for side, income in _SIDES.items() if has_reform or side != "after"}
    rows = [{**_statistics(db, income, float(line)), "side": side} for side, income in sides.items()]
    names = "side persons income_mean income_median gini poverty_line poor poverty_rate poverty_gap mean_gap"
    notes = [basis.describe(), _line_note(options), _missing_note(db)]
    if options.undetermined_as_nothing:
        notes.append(Title("无法判定者按无待遇计。", "Who is undetermined is taken to be paid nothing."))
    return [
        table("inequality", Title("收入差距与贫困", "Inequality and poverty"), columns(names), rows, notes),
        table("lorenz", Title("洛伦兹曲线", "Lorenz curves"), columns("side persons_share income_share"), _curves(db, sides)),
    ]


def _statistics(db: duckdb.DuckDBPyConnection, income: str, line: float) -> dict[str, Any]:
    row = ask(db, "inequality", income=income, line=f"{line!r}::DOUBLE")[0]
    return {
        "persons": row["persons"],
        "income_mean": row["mean"],
        "income_median": _median(db, income),
        "gini": row["gini"],
        "poverty_line": line,
        **{name: row[name] for name in ("poor", "poverty_rate", "poverty_gap", "mean_gap")},
    }


def _median(db: duckdb.DuckDBPyConnection, income: str) -> float | None:
    found = ask(db, "income_median", income=income)[0]["median"]
    return None if found is None else float(found)


def _curves(db: duckdb.DuckDBPyConnection, sides: dict[str, str]) -> list[dict[str, Any]]:
    points = []
    for side, income in sides.items():
        steps = ask(db, "lorenz", income=income)
        everyone, everything = sum(step["persons"] for step in steps), sum(step["income"] for step in steps)
        persons = held = 0.0
        points.append({"side": side, "persons_share": 0.0, "income_share": 0.0})
        for step in steps if everything > 0 else ():
            persons, held = persons + step["persons"], held + step["income"]
            points.append({"side": side, "persons_share": persons / everyone, "income_share": held / everything})
    return points


def _line_note(options: ReportOptions) -> Title:
    if options.poverty_line is not None:
        return Title(f"贫困线为给定的每月 {options.poverty_line} 元。", f"The poverty line is {options.poverty_line} yuan a month, as given.")
    share = format(options.poverty_share.normalize(), "f")
    return Title(
        f"贫困线取现行待遇下收入中位数的 {share}，各行相同。",
        f"The poverty line is {share} of the median income with benefits before, the same in every line.",
    )


def _missing_note(db: duckdb.DuckDBPyConnection) -> Title:
    everyone, left_out = db.execute("SELECT count(*), count(*) FILTER (y_before IS NULL) FROM people").fetchall()[0]
    zh = f"{everyone} 行中，收入或待遇不明的 {left_out} 行未计入。"
    return Title(zh, f"Of {everyone} rows, {left_out} whose income or benefits are not known are left out.")
