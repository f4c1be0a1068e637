"""A what-if finds the nearest value that reaches its goal: held to the exact engine on both sides of every boundary."""

from __future__ import annotations

import os
import random
import tempfile
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from app.advice import WhatIf, WhatIfQuestion, render_what_if, what_if
from app.advice.what_if_levers import Lever, choose
from app.advice.what_if_search import Budget, Line, Search
from app.engine import Engine, InputError, Probe, Request
from app.language import Fact, YearMonth, load_rulebook
from tests.advice.cases import FIXTURES, case, engine, fixture
from tests.advice.holding import hold
from tests.engine.test_bounds import drawn, interval, limits, requests, value_of
from tests.population.kernel.random_files import load
from tests.population.kernel.random_ground import HEAD as HEAD_OF_RANDOM
from tests.population.kernel.random_ground import OTHER_SCHEMES, PARAMETERS, SCHEME, quoted
from tests.population.kernel.random_rules import RandomRules
from tests.test_rule_cases import rulebook

RULEBOOKS = int(os.environ.get("SHEBAO_FUZZ", "4"))


# -- held to the exact engine -----------------------------------------------------------------------


class Reachable(RandomRules):
    """Rules of one condition and two benefits, all of them known: so that a goal is reached by some values and missed by others."""

    def files(self) -> dict[str, str]:
        national = "".join(self._definition(f"d{number}") for number in range(self.size))
        benefits = "".join(f"  b{number}:\n    title: {{zh: a, en: a}}\n    value: {quoted(f'or_else({self.number(2)}, 5)')}\n" for number in range(2))
        condition = f"  c0:\n    title: {{zh: a, en: a}}\n    holds: {quoted(f'or_else({self._condition()}, true)')}\n"
        return {"nation.yaml": f"{HEAD_OF_RANDOM}{PARAMETERS}definitions:\n{national}eligibility:\n{condition}benefits:\n{benefits}", **OTHER_SCHEMES}


def value_at_random(fact: Fact, chance: random.Random) -> Any:
    if fact.kind in ("enum", "boolean"):
        return chance.choice([code for code, _ in fact.values] or [True, False])
    first, last = interval(fact, chance)
    return value_of(fact, chance.choice([first, last, chance.randint(first, last)]), limits(fact)[2])


def goal_of_another_case(probe: Probe, facts: list[Fact], chance: random.Random) -> tuple[dict[str, Any], Fact] | None:
    """A goal that some value of a fact reaches, and that fact: the case with it is looked at first."""
    base = probe.base()
    for _ in range(60):
        fact = chance.choice(facts)
        probed = probe.ask({fact.name: value_at_random(fact, chance)})
        if not probed.plausible or not base.plausible:
            continue
        status = probed.statuses[SCHEME]
        if status != base.statuses[SCHEME] and status != "undetermined":
            return {"status": status}, fact
        for number, value in probed.benefits.items() if status == "eligible" == base.statuses[SCHEME] else ():
            before = base.benefits[number]
            if value != before and abs(value) < 10**12:
                bound, mode = ("at_least", ROUND_FLOOR) if value > before else ("at_most", ROUND_CEILING)
                target = (Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value).quantize(Decimal("0.0001"), mode)
                return {"benefit": probe.program.definitions[number].name.local, bound: str(target)}, fact
    return None


