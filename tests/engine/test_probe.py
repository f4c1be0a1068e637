"""A probe says of a changed case what a whole evaluation says of it."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import Engine, Evaluation, InputError, Request
from app.engine.probe import Probe, Probed
from app.intake import RequestReader
from tests.test_rule_cases import rulebook

FIXTURES = sorted((Path(__file__).resolve().parents[2] / "fixtures").glob("*.json"))


@cache
def engine() -> Engine:
    return Engine(rulebook())


@cache
def requests() -> list[Request]:
    reader = RequestReader(rulebook())
    return [reader.read(path.read_bytes())[0] for path in FIXTURES]


def told(evaluation: Evaluation) -> Probed:
    memo, outcomes = evaluation.case.memo, evaluation.outcomes
    return Probed(
        {each.scheme: each.status for each in outcomes},
        {planned.unit.number: each.met[planned.key] for each in outcomes for planned in each.plan.conditions},
        {number: memo[number] for each in outcomes if each.status != "not_eligible" for number in each.plan.benefits},
        evaluation.case,
    )


def changed(request: Request, facts: dict[str, Any]) -> Request:
    kept = {name: value for name, value in {**request.facts, **facts}.items() if value is not None}
    return Request(request.as_of, request.schemes, kept, request.region, request.reforms, request.given, request.assumptions)


def agree(request: Request, facts: dict[str, Any], probe: Probe) -> None:
    probed = probe.ask(facts)
    try:
        evaluation = engine().evaluate(changed(request, facts))
    except InputError:
        assert not probed.plausible
        return
    wanted = told(evaluation)
    assert probed.plausible
    assert probed.statuses == wanted.statuses
    assert probed.met == wanted.met
    eligible = {number for each in evaluation.outcomes if each.status == "eligible" for number in each.plan.benefits}
    assert {number: probed.benefits[number] for number in eligible} == {number: wanted.benefits[number] for number in eligible}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_facts_of_another_case(data: st.DataObject) -> None:
    """Facts taken from other cases, or taken away, several times over from one probe."""
    request = data.draw(st.sampled_from(requests()))
    probe = Probe(engine(), request)
    for _ in range(3):
        other = data.draw(st.sampled_from(requests()))
        names = data.draw(st.lists(st.sampled_from(sorted({*request.facts, *other.facts})), max_size=4, unique=True))
        agree(request, {name: other.facts.get(name) for name in names}, probe)


def test_stated_definitions_answer_as_given_ones() -> None:
    body = json.loads(FIXTURES[0].read_text())
    reader = RequestReader(rulebook())
    plain, _ = reader.read(json.dumps(body).encode())
    body["given"] = {**body.get("given", {}), "contribution_months": "179"}
    stated, _ = reader.read(json.dumps(body).encode())
    probe = Probe(engine(), plain)
    (number,) = [number for name, number in probe.program.number_of.items() if str(name) == "pension.employee.contribution_months"]
    assert probe.base().statuses["pension.employee"] == "eligible"
    evaluation = engine().evaluate(stated)
    assert probe.ask({}, {number: Decimal(179)}).statuses == told(evaluation).statuses
    assert told(evaluation).statuses["pension.employee"] == "not_eligible"
    assert probe.base().statuses["pension.employee"] == "eligible"
