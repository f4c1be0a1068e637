"""Gini, poverty and the Lorenz curve against their definitions in plain Python."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language import Rulebook
from app.population.reports import ReportFiles, ReportOptions, write_report

from . import plain
from .sample import AFTER_COLUMNS, ALL_COLUMNS, random_rows, write_run

Row = dict[str, Any]
SIDES = ("without", "before", "after")
NO_CHARTS = ReportOptions(charts=False)


def report_on(rows: list[Row], names: list[str], rulebook: Rulebook, folder: Path, options: ReportOptions = NO_CHARTS) -> ReportFiles:
    run = write_run(folder / "run", rows, names, release=rulebook.release)
    return write_report(run, folder / "report", rulebook, options)


def lines(files: ReportFiles, name: str = "inequality") -> dict[str, Row]:
    return {row["side"]: row for row in pq.read_table(files.folder / f"{name}.parquet").to_pylist()}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return random_rows(350, 11)


@pytest.fixture(scope="module")
def report(rows: list[Row], rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    return report_on(rows, ALL_COLUMNS + AFTER_COLUMNS, rulebook, tmp_path_factory.mktemp("run"))


def known(rows: list[Row], power: float = 0.5) -> list[tuple[dict[str, float], float]]:
    """Incomes without and with benefits, and the weight, of those for whom all are known."""
    return [(dict(incomes), float(plain.weight(row))) for row, _, incomes in plain.incomes(rows, "all", power) if incomes is not None]


def check(found: dict[str, Row], people: list[tuple[dict[str, float], float]], line: float) -> None:
    everyone = sum(held for _, held in people)
    for side in SIDES:
        row, pairs = found[side], [(incomes[side], held) for incomes, held in people]
        poor = [(income, held) for income, held in pairs if income < line]
        gap = sum(held * (line - income) for income, held in poor)
        wanted = {
            "persons": everyone,
            "income_mean": sum(held * income for income, held in pairs) / everyone,
            "income_median": plain.median(pairs),
            "gini": plain.gini(pairs),
            "poverty_line": line,
            "poor": sum(held for _, held in poor),
            "poverty_rate": sum(held for _, held in poor) / everyone,
            "poverty_gap": gap / line / everyone,
            "mean_gap": gap / sum(held for _, held in poor),
        }
        for name, value in wanted.items():
            assert math.isclose(float(row[name]), float(value), rel_tol=1e-9), (side, name)


def test_inequality_by_household(report: ReportFiles, rows: list[Row]) -> None:
    people = known(rows)
    check(lines(report), people, plain.median([(incomes["before"], held) for incomes, held in people]) / 2)


def test_a_given_line_and_income_per_head(rows: list[Row], rulebook: Rulebook, tmp_path: Path) -> None:
    options = ReportOptions(poverty_line=Decimal("1234.5"), equivalence=Decimal(1), charts=False)
    check(lines(report_on(rows, ALL_COLUMNS + AFTER_COLUMNS, rulebook, tmp_path, options)), known(rows, 1.0), 1234.5)


def test_an_income_that_holds_the_benefits_already(rows: list[Row], rulebook: Rulebook, tmp_path: Path) -> None:
    options = ReportOptions(income_has_benefits=True, charts=False)
    found = lines(report_on(rows, ALL_COLUMNS + AFTER_COLUMNS, rulebook, tmp_path, options))
    people = known(rows)
    given = [(incomes["without"], held) for incomes, held in people]
    without = [(2 * incomes["without"] - incomes["before"], held) for incomes, held in people]
    assert math.isclose(found["before"]["income_median"], plain.median(given), rel_tol=1e-9)
    assert math.isclose(found["without"]["income_median"], plain.median(without), rel_tol=1e-9)


def test_income_of_each_person(rulebook: Rulebook, tmp_path: Path) -> None:
    names = ["about.monthly_income", "pension.small.status", "pension.small.monthly_pension"]
    rows = [
        {"about.monthly_income": Decimal(1000 * each), "pension.small.status": "eligible", "pension.small.monthly_pension": Decimal(500)}
        for each in range(1, 5)
    ]
    found = lines(report_on(rows, names, rulebook, tmp_path))
    assert (found["before"]["income_mean"], found["before"]["persons"]) == (3000.0, 4)
    assert math.isclose(found["without"]["gini"], 0.25)


@pytest.mark.parametrize(
    ("name", "times"), [("about.household_income", 12), ("about.household_monthly_income", 1), ("about.income", 12), ("about.monthly_income", 1)]
)
def test_incomes_of_a_year_and_of_a_month(rulebook: Rulebook, tmp_path: Path, name: str, times: int) -> None:
    rows = [{name: Decimal(times * income), "pension.small.status": "not_eligible"} for income in (100, 200, 300)]
    found = lines(report_on(rows, [name, "pension.small.status"], rulebook, tmp_path))
    assert (found["before"]["income_median"], found["before"]["income_mean"]) == (200.0, 200.0)


def test_the_lorenz_curve_ends_at_everything_and_its_area_is_the_gini(report: ReportFiles) -> None:
    points = pq.read_table(report.folder / "lorenz.parquet").to_pylist()
    for side in SIDES:
        curve = [(row["persons_share"], row["income_share"]) for row in points if row["side"] == side]
        assert curve[0] == (0, 0)
        assert math.isclose(curve[-1][0], 1) and math.isclose(curve[-1][1], 1)
        assert curve == sorted(curve)
        below = sum((right - left) * (low + high) / 2 for (left, low), (right, high) in pairwise(curve))
        assert math.isclose(1 - 2 * below, lines(report)[side]["gini"], abs_tol=0.002)


def test_without_incomes_the_report_says_how_to_add_them(rows: list[Row], rulebook: Rulebook, tmp_path: Path) -> None:
    names = [name for name in ALL_COLUMNS if not name.startswith("about.")]
    files = report_on(rows, names, rulebook, tmp_path)
    assert not {"inequality.csv", "by_decile.csv", "lorenz.csv"} & {file.name for file in files.files}
    assert "about.household_income" in json.loads(files.headline.read_text())["notes"][0]["en"]


@settings(max_examples=15, deadline=None, database=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 9)), min_size=2, max_size=12).filter(lambda found: any(income for income, _ in found)))
def test_gini_is_half_the_mean_difference(rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory, people: list[tuple[int, int]]) -> None:
    names = ["weight", "about.income", "pension.small.status"]
    rows = [{"about.income": Decimal(income), "weight": float(held), "pension.small.status": "not_eligible"} for income, held in people]
    found = lines(report_on(rows, names, rulebook, tmp_path_factory.mktemp("gini"), ReportOptions(poverty_line=Decimal(1), charts=False)))
    assert math.isclose(found["without"]["gini"], plain.gini([(float(income), float(held)) for income, held in people]), abs_tol=1e-12)
    assert found["without"]["gini"] == found["before"]["gini"]
