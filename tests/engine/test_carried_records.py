"""Records carried through a list: units from the step, exact rounding inside, states collected as a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import Engine, Request
from app.engine.given import Given
from app.engine.numbers import CERTIFIED, RATIONAL
from app.language import Rulebook, ir
from app.language.types import ListType, NumberType, RecordType
from tests.conftest import HEAD, NAME, TODAY, answer, ask, value
from tests.language.bad_file import definitions

Build = Callable[..., Rulebook]
Refused = Callable[..., list[str]]
FACTS = """\
facts:
  bills:
    type: list
    max_items: 400
    order_by: day
    title: {zh: 单据, en: Bills}
    item:
      day: {type: date, required: true, title: {zh: 日, en: Day}}
      cost: {type: number, unit: CNY, decimals: 2, at_least: 0, at_most: 1000000, required: true, title: {zh: 费用, en: Cost}}
      outside: {type: number, unit: CNY, decimals: 2, at_least: 0, at_most: 1000000, title: {zh: 目录外, en: Outside}}
assumptions: {}
checks: {}
"""
# A yearly deductible, then a share, up to a yearly ceiling.
YEAR = """\
parameters:
  deductible: {title: {zh: 起付线, en: Deductible}, unit: CNY, value: 1800}
  share: {title: {zh: 支付比例, en: Share}, value: 0.855}
  ceiling_of_year: {title: {zh: 封顶线, en: Ceiling}, unit: CNY, value: 20000}
definitions:
  course:
    title: {zh: 逐笔报销, en: Bill by bill}
    output: true
    carry:
      each: bill
      in: bills
      start: '{day: date("2000-01-01"), borne: 0, paid_now: 0, paid: 0}'
      next: >-
        {day: bill.day,
         borne: min(deductible, previous.borne + bill.cost - or_else(bill.outside, 0)),
         paid_now: round_half_up(min(ceiling_of_year - previous.paid,
           share * max(0, bill.cost - or_else(bill.outside, 0) - (deductible - previous.borne))), 2),
         paid: previous.paid + round_half_up(min(ceiling_of_year - previous.paid,
           share * max(0, bill.cost - or_else(bill.outside, 0) - (deductible - previous.borne))), 2)}
      collect: true
  at_end:
    output: true
    carry:
      each: row
      in: course
      start: '{paid: 0, bills: 0}'
      next: '{paid: row.paid, bills: previous.bills + 1}'
benefits:
  reimbursed: {title: {zh: 报销, en: Reimbursed}, unit: CNY, value: 'if count(course) = 0 then 0 else course[-1].paid'}
