"""A case with facts open: what is settled is what the exact engine says, and what is open hangs on the facts named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from app.engine import Engine, Probe, Request
from app.engine.inquiry import Inquiry, State
from app.engine.open_values import open_in
from app.language import Rulebook
from bench.questions import by_scheme, fixtures, generated
from tests.conftest import HEAD, NAME, TODAY
from tests.test_rule_cases import rulebook

Build = Callable[..., Rulebook]


@cache
def engine() -> Engine:
    return Engine(rulebook())


# -- the same as the engine ---------------------------------------------------------------------------


def agree(request: Request) -> bool:
    """Whether the case is entitled to something; with everything that is not stated left out, it is as a probe has it."""
    probed = Probe(engine(), request).base()
    state = Inquiry(engine(), request, [name for name in rulebook().facts.facts if name not in request.facts]).state()
    assert state is not None and state.settled
    for scheme in state.schemes:
        assert scheme.status == probed.statuses[scheme.plan.scheme]
        assert {number: probed.met[number] for number in scheme.conditions} == dict(scheme.conditions)
        if scheme.status == "eligible" and scheme.plan.benefits:
            assert {number: probed.benefits[number] for number in scheme.amounts} == dict(scheme.amounts)
    return "eligible" in probed.statuses.values()


def test_with_nothing_open_it_is_the_exact_engine() -> None:
    assert sum(agree(request) for request in by_scheme(rulebook(), fixtures(rulebook()))) > 100


@pytest.mark.parametrize("seed", range(3))
def test_with_nothing_open_it_is_the_exact_engine_for_generated_persons(seed: int) -> None:
    """Persons who know most of their facts: many odd values and contradictions, few entitled to anything."""
    for request in by_scheme(rulebook(), generated(engine(), 6, seed, 0.2)):
        agree(request)


def test_answers_one_by_one_come_to_the_same_as_all_at_once() -> None:
    """What is not read again after an answer is what would be read."""
    for request in fixtures(rulebook())[::3]:
        inquiry = Inquiry(engine(), replace(request, facts={}))
        for name, value in request.facts.items():
            foreseen = inquiry.state({name: value})
            inquiry.answer(name, value)
            stated = {known: each for known, each in request.facts.items() if known in inquiry._known}
            afresh = Inquiry(engine(), replace(request, facts=stated)).state()
            assert shown(inquiry.state()) == shown(afresh) == (shown(foreseen) if foreseen is not None else shown(afresh))


def shown(state: State | None) -> list[Any]:
    assert state is not None
    return [(each.status, dict(each.conditions), dict(each.amounts)) for each in state.schemes]


# -- what it hangs on ---------------------------------------------------------------------------------


def hangs(book: Rulebook, facts: dict[str, Any], left_out: tuple[str, ...] = ()) -> tuple[set[str], set[str], set[str]]:
    """The facts that the results hang on now, those of them without a default, and those that may come later."""
    inquiry = Inquiry(Engine(book), Request(TODAY, (NAME,), facts), left_out)
    state = inquiry.state()
    assert state is not None
    found = [open_in(value) for each in state.schemes for value in (*each.open_conditions.values(), *each.open_amounts.values())]
    masks = [(each.now, each.needed, each.later) for each in found if each is not None]
    now, needed, later = ({name for mask in column for name in inquiry.facts_in(mask)} for column in zip(*masks, strict=True)) if masks else (set(), set(), set())
    return now, needed, later


@pytest.mark.parametrize(
    ("body", "facts", "now", "needed", "later"),
    [
        ("months + wage", {}, "months wage", "months wage", "months wage"),
        ("months + wage", {"months": Decimal(1)}, "wage", "wage", "wage"),
        ("if insured then months else wage", {}, "insured", "insured", "insured months wage"),
        ("if insured then months else wage", {"insured": False}, "wage", "wage", "wage"),
        ("if insured or months > 3 then 1 else wage", {"insured": True}, "", "", ""),
        ("if insured and months > 3 then 1 else wage", {"months": Decimal(9)}, "insured", "insured", "insured wage"),
        ("or_else(months, 3)", {}, "months", "", "months"),
        ("or_else(months, wage)", {}, "months", "", "months wage"),
        ("or_else(months, null)", {}, "months", "months", "months"),
        ("if months = null then 1 else 2", {}, "months", "", "months"),
        ("months + at(figures, 9)", {}, "", "", ""),
        ("sum(for r in records return r.paid) * months", {}, "records months", "records months", "records months"),
        ("sum(for r in records return r.paid * months)", {}, "records", "records", "records months"),
        ("sum(for r in records return r.paid * months)", {"records": ()}, "", "", ""),
        ("sum(for r in records return r.paid * months)", {"records": ({"year": Decimal(1), "paid": Decimal(2)},)}, "months", "months", "months"),
        ("count(for r in records return months)", {"records": ({"year": Decimal(1), "paid": Decimal(2)},)}, "", "", ""),
        ("count(records[year = months])", {"records": ()}, "months", "months", "months"),
        ("count(records[year > months])", {"records": ()}, "", "", ""),
        ("if (some r in records satisfies r.paid > 1 or r.paid > months) then 1 else 2", {"records": ({"year": Decimal(1), "paid": Decimal(2)},)}, "", "", ""),
        ("max(1, months)", {}, "months", "months", "months"),
        ("at(figures, months) + wage", {"months": Decimal(9)}, "", "", ""),
        ("at(figures, months) + wage", {}, "months wage", "months wage", "months wage"),
    ],
)
def test_an_amount_hangs_on_what_its_branches_read(rules: Build, body: str, facts: dict[str, Any], now: str, needed: str, later: str) -> None:
    parameters = "parameters:\n  figures: {by: number, values: {1: 5}}\n"
    book = rules({"a.yaml": HEAD + parameters + f"benefits:\n  b: {{title: {{zh: 金额, en: B}}, value: '{body}'}}\n"}, facts=_PURE)
    assert hangs(book, facts) == (set(now.split()), set(needed.split()), set(later.split()))


def test_a_left_out_fact_is_not_asked_again(rules: Build) -> None:
    body = "benefits:\n  b: {title: {zh: 金额, en: B}, value: 'or_else(months, wage) + count_of_children'}\n"
    book = rules({"a.yaml": HEAD + body}, facts=_PURE)
    assert hangs(book, {}, ("months",)) == ({"wage", "count_of_children"},) * 3
    assert hangs(book, {}, ("count_of_children",)) == (set(), set(), set())


DECISION = """\
benefits:
  b:
    title: {zh: 金额, en: B}
    decide:
      hit: HIT
      inputs: [sex, months]
      rows:
        - ['"male"', '> 3', '1']
        - ['"female"', '-', '2']
        - ['"male"', '<= 3', wage]