@settings(max_examples=RULEBOOKS, deadline=None, derandomize="SHEBAO_FUZZ" not in os.environ, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(drawn)
def test_random_rules(drawn: tuple[int, float, dict[str, Any], tuple[str, ...]]) -> None:
    seed, _, assumptions, _ = drawn
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        rulebook, _, _ = load(Path(folder), Reachable(seed, size=5, depth=2).files())
    engine = Engine(rulebook)
    movable = [fact for fact in rulebook.facts.facts.values() if fact.kind not in ("list", "record", "region")]
    for request in requests(rulebook, seed % 2**31, 0.1, assumptions, ()):
        try:
            drawn_goal = goal_of_another_case(Probe(engine, request), movable, chance)
            if drawn_goal is None:
                continue
            goal, fact = drawn_goal
            note(f"{goal} by {fact.name} {request.facts}")
            allowed = tuple(dict.fromkeys([fact.name, *(each.name for each in chance.sample(movable, 4))]))
            found = what_if(engine, request, WhatIfQuestion(**goal, allowed=allowed), patience=20)
        except InputError:
            continue
        tried = next((each for each in found.tried if each.lever.name == fact.name), None)
        assert found.reached or tried is None or tried.found or not tried.proven, f"{goal} by {fact.name}"
        hold(engine, found, chance)
        assert len(render_what_if(found, "en")["alternatives"]) == len(found.alternatives)


@settings(max_examples=300, deadline=None)
@given(st.sets(st.integers(-30, 30) | st.integers(-400, 400), max_size=4), st.fractions(-20, 20, max_denominator=3) | st.fractions(-400, 400, max_denominator=3), st.booleans(), st.integers(0, 5), st.sampled_from([(1, -1), (1,), (-1,)]))
def test_a_search_finds_the_nearest_step(goal: set[int], origin: Fraction, stated: bool, doubt: int, sides: tuple[int, ...]) -> None:
    """Whatever the bounds cannot tell: `doubt` makes every so-manieth stretch look worth it."""
    asked: list[tuple[int, int]] = []

    def worth(first: int, last: int) -> bool:
        asked.append((first, last))
        return any(first <= step <= last for step in goal) or (doubt > 0 and len(asked) % doubt == 0)

    found = Search(Line(-400, 400, origin, stated), worth, goal.__contains__, Budget(monotonic() + 60), sides).run()
    allowed = [step for step in goal if (step > origin and 1 in sides) or (step < origin and -1 in sides) or (step == origin and not stated and 1 in sides)]
    assert found.proven
    assert found.step == min(allowed, key=lambda step: (abs(step - origin), -step), default=None)


@given(st.integers(1, 10**9), st.integers(0, 40))
def test_a_search_that_has_to_stop_says_so(goal: int, looks: int) -> None:
    found = Search(Line(0, 10**9, Fraction(0)), lambda *_: True, lambda step: step >= goal, Budget(monotonic() + 60, looks=looks)).run()
    assert found.step is not None and found.step >= goal
    assert found.step == goal or not found.proven


# -- rules that keep no order -----------------------------------------------------------------------

FACTS = """\
facts:
  money: {type: number, decimals: 2, at_least: 0, at_most: 1000000000, changes: can, title: {zh: 钱, en: Money}}
  months: {type: whole, unit: month, at_least: 0, at_most: 1200, changes: can, title: {zh: 月数, en: Months}}
  began: {type: date, earliest: 1950-01-01, latest: 2100-12-31, changes: past, title: {zh: 开始, en: Beginning}}
  ended: {type: date, earliest: 1950-01-01, latest: 2100-12-31, changes: can, title: {zh: 结束, en: End}}
  from_month: {type: month, earliest: 1990-01-01, latest: 2060-12-31, changes: can, title: {zh: 起月, en: First month}}
  place: {type: region, changes: can, title: {zh: 地方, en: Place}}
  tier: {type: enum, changes: can, values: {low: {zh: 低, en: low}, middle: {zh: 中, en: middle}, high: {zh: 高, en: high}}, title: {zh: 档次, en: Tier}}
  sure: {type: boolean, changes: can, title: {zh: 确定, en: Sure}}
  spare: {type: whole, at_least: 0, at_most: 9, changes: can, title: {zh: 无关, en: Spare}}
  bills:
    type: list
    max_items: 20
    order_by: day
    changes: can
    title: {zh: 账单, en: Bills}
    item:
      day: {type: date, required: true, title: {zh: 日, en: Day}}
      cost: {type: number, decimals: 2, at_least: 0, at_most: 1000000, required: true, title: {zh: 钱, en: Cost}}
checks:
  ends_after_beginning: {holds: ended >= began, pointer: ended, message: {zh: 先始后终, en: Ends before it begins.}}
"""
HEAD = """\
scheme: test.made
title: {zh: 测试, en: Test}
in_force: {from: 2000-01-01}
source: {instrument: 测试办法}
"""
RATES = """\
parameters:
  rate: {by: number, match: from, values: {0: 0.5, 1000: 0.9, 5000: 0.2, 200000.01: 0.7}}
  scale: {bands: [{above: 0, rate: 0.03}, {above: 36000, rate: 0.1}, {above: 144000, rate: 0.2}]}
"""
FACT_NAMES = ("money", "months", "began", "ended", "from_month", "tier", "sure")
BASE: dict[str, Any] = {"money": Decimal("500.00"), "months": Decimal(100), "began": date(2000, 2, 29), "ended": date(2026, 3, 15), "from_month": YearMonth.parse("2020-05"), "tier": "low", "sure": False, "spare": Decimal(1)}


def made(tmp_path: Path, holds: str, value: str = "money", rounding: str = "{to: 0.01, mode: half up}", definitions: str = "") -> Engine:
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    text = HEAD + RATES + definitions + f"eligibility:\n  c:\n    title: {{zh: 条件, en: Condition}}\n    holds: {holds}\nbenefits:\n  amount:\n    title: {{zh: 金额, en: Amount}}\n    round: {rounding}\n    value: {value}\n"
    (tmp_path / "made.yaml").write_text(text, encoding="utf-8")
    return Engine(load_rulebook(tmp_path))


def ask(engine: Engine, allowed: tuple[str, ...] | None = ("money",), facts: dict[str, Any] | None = None, **goal: Any) -> WhatIf:
    request = Request(date(2026, 3, 1), ("test.made",), {name: value for name, value in {**BASE, **(facts or {})}.items() if value is not None})
    found = what_if(engine, request, WhatIfQuestion(**goal, allowed=allowed))
    hold(engine, found, random.Random(1))
    return found


def only(found: WhatIf) -> tuple[Any, Any]:
    (alternative,) = found.alternatives
    assert alternative.proven
    return alternative.after.value, alternative.before.value if alternative.before else None


@pytest.mark.parametrize(
    ("holds", "reached", "before"),
    [
        ("money >= 123456789.01", "123456789.01", "123456789.00"),
        ("money > 500", "500.01", "500.00"),
        ("money < 499.99", "499.98", "499.99"),
        ("money = 987654321.09", "987654321.09", "987654321.08"),
        ("money in [400..450] or money in [600..700]", "450.00", "450.01"),
        ("money in [400..420] or money in [560..700]", "560.00", "559.99"),
        ("modulo(floor(money), 1000003) = 77", "77.99", "78.00"),
        ("money * money - 2000000 * money + 1000000000000 <= 0", "1000000.00", "999999.99"),
        ("money - money * 0.1 - 0.9 * money = 0 and money > 999999999.98", "999999999.99", "999999999.98"),
        ("round_half_up(money * 0.07, 0) = 70", "992.86", "992.85"),
        ("money / 3 = 200", "600.00", "599.99"),
        ("progressive(money, scale) >= 11880.01", "144000.05", "144000.04"),
        ("money * at(rate, money) >= 150000", "214285.72", "214285.71"),
        ("abs(money - 800000000.5) < 0.01", "800000000.50", "800000000.49"),
        ("max(money, 700) - min(money, 900) < 0.5", "699.51", "699.50"),
        ("sum(for k in 1..50 return if money > k * 1000000 then 1 else 0 - 1) >= 3", "27000000.01", "27000000.00"),
        ("count((for k in 1..20 return k * 7)[item * 100 < money]) = 9", "6300.01", "6300.00"),
    ],
)
def test_a_number_with_two_decimals_up_to_a_milliard(tmp_path: Path, holds: str, reached: str, before: str) -> None:
    found = ask(made(tmp_path, f"'{holds}'"))
    assert only(found) == (Decimal(reached), Decimal(before))


def test_a_figure_by_bands_and_a_benefit_that_falls_again(tmp_path: Path) -> None:
    """Half of the first thousand, nine tenths up to five thousand, a fifth beyond: the benefit goes up, down and up."""
    engine = made(tmp_path, "true", "money * at(rate, money)")
    assert only(ask(engine, benefit="amount", at_least="899.99")) == (Decimal("1000.00"), Decimal("999.99"))
    assert only(ask(engine, benefit="amount", at_least="4499.99")) == (Decimal("4999.99"), Decimal("4999.98"))
    assert only(ask(engine, benefit="amount", at_least="4500.00")) == (Decimal("22499.98"), Decimal("22499.97"))
    assert only(ask(engine, benefit="amount", at_most="1000", facts={"money": Decimal("3000.00")})) == (Decimal("1111.11"), Decimal("1111.12"))
    assert only(ask(engine, benefit="amount", at_most="1000", facts={"money": Decimal("4999.00")})) == (Decimal("5000.00"), Decimal("4999.99"))
    assert not ask(engine, benefit="amount", at_least="700000000.01").alternatives


def test_no_single_fact_can(tmp_path: Path) -> None:
    found = ask(made(tmp_path, "money > 999999999 and months > 500"), ("money", "months", "tier"))
    assert not found.alternatives
    assert all(each.proven for each in found.tried)
    assert [each.lever.name for each in found.tried] == ["money", "months"]
    assert [each.reason for each in found.left_out] == ["no_effect"]
    answer = render_what_if(found, "en")
    assert answer["text"] == "No single fact that was tried can do it."
    assert answer["tried"][0]["last"] == "1000000000.00"


def test_without_patience_nothing_is_pretended(tmp_path: Path) -> None:
    engine = made(tmp_path, "money > 123456.78")
    request = Request(date(2026, 3, 1), ("test.made",), BASE)
    found = what_if(engine, request, WhatIfQuestion(allowed=("money",)), patience=-1.0)
    assert all(not each.proven for each in found.tried)
    for each in found.alternatives:
        assert not each.proven
        assert each.after.value > Decimal("123456.78")


# -- days, months, choices --------------------------------------------------------------------------


def test_the_first_day_and_its_month(tmp_path: Path) -> None:
    engine = made(tmp_path, "months_between(began, ended) >= 400")
    found = ask(engine, ("ended",))
    assert only(found) == (date(2033, 6, 29), date(2033, 6, 28))
    (line,) = render_what_if(found, "en")["alternatives"]
    assert (line["to"], line["month"], line["change"]) == ("2033-06-29", "2033-06", {"days": 2663, "months": 87})
    assert line["text"] == "End: 2033-06 (2033-06-29) onwards"
    assert line["until"] == {"value": None, "proven": True}
    assert line["before"]["status"] == "not_eligible"


def test_a_day_that_the_checks_forbid_is_no_candidate(tmp_path: Path) -> None:
    engine = made(tmp_path, "ended < year_begin or ended > last_of_all", definitions='definitions:\n  year_begin: {value: date("2010-01-01")}\n  last_of_all: {value: date("2090-05-01")}\n')
    assert only(ask(engine, ("ended",), {"ended": date(2026, 3, 15)})) == (date(2009, 12, 31), date(2010, 1, 1))
    assert only(ask(engine, ("ended",), {"began": date(2015, 6, 1)})) == (date(2090, 5, 2), date(2090, 5, 1))


def test_months_that_keep_no_order(tmp_path: Path) -> None:
    engine = made(tmp_path, "from_month.month = 2 and modulo(from_month.year, 7) = 0")
    assert only(ask(engine, ("from_month",))) == (YearMonth.parse("2023-02"), YearMonth.parse("2023-01"))
    found = ask(engine, ("from_month",), {"from_month": YearMonth.parse("2018-12")})
    (line,) = render_what_if(found, "zh")["alternatives"]
    assert line["to"] == "2016-02"
    assert line["text"] == "起月：仅2016-02"


def test_choices(tmp_path: Path) -> None:
    engine = made(tmp_path, "tier != \"low\" or sure")
    found = ask(engine, ("tier", "sure"))
    lines = {each["name"]: each for each in render_what_if(found, "en")["alternatives"]}
    assert (lines["tier"]["to"], [each["value"] for each in lines["tier"]["others"]]) == ("middle", ["high"])
    assert lines["tier"]["text"] == "Tier: middle instead of low"
    assert lines["sure"]["text"] == "Sure: yes instead of no"
    assert "before" not in lines["sure"]


def test_what_is_not_known_yet_is_sought_too(tmp_path: Path) -> None:
    engine = made(tmp_path, "money >= 300.5 and ended >= began")
    assert only(ask(engine, facts={"money": None})) == (Decimal("300.50"), Decimal("300.49"))
    found = ask(engine, ("ended",), {"money": Decimal(400), "ended": None})
    assert only(found) == (date(2026, 3, 1), None)


def test_lists_records_and_places_are_left_out_with_what_to_do_instead(tmp_path: Path) -> None:
    engine = made(tmp_path, "total >= 5000 and (place = null or place != \"110000\")", definitions="definitions:\n  total: {value: sum(bills.cost), output: true}\n")
    found = ask(engine, ("bills", "place", "spare"), {"bills": ()})
    assert [(each.name, each.reason, each.instead) for each in found.left_out] == [("bills", "list", ("test.made.total",)), ("place", "region", ()), ("spare", "no_effect", ())]
    assert only(ask(engine, ("total",), {"bills": ()})) == (Decimal("5000.0000"), Decimal("4999.9999"))


# -- the real rules ---------------------------------------------------------------------------------


def test_fourteen_more_months_of_contributions() -> None:
    found = what_if(engine(), fixture("07"), WhatIfQuestion("pension.employee"))
    (line,) = render_what_if(found, "en")["alternatives"]
    assert line["change"] == {"amount": "14", "unit": "month"}
    assert line["text"] == "14 months more: Contribution months, deemed ones included 180 months instead of 166 months"
    assert [each["id"] for each in line["conditions"]] == ["enough_months"]
    assert (line["before"]["value"], line["before"]["status"], line["result"]["status"]) == ("179", "not_eligible", "eligible")
    assert render_what_if(found, "zh")["alternatives"][0]["text"] == "累计缴费月数（含视同）增加14个月（由166个月到180个月）"


def test_a_pension_of_so_much() -> None:
    allowed = ("account_balance", "average_index")
    found = what_if(engine(), fixture("01"), WhatIfQuestion("pension.employee", benefit="monthly_pension", at_least="7000", allowed=allowed))
    hold(engine(), found, random.Random(2))
    assert [(each.lever.name, str(each.after.value)) for each in found.alternatives] == [("pension.employee.average_index", "1.8475"), ("account_balance", "366285.50")]


def test_a_year_whose_figures_are_not_published_is_told_as_such() -> None:
    found = what_if(engine(), fixture("23"), WhatIfQuestion("pension.employee"))
    assert not found.alternatives
    (line,) = render_what_if(found, "en")["nearly"]
    assert (line["to"], line["month"], line["result"]["status"]) == ("2026-06-01", "2026-06", "undetermined")
    assert line["result"]["missing"]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixtures(path: Path) -> None:
    request = case(path)
    for scheme in request.schemes:
        for status in ("eligible", "not_eligible"):
            found = what_if(engine(), request, WhatIfQuestion(scheme, "eligible" if status == "eligible" else "not_eligible"))
            assert all(each.proven for each in found.tried)
            hold(engine(), found, random.Random(3))
            for alternative in (*found.alternatives, *found.nearly):
                evaluation = engine().evaluate(_with(request, alternative.lever, alternative.after.value))
                assert next(each for each in evaluation.outcomes if each.scheme == scheme).status == (status if alternative in found.alternatives else "undetermined")


def _with(request: Request, lever: Lever, value: Any) -> Request:
    if lever.definition is None:
        return replace(request, facts={**request.facts, lever.name: value})
    return replace(request, given={**request.given, lever.name: str(value)})


@pytest.mark.parametrize(
    ("goal", "allowed", "pointer"),
    [
        ({"scheme": "contributions.monthly"}, None, "/goal/scheme"),
        ({"benefit": "nonsense", "at_least": "1"}, None, "/goal/benefit"),
        ({"scheme": "pension.employee", "benefit": "monthly_pension", "at_least": "much"}, None, "/goal/at_least"),
        ({}, ("sex", "nonsense"), "/allowed/1"),
    ],
)
def test_a_question_without_an_answer(goal: dict[str, Any], allowed: tuple[str, ...] | None, pointer: str) -> None:
    with pytest.raises(InputError) as refused:
        what_if(engine(), fixture("01"), WhatIfQuestion(**goal, allowed=allowed))
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


def test_what_a_person_can_change_comes_first() -> None:
    found = what_if(engine(), fixture("23"), WhatIfQuestion("pension.employee", allowed=("birth_date", "retirement_category", "claim_date")))
    assert [each.lever.changes for each in found.alternatives] == ["past", "never"]
    assert Fraction(found.alternatives[1].after.value.toordinal()) < Fraction(date(1966, 6, 12).toordinal())


def test_by_default_only_what_a_person_can_change() -> None:
    request = fixture("01")
    probe = Probe(engine(), request, only=("pension.employee",))
    plan = probe.program.plan("pension.employee")
    levers, _ = choose(probe, rulebook().facts, None, (*(each.unit.number for each in plan.conditions), *plan.benefits))
    assert {each.changes for each in levers} == {"can"}
    assert {each.name for each in levers} >= {"claim_date", "pension.employee.contribution_months"}
    assert not {"sex", "birth_date"} & {each.name for each in levers}


def test_every_fact_says_whether_a_person_can_change_it() -> None:
    """What does not say so is taken for what has happened and is never offered: whoever adds a fact has to have thought of it."""
    lines = [line for path in sorted((FIXTURES[0].parents[1] / "rules" / "facts").glob("*.yaml")) for line in path.read_text(encoding="utf-8").splitlines()]
    stated = sum("changes:" in line for line in lines)
    assert stated == len(rulebook().facts.facts)
