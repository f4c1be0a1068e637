"""What a condition that is not met, or open, says to people; and which conditions still matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.engine import Engine, Speech, explain
from app.intake import RequestReader
from app.language import Rulebook, YearMonth
from app.language.types import BOOLEAN, DATE, MONTH, NumberType
from app.language.units import parse_unit
from tests.conftest import FACTS, HEAD, NAME, ask
from tests.test_rule_cases import rulebook as all_rules

Build = Callable[..., Rulebook]
FIXTURES = sorted((Path(__file__).resolve().parents[2] / "fixtures").glob("*.json"))
FIXED = FACTS.replace("title: {zh: 性别, en: Sex}\n", "title: {zh: 性别, en: Sex}\n    changes: never\n").replace("born: {type: date,", "born: {type: date, changes: never,")


def conditions(rulebook: Rulebook, language: str = "en", **request: Any) -> dict[str, dict[str, Any]]:
    answer = explain(ask(rulebook, **request), "zh" if language == "zh" else "en", "none")
    return {line["id"]: line for line in answer["results"][NAME]["conditions"]}


def eligibility(*lines: str) -> str:
    return HEAD + "eligibility:\n" + "".join(f"  {line}\n" for line in lines)


def one(holds: str, more: str = "") -> str:
    return eligibility("c:", "  title: {zh: 条件, en: Condition}", f"  holds: '{holds}'", *([f"  {more}"] if more else []))


CASES: list[tuple[str, Mapping[str, Any], str, str]] = [
    ("months >= 180", {"months": Decimal(153)}, "条件：不满足。月数为153个月，须不少于180个月，还差27个月。", "Condition: not met. Months: 153 months; has to be at least 180 months; 27 months short."),
    ("wage < 12345.5", {"wage": Decimal("20000.00")}, "条件：不满足。工资为20,000.00元/月，须少于12,345.5元/月，超出7,654.50元/月。", "Condition: not met. Wage: CNY 20,000.00 per month; has to be less than CNY 12,345.5 per month; CNY 7,654.50 per month over."),
    ("months > 6", {"months": Decimal(6)}, "条件：不满足。月数为6个月，须多于6个月。", "Condition: not met. Months: 6 months; has to be more than 6 months."),
    ('claim_month >= year_month("2025-05")', {"claim_month": YearMonth.parse("2025-03")}, "条件：不满足。申领月为2025年3月，须不早于2025年5月，早了2个月。", "Condition: not met. Month: March 2025; has to be no earlier than May 2025; 2 months too early."),
    ('born <= date("1970-01-31")', {"born": date(1970, 2, 1)}, "条件：不满足。出生为1970年2月1日，须不晚于1970年1月31日，晚了1天。", "Condition: not met. Born: 1 February 1970; has to be no later than 31 January 1970; 1 day too late."),
    ('sex = "female"', {"sex": "male"}, "条件：不满足。性别现为“男”，须为“女”。", "Condition: not met. Sex: male; has to be female."),
    ('sex != "male"', {"sex": "male"}, "条件：不满足。性别现为“男”，不得为“男”。", "Condition: not met. Sex: male; has to be other than male."),
    ("insured", {"insured": False}, "条件：不满足。参保：现为“否”，须为“是”。", "Condition: not met. Insured: no; has to be yes."),
    ("not(insured)", {"insured": True}, "条件：不满足。参保：现为“是”，须为“否”。", "Condition: not met. Insured: yes; has to be no."),
    ("not(months < 12)", {"months": Decimal(11)}, "条件：不满足。月数为11个月，须不少于12个月，还差1个月。", "Condition: not met. Months: 11 months; has to be at least 12 months; 1 month short."),
    (
        "months >= 180 or insured",
        {"months": Decimal(170), "insured": False},
        "条件：不满足。以下至少须有一项：月数为170个月，须不少于180个月，还差10个月；或者参保：现为“否”，须为“是”。",
        "Condition: not met. At least one of these is needed: Months: 170 months; has to be at least 180 months; 10 months short; or Insured: no; has to be yes.",
    ),
    (
        "months >= 180 and insured and wage > 0",
        {"months": Decimal(180), "insured": False, "wage": Decimal(0)},
        "条件：不满足。参保：现为“否”，须为“是”；工资为0元/月，须多于0元/月。",
        "Condition: not met. Insured: no; has to be yes; Wage: CNY 0 per month; has to be more than CNY 0 per month.",
    ),
    ("if insured then months >= 12 else months >= 24", {"insured": False, "months": Decimal(20)}, "条件：不满足。月数为20个月，须不少于24个月，还差4个月。", "Condition: not met. Months: 20 months; has to be at least 24 months; 4 months short."),
    ("count(records) > 2", {"records": ()}, "条件：不满足。记录为0，须多于2，还差2。", "Condition: not met. Records: 0; has to be more than 2; 2 short."),
]


@pytest.mark.parametrize(("holds", "facts", "zh", "en"), CASES, ids=[each[0] for each in CASES])
def test_a_comparison_in_words(rules: Build, holds: str, facts: Mapping[str, Any], zh: str, en: str) -> None:
    rulebook = rules({"a.yaml": one(holds)})
    found = {language: conditions(rulebook, language, facts=facts)["c"] for language in ("zh", "en")}
    assert (found["zh"]["sentence"], found["en"]["sentence"]) == (zh, en)
    assert found["en"]["met"] is False and found["en"]["matters"] is True


def test_the_rules_may_say_it_themselves(rules: Build) -> None:
    text = 'unmet: {zh: "还差{shortfall}：已有{months}，{year_month(date(\\"2026-01-01\\"))}起须满{in_months(15)}。", en: "{shortfall} short of {in_months(15)}."}'
    rulebook = rules({"a.yaml": one("months >= in_months(15)", "shortfall: in_months(15) - months\n    " + text)})
    assert conditions(rulebook, "zh", facts={"months": Decimal(153)})["c"]["sentence"] == "还差27个月：已有153个月，2026年1月起须满180个月。"
    assert conditions(rulebook, "en", facts={"months": Decimal(179)})["c"]["sentence"] == "1 month short of 180 months."


def test_fractions_are_said_as_they_are_shown(rules: Build) -> None:
    """In fractions the sentence says what decimals would."""
    rulebook = rules({"a.yaml": one("wage / 3 * 3 > wage", 'unmet: {zh: "{wage / 4}", en: "{wage / 4}"}')})
    evaluation = ask(rulebook, facts={"wage": Decimal("1000.00")})
    assert evaluation.arithmetic == "rational"
    assert conditions(rulebook, facts={"wage": Decimal("1000.00")})["c"]["sentence"] == "CNY 250 per month"


def test_a_met_condition_says_nothing(rules: Build) -> None:
    line = conditions(rules({"a.yaml": one("insured")}), facts={"insured": True})["c"]
    assert not {"sentence", "matters", "decides"} & set(line)


def test_an_open_condition_says_what_it_waits_for(rules: Build) -> None:
    line = conditions(rules({"a.yaml": one("insured and months > 1")}), "zh")["c"]
    assert (line["sentence"], line["matters"], "decides" in line) == ("条件：尚不清楚，还需要：参保、月数。", True, False)


def test_a_given_outcome_says_so(rules: Build) -> None:
    line = conditions(rules({"a.yaml": one("insured")}), "zh", given={"c": False})["c"]
    assert (line["sentence"], line["decides"]) == ("条件：不满足（由请求给定）。", False)


TWO = eligibility("f:", "  title: {zh: 甲, en: A}", "  holds: '%s'", "o:", "  title: {zh: 乙, en: B}", "  holds: insured and months >= 12")


@pytest.mark.parametrize(
    ("holds", "for_good"),
    [
        ('sex = "female"', True),
        ('born >= date("1980-01-01")', True),
        ('sex = "female" and insured', True),
        ('sex = "female" or insured', False),
        ('sex = "female" or born >= date("1980-01-01")', True),
        ('if sex = "male" then born >= date("1980-01-01") else insured', True),
        ("insured", False),
        ('claim_month >= year_month("2026-01")', False),
        ('as_of <= date("2025-01-01")', True),
        ('as_of >= date("2026-01-01")', False),
        ('not(as_of > date("2025-01-01"))', True),
        ('place = "110000"', False),
        ('region = "110000"', False),
    ],
)
def test_what_fails_for_good_decides(rules: Build, holds: str, for_good: bool) -> None:
    rulebook = rules({"a.yaml": TWO % holds}, FIXED)
    facts = {"sex": "male", "born": date(1970, 1, 1), "insured": False, "claim_month": YearMonth.parse("2025-01"), "place": "310000"}
    found = conditions(rulebook, facts=facts)
    assert found["f"]["met"] is False
    assert (found["f"]["decides"], found["f"]["matters"]) == (for_good, True)
    assert found["o"]["matters"] is not for_good  # not met, and to be cured
    del facts["insured"]
    if "insured" not in holds:
        still_open = conditions(rulebook, facts=facts)["o"]
        assert (still_open["met"], still_open["matters"]) == (None, not for_good)
        assert ("nothing depends on it any more" in still_open["sentence"]) is for_good


def test_a_stated_figure_is_never_for_good(rules: Build) -> None:
    rulebook = rules({"a.yaml": HEAD + 'definitions:\n  woman: {value: sex = "female"}\neligibility:\n  f:\n    title: {zh: 甲, en: A}\n    holds: woman\n'}, FIXED)
    assert conditions(rulebook, facts={"sex": "male"})["f"]["decides"] is True
    assert conditions(rulebook, facts={"sex": "male"}, given={"woman": False})["f"]["decides"] is False


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        ("1234567.890", "CNY", "1,234,567.890元", "CNY 1,234,567.890"),
        ("-1234.5", "CNY/month", "-1,234.5元/月", "CNY -1,234.5 per month"),
        ("1", "month", "1个月", "1 month"),
        ("0", "person", "0人", "0 persons"),
        ("12", "CNY/person", "12元/人", "CNY 12 per person"),
        ("1510.00", "CNY/month/person", "1,510.00元/人·月", "CNY 1,510.00 per month and person"),
        ("0.01", "1/year", "0.01/年", "0.01 per year"),
        ("2026", "1", "2026", "2026"),
        ("3", "month^2", "3 month^2", "3 month^2"),
    ],
)
def test_numbers_for_people_keep_every_digit(value: str, unit: str, zh: str, en: str) -> None:
    kind = NumberType(parse_unit(unit))
    dictionary = all_rules().facts
    assert (Speech.of(dictionary, "zh").value(Decimal(value), kind), Speech.of(dictionary, "en").value(Decimal(value), kind)) == (zh, en)


def test_other_values() -> None:
    zh, en = (Speech.of(all_rules().facts, language) for language in ("zh", "en"))
    assert (zh.value(date(2025, 5, 12), DATE), en.value(date(2025, 5, 12), DATE)) == ("2025年5月12日", "12 May 2025")
    assert (zh.value(YearMonth.parse("2025-05"), MONTH), en.value(None, MONTH)) == ("2025年5月", "unknown")
    assert (zh.value(True, BOOLEAN), en.value(False, BOOLEAN)) == ("是", "no")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_condition_of_every_fixture_has_its_sentence(language: Any) -> None:
    engine, reader, seen = Engine(all_rules()), RequestReader(all_rules()), 0
    for path in FIXTURES:
        request, _ = reader.read(path.read_bytes())
        for result in explain(engine.evaluate(request), language, "none")["results"].values():
            for line in result["conditions"]:
                seen += line["met"] is not True
                assert (line["met"] is True) == ("sentence" not in line)
                assert "{" not in line.get("sentence", "") and "None" not in line.get("sentence", "")
    assert seen > 5