"""


@pytest.mark.parametrize(
    ("hit", "facts", "now", "later"),
    [
        ("unique", {}, "sex months", "sex months wage"),
        ("unique", {"sex": "female"}, "", ""),
        ("first", {"sex": "female"}, "", ""),
        ("unique", {"sex": "male"}, "months", "months wage"),
        ("first", {"sex": "male"}, "months", "months wage"),
        ("first", {"months": Decimal(1)}, "sex", "sex wage"),
        ("first", {"sex": "male", "months": Decimal(2)}, "wage", "wage"),
    ],
)
def test_a_decision_table_asks_for_its_inputs_then_for_the_row(rules: Build, hit: str, facts: dict[str, Any], now: str, later: str) -> None:
    book = rules({"a.yaml": HEAD + DECISION.replace("HIT", hit)}, facts=_PURE)
    found = hangs(book, facts)
    assert (found[0], found[2]) == (set(now.split()), set(later.split()))


TWO = """\
eligibility:
  long: {title: {zh: 甲, en: Long}, holds: months >= 12}
  member: {title: {zh: 乙, en: Member}, holds: insured}
benefits:
  amount: {title: {zh: 金额, en: Amount}, value: wage * 2}
"""


@pytest.mark.parametrize(
    ("facts", "status", "now"),
    [
        ({}, None, "months insured wage"),
        ({"months": Decimal(1)}, "not_eligible", ""),
        ({"months": Decimal(12)}, None, "insured wage"),
        ({"months": Decimal(12), "insured": True}, None, "wage"),
        ({"months": Decimal(12), "insured": True, "wage": Decimal(1)}, "eligible", ""),
    ],
)
def test_a_false_condition_asks_for_nothing_more(rules: Build, facts: dict[str, Any], status: str | None, now: str) -> None:
    book = rules({"a.yaml": HEAD + TWO}, facts=_PURE)
    state = Inquiry(Engine(book), Request(TODAY, (NAME,), facts)).state()
    assert state is not None and state.schemes[0].status == status
    assert hangs(book, facts)[0] == set(now.split())


def test_an_unknown_condition_leaves_no_amount_to_ask_for(rules: Build) -> None:
    """A figure that is not published: the other condition may still settle the scheme, the amount cannot be due."""
    body = "parameters:\n  figure: {by: number, values: {1: 5}}\n" + TWO.replace("months >= 12", "'at(figure, 9) > 3'")
    book = rules({"a.yaml": HEAD + body}, facts=_PURE)
    assert hangs(book, {})[0] == {"insured"}
    assert hangs(book, {"insured": True})[0] == set()


def test_given_figures_are_known(rules: Build) -> None:
    book = rules({"a.yaml": HEAD + TWO}, facts=_PURE)
    state = Inquiry(Engine(book), Request(TODAY, (NAME,), {}, given={"long": True, "amount": "7"})).state()
    assert state is not None
    assert (next(iter(state.schemes[0].open_conditions.values())).now.bit_count(), dict(state.schemes[0].open_amounts)) == (1, {})


def test_wordings_that_a_date_chooses_between_are_asked_for_later(rules: Build) -> None:
    later = (
        "scheme: test.scheme\nin_force: {from: 2010-01-01}\namends: test.scheme@2000-01-01\nsource: {instrument: 后来办法}\n"
        "applies_when: born >= date(\"1990-01-01\")\nbenefits:\n  b: {value: wage}\n"
    )
    book = rules({"a.yaml": HEAD + "benefits:\n  b: {title: {zh: 金额, en: B}, value: months}\n", "b.yaml": later}, facts=_PURE)
    assert hangs(book, {}) == ({"born"}, {"born"}, {"born", "months", "wage"})
    assert hangs(book, {"born": date(1991, 1, 1)})[0] == {"wage"}
    assert hangs(book, {"born": date(1981, 1, 1)})[0] == {"months"}


_PURE = """\
facts:
  wage: {type: number, at_most: 1000000000, title: {zh: 工资, en: Wage}}
  months: {type: whole, at_most: 1000000000, title: {zh: 月数, en: Months}}
  count_of_children: {type: whole, at_most: 1000000000, title: {zh: 子女数, en: Children}}
  sex:
    type: enum
    values: {male: {zh: 男, en: male}, female: {zh: 女, en: female}}
    title: {zh: 性别, en: Sex}
  born: {type: date, title: {zh: 出生, en: Born}}
  insured: {type: boolean, title: {zh: 参保, en: Insured}}
  records:
    type: list
    title: {zh: 记录, en: Records}
    item:
      year: {type: whole, required: true, at_most: 1000000000, title: {zh: 年, en: Year}}
      paid: {type: whole, required: true, at_most: 1000000000, title: {zh: 月, en: Months}}
"""
