"""The questions asked are enough, none of them is asked twice or in vain, and they come in an order that ends soon."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.advice import questions, render_questions
from app.engine import Engine, InputError, Request
from app.intake import RequestReader
from app.language import Rulebook
from bench.questions import DAY, FIXTURES, Asked, ask_all, by_scheme, fixtures, generated
from tests.advice.cases import engine
from tests.conftest import HEAD, NAME, TODAY
from tests.test_rule_cases import rulebook

Build = Callable[..., Rulebook]


def results(request: Request) -> dict[str, Any]:
    """Status, and the amounts where every condition is met."""
    evaluation = engine().evaluate(request)
    found: dict[str, Any] = {}
    for each in evaluation.outcomes:
        due = all(met is True for met in each.met.values())
        amounts = {number: evaluation.case.memo[number] for number in each.plan.benefits or each.plan.outputs} if due else {}
        found[each.scheme] = (each.status, amounts)
    return found


# -- enough, and no more ------------------------------------------------------------------------------


def check_asked(full: Request, asked: Asked) -> None:
    assert results(asked.request) == results(full)
    assert len(set(asked.order)) == len(asked.order)
    assert set(asked.order) <= asked.rested_on
    assert set(asked.request.facts) | set(asked.left_out) == set(asked.order)
    # Nothing is asked that was not foreseen from the start.
    assert len(asked.order) <= asked.foreseen


@pytest.mark.parametrize("number", range(len(FIXTURES)), ids=[path.stem for path in FIXTURES])
def test_what_is_asked_is_enough(number: int) -> None:
    full = fixtures(rulebook())[number]
    check_asked(full, ask_all(engine(), full))


@pytest.mark.parametrize(("seed", "unknown"), [(1, 0.0), (2, 0.05), (3, 0.2)])
def test_what_is_asked_of_generated_persons_is_enough(seed: int, unknown: float) -> None:
    for full in by_scheme(rulebook(), generated(engine(), 3, seed, unknown)):
        check_asked(full, ask_all(engine(), full))


@cache
def everybody() -> list[Request]:
    """Fixtures with their own schemes, and generated persons with every scheme by itself."""
    return [*fixtures(rulebook()), *by_scheme(rulebook(), generated(engine(), 8, 7, 0.05))]


@cache
def known_values() -> dict[str, list[Any]]:
    """Values that a fact may have, by its name."""
    pool: dict[str, list[Any]] = {name: [] for name in rulebook().facts.facts}
    for request in [*fixtures(rulebook()), *generated(engine(), 60, 11, 0.3)]:
        for name, value in request.facts.items():
            pool[name].append(value)
    return {name: values for name, values in pool.items() if values}


@cache
def asked_of(number: int) -> Asked:
    return ask_all(engine(), everybody()[number])


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_no_other_fact_can_change_the_result(data: st.DataObject) -> None:
    """Facts that were not asked for, changed to anything or taken away, leave everything as it is."""
    number = data.draw(st.integers(0, len(everybody()) - 1))
    full, asked = everybody()[number], asked_of(number)
    unasked = sorted((set(known_values()) - set(asked.order)) & asked.rested_on) or sorted(set(known_values()) - set(asked.order))
    names = data.draw(st.lists(st.sampled_from(unasked), min_size=1, max_size=6, unique=True))
    changed = {name: data.draw(st.sampled_from(known_values()[name]) | st.none()) for name in names}
    kept = asked.request.facts if data.draw(st.booleans()) else {name: value for name, value in full.facts.items() if name not in asked.left_out}
    facts = {name: value for name, value in {**kept, **changed}.items() if value is not None}
    try:
        found = results(replace(full, facts=facts))
    except InputError:
        assume(False)
    assert found == results(full)


def test_most_of_what_is_asked_does_change_a_result() -> None:
    """The proof above has teeth: another answer to a question that was asked often makes another result."""
    moved, tried = 0, 0
    for full in fixtures(rulebook())[::4]:
        asked = ask_all(engine(), full)
        for name in asked.request.facts:
            others = [value for value in known_values()[name] if value != full.facts[name]][:12]
            tried += 1
            moved += any(_differs(full, name, value) for value in others)
    assert moved > 0.8 * tried > 30


def _differs(full: Request, name: str, value: Any) -> bool:
    try:
        return results(replace(full, facts={**full.facts, name: value})) != results(full)
    except InputError:
        return False


def test_few_of_the_facts_that_schemes_rest_on_are_asked() -> None:
    """Under half on average, over schemes and cases; bench/questions.py measures all of them."""
    shares = [ask_all(engine(), each).share for each in list(by_scheme(rulebook(), fixtures(rulebook())))[::9]]
    assert sum(shares) / len(shares) < 0.5, f"{sum(shares) / len(shares):.1%} of the facts that a scheme rests on, over {len(shares)} cases"


# -- one question -------------------------------------------------------------------------------------


def case(start: str, *facts: str) -> Request:
    """A fixture with some of its facts."""
    request = fixtures(rulebook())[next(index for index, path in enumerate(FIXTURES) if path.name.startswith(start))]
    return replace(request, facts={name: request.facts[name] for name in facts})


def test_a_question_says_what_is_asked_and_why() -> None:
    answer = render_questions(questions(engine(), case("01", "birth_date", "retirement_category", "claim_date")), "en")
    assert [each["name"] for each in answer["questions"]][:2] == ["deemed_contribution_months", "contribution_records"]
    months = answer["questions"][0]
    assert {name: months[name] for name in ("kind", "unit", "at_least", "at_most", "lookup", "optional")} == {
        "kind": "whole", "unit": "month", "at_least": "0", "at_most": "720", "optional": False,
        "lookup": "Personnel file; recognition of deemed service",
    }  # fmt: skip
    why = months["why"][0]
    assert (why["id"], why["kind"], why["source"]["article"]) == ("pension.employee.enough_months", "condition", "第二条")
    assert why["through"]["id"] == "pension.employee.contribution_months"
    records = answer["questions"][1]
    assert [field["name"] for field in records["fields"]] == ["year", "months", "index", "base", "region"]
    assert answer["results"]["pension.retirement_age"] | {"title": ""} == {
        "title": "", "settled": True, "status": "eligible", "standing": "official", "open": [], "not_known": [],
    }  # fmt: skip
    assert not answer["settled"] and answer["results"]["pension.employee"]["status"] is None
    assert answer["progress"] | {"expected": 0} == {"answered": 3, "expected": 0, "at_most": 6, "percent": answer["progress"]["percent"]}


def test_texts_come_in_the_language_asked_for() -> None:
    found = questions(engine(), case("25"))
    zh, en = (render_questions(found, language)["questions"][0] for language in ("zh", "en"))
    assert (zh["choices"][0]["title"], en["choices"][0]["title"]) == ("男职工（原退休年龄60周岁）", "man (original age 60)")
    assert zh["question"] != en["question"]


def test_choices_that_contradict_what_was_said_are_not_offered() -> None:
    found = questions(engine(), replace(case("25"), facts={"sex": "female"}))
    asked = next(each for each in found.questions if each.fact.name == "retirement_category")
    assert all(str(value).startswith("female") for value, _ in asked.choices) and len(asked.choices) == 3


def test_what_is_not_published_is_no_question() -> None:
    full = fixtures(rulebook())[next(index for index, path in enumerate(FIXTURES) if path.name.startswith("16"))]
    asked = ask_all(engine(), full)
    answer = render_questions(questions(engine(), asked.request, asked.left_out), "en")
    assert answer["questions"] == [] and answer["settled"]
    assert answer["results"]["pension.employee"]["status"] == "undetermined"
    assert [each["name"] for each in answer["results"]["pension.employee"]["not_known"]] == ["pension.employee.calculation_base"]
    assert answer["progress"]["percent"] == 100


def test_what_was_left_out_is_said() -> None:
    request = case("01", "birth_date", "retirement_category", "claim_date", "contribution_records", "account_balance")
    answer = render_questions(questions(engine(), request, ("deemed_contribution_months",)), "en")
    assert "deemed_contribution_months" not in [each["name"] for each in answer["questions"]]
    assert [each["name"] for each in answer["results"]["pension.employee"]["not_known"]] == ["deemed_contribution_months"]


def test_a_fact_is_stated_or_left_out_not_both() -> None:
    with pytest.raises(InputError) as refused:
        questions(engine(), case("01", "birth_date"), ("claim_date", "birth_date"))
    assert [fault.pointer for fault in refused.value.faults] == ["/left_out/1"]


# -- the order ----------------------------------------------------------------------------------------

ORDER = """\
eligibility:
  resident: {title: {zh: 居民, en: Resident}, holds: insured}
  long: {title: {zh: 足月, en: Long}, holds: 'sum(records.paid) >= 12'}
