"""Unknown is not false: what is missing is named, known figures may be given, series extended, standings carried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app.engine import InputError
from app.engine.case import Case, Facts
from app.engine.numbers import CERTIFIED, RATIONAL
from app.engine.tables import MAX_RATES, Table
from app.language import Rulebook
from tests.conftest import HEAD, NAME, TODAY, answer, ask, value

Build = Callable[..., Rulebook]

BODY = """\
parameters:
  base:
    unit: CNY/month
    by: year
    values:
      2023: 6000
      2024: {value: 6500, standing: provisional}
    extend: {with: growth, how: grow, round: {to: 1, mode: half up}, provisional: hold}
  rate: {value: 0.08}
  interest:
    by: year
    values: {2024: 0.02}
    extend: {with: growth, how: set}
  scale:
    unit: CNY/month
    bands: [{above: 0, rate: 0.1}, {above: 1000, rate: 0.2, standing: unverified}]
definitions:
  charge: {output: true, unit: CNY/month, value: 'progressive(wage, scale)'}
eligibility:
  enough:
    title: {zh: 足月, en: Enough}
    holds: months >= 180 and sex = "male"
    shortfall: 180 - months
benefits:
  amount:
    title: {zh: 金额, en: Amount}
    unit: CNY/month
    value: at(base, year(born)) * rate + wage
    round: {to: 0.01, mode: half up}
