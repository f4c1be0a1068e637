"""A case in words says what the answer says, to the fen, in an order that reads from the amount to the law."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.advice.descent import descent
from app.advice.explain_call import EXPLAIN, READERS, words
from app.advice.paragraphs import as_markdown, as_text
from app.engine import Request, Walk, explain
from tests.test_rule_cases import rulebook

from .cases import FIXTURES, case, engine, fixture

LANGUAGES = ("zh", "en")


def told(request: Request, reader: str = "citizen", language: Any = "zh") -> dict[str, Any]:
    return EXPLAIN.answer(engine(), request, {"for": reader}, language)


def of_kind(answer: dict[str, Any], kind: str, scheme: str | None = None) -> list[str]:
    return [each["text"] for each in answer["paragraphs"] if each["kind"] == kind and scheme in (None, each.get("scheme"))]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_fixture_has_words_for_everyone(path: Any) -> None:
    request = case(path)
    for language in LANGUAGES:
        answer = explain(engine().evaluate(request), language, "none")  # type: ignore[arg-type]
        for reader in READERS:
            found = told(request, reader, language)
            texts = [each["text"] for each in found["paragraphs"]]
            assert all(text.strip() and not re.search(r"\bNone\b|Decimal\(|\{\w+\}|nan", text) for text in texts)
            assert found["statuses"] == {scheme: result["status"] for scheme, result in answer["results"].items()}
            assert all(text in found["text"] for text in texts)
            for scheme, result in answer["results"].items():
                amounts = " ".join([*of_kind(found, "amount", scheme), *of_kind(found, "when", scheme), *of_kind(found, "value", scheme)])
                for figure in result["benefits"].values() if result["status"] == "eligible" else ():
                    if "CNY" in figure.get("unit", "") and isinstance(figure["value"], str) and Decimal(figure["value"]):
                        assert f"{Decimal(figure['value']):,f}" in amounts, (path.stem, scheme, figure)
                unmet = [line for line in result["conditions"] if line["met"] is False and line["matters"]]
                assert len(of_kind(found, "why_not", scheme)) == (len(unmet) if reader == "citizen" else 0)
                assert bool(of_kind(found, "missing", scheme)) == bool(result["missing"])


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_steps_descend_from_the_amounts_and_leave_nothing_out(path: Any) -> None:
    evaluation = engine().evaluate(case(path))
    walk = Walk(evaluation)
    for outcome in evaluation.outcomes:
        order = descent(evaluation, walk, outcome)
        place = {number: index for index, number in enumerate(order)}
        assert len(place) == len(order)
        for number in order:
            assert all(place[used] > place[number] for used in walk.used(number).definitions if used in place)
        conditions = [each.unit.number for each in outcome.plan.conditions]
        shown = outcome.plan.benefits if outcome.status != "not_eligible" else ()
        reached = walk.reach((*conditions, *outcome.plan.outputs, *shown))
        assert {number for number in reached if evaluation.program.definitions[number].kind != "condition"} == set(order)


def test_a_file_names_everything_that_took_part() -> None:
    request = replace(fixture("01"), schemes=("pension.employee",))
    found = told(request, "caseworker", "en")
    trace = explain(engine().evaluate(request), "en", "full")["results"]["pension.employee"]["trace"]
    ids = {kind: {each["id"] for each in found["paragraphs"] if each["kind"] == kind} for kind in ("step", "figure", "fact")}
    full = {kind: {line["id"] for line in trace if line["kind"] == kind} for kind in ("definition", "benefit", "parameter", "fact")}
    names = {name if "." in name else f"pension.employee.{name}" for name in full["definition"] | full["benefit"]}
    assert ids["step"] == names
    assert ids["figure"] == {name if "." in name else f"pension.employee.{name}" for name in full["parameter"]}
    assert ids["fact"] == full["fact"]
    base = next(each for each in found["paragraphs"] if each.get("id") == "pension.employee.base_pension")
    for part in ("CNY 3,739.45 per month", "(reference_wage + indexed_wage) / 2 * contribution_years * base_pension_rate", "rounded from 3739.44763464 to 0.01 (half up)", "pension/employee/2006-01-01.yaml:51", "国发〔2005〕38号"):
        assert part in base["text"]
    assert {source["number"] for source in base["sources"]} == {"国发〔2005〕38号", "京劳社养发〔2007〕21号"}


def test_the_first_step_is_an_amount_and_the_last_paragraphs_are_what_it_rests_on() -> None:
    found = told(fixture("01"), "caseworker")
    kinds = list(dict.fromkeys(each["kind"] for each in found["paragraphs"] if each.get("scheme") == "pension.employee"))
    wanted = ["result", "amount", "value", "condition", "step", "figure", "fact", "doubt"]
    assert [kind for kind in kinds if kind in wanted] == wanted


def test_what_a_citizen_is_told() -> None:
    found = told(fixture("07"))
    assert of_kind(found, "why_not") == ["还差14个月缴费：累计缴费（含视同）166个月，2025年申领须满180个月。"]
    assert any("可以继续缴费" in text for text in of_kind(found, "next"))
    assert len(found["text"]) < 1_500
    assert "为什么不符合" in found["text"] and "## 为什么不符合" in found["markdown"]
    english = told(fixture("01"), "citizen", "en")
    assert any(text.startswith("Monthly pension: CNY 5,665.16 per month, of which Base pension CNY 3,739.45 per month") for text in of_kind(english, "amount"))


def test_standing_is_told_as_it_is() -> None:
    assert any("尚未核实" in text for text in of_kind(told(fixture("01")), "standing"))
    assumed = replace(fixture("01"), assumptions={"wage_growth": Decimal("0.03"), "account_interest": Decimal("0.02")})
    assert any("对未来的假定" in text for text in of_kind(told(assumed, "caseworker"), "asked"))
    for reader in READERS:
        assert of_kind(told(fixture("01"), reader), "estimate") == ["本结果为按规则所作的估算，以经办机构的核定为准。"]


def test_a_proposal_is_no_law() -> None:
    proposal = rulebook().proposals()[0]
    found = told(replace(fixture("01"), reforms=(proposal,)))
    assert any(proposal in text and "不是现行规定" in text for text in of_kind(found, "asked"))


def test_a_stated_figure_is_marked() -> None:
    request = replace(fixture("01"), schemes=("pension.employee",), given={"average_index": "1.5000"})
    steps = {each["id"]: each["text"] for each in told(request, "caseworker")["paragraphs"] if each["kind"] == "step"}
    assert "由请求给定" in steps["pension.employee.average_index"]


def test_nothing_is_markup_by_accident() -> None:
    sections = words(engine().evaluate(fixture("01")), "caseworker", "en")
    lines = as_markdown(sections, "en").splitlines()
    assert not any(re.search(r"(?<!\\)[*`_<>|]", line) for line in lines)
    assert "contribution_months" in as_text(sections, "en")


@settings(max_examples=30, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_part_of_a_case_can_be_put_into_words(data: st.DataObject) -> None:
    request = case(data.draw(st.sampled_from(FIXTURES)))
    kept = data.draw(st.lists(st.sampled_from(sorted(request.facts)), unique=True)) if request.facts else []
    part = replace(request, facts={name: request.facts[name] for name in kept})
    reader, language = data.draw(st.sampled_from(READERS)), data.draw(st.sampled_from(LANGUAGES))
    found = told(part, reader, language)
    answer = explain(engine().evaluate(part), language, "none")  # type: ignore[arg-type]
    assert found["statuses"] == {scheme: result["status"] for scheme, result in answer["results"].items()}
    assert all(each["text"].strip() for each in found["paragraphs"])
