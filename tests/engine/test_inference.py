"""The second decision: durable_rules concludes what the exact reading concludes, or nothing is issued."""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import Engine, Evaluation, Incident, Request
from app.engine.inference import encode_pair
from app.language import Rulebook, YearMonth
from tests.conftest import HEAD, NAME, TODAY, answer, ask

Build = Callable[..., Rulebook]
BOUNDED = settings(max_examples=200, deadline=None, derandomize=True)


def conditions(*holds: str) -> str:
    lines = "".join(f"  c{index}:\n    title: {{zh: 条件, en: Condition}}\n    holds: '{text}'\n" for index, text in enumerate(holds))
    return f"eligibility:\n{lines}benefits:\n  amount:\n    title: {{zh: 金额, en: Amount}}\n    value: 1\n"


def met(evaluation: Evaluation) -> list[bool | None]:
    return list(evaluation.outcomes[0].truths)


OPERANDS: dict[str, tuple[str, list[Any]]] = {
    "wage": ("1000.005", [Decimal("1000.004"), Decimal("1000.005"), Decimal("1000.0050000001"), Decimal("-7"), Decimal("99999999999999")]),
    "born": ('date("1965-05-12")', [date(1965, 5, 11), date(1965, 5, 12), date(2025, 1, 1)]),
    "claim_month": ('year_month("2025-08")', [YearMonth.parse("2025-07"), YearMonth.parse("2025-08"), YearMonth.parse("2026-01")]),
    "place": ('"110000"', ["110000", "110105", "310000"]),
    "insured": ("true", [True, False]),
}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
BOUNDS: dict[str, Any] = {
    "wage": Decimal("1000.005"),
    "born": date(1965, 5, 12),
    "claim_month": YearMonth.parse("2025-08"),
    "place": "110000",
    "insured": True,
}


@pytest.mark.parametrize("name", list(OPERANDS))
def test_every_operator_on_every_type(rules: Build, name: str) -> None:
    literal, values = OPERANDS[name]
    operators = [op for op in ORDER if op in ("=", "!=") or name not in ("place", "insured")]
    rulebook = rules({"a.yaml": HEAD + conditions(*(f"{name} {op} {literal}" for op in operators))})
    for each in values:
        assert met(ask(rulebook, facts={name: each})) == [ORDER[op](each, BOUNDS[name]) for op in operators]
    assert met(ask(rulebook)) == [None] * len(operators)


@pytest.mark.parametrize(
    "formula",
    [
        "insured",
        "not(insured)",
        'insured and sex = "male"',
        'insured or sex = "male"',
        'not(insured or sex = "male")',
        '(insured or months > 5) and (sex = "male" or months > 5)',
        "if insured then months > 5 else months < 3",
        'if insured then (sex = "male" or months > 5) else not(sex = "male" and months > 5)',
        'months in (1, 6, 9) and not(sex in ("female"))',
        "months between 3 and 6",
        "months = null or insured",
        "months != null and insured",
        "some r in records satisfies r.paid > 5",
    ],
)
def test_formulas_agree_for_every_combination_of_known_and_unknown(rules: Build, formula: str) -> None:
    engine = Engine(rules({"a.yaml": HEAD + conditions(formula)}))
    seen = set()
    for insured, sex, months in product((True, False, None), ("male", "female", None), (Decimal(2), Decimal(6), None)):
        given = {"insured": insured, "sex": sex, "months": months}
        facts = {name: value for name, value in given.items() if value is not None}
        evaluation = engine.evaluate(Request(as_of=TODAY, schemes=(NAME,), facts=facts))
        held = met(evaluation)[0]
        seen.add(held)
        assert evaluation.outcomes[0].status == {True: "eligible", False: "not_eligible", None: "undetermined"}[held]
    assert seen >= ({True, False} if "records" not in formula else {None})


def test_the_parts_of_a_long_condition_keep_their_truths(rules: Build) -> None:
    formula = 'insured and not(insured = null) and insured and wage * 2 > 1 and (wage + wage) * 2 > 1 and insured'
    evaluation = ask(rules({"a.yaml": HEAD + conditions(formula)}), facts={"insured": True, "wage": Decimal(5)})
    assert met(evaluation) == [True]
    assert all(type(part["holds"]) is bool for part in answer(evaluation)["conditions"][0]["parts"])


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "undetermined"),
        ({"insured": True}, "undetermined"),
        ({"insured": False}, "not_eligible"),
        ({"insured": True, "months": Decimal(179)}, "not_eligible"),
        ({"insured": True, "months": Decimal(180)}, "undetermined"),
        ({"insured": True, "months": Decimal(180), "wage": Decimal(1)}, "eligible"),
    ],
)
def test_status(rules: Build, facts: dict[str, Any], status: str) -> None:
    rulebook = rules({"a.yaml": HEAD + conditions("insured", "months >= 180").replace("value: 1", "value: wage * 2\n    unit: CNY/month")})
    assert ask(rulebook, facts=facts).outcomes[0].status == status


