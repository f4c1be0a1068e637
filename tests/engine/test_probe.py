"""A probe says of a changed case what a whole evaluation says of it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import Engine, Evaluation, InputError, Request
from app.engine.dependencies import dependencies
from app.engine.kept import MAX_ONCE
from app.engine.probe import Probe, Probed
from app.intake import RequestReader
from app.language import load_rulebook
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


THIRDS = """\
scheme: test.thirds
title: {zh: 测试, en: Test}
in_force: {from: 2000-01-01}
source: {instrument: 测试办法}
parameters:
  grown: {by: year, values: {2018: 1000}, extend: {with: growth, how: grow}}
definitions:
  third: {value: paid / 3}
eligibility:
  c:
    title: {zh: 条件, en: Condition}
    holds: third * 3 >= asked
benefits:
  b:
    title: {zh: 金额, en: Amount}
    value: at(grown, the_year)
"""
THIRD_FACTS = """\
facts:
  paid: {type: number, at_most: 100, title: {zh: a, en: a}}
  asked: {type: number, at_most: 100, title: {zh: b, en: b}}
  the_year: {type: whole, at_least: 0, at_most: 100000000000, title: {zh: c, en: c}}
assumptions:
  growth: {type: rate, title: {zh: g, en: g}}
"""


def thirds(tmp_path: Path, **facts: Any) -> tuple[Engine, Probe]:
    (tmp_path / "facts.yaml").write_text(THIRD_FACTS, encoding="utf-8")
    (tmp_path / "thirds.yaml").write_text(THIRDS, encoding="utf-8")
    known = {"paid": Decimal(1), "asked": Decimal(5), "the_year": Decimal(2020), **facts}
    engine = Engine(load_rulebook(tmp_path))
    return engine, Probe(engine, Request(date(2026, 1, 1), ("test.thirds",), known, assumptions={"growth": Decimal("-0.01")}))


def test_decimals_that_may_carry_an_error_stay_such_in_a_later_run(tmp_path: Path) -> None:
    """A third was computed once; three of it are one, which only fractions can tell, in whichever run it is asked."""
    _, probe = thirds(tmp_path)
    assert probe.base().statuses == {"test.thirds": "not_eligible"}
    assert probe.ask({"asked": Decimal(1)}).statuses == {"test.thirds": "eligible"}


def test_a_series_carried_on_for_ever_is_no_case(tmp_path: Path) -> None:
    engine, probe = thirds(tmp_path, asked=Decimal(1))
    assert not probe.ask({"the_year": Decimal(10**11)}).plausible
    with pytest.raises(InputError, match="impossibly long"):
        engine.evaluate(changed(probe.request, {"the_year": Decimal(10**11)}))


def test_orders_of_schemes_do_not_pile_up() -> None:
    """Whoever asks for the same schemes in every order makes the service keep no more for it."""
    program = Probe(engine(), requests()[0]).program
    assert dependencies(program) is Probe(engine(), requests()[0]).dependencies
    for number in range(3 * MAX_ONCE):
        assert program.kept.once(("flood", number), partial(list, (number,))) == [number]
    assert len(program.kept._once) <= MAX_ONCE
    assert program.kept.once(("flood", 0), lambda: ["anew"]) == ["anew"]
