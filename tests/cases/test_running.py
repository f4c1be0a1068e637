"""Cases run: what agrees passes, what differs is said with expected, actual and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cases import CaseResult, read_cases
from app.cases.running import CaseRunner
from app.engine import Engine
from app.language import load_rulebook
from tests.cases.sample import CASES, sample
from tests.conftest import HEAD, write


def run(tmp_path: Path, text: str = CASES) -> list[CaseResult]:
    rules = sample(tmp_path, text)
    rulebook = load_rulebook(rules)
    runner = CaseRunner(Engine(rulebook))
    return [runner.run(case) for case in read_cases(rules, rulebook.facts)]


def run_one(tmp_path: Path, expect: str, facts: str = 'wage: "5000.55", months: 200, insured: true, claim_month: 2025-03') -> CaseResult:
    [result] = run(tmp_path, f"cases:\n  - name: one\n    as_of: 2025-06-01\n    facts: {{{facts}}}\n    expect:\n      test.scheme: {{{expect}}}\n")
    return result


def test_what_agrees_passes(tmp_path: Path) -> None:
    results = run(tmp_path)
    assert [result.case.name for result in results] == ["paid with a bonus", "too few months", "nobody knows the months"]
    assert [(result.errors, result.differences) for result in results] == [((), ())] * 3


@pytest.mark.parametrize(
    ("expect", "what", "expected", "actual"),
    [
        ("status: not_eligible", "status", "not_eligible", "eligible"),
        ("standing: unverified", "standing", "unverified", "official"),
        ("conditions: {enough_months: false}", "condition enough_months", "not met", "met"),
        ("conditions: {enough_month: true}", "condition enough_month", "met", "no such condition. Did you mean 'enough_months'?"),
        ("missing: [wage]", "missing", "wage", "nothing"),
        ("conclusions: [pay_on]", "conclusions", "pay_on", "none"),
        ('monthly: "510.05"', "monthly", "510.05", "510.06"),
        ("monthly: null", "monthly", "unknown", "510.06"),
        ('montly: "1"', "montly", "1", "no such value. Did you mean 'monthly'?"),
    ],
)
def test_what_differs_is_said(tmp_path: Path, expect: str, what: str, expected: str, actual: str) -> None:
    result = run_one(tmp_path, expect)
    [difference] = result.differences
    assert not result.passed
    assert (difference.what, difference.expected, difference.actual) == (f"test.scheme {what}", expected, actual)
    assert str(difference.place) == "test/cases/sample.yaml:6"


def test_numbers_compare_as_numbers(tmp_path: Path) -> None:
    assert run_one(tmp_path, 'monthly: "510.060"').passed


def test_an_amount_that_is_not_awarded_is_no_amount(tmp_path: Path) -> None:
    [difference] = run_one(tmp_path, 'monthly: "0"', "months: 1").differences
    assert difference.actual == "not computed (the status is not_eligible)"


def test_facts_pass_through_the_same_door_as_requests(tmp_path: Path) -> None:
    result = run_one(tmp_path, "status: eligible", 'wage: "-", nothing: "1"')
    assert not result.passed
    assert [error.split(": ")[1] for error in result.errors] == ["/facts/wage", "/facts/nothing"]
    assert all(error.startswith("test/cases/sample.yaml:4: ") for error in result.errors)


def test_an_unknown_scheme_fails_its_case(tmp_path: Path) -> None:
    [result] = run(tmp_path, "cases: [{name: a, as_of: 2025-01-01, expect: {test.other: {status: eligible}}}]\n")
    assert "test.other" in result.errors[0]


TABLE_RULES = HEAD + """\
definitions:
  yearly: {output: true, value: 'for r in records return {year: r.year, paid: r.paid, index: r.index, whole: r.paid = 12}'}
  years: {output: true, value: records.year}
  first: {output: true, value: '{year: records[1].year, paid: records[1].paid}'}
"""
ROWS = "records: [{year: 2001, paid: 12, index: '1.10'}, {year: 2002, paid: 7, index: '1'}]"


def run_table(tmp_path: Path, expect: str) -> list[tuple[str, str, str]]:
    case = f"cases:\n  - name: one\n    as_of: 2025-06-01\n    facts: {{{ROWS}}}\n    expect:\n      test.scheme: {{{expect}}}\n"
    rules = write(tmp_path / "rules", {"a.yaml": TABLE_RULES, "cases/a.yaml": case})
    rulebook = load_rulebook(rules)
    [result] = [CaseRunner(Engine(rulebook)).run(each) for each in read_cases(rules, rulebook.facts)]
    assert not result.errors
    return [(each.what, each.expected, each.actual) for each in result.differences]


@pytest.mark.parametrize(
    ("expect", "differences"),
    [
        ('yearly: [{year: "2001", paid: "12.0", index: "1.1", whole: true}, {year: "2002"}]', []),
        ('years: ["2001", "2002"], first: {paid: "12"}', []),
        ("yearly: [{year: 2001}]", [("yearly", "1 item", "2 items")]),
        ("yearly: [{year: 2001}, {year: 2002, paid: 8}]", [("yearly 2 paid", "8", "7")]),
        ("yearly: [{year: 2001}, {yer: 2002}]", [("yearly 2 yer", "2002", "no such field. Did you mean 'year'?")]),
        ("yearly: [{whole: false}, {}]", [("yearly 1 whole", "false", "true")]),
        ("yearly: null", [("yearly", "unknown", "2 items")]),
        ("years: [2001, null]", [("years 2", "unknown", "2002")]),
        ("first: {paid: null}", [("first paid", "unknown", "12")]),
        ("first: '2001'", [("first", "2001", "year 2001, paid 12")]),
    ],
)
def test_rows_and_records_are_expected_as_lists_and_mappings(tmp_path: Path, expect: str, differences: list[tuple[str, str, str]]) -> None:
    assert run_table(tmp_path, expect) == [(f"test.scheme {what}", expected, actual) for what, expected, actual in differences]