def test_a_scheme_without_conditions(rules: Build) -> None:
    body = "benefits:\n  amount: {title: {zh: 金额, en: Amount}, unit: CNY/month, value: wage / 3 * 3, round: {to: 1, mode: down}}\n"
    rulebook = rules({"a.yaml": HEAD + body})
    assert ask(rulebook).outcomes[0].status == "undetermined"
    evaluation = ask(rulebook, facts={"wage": Decimal(100)})
    assert (evaluation.outcomes[0].status, evaluation.arithmetic) == ("eligible", "rational")
    assert answer(evaluation)["benefits"]["amount"]["value"] == "100"


def test_savings_clauses(rules: Build) -> None:
    later = "scheme: test.scheme\nin_force: {from: 2010-01-01}\nsource: {instrument: 修订}\namends: test.scheme@2000-01-01\napplies_when: insured\n"
    rulebook = rules(
        {
            "a.yaml": HEAD + conditions("months >= 180"),
            "b.yaml": later + "eligibility:\n  c0: {holds: months >= 240}\n",
            "c.yaml": later.replace("2010-01-01", "2020-01-01", 1).replace("insured\n", 'sex = "male"\n')
            + "eligibility:\n  c0: {holds: months >= 300}\n",
        }
    )
    required = {(True, "female"): 240, (False, "female"): 180, (True, "male"): 300, (False, "male"): 300}
    for (insured, sex), months in required.items():
        for offset in (-1, 0):
            facts = {"insured": insured, "sex": sex, "months": Decimal(months + offset)}
            assert met(ask(rulebook, facts=facts)) == [offset == 0]
    assert met(ask(rulebook, facts={"sex": "female", "months": Decimal(400)})) == [None]


def test_conclusions_and_their_words(rules: Build) -> None:
    body = (
        conditions("insured")
        + "conclusions:\n  look:\n    kind: suggestion\n    when: months < 180\n    text: {zh: '缺{180 - months}月', en: '{180 - months} months short'}\n"
    )
    rulebook = rules({"a.yaml": HEAD + body})
    assert [len(ask(rulebook, facts=facts).outcomes[0].conclusions) for facts in ({}, {"months": Decimal(180)}, {"months": Decimal(170)})] == [
        0,
        0,
        1,
    ]


def test_a_conclusion_may_read_a_scheme_that_was_not_asked_for(rules: Build) -> None:
    other = HEAD.replace("test.scheme", "test.other") + conditions("months >= 1")
    body = conditions("insured") + "conclusions:\n  both: {kind: exclusion, when: test.other.c0, text: {zh: 二选一, en: not both}}\n"
    rulebook = rules({"a.yaml": HEAD + body, "b.yaml": other})
    assert len(ask(rulebook, facts={"months": Decimal(1)}).outcomes[0].conclusions) == 1


# -- what enters the rules engine -----------------------------------------------------------------

NUMBERS = st.one_of(
    st.decimals(-(10**13), 10**13, places=2, allow_nan=False),
    st.fractions(-1000, 1000),
    st.decimals(-1, 1, places=9, allow_nan=False),
    st.decimals(-(10**24), 10**24, places=1),
)


@BOUNDED
@given(NUMBERS, NUMBERS)
def test_encoding_keeps_the_order_of_numbers(left: Decimal | Fraction, right: Decimal | Fraction) -> None:
    a, b = encode_pair(left, right)
    assert isinstance(a, int) and isinstance(b, int) and max(abs(a), abs(b)) < 2**63
    assert (a < b, a == b) == (Fraction(left) < Fraction(right), Fraction(left) == Fraction(right))


@BOUNDED
@given(st.dates(), st.dates())
def test_encoding_keeps_the_order_of_dates_and_months(left: date, right: date) -> None:
    for a, b in ((left, right), (YearMonth.of(left), YearMonth.of(right))):
        first, second = encode_pair(a, b)
        assert (first < second, first == second) == (a < b, a == b)  # type: ignore[operator]


def test_a_long_text_is_compared_whole() -> None:
    assert encode_pair("a" * 70_000, "a" * 65_535) == (0, 1)
    assert encode_pair("a" * 70_000, "a" * 70_000) == (0, 0)


