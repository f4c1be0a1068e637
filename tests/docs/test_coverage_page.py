"""docs/coverage.md: how firm a place's own figures are, also where the nation's binding file restates the parameter they are rows of."""

from __future__ import annotations

from pathlib import Path

from app.language import load_rulebook
from docs import make_coverage
from tests.conftest import HEAD, NAME, write

FOUNDING = (
    HEAD
    + """
binding: true
parameters:
  income:
    title: {zh: 收入, en: Income}
    unit: CNY/month
    by: year
    at: as_of.year
    gaps: unknown
benefits:
  grant: {title: {zh: 补助, en: Grant}, unit: CNY/month, value: income}
"""
)
PLACE = """
scheme: test.scheme
region: "420000"
in_force: {from: 2000-01-01}
amends: test.scheme@2000-01-01
source: {instrument: 地方办法}
parameters:
  income:
    values:
"""


def _doubtful(rules: Path, rows: str) -> list[tuple[str, ...]]:
    rulebook = load_rulebook(write(rules, {"test.yaml": FOUNDING, "420000.yaml": PLACE + rows}))
    return [stretch.doubtful for stretch in make_coverage._stretches(rulebook, NAME, "420000")]


def test_unverified_rows_of_a_national_parameter_are_the_place_s_own(tmp_path: Path) -> None:
    assert _doubtful(tmp_path, "      2025: {value: 2, standing: unverified, source: {note: 未见通知}}\n") == [("收入",)]


def test_official_rows_are_not_doubtful(tmp_path: Path) -> None:
    assert _doubtful(tmp_path, "      2025: 2\n") == [()]
