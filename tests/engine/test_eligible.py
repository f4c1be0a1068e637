"""`<scheme>.eligible` and names not in force, for one case: three-valued, traced, asked for, given, decided twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.engine import Engine, Incident, InputError, Request
from app.engine.reasons import compare_case
from app.language import Rulebook
from tests.conftest import HEAD, NAME, TODAY, answer, ask, value
from tests.language.bad_file import definitions
from tests.language.test_eligible import CONDITIONS, OTHER

Build = Callable[..., Rulebook]
USER = """\
definitions:
  other: {output: true, unit: CNY/month, value: 'if test.other.eligible then test.other.pension else 0'}
  in_own: {output: true, value: eligible}
eligibility:
  not_twice: {title: {zh: 不重复, en: Not twice}, holds: not(test.other.eligible)}
benefits:
  amount: {title: {zh: 金额, en: Amount}, unit: CNY/month, value: 100}
"""
PENSION = "benefits:\n  pension: {title: {zh: 养老金, en: Pension}, unit: CNY/month, value: wage * 2}\n"
OLD, YOUNG = date(1960, 1, 1), date(1990, 1, 1)


@pytest.fixture
def rulebook(rules: Build) -> Rulebook:
    return rules({"a.yaml": HEAD + USER, "b.yaml": OTHER + CONDITIONS + PENSION})


@pytest.mark.parametrize(
    ("facts", "expected", "missing"),
    [
        ({"months": 180, "born": OLD, "wage": 7}, True, []),
        ({"months": 179}, False, []),
        ({"born": YOUNG}, False, []),
        ({"months": 180}, None, ["born"]),
        ({"born": OLD}, None, ["months"]),
        ({}, None, ["months", "born"]),
    ],
)
def test_three_values_and_what_is_missing(rulebook: Rulebook, facts: dict[str, Any], expected: bool | None, missing: list[str]) -> None:
    typed = {name: Decimal(each) if isinstance(each, int) else each for name, each in facts.items()}
    evaluation = ask(rulebook, facts=typed)
    assert value(evaluation, "eligible", "test.other") is expected
    result = answer(evaluation)
    assert result["status"] == {True: "not_eligible", False: "eligible", None: "undetermined"}[expected]
    assert [line["name"] for line in result["missing"]] == missing
    assert value(evaluation, "in_own") is (None if expected is None else not expected)
    assert value(evaluation, "other") == {True: Decimal(14), False: Decimal(0), None: None}[expected]


def test_it_means_the_conditions_and_not_the_benefits(rulebook: Rulebook) -> None:
    evaluation = ask(rulebook, facts={"months": Decimal(180), "born": OLD})
    assert value(evaluation, "eligible", "test.other") is True  # though the pension is unknown without the wage
    assert value(evaluation, "other") is None


def test_only_the_conditions_that_settle_it_are_computed(rulebook: Rulebook) -> None:
    evaluation = ask(rulebook, facts={"months": Decimal(1), "born": OLD})
    computed = {evaluation.program.definitions[number].name.local for number in evaluation.case.order}
    assert "enough" in computed and "aged" not in computed and "pension" not in computed


@pytest.mark.parametrize(("as_of", "expected"), [(date(2009, 12, 31), False), (date(2010, 1, 1), True)])
def test_a_scheme_not_in_force_entitles_nobody(rulebook: Rulebook, as_of: date, expected: bool) -> None:
    evaluation = ask(rulebook, as_of=as_of, facts={"months": Decimal(180), "born": OLD, "wage": Decimal(7)})
    assert value(evaluation, "eligible", "test.other") is expected
    assert answer(evaluation)["status"] == ("not_eligible" if expected else "eligible")


def test_another_name_not_in_force_is_unknown_and_said_to_be(rules: Build) -> None:
    text = HEAD + "benefits:\n  amount: {title: {zh: 金额, en: Amount}, unit: CNY/month, value: test.other.pension + 1}\n"
    rulebook = rules({"a.yaml": text, "b.yaml": OTHER + PENSION})
    early, late = (ask(rulebook, as_of=day, facts={"wage": Decimal(3)}) for day in (date(2005, 1, 1), TODAY))
    result = answer(early)
    assert (result["status"], answer(late)["benefits"]["amount"]["value"]) == ("undetermined", "7")
    said = "Pension: no rule in force then and there."
    assert result["missing"] == [{"kind": "not_in_force", "name": "test.other.pension", "title": "Pension", "sentence": said}]
    known = ask(rulebook, as_of=date(2005, 1, 1), given={"test.other.pension": "4"})
    assert answer(known)["benefits"]["amount"]["value"] == "5"


@pytest.mark.parametrize("expression", ["test.other.cap * 2", "at(test.other.rate, 2010)", "progressive(wage, test.other.scale)", "count(test.other.listed)"])
def test_parameters_and_lists_not_in_force_are_unknown(rules: Build, expression: str) -> None:
    unit = ", unit: CNY/month" if "count" not in expression and "rate" not in expression else ""
    other = OTHER + "parameters:\n  cap: {unit: CNY/month, value: 5}\n  rate: {by: year, values: {2010: 1}}\n  scale: {unit: CNY/month, bands: [{above: 0, rate: 0.1}]}\n"
    rulebook = rules({"a.yaml": HEAD + definitions(f"x: {{value: '{expression}'{unit}}}"), "b.yaml": other + definitions("listed: {value: records.year}")})
    facts = {"wage": Decimal(100), "records": ({"year": Decimal(1), "paid": Decimal(1)},)}
    found = []
    for day in (date(2005, 1, 1), TODAY):
        evaluation = ask(rulebook, as_of=day, facts=facts)
        found.append(evaluation.program.space(_certified())[f"d{evaluation.program.number_of[_name('x')]}"](evaluation.case))
    assert found[0] is None and found[1] is not None


def _certified() -> Any:
    from app.engine.numbers import CERTIFIED

    return CERTIFIED


def _name(local: str) -> Any:
    from app.language import ir

    return ir.Name(NAME, local)


def test_the_trace_reads_as_the_law(rulebook: Rulebook) -> None:
    lines = {line["id"]: line for line in answer(ask(rulebook, facts={"months": Decimal(180), "born": OLD, "wage": Decimal(7)}))["trace"]}
    line = lines["test.other.eligible"]
    assert (line["title"], line["value"], line["expression"], line["file"]) == ("Entitled to Other", True, "enough and aged", "b.yaml:1")
    assert line["from"] == ["test.other.enough", "test.other.aged"] and {"test.other.enough", "test.other.aged"} <= lines.keys()
    absent = {line["id"]: line for line in answer(ask(rulebook, as_of=date(2005, 1, 1)))["trace"]}["test.other.eligible"]
    assert (absent["value"], absent["expression"]) == (False, "false // not in force here and now")


def test_it_may_be_given(rulebook: Rulebook) -> None:
    evaluation = ask(rulebook, given={"test.other.eligible": False})
    assert answer(evaluation)["status"] == "eligible" and not answer(evaluation)["missing"]
    # The scheme's own status comes of its conditions all the same.
    both = ask(rulebook, schemes=(NAME, "test.other"), given={"test.other.eligible": False}, facts={"months": Decimal(180), "born": OLD, "wage": Decimal(7)})
    assert [each.status for each in both.outcomes] == ["eligible", "eligible"]


def test_it_is_given_by_its_full_name_only(rulebook: Rulebook) -> None:
    """Plain `eligible` would say nothing of which scheme."""
    with pytest.raises(InputError, match="no rule named 'eligible'"):
        ask(rulebook, given={"eligible": True})


def test_conditions_of_a_scheme_not_asked_for_are_decided_twice(rulebook: Rulebook) -> None:
    asked: list[str] = []

    def tamper(scheme: str, fired: frozenset[str]) -> frozenset[str]:
        asked.append(scheme)
        return fired if scheme != "test.other" else frozenset({"test_other_c0:not met"})

    request = Request(as_of=TODAY, schemes=(NAME,), region="000000", reforms=(), facts={"months": Decimal(180), "born": OLD, "wage": Decimal(7)})
    with pytest.raises(Incident, match=r"test\.other: the rules engine and the exact reading disagree"):
        Engine(rulebook, tamper=tamper).evaluate(request)
    assert asked == [NAME, "test.other"]


def test_a_condition_more_is_the_reason_of_a_change(rules: Build) -> None:
    reform = "scheme: test.other\nin_force: {from: 2020-01-01}\namends: test.other@2010-01-01\nproposal: stricter\nsource: {instrument: 方案}\neligibility:\n  insured_now: {title: {zh: 参保, en: Insured}, holds: insured}\n"
    engine = Engine(rules({"a.yaml": HEAD + USER, "b.yaml": OTHER + CONDITIONS + PENSION, "c.yaml": reform}))
    facts: dict[str, Any] = {"months": Decimal(180), "born": OLD, "wage": Decimal(7), "insured": False}
    before, after = (Request(as_of=TODAY, schemes=(NAME,), region="000000", reforms=reforms, facts=facts) for reforms in ((), ("stricter",)))
    found = compare_case((engine, before), (engine, after))
    assert [[str(name) for name in each.names] for each in found.amendments] == [["test.other.insured_now", "test.other.eligible"]]
    assert [[statement.key for statement in each.after] for each in found.amendments] == [["test.other.insured_now (c.yaml)"]]
    assert {(each.name.local if each.name else None): each.shares.parts for each in found.shared} == {None: (Decimal("1.00"),), "amount": (Decimal("100.00"),), "other": (Decimal("-14.00"),)}


def test_a_scheme_that_begins_is_the_reason_of_a_change(rulebook: Rulebook) -> None:
    engine = Engine(rulebook)
    facts: dict[str, Any] = {"months": Decimal(180), "born": OLD, "wage": Decimal(7)}
    before, after = (Request(as_of=day, schemes=(NAME,), region="000000", reforms=(), facts=facts) for day in (date(2009, 1, 1), TODAY))
    found = compare_case((engine, before), (engine, after))
    (amendment,) = found.amendments
    assert (str(amendment.names[0]), amendment.title.en) == ("test.other.eligible", "Entitled to Other")
    assert {(each.name.local if each.name else None): each.shares.parts for each in found.shared} == {None: (Decimal("-1.00"),), "amount": (Decimal("-100.00"),), "other": (Decimal("14.00"),)}