"""
KNOWN: dict[str, Any] = {"months": Decimal(200), "sex": "male", "born": date(2023, 1, 1), "wage": Decimal(100)}


@pytest.fixture
def rulebook(rules: Build) -> Rulebook:
    return rules({"a.yaml": HEAD + BODY})


def without(*names: str, **more: Any) -> dict[str, Any]:
    return {name: fact for name, fact in {**KNOWN, **more}.items() if name not in names}


def missing(rulebook: Rulebook, facts: Mapping[str, Any], **request: Any) -> list[tuple[str, str]]:
    lines = answer(ask(rulebook, facts=facts, **request))["missing"]
    return [(line["kind"], line["name"]) for line in lines]


@pytest.mark.parametrize("absent", [("months",), ("sex",), ("months", "sex")])
def test_a_condition_asks_only_for_what_is_still_open(rulebook: Rulebook, absent: tuple[str, ...]) -> None:
    assert missing(rulebook, without(*absent)) == [("fact", name) for name in absent]


def test_an_amount_asks_for_everything_it_needs_at_once(rulebook: Rulebook) -> None:
    assert sorted(missing(rulebook, without("born", "wage"))) == [("fact", "born"), ("fact", "wage")]


@pytest.mark.parametrize("facts", [{"months": Decimal(1)}, {"sex": "female"}])
def test_a_false_condition_settles_the_case_whatever_else_is_unknown(rulebook: Rulebook, facts: dict[str, Any]) -> None:
    result = answer(ask(rulebook, facts=facts))
    assert (result["status"], result["missing"]) == ("not_eligible", [])


def test_an_untaken_branch_is_not_asked_for(rules: Build) -> None:
    body = "eligibility:\n  c: {title: {zh: 条件, en: C}, holds: 'if insured then months > 1 else wage > 1'}\n"
    book = rules({"a.yaml": HEAD + body})
    assert missing(book, {}) == [("fact", "insured")]
    assert missing(book, {"insured": True}) == [("fact", "months")]
    assert missing(book, {"insured": False}) == [("fact", "wage")]
    through = (
        "definitions:\n  x: {value: 'if insured then count_of_children else count(records)'}\nbenefits:\n  b: {title: {zh: 金额, en: B}, value: x}\n"
    )
    assert missing(rules({"a.yaml": HEAD + through}), {"insured": True}) == [("fact", "count_of_children")]


def test_a_figure_that_is_not_published_is_named_with_its_key(rulebook: Rulebook) -> None:
    lines = answer(ask(rulebook, facts=without(born=date(2030, 1, 1))))["missing"]
    assert [(line["kind"], line["name"], line["key"], line["assumption"]) for line in lines] == [("parameter", "test.scheme.base", "2030", "growth")]


def test_a_division_by_zero_is_reported_not_raised(rules: Build) -> None:
    body = "benefits:\n  b: {title: {zh: 金额, en: B}, value: 1 / count_of_children}\n"
    book = rules({"a.yaml": HEAD + body})
    assert missing(book, {"count_of_children": Decimal(0)}) == [("division_by_zero", "test.scheme.b")]
    assert missing(book, {}) == [("fact", "count_of_children")]


def amount(rulebook: Rulebook, year: int = 2023, **request: Any) -> str | None:
    result = answer(ask(rulebook, facts=KNOWN | {"born": date(year, 1, 1)}, **request))
    found: str | None = result["benefits"]["amount"]["value"]
    return found


@pytest.mark.parametrize(
    ("given", "year", "expected"),
    [
        ({}, 2023, "580.00"),
        ({"rate": "0.1"}, 2023, "700.00"),
        ({"base": "1000"}, 2030, "180.00"),
        ({"base": {"2030": "1000"}}, 2030, "180.00"),
        ({"base": {"2030": "1000"}}, 2023, "580.00"),
        ({"test.scheme.amount": "1.5"}, 2023, "1.5"),
        ({"enough": True, "amount": 7}, 2023, "7"),
    ],
)
def test_given_figures_replace_definitions_and_parameters(rulebook: Rulebook, given: dict[str, Any], year: int, expected: str) -> None:
    assert amount(rulebook, year, given=given) == expected


def test_a_given_condition_decides(rulebook: Rulebook) -> None:
    assert answer(ask(rulebook, facts={}, given={"enough": False}))["status"] == "not_eligible"


@pytest.mark.parametrize(
    ("given", "pointer", "detail"),
    [
        ({"amuont": "1"}, "/given/amuont", "the schemes asked for have no rule named 'amuont' here and now. Did you mean 'amount'?"),
        ({"amount": "1e3"}, "/given/amount", 'must be a decimal number as text, such as "1.1629".'),
        ({"rate": {"2024": "1"}}, "/given/rate", "this parameter has one value; give the value itself."),
        ({"base": {"2024": "x"}}, "/given/base/2024", 'must be a decimal number as text, such as "1.1629".'),
        ({"scale": "1"}, "/given/scale", "a scale of bands cannot be given for one case."),
        ({"enough": "yes"}, "/given/enough", "must be true or false."),
    ],
)
def test_a_given_figure_of_the_wrong_kind_is_refused(rulebook: Rulebook, given: dict[str, Any], pointer: str, detail: str) -> None:
    with pytest.raises(InputError) as caught:
        ask(rulebook, facts=KNOWN, given=given)
    assert [(fault.pointer, fault.en) for fault in caught.value.faults] == [(pointer, detail)]


def test_assumptions_extend_a_series(rulebook: Rulebook) -> None:
    growth = {"growth": Decimal("0.0333")}
    expected, base = {}, 6500
    for year in range(2025, 2029):
        base = int((base * Decimal("1.0333")).quantize(Decimal(1), "ROUND_HALF_UP"))
        expected[year] = f"{base * Decimal('0.08') + 100:.2f}"
    assert {year: amount(rulebook, year, assumptions=growth) for year in expected} == expected
    assert amount(rulebook, 2025) is None
    assert amount(rulebook, 2025, assumptions={"hold": True}) == "620.00"
    assert amount(rulebook, 2026, assumptions={"hold": True}) is None
    assert amount(rulebook, 2022, assumptions=growth) is None


@pytest.mark.parametrize(
    ("year", "assumptions", "standing"),
    [(2023, {}, "official"), (2024, {}, "provisional"), (2025, {"hold": True}, "provisional"), (2025, {"growth": Decimal(0)}, "estimated")],
)
def test_an_amount_stands_as_its_weakest_figure(rules: Build, year: int, assumptions: dict[str, Any], standing: str) -> None:
    lean = BODY[: BODY.index("definitions:")] + BODY[BODY.index("eligibility:") :]
    result = answer(ask(rules({"a.yaml": HEAD + lean}), facts=KNOWN | {"born": date(year, 1, 1)}, assumptions=assumptions))
    assert result["standing"] == standing


@pytest.mark.parametrize(("wage", "standing"), [("1000", "official"), ("1000.01", "unverified")])
def test_bands_that_were_charged_count_for_the_standing(rulebook: Rulebook, wage: str, standing: str) -> None:
    result = answer(ask(rulebook, facts=KNOWN | {"wage": Decimal(wage)}))
    assert result["standing"] == standing
    assert [line["name"] for line in result["unverified"]] == (["test.scheme.scale"] if standing == "unverified" else [])


def test_an_impossibly_long_series_is_a_fault_of_the_request(rules: Build) -> None:
    book = rules({"a.yaml": HEAD + "definitions:\n  x: {output: true, value: 'sum(for i in 1..count_of_children return i)'}\n"})
    assert value(ask(book, facts={"count_of_children": Decimal(100)}), "x") == 5050
    with pytest.raises(InputError, match="impossibly long"):
        ask(book, facts={"count_of_children": Decimal(10**12)})


def test_a_shortfall_is_shown_for_an_unmet_condition(rulebook: Rulebook) -> None:
    condition = answer(ask(rulebook, facts=KNOWN | {"months": Decimal(170)}))["conditions"][0]
    assert (condition["met"], condition["shortfall"]) == (False, "10")


@pytest.mark.parametrize("rounding", ["", ", round: {to: 0.01, mode: half up}"])
def test_years_kept_of_fractions_are_those_grown_anew(rules: Build, rounding: str) -> None:
    """Later years before earlier ones, two rates in turn, more rates than are kept: each as decimals have it."""
    book = rules({"a.yaml": HEAD + f"parameters:\n  base:\n    by: year\n    values: {{2024: 6500}}\n    extend: {{with: growth, how: grow{rounding}}}\n"})
    law = book.at(TODAY, "000000", ())
    (parameter,) = law.schemes[NAME].parameters.values()
    kept, decimals = Table(0, parameter, RATIONAL), Table(0, parameter, CERTIFIED)
    rates = [Decimal(number) / 100 for number in (3, 5, 3, *range(1, MAX_RATES + 4), 5, 3)]
    for rate in rates:
        for year in (2030, 2026, 2030, 2033, 2025):
            grown = kept.extend(_case(growth=Fraction(rate)), Fraction(year))
            expected = decimals.extend(_case(growth=rate), Decimal(year))
            assert grown is not None and expected is not None
            assert grown.value == Fraction(expected.value)


def _case(**assumptions: Any) -> Case:
    return Case(TODAY, "000000", Facts({}), [], {}, assumptions, frozenset())