"""


@pytest.fixture
def rulebook(rules: Build) -> Rulebook:
    return rules({"a.yaml": HEAD + YEAR}, FACTS)


def by_hand(costs: list[Decimal]) -> list[tuple[Decimal, Decimal, Decimal]]:
    rows, borne, paid = [], Decimal(0), Decimal(0)
    for cost in costs:
        above = max(Decimal(0), cost - (1800 - borne))
        borne = min(Decimal(1800), borne + cost)
        now = min(20000 - paid, above * Decimal("0.855")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        paid += now
        rows.append((borne, now, paid))
    return rows


def bills(costs: list[Decimal]) -> tuple[dict[str, Any], ...]:
    return tuple({"day": date(2025, 1, 1 + number), "cost": cost} for number, cost in enumerate(costs))


def test_a_year_of_bills(rulebook: Rulebook) -> None:
    costs = [Decimal(text) for text in ("1000", "900.55", "12345.67", "30000", "5")]
    result = answer(ask(rulebook, facts={"bills": bills(costs)}))
    assert [(row["day"], row["borne"], row["paid_now"], row["paid"]) for row in result["values"]["course"]] == [
        ("2025-01-01", "1000", "0.00", "0.00"),
        ("2025-01-02", "1800", "85.97", "85.97"),
        ("2025-01-03", "1800", "10555.55", "10641.52"),
        ("2025-01-04", "1800", "9358.48", "20000.00"),
        ("2025-01-05", "1800", "0.00", "20000.00"),
    ]
    assert result["benefits"]["reimbursed"] == {"value": "20000.00", "unit": "CNY"}
    assert result["values"]["at_end"] == {"paid": "20000.00", "bills": "5"}
    lines = {line["id"]: line for line in result["trace"]}
    assert lines["course"]["units"] == {"borne": "CNY", "paid_now": "CNY", "paid": "CNY"}
    assert lines["course"]["expression"].startswith('carry each bill in bills: from {day: date("2000-01-01"), borne: 0, paid_now: 0, paid: 0}, next {day: bill.day')


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.decimals(0, 20000, places=2), max_size=12))
def test_it_is_what_one_computes_by_hand_in_both_arithmetics(rulebook: Rulebook, costs: list[Decimal]) -> None:
    engine = Engine(rulebook)
    request = Request(as_of=TODAY, schemes=(NAME,), region="000000", reforms=(), facts={"bills": bills(costs)})
    program = engine.program(TODAY, "000000", (), (NAME,))
    for arithmetic in (CERTIFIED, RATIONAL):
        rows = value(engine._run(request, program, Given({}, {}), arithmetic), "course")
        assert [(row["borne"], row["paid_now"], row["paid"]) for row in rows] == by_hand(costs)


def test_what_a_bill_does_not_say_is_unknown_from_then_on(rules: Build) -> None:
    text = definitions("sums: {output: true, carry: {each: b, in: bills, start: '{all: 0, outside: 0}', next: '{all: previous.all + b.cost, outside: previous.outside + b.outside}', collect: true}}")
    two = ({"day": date(2025, 1, 1), "cost": Decimal(5), "outside": Decimal(1)}, {"day": date(2025, 1, 2), "cost": Decimal(7)})
    assert answer(ask(rules({"a.yaml": HEAD + text}, FACTS), facts={"bills": two}))["values"]["sums"] == [{"all": "5", "outside": "1"}, {"all": "12", "outside": None}]


@pytest.mark.parametrize(
    ("start", "following", "units"),
    [
        ("{a: 0, b: 0}", "{a: previous.a + b.cost, b: previous.b + 1}", {"a": "CNY", "b": "1"}),
        ("{a: 0, b: 0}", "{a: round_half_up(previous.a + previous.b * share, 2), b: previous.b + b.cost}", {"a": "CNY", "b": "CNY"}),
        ("{a: 0}", "{a: round_half_up(previous.a * share + b.cost, 2)}", {"a": "CNY"}),
        ("{a: 0, b: 0}", "{a: previous.b, b: previous.a + b.cost}", {"a": "CNY", "b": "CNY"}),
        ("{a: 0, n: 1}", "if b.cost > 10 then {a: previous.a + b.cost, n: previous.n + 1} else {a: previous.a, n: previous.n}", {"a": "CNY", "n": "1"}),
        ("{a: 0 * cap, n: 0}", "{a: previous.a + b.cost, n: 0}", {"a": "CNY", "n": "1"}),
        ("{first: null, a: 0}", "{first: or_else(previous.first, b.day), a: if previous.first = null then b.cost else previous.a}", {"first": None, "a": "CNY"}),
    ],
)  # fmt: skip
def test_a_literal_takes_its_unit_from_the_step(rules: Build, start: str, following: str, units: dict[str, str | None]) -> None:
    text = "parameters:\n  share: {value: 0.5}\n  cap: {unit: CNY, value: 9}\n" + definitions("x:", f"  carry: {{each: b, in: bills, start: '{start}', next: '{following}'}}")
    rulebook = rules({"a.yaml": HEAD + text}, FACTS)
    kind = rulebook.at(TODAY).definition(ir.Name(NAME, "x")).type
    assert isinstance(kind, RecordType)
    assert {name: str(each.unit) if isinstance(each, NumberType) else None for name, each, _ in kind.fields} == units
    assert value(ask(rulebook, facts={"bills": bills([Decimal(12), Decimal(3)])}, schemes=(NAME,)), "x") is not ...


GAINS = "the carried number 'a' gains decimals from step to step. Round it where it is computed: round_half_up(..., 2); or say 'round: none' where every step is exact."


@pytest.mark.parametrize(
    ("start", "following", "said"),
    [
        ("{a: 0}", "{a: previous.a * share + b.cost}", GAINS),
        ("{a: 0}", "{a: previous.a + b.cost / 3}", GAINS),
        ("{a: 0}", "{a: min(previous.a, b.cost) ** 2 / b.cost}", GAINS),
        ("{a: 0}", "if b.cost > 1 then {a: b.cost} else {a: previous.a * 1.03}", GAINS),
        ("{a: 0}", "{a: previous.a + progressive(previous.a, scale)}", GAINS),
        ("{a: 0}", "{a: mean(bills.cost) + previous.a}", GAINS),
        ("{a: 0, b: 0}", "{b: previous.b + b.cost, a: previous.a}", "'next' gives the fields b, a, but 'start' has a, b. Both need the same fields in the same order."),
        ("{a: 0}", "{a: b.day}", None),
        ("{a: b0}", "{a: previous.a + wage_of_nobody}", "unknown name 'b0'."),
        ("{a: true}", "{a: b.cost}", "'next' gives number of CNY for 'a', but 'start' has boolean. They must be of one type and unit."),
        ("{a: bills}", "{a: previous.a}", "'a' of a carried record is a list of record {day, cost, outside}. It may hold numbers, dates, texts and truths; carry the parts as fields."),
    ],
)
def test_what_is_refused(refused: Refused, start: str, following: str, said: str | None) -> None:
    text = "parameters:\n  share: {value: 0.5}\n  scale: {unit: CNY, bands: [{above: 0, rate: 0.1}]}\n" + definitions("x:", f"  carry: {{each: b, in: bills, start: '{start}', next: '{following}'}}")
    found = refused({"a.yaml": HEAD + text}, FACTS)
    assert found == ([f"a.yaml:10: {said}"] if said else ["a.yaml:10: 'next' gives date for 'a', but 'start' has number. They must be of one type and unit."])


@pytest.mark.parametrize(
    "following",
    [
        "{a: previous.a + b.cost * share}", "{a: previous.a + b.cost - or_else(b.outside, 0)}", "{a: previous.a * 2 + b.cost / 8}", "{a: previous.a / 3, n: round_half_up(previous.a / 3, 2)}",
        "{a: floor(previous.a / 7)}", "{a: abs(previous.a - b.cost)}", "{a: if b.cost > previous.a then b.cost else previous.a}",
    ],
)  # fmt: skip
def test_what_is_exact_or_says_so_is_taken(refused: Refused, following: str) -> None:
    names = "{a: 0, n: 0}" if "n:" in following else "{a: 0}"
    promise = ", round: none" if "previous.a / 3," in following else ""
    text = "parameters:\n  share: {value: 0.5}\n" + definitions("x:", f"  carry: {{each: b, in: bills, start: '{names}', next: '{following}'{promise}}}")
    assert refused({"a.yaml": HEAD + text}, FACTS) == []


def test_a_record_has_no_rounding_of_its_own(refused: Refused) -> None:
    text = definitions("x:", "  carry: {each: b, in: bills, start: '{a: 0}', next: '{a: previous.a + b.cost}', round: {to: 1, mode: down}}")
    assert refused({"a.yaml": HEAD + text}, FACTS) == [
        "a.yaml:7: 'round' of a carry is for a carried number. Round the numbers of a record where they are computed: round_half_up(..., 2)."
    ]


def test_a_collected_record_is_a_list_of_records(rulebook: Rulebook) -> None:
    kind = rulebook.at(TODAY).definition(ir.Name(NAME, "course")).type
    assert isinstance(kind, ListType) and isinstance(kind.item, RecordType) and kind.item.names() == ["day", "borne", "paid_now", "paid"]
