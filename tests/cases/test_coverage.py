"""Rule coverage: what the cases exercised, and what none has."""

from __future__ import annotations

from pathlib import Path

from app.cases import read_cases
from app.cases.coverage import Coverage, SchemeCoverage
from app.cases.running import CaseRunner
from app.engine import Engine
from app.language import load_rulebook
from tests.cases.sample import CASES, sample

MORE = """\
  - name: a woman without insurance, long ago, in Beijing
    region: "110000"
    facts: {sex: female, insured: false, claim_month: 2010-03}
    expect: {test.scheme: {monthly: "400.04", group: f}}
"""


def cover(tmp_path: Path, text: str) -> SchemeCoverage:
    rules = sample(tmp_path, text)
    rulebook = load_rulebook(rules)
    coverage = Coverage(rulebook)
    runner = CaseRunner(Engine(rulebook, cover=True), coverage)
    assert all(runner.run(case).passed for case in read_cases(rules, rulebook.facts))
    [report] = coverage.report()
    return report


def test_what_no_case_exercised_is_listed_by_line(tmp_path: Path) -> None:
    report = cover(tmp_path, CASES)
    assert [(str(item.place), item.kind, item.name, item.detail) for item in report.missed] == [
        ("test/beijing.yaml:1", "date", "test.scheme@2010-01-01/110000", ""),
        ("test/beijing.yaml:1", "region", "110000", ""),
        ("test/beijing.yaml:7", "figure", "minimum_months", ""),
        ("test/scheme.yaml:10", "figure", "rate", "2000"),
        ("test/scheme.yaml:18", "branch", "bonus", "'else' of if 1"),
        ("test/scheme.yaml:29", "row", "group", ""),
    ]
    assert report.counts["wording"] == (5, 5)
    assert report.counts["outcome"] == (2, 2)
    assert report.counts["conclusion"] == (1, 1)
    assert report.counts["figure"] == (2, 4)


def test_a_case_more_exercises_the_rest(tmp_path: Path) -> None:
    report = cover(tmp_path, CASES + MORE)
    assert report.missed == ()
    hit, every = report.total()
    assert hit == every


def test_without_cases_nothing_is_exercised(tmp_path: Path) -> None:
    [report] = Coverage(load_rulebook(sample(tmp_path))).report()
    assert report.total()[0] == 0
