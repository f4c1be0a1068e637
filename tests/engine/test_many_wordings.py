"""A condition that has been amended many times for new people only is still decided twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pytest

from app.language import Rulebook
from tests.conftest import HEAD, ask

AMENDED = 12


@pytest.fixture
def rulebook(rules: Callable[[Mapping[str, str | bytes]], Rulebook]) -> Rulebook:
    """The months required grow by one with each of twelve yearly amendments, for those born since."""
    files = {"a.yaml": HEAD + "eligibility:\n  enough: {title: {zh: 够, en: Enough}, holds: months >= 10}\nbenefits:\n  b: {title: {zh: 付, en: Paid}, value: 1}\n"}
    for number in range(1, AMENDED + 1):
        head = f"scheme: test.scheme\namends: test.scheme@{1999 + number}-01-01\nin_force: {{from: {2000 + number}-01-01}}\nsource: {{instrument: 办法}}\n"
        clause = f"eligibility:\n  enough: {{applies_when: 'born >= date(\"{2000 + number}-01-01\")', holds: months >= {10 + number}}}\n"
        files[f"b{number}.yaml"] = head + clause
    return rules(files)


@pytest.mark.parametrize("number", range(AMENDED + 1))
def test_each_wording_is_decided(rulebook: Rulebook, number: int) -> None:
    for months, status in ((10 + number, "eligible"), (9 + number, "not_eligible")):
        evaluation = ask(rulebook, facts={"born": date(2000 + number, 6, 1), "months": Decimal(months)})
        assert [each.status for each in evaluation.outcomes] == [status]
    assert [each.status for each in ask(rulebook, facts={"months": Decimal(10)}).outcomes] == ["undetermined"]
