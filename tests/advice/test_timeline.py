"""A timeline says at each month what a single evaluation says, and each change says what moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.advice import Timeline, TimelineQuestion, render_timeline, timeline
from app.engine import InputError, Request
from app.language import YearMonth
from tests.advice.cases import FIXTURES, case, engine, fixture
from tests.test_rule_cases import rulebook

ASSUMED = {"wage_growth": Decimal("0.03"), "account_interest": Decimal("0.02")}


def question(first: str, last: str, over: str | None = None) -> TimelineQuestion:
    return TimelineQuestion(YearMonth.parse(first), YearMonth.parse(last), over)


def moving(request: Request) -> str | None:
    """The fact that a timeline of the case runs over: the schemes' own, where it is one."""
    law = rulebook().at(request.as_of, request.region, request.reforms)
    own = {law.schemes[scheme].timeline for scheme in request.schemes}
    return own.pop() if len(own) == 1 else None


@pytest.mark.parametrize("path", [path for path in FIXTURES if moving(case(path))], ids=lambda path: path.stem)
def test_each_month_is_a_single_evaluation(path: Path) -> None:
    request = case(path)
    over = moving(request)
    assert over is not None
    fact = rulebook().facts.facts[over]
    start = YearMonth.of(request.as_of)
    found = timeline(engine(), request, TimelineQuestion(YearMonth(start - 30), YearMonth(start + 30)))
    for scheme in found.schemes:
        for point in scheme.points[::5]:
            value: Any = point.month if fact.kind == "month" else _day(request.facts.get(over), point.month)
            evaluation = engine().evaluate(replace(request, facts={**request.facts, over: value}))
            outcome = next(each for each in evaluation.outcomes if each.scheme == scheme.scheme)
            assert outcome.status == point.status
            if point.status == "eligible":
                assert dict(point.benefits) == {number: evaluation.case.memo[number] for number in outcome.plan.benefits}


def _day(stated: Any, month: YearMonth) -> date:
    last = date.fromordinal(date(month.year + month.month // 12, month.month % 12 + 1, 1).toordinal() - 1)
    return min(last, date(month.year, month.month, min(stated.day, last.day))) if isinstance(stated, date) else last


def _changes(found: Timeline) -> dict[str, Any]:
    (scheme,) = render_timeline(found, "en")["results"].values()
    return {change["month"]: change for change in scheme["changes"]}


def test_the_month_of_age_is_a_change_with_its_condition() -> None:
    request = replace(fixture("01"), schemes=("pension.employee",), assumptions=ASSUMED)
    found = timeline(engine(), request, question("2025-01", "2030-12"))
    changes = _changes(found)
    assert changes["2025-05"]["status"] == {"before": "not_eligible", "after": "eligible"}
    assert [each["id"] for each in changes["2025-05"]["conditions"]] == ["pension.employee.reached_age"]
    assert changes["2025-06"]["because"][0] | {"source": None} == {
        "id": "pension.employee.payment_months",
        "title": "Divisor of the personal account",
        "unit": "month",
        "before": "139.0",
        "after": "138.4",
        "source": None,
    }


def test_points_and_changes_fit_together() -> None:
    request = replace(fixture("01"), schemes=("pension.employee",), assumptions=ASSUMED)
    (scheme,) = timeline(engine(), request, question("2020-01", "2049-12")).schemes
    assert len(scheme.points) == 360
    changed = {change.month for change in scheme.changes}
    for before, after in zip(scheme.points, scheme.points[1:], strict=False):
        if after.month not in changed:
            assert (before.status, before.benefits) == (after.status, after.benefits)


def test_a_month_that_cannot_be_has_no_point() -> None:
    (scheme,) = timeline(engine(), replace(fixture("01"), schemes=("pension.employee",)), question("1960-01", "1970-12")).schemes
    assert all(point.month >= YearMonth.parse("1965-05") for point in scheme.points)
    assert scheme.points


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        (question("2026-02", "2026-01"), "/to"),
        (question("1900-01", "2099-12"), "/to"),
        (question("2026-01", "2026-12", "sex"), "/over"),
        (question("2026-01", "2026-12", "nonsense"), "/over"),
    ],
)
def test_a_question_without_an_answer(asked: TimelineQuestion, pointer: str) -> None:
    with pytest.raises(InputError) as refused:
        timeline(engine(), replace(fixture("01"), schemes=("pension.employee",)), asked)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_schemes_without_a_common_date_have_to_be_told_one() -> None:
    request = replace(fixture("01"), schemes=("pension.employee", "contributions.monthly"))
    with pytest.raises(InputError) as refused:
        timeline(engine(), request, question("2026-01", "2026-12"))
    assert refused.value.faults[0].code == "no_timeline"
    assert len(timeline(engine(), request, question("2026-01", "2026-12", "claim_date")).schemes) == 2