# -- incidents and limits -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tamper",
    [
        lambda scheme, fired: frozenset(),
        lambda scheme, fired: frozenset(name.replace("not met", "met") for name in fired),
        lambda scheme, fired: fired | {"eligible"},
    ],
    ids=["nothing fires", "a condition turns", "a status too many"],
)
def test_a_disagreement_is_an_incident(rules: Build, tamper: Callable[[str, frozenset[str]], frozenset[str]]) -> None:
    engine = Engine(rules({"a.yaml": HEAD + conditions("months >= 180")}), tamper=tamper)
    with pytest.raises(Incident, match="disagree"):
        engine.evaluate(Request(as_of=TODAY, schemes=(NAME,), facts={"months": Decimal(1)}))


@pytest.mark.parametrize("at_once", [True, False])
def test_one_fact_or_two_conclude_the_same(rules: Build, monkeypatch: pytest.MonkeyPatch, at_once: bool) -> None:
    monkeypatch.setattr("app.engine.inference._fits_one_fact", lambda *_: at_once)
    warned = "conclusions:\n  short: {kind: suggestion, when: not(c0) or insured, text: {zh: 短, en: short}}\n"
    engine = Engine(rules({"a.yaml": HEAD + conditions("months >= 180", 'sex = "male" or insured') + warned}))
    for months, sex, insured in product((None, Decimal(1), Decimal(180)), (None, "male", "female"), (None, True, False)):
        given = {"months": months, "sex": sex, "insured": insured}
        evaluation = engine.evaluate(Request(as_of=TODAY, schemes=(NAME,), facts={name: each for name, each in given.items() if each is not None}))
        enough = None if months is None else months >= 180
        either = True if sex == "male" or insured else None if sex is None or insured is None else False
        assert met(evaluation) == [enough, either]
        assert len(evaluation.outcomes[0].conclusions) == (enough is False or insured is True)


def test_what_might_match_too_often_is_told_in_two_facts(rules: Build) -> None:
    rulebook = rules({"a.yaml": HEAD + conditions(*["insured or months > 2"] * 20)})
    engine = Engine(rulebook)
    evaluation = engine.evaluate(Request(as_of=TODAY, schemes=(NAME,), facts={"months": Decimal(3)}))
    assert met(evaluation) == [True] * 20
    plan = evaluation.outcomes[0].plan
    assert not engine._ruleset(evaluation.program, plan).at_once


def test_more_rules_than_the_engine_can_bear_are_refused(rules: Build) -> None:
    assert ask(rules({"a.yaml": HEAD + conditions(*["insured"] * 28)}), facts={"insured": True}).outcomes[0].status == "eligible"
    with pytest.raises(Incident, match=r"at most 60. Split the scheme"):
        ask(rules({"a.yaml": HEAD + conditions(*["insured"] * 29)}), facts={"insured": True})


def test_long_lists_of_alternatives_are_decided(rules: Build) -> None:
    places = ", ".join(f'"{number:02d}0000"' for number in range(11, 66))
    rulebook = rules({"a.yaml": HEAD + conditions(f"place in ({places})", f"place in ({places}) and place in ({places})")})
    assert met(ask(rulebook, facts={"place": "110000"})) == [True, True]
    assert met(ask(rulebook, facts={"place": "990000"})) == [False, False]
    assert met(ask(rulebook)) == [None, None]


def test_two_thousand_evaluations_leave_nothing_behind(rules: Build) -> None:
    engine = Engine(rules({"a.yaml": HEAD + conditions("months >= 180", "insured")}))

    def run(times: int) -> None:
        for number in range(times):
            request = Request(as_of=TODAY, schemes=(NAME,), facts={"months": Decimal(number % 360), "insured": True})
            assert engine.evaluate(request).outcomes[0].status == ("eligible" if number % 360 >= 180 else "not_eligible")

    run(300)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(2000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4_000  # kilobytes; a session kept holds 100 and more


def test_threads_do_not_mix_their_facts(rules: Build) -> None:
    engine = Engine(rules({"a.yaml": HEAD + conditions("months >= 180", "insured")}))
    wrong: list[int] = []

    def work(months: int) -> None:
        for _ in range(300):
            request = Request(as_of=TODAY, schemes=(NAME,), facts={"months": Decimal(months), "insured": True})
            if met(engine.evaluate(request)) != [months >= 180, True]:
                wrong.append(months)

    threads = [threading.Thread(target=work, args=(months,)) for months in (100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