benefits:
  amount: {title: {zh: 金额, en: Amount}, unit: CNY/month, value: wage}
"""
OTHER = """\
scheme: test.other
title: {zh: 其他, en: Other}
in_force: {from: 2000-01-01}
source: {instrument: 其他办法}
eligibility:
  older: {title: {zh: 年长, en: Older}, holds: 'born < date("1970-01-01")'}
benefits:
  amount: {title: {zh: 金额, en: Amount}, unit: month, value: 'if sex = "male" then months else 3'}
"""


def order(book: Rulebook, *schemes: str, **facts: Any) -> list[str]:
    return [each.fact.name for each in questions(Engine(book), Request(TODAY, schemes or (NAME,), facts)).questions]


def test_a_cheap_question_that_knocks_out_comes_before_a_long_list(rules: Build) -> None:
    assert order(rules({"a.yaml": HEAD + ORDER})) == ["insured", "records", "wage"]


def test_conditions_come_before_amounts(rules: Build) -> None:
    book = rules({"a.yaml": HEAD + ORDER, "b.yaml": OTHER})
    assert order(book, NAME, "test.other")[-2:] == ["wage", "sex"] or order(book, NAME, "test.other")[-2:] == ["sex", "wage"]


def test_what_several_schemes_ask_comes_first(rules: Build) -> None:
    """Alone each of two like questions could be first; the one that two schemes ask is."""
    shared = OTHER.replace("test.other", "test.third").replace('\'born < date("1970-01-01")\'', "not(insured)").replace("'if sex = \"male\" then months else 3'", "months")
    alike = HEAD + "eligibility:\n  a: {title: {zh: 甲, en: A}, holds: sex = \"male\"}\n  b: {title: {zh: 乙, en: B}, holds: insured}\n"
    book = rules({"a.yaml": alike, "b.yaml": shared})
    assert order(book, NAME, "test.third")[0] == "insured"


def test_a_settled_scheme_asks_nothing(rules: Build) -> None:
    book = rules({"a.yaml": HEAD + ORDER, "b.yaml": OTHER})
    assert order(book, NAME, "test.other", insured=False, born=date(1980, 1, 1)) == []
    assert set(order(book, NAME, "test.other", insured=False)) == {"born", "sex"}


def test_a_series_too_long_is_a_fault_of_the_request(rules: Build) -> None:
    book = rules({"a.yaml": HEAD + "benefits:\n  b: {title: {zh: 金额, en: B}, value: 'sum(for i in 1..count_of_children return i) + count(records)'}\n"})
    with pytest.raises(InputError):
        order(book, count_of_children=Decimal(10**9))


def test_an_open_amount_that_would_be_too_long_does_not_stop_the_questions(rules: Build) -> None:
    body = "eligibility:\n  a: {title: {zh: 甲, en: A}, holds: insured}\nbenefits:\n  b: {title: {zh: 金额, en: B}, value: 'sum(for i in 1..count_of_children return i)'}\n"
    book = rules({"a.yaml": HEAD + body})
    assert order(book, count_of_children=Decimal(10**9)) == ["insured"]


def test_every_scheme_at_once() -> None:
    """A whole household's question: a shared fact comes first, and every scheme says what is open in it."""
    schemes = tuple(scheme for scheme in rulebook().at(DAY, "110000").schemes if scheme in rulebook().scheme_ids())
    found = questions(engine(), Request(DAY, schemes, {}, "110000"))
    assert len({reason.scheme for reason in found.questions[0].reasons}) > 1
    assert [each.state.plan.scheme for each in found.schemes] == list(schemes)
    assert found.progress.expected <= found.progress.at_most


def test_the_reader_takes_what_the_answer_gives() -> None:
    """Choices and examples of the questions are answers that a request may have."""
    reader = RequestReader(rulebook())
    for path in FIXTURES[::6]:
        body = json.loads(path.read_bytes())
        request, _ = reader.read_value({**body, "facts": {}})
        for question in render_questions(questions(engine(), request), "zh")["questions"]:
            for value in [each["value"] for each in question.get("choices", [])] or [question["example"]] * ("example" in question):
                reader.read_value({**body, "facts": {question["name"]: value}})
