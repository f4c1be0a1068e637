"""Every rule case that stands beside the rules, as pytest sees it: one test a case, one engine for all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from app.cases import RuleCase, read_cases
from app.cases.running import CaseRunner
from app.engine import Engine
from app.language import Rulebook, load_rulebook

RULES = Path(__file__).resolve().parent.parent / "rules"


@cache
def rulebook() -> Rulebook:
    return load_rulebook(RULES)


@cache
def runner() -> CaseRunner:
    return CaseRunner(Engine(rulebook()))


@pytest.mark.parametrize("case", read_cases(RULES, rulebook().facts), ids=lambda case: f"{case.place} {case.name}".replace("::", ":"))
def test_rule_case(case: RuleCase) -> None:
    result = runner().run(case)
    said = [*result.errors, *(f"{each.place}: {each.what}: expected {each.expected}, but it is {each.actual}" for each in result.differences)]
    assert not said, "\n".join(said)
