"""A scan says of every scheme and member what a single evaluation says, counts nothing twice, and chooses the best that is lawful."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.advice import Member, Scan, render_scan, scan
from app.advice.scan_best import best_combination, totals
from app.advice.scan_call import SCAN
from app.advice.scan_payments import Payment
from app.engine import Engine, Incident, InputError, Request, explain
from app.intake import RequestReader
from app.language import Rulebook, Standing
from tests.advice.cases import engine
from tests.test_rule_cases import rulebook

FOLDER = Path(__file__).resolve().parents[2] / "fixtures"
HOUSEHOLDS = sorted((FOLDER / "households").glob("*.json"))
CASES = sorted(FOLDER.glob("*.json"))
BEIJING = "110000"
TODAY = date(2026, 3, 1)


@cache
def shared() -> frozenset[str]:
    return frozenset(name for name, fact in rulebook().facts.facts.items() if fact.household is not None)


def ask(body: Mapping[str, Any], language: Any = "en") -> dict[str, Any]:
    asked = SCAN.reader(RequestReader(rulebook()), rulebook()).read_value(dict(body))
    return SCAN.answer(engine(), asked.request, asked.own, language)


def of_members(*members: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"as_of": "2026-03-01", "region": BEIJING, "members": [{"id": str(number), "facts": dict(each)} for number, each in enumerate(members)], **more}


def in_fixture(path: Path) -> Request:
    request, _ = RequestReader(rulebook()).read(path.read_bytes())
    return request


def found_of(body: Mapping[str, Any]) -> Scan:
    asked = SCAN.reader(RequestReader(rulebook()), rulebook()).read_value(dict(body))
    members = tuple(Member(each["id"], each["facts"], each["given"], each["region"]) for each in asked.own["members"])
    return scan(engine(), asked.request, members)


def same_as_alone(found: Scan) -> int:
    """Every told result is what one evaluation of the scheme alone says; the number of results looked at."""
    seen = 0
    for member in found.members:
        for result in member.results:
            single = engine().evaluate(replace(member.request, schemes=(result.scheme,), given=_for(member.request.given, result.scheme)))
            (outcome,) = single.outcomes
            assert (outcome.status, outcome.met) == (result.status, result.outcome.met), result.scheme
            if result.told:
                seen += 1
                assert {each.lowered.clause.name for each in outcome.conclusions} == {each.lowered.clause.name for each in result.outcome.conclusions}
            if result.status == "eligible":
                amounts = [[each.case.memo[number] for number in outcome.plan.benefits] for each in (single, result.evaluation)]
                assert amounts[0] == amounts[1]
    return seen


def _for(given_figures: Mapping[str, Any], scheme: str) -> Mapping[str, Any]:
    """The figures that a question about one scheme may name."""
    return {name: value for name, value in given_figures.items() if "." in name or name in rulebook().at(TODAY, BEIJING).schemes[scheme].definitions}


@pytest.mark.parametrize("path", HOUSEHOLDS, ids=lambda path: path.stem)
def test_a_household_is_its_members_asked_one_by_one(path: Path) -> None:
    assert same_as_alone(found_of(json.loads(path.read_text()))) > 10


@pytest.mark.parametrize("path", CASES[::4], ids=lambda path: path.stem)
def test_a_fixture_in_a_household_is_what_it_is_alone(path: Path) -> None:
    request = in_fixture(path)
    libraries = {file.scheme for file in rulebook().files if file.library}
    everything = tuple(scheme for scheme in rulebook().scheme_ids() if scheme not in libraries)
    asked = replace(request, schemes=everything, facts={name: value for name, value in request.facts.items() if name in shared()}, given={})
    own = {name: value for name, value in request.facts.items() if name not in shared()}
    found = scan(engine(), asked, (Member("one", own, {}), Member("other", {})))
    assert same_as_alone(found) >= 1
    assert {each.scheme for each in found.members[0].results} >= set(request.schemes) - {"audit.routing"}


PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "sex": st.sampled_from(["male", "female"]),
        "birth_date": st.sampled_from(["1935-01-31", "1940-06-30", "1964-02-29", "1968-05-12", "1990-12-01", "2025-06-01"]),
        "employment_status": st.sampled_from(["employee", "flexible", "unemployed", "retired", "resident", "none"]),
        "medical_scheme": st.sampled_from(["employee", "resident", "none"]),
        "assistance_category": st.sampled_from(["none", "minimum_living", "destitute"]),
        "registered_here": st.booleans(),
        "disability_level": st.integers(0, 5),
        "care_insured": st.booleans(),
        "certified_disability_grade": st.integers(1, 4),
        "draws_injury_care_payment": st.booleans(),
        "has_able_supporter": st.booleans(),
        "destitute_assets_within_limit": st.booleans(),
        "own_counted_income": st.sampled_from(["0.00", "500.00", "3000.00"]),
        "needs_long_term_care": st.booleans(),
        "claim_date": st.sampled_from(["2014-05-01", "2025-07-31", "2026-02-28"]),
    },
)
SHARED = st.fixed_dictionaries(
    {}, optional={"household_monthly_income": st.sampled_from(["0.00", "2400.00", "20000.00"]), "household_assets_within_limit": st.booleans()}
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PEOPLE, min_size=1, max_size=3), SHARED, st.sampled_from([BEIJING, "310000", "440000"]))
def test_any_household(people: list[dict[str, Any]], household: dict[str, Any], region: str) -> None:
    people = [each for each in people if each.get("claim_date", "9") >= each.get("birth_date", "0")] or [{}]
    found = found_of(of_members(*people, facts=household, region=region))
    same_as_alone(found)
    answer = render_scan(found, "zh")
    for member, scanned in zip(answer["members"], found.members, strict=True):
        told = [each["scheme"] for part in ("eligible", "possible", "not", "unsuggested", "asked_of_others") for each in member[part]]
        assert len(told) == len(set(told))
        assert set(told) == {each.scheme for each in scanned.results if each.outcome.plan.conditions or each.outcome.plan.benefits}
    _counted_once(found, answer)


def _counted_once(found: Scan, answer: dict[str, Any]) -> None:
    """The whole is its parts, no two payments of it exclude each other, and every payment is in it or given up."""
    kept = found.links.best.kept(found.payments)
    excluded = {(first, second) for choice in found.links.best.choices for way in choice.sets[:1] for first in way for second in choice.given_up}
    assert not {(first, second) for first, second in product(kept, kept)} & excluded
    parts: dict[str, Fraction] = {}
    for amounts in (answer["totals"]["household"], *answer["totals"]["members"].values()):
        for unit, amount in amounts.items():
            parts[unit] = parts.get(unit, Fraction(0)) + Fraction(amount)
    assert parts == {unit: Fraction(amount) for unit, amount in answer["totals"]["all"].items()}


# -- what the household shares -------------------------------------------------------------------------


def test_members_are_counted_where_nobody_says_how_many() -> None:
    (counted,) = [each for each in ask(of_members({}, {}, {}))["household"] if each["name"] == "household_size"]
    assert (counted["value"], counted["from"]) == ("3", "members")
    (stated,) = [each for each in ask(of_members({}, facts={"household_size": 5}))["household"] if each["name"] == "household_size"]
    assert (stated["value"], stated["from"]) == ("5", "stated")


def test_what_members_draw_is_income_of_the_household() -> None:
    pensioner = json.loads(HOUSEHOLDS[0].read_text())["members"][1]["facts"]
    poor = {"household_monthly_income": "0.00", "household_assets_within_limit": True}
    standard = {"assistance.standards.unified_standard": "1395"}
    alone = ask(of_members({"assistance_category": "none"}, facts=poor, given=standard))
    grant = next(each for each in alone["members"][0]["eligible"] if each["scheme"] == "assistance.minimum_living")
    assert grant["benefits"]["monthly_grant"]["value"] == "1395.00"
    assert alone["totals"]["household"] == {"CNY/month": "1395"}
    both = ask(of_members({"assistance_category": "none"}, pensioner, facts=poor, given=standard))
    (listed,) = [each for each in both["household"] if each["name"] == "household_benefits"]
    assert [row["kind"] for row in listed["value"]] == ["employee_pension"] and listed["from"] == "benefits"
    assert "assistance.minimum_living" in [each["scheme"] for each in both["members"][0]["not"]]


def test_the_household_is_paid_once() -> None:
    child = {"children": [{"birth_date": "2025-06-01", "chinese_national": True, "lawful": True}], "childcare_year": 2026}
    answer = ask(of_members({"sex": "female", **child}, {"sex": "male", **child}))
    assert [["maternity.childcare" in [each["scheme"] for each in member["eligible"]]] for member in answer["members"]] == [[True], [True]]
    assert answer["totals"]["all"] == {"CNY": "3600"} == answer["totals"]["household"]
    assert {(each["id"], each["with"][0]["member"]) for each in answer["conflicts"]} >= {("one_claim_for_a_child", "1"), ("one_claim_for_a_child", "0")}


# -- what excludes what ---------------------------------------------------------------------------------

RULES = """\
scheme: test.{name}
title: {{zh: 甲, en: {name}}}
in_force: {{from: 2000-01-01}}
source: {{instrument: 测试办法}}
eligibility:
  is_insured: {{title: {{zh: 参保, en: Insured}}, holds: insured}}
benefits:
  part: {{title: {{zh: 部分, en: Part}}, unit: CNY/month, value: months * wage / in_months(1)}}
  paid: {{title: {{zh: 付, en: Paid}}, unit: {unit}, value: {value}, paid_to: person}}
"""
EXCLUDES = """\
conclusions:
  not_both:
    kind: {kind}
    when: eligible
    with: {other}
    text: {{zh: 不并领, en: not both}}
"""
MONTHLY, ONCE = ("CNY/month", "wage"), ("CNY", "wage * months")
WELL_OFF = {"insured": True, "wage": Decimal(100), "months": Decimal(12)}


def _small(rules: Any, **schemes: tuple[tuple[str, str], str]) -> Rulebook:
    made: Rulebook = rules({f"{name}.yaml": RULES.format(name=name, unit=kind[0], value=kind[1]) + more for name, (kind, more) in schemes.items()})
    return made


def _scanned(made: Rulebook, *people: Mapping[str, Any]) -> dict[str, Any]:
    request = Request(TODAY, tuple(made.scheme_ids()), {}, BEIJING)
    members = tuple(Member(str(number), each) for number, each in enumerate(people))
    return render_scan(scan(Engine(made), request, members), "en")


def test_of_two_that_exclude_each_other_the_higher_is_counted(rules: Any) -> None:
    made = _small(rules, a=(MONTHLY, ""), b=(("CNY/month", "wage * 2"), EXCLUDES.format(kind="exclusion", other="test.a")), c=(MONTHLY, ""))
    answer = _scanned(made, WELL_OFF, {**WELL_OFF, "insured": False})
    assert answer["totals"]["all"] == {"CNY/month": "300"} == answer["totals"]["members"]["0"]
    (choice,) = answer["choices"]
    assert ([each["scheme"] for each in choice["best"]["payments"]], choice["reason"]) == (["test.b"], "most_in_every_unit")
    assert [each["totals"] for each in choice["instead_of"]] == [{"CNY/month": "100"}]
    assert [(each["scheme"], each["with"]) for each in answer["conflicts"]] == [("test.b", [{"member": "0", "scheme": "test.a"}])]


def test_of_payments_a_month_and_at_once_the_most_a_month_is_counted_and_the_other_way_shown(rules: Any) -> None:
    made = _small(rules, a=(ONCE, ""), b=(MONTHLY, EXCLUDES.format(kind="duplicate", other="test.a.paid")))
    answer = _scanned(made, WELL_OFF)
    assert answer["totals"]["all"] == {"CNY/month": "100"}
    assert answer["choices"][0]["reason"] == "most_a_month"
    assert answer["choices"][0]["instead_of"][0]["totals"] == {"CNY": "1200"}


def test_what_comes_before_excludes_nothing(rules: Any) -> None:
    made = _small(rules, a=(MONTHLY, ""), b=(MONTHLY, EXCLUDES.format(kind="offset", other="test.a")))
    answer = _scanned(made, WELL_OFF)
    assert answer["totals"]["all"] == {"CNY/month": "200"} and not answer["conflicts"]
    assert [(each["scheme"], each["with"][0]["scheme"]) for each in answer["order"]] == [("test.b", "test.a")]


def test_between_members_the_other_member_is_meant(rules: Any) -> None:
    made = _small(rules, a=(MONTHLY, EXCLUDES.format(kind="exclusion", other="test.a") + "    between: members\n"))
    answer = _scanned(made, WELL_OFF, {**WELL_OFF, "wage": Decimal(70)}, {**WELL_OFF, "insured": False})
    assert answer["totals"] == {
        "all": {"CNY/month": "100"}, "household": {}, "members": {"0": {"CNY/month": "100"}, "1": {}, "2": {}}, "standing": "official",
    }  # fmt: skip


def _payment(name: str, amount: int, unit: str = "CNY/month") -> Payment:
    definition = rulebook().at(TODAY, BEIJING).schemes["pension.employee"].definitions["monthly_pension"]
    return Payment(("one",), name, definition, Fraction(amount), Decimal(amount), unit, Standing.OFFICIAL)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.data())
def test_the_best_is_the_best_of_all_sets(amounts: list[int], data: st.DataObject) -> None:
    payments = [_payment(f"s{number}", amount) for number, amount in enumerate(amounts)]
    indexes = st.integers(0, len(payments) - 1)
    pairs = [(payments[a], payments[b]) for a, b in data.draw(st.lists(st.tuples(indexes, indexes), max_size=10)) if a != b]
    kept = best_combination(payments, pairs).kept(payments)
    possible = [
        sum(each.amount for each, chosen in zip(payments, choice, strict=True) if chosen)
        for choice in product((True, False), repeat=len(payments))
        if not any(choice[payments.index(a)] and choice[payments.index(b)] for a, b in pairs)
    ]
    assert totals(kept).get("CNY/month", 0) == max(possible)
    assert not any(a in kept and b in kept for a, b in pairs)


def test_one_pension_of_two() -> None:
    """Whoever qualifies for the employees' and the residents' pension draws one; the higher is counted."""
    facts = dict(json.loads(HOUSEHOLDS[0].read_text())["members"][1]["facts"])
    facts |= {"draws_other_basic_pension": False, "residents_contribution_months": 180, "residents_account_balance": "20000.00", "employment_status": "none",
              "residents_scheme_start_date": "2009-09-01", "household_registration": "rural", "pension_month": "2026-03"}  # fmt: skip
    given_base = {"pension.resident.local_base": "924", "pension.resident.age_addition_from_65": "0"}
    answer = ask(of_members(facts, schemes=["pension.employee", "pension.resident"], given=given_base))
    due = {each["scheme"]: each["benefits"]["monthly_pension"]["value"] for each in answer["members"][0]["eligible"]}
    assert set(due) == {"pension.employee", "pension.resident"}
    assert answer["totals"]["all"] == {"CNY/month": max(due.values(), key=Decimal)}
    assert [each["id"] for each in answer["conflicts"]] == ["one_pension_only"]


# -- what is told, and where it goes ----------------------------------------------------------------------


def test_nothing_known_suggests_nothing() -> None:
    (member,) = ask(of_members({}))["members"]
    assert not member["possible"] and not member["eligible"] and member["unsuggested"]


def test_a_known_fact_brings_up_what_it_is_about() -> None:
    (member,) = ask(of_members({"birth_date": "1938-01-01", "disability_level": 4}))["members"]
    assert {"care.insurance", "care.voucher", "care.subsidy"} <= {each["scheme"] for each in member["possible"]}
    assert {"maternity.allowance", "unemployment.benefit"} <= {each["scheme"] for each in member["unsuggested"]}
    openness = [each["of"] - each["met"] for each in member["possible"]]
    assert openness == sorted(openness)
    assert all(each["missing"] for each in member["possible"])


def test_routing_and_findings() -> None:
    answer = ask(of_members({"birth_date": "1940-01-01", "registered_here": True}, {"birth_date": "1940-01-01", "registered_here": True, "overlapping_months": 3}))
    plain, doubtful = (next(each for each in member["eligible"] if each["scheme"] == "care.old_age_allowance")["routing"] for member in answer["members"])
    assert plain["values"] == {"straight_through": True}
    assert [each["id"] for each in plain["reasons"]] == ["no_hindrance"]
    assert doubtful["values"] == {"straight_through": False}
    assert [each["id"] for each in doubtful["reasons"]] == ["resolve_contradiction"]
    assert [[each["id"] for each in member["findings"]] for member in answer["members"]] == [[], ["months_in_two_schemes"]]


def test_how_to_claim_what_is_told() -> None:
    answer = ask(of_members({"birth_date": "1940-01-01", "registered_here": True}), "zh")
    told = {each["scheme"] for part in ("eligible", "possible") for each in answer["members"][0][part]}
    assert told == set(answer["claims"])
    assert "居民身份证" in answer["claims"]["care.old_age_allowance"]["documents"][0]


def test_every_scheme_that_pays_says_how_it_is_claimed() -> None:
    law = rulebook().at(TODAY, BEIJING)
    paying = [each for each in law.schemes.values() if any(benefit.paid_to for benefit in each.benefits())]
    assert len(paying) > 20
    assert [each.id for each in paying if each.claim is None or each.claim.where is None] == []


def test_members_in_different_places() -> None:
    old = {"birth_date": "1940-01-01", "registered_here": True}
    body = of_members(old, old)
    body["members"][1]["region"] = "310000"
    first, second = ask(body)["members"]
    amounts = [next(each for each in member["eligible"] if each["scheme"] == "care.old_age_allowance")["benefits"]["monthly_allowance"]["value"] for member in (first, second)]
    assert (first["region"], second["region"]) == (BEIJING, "310000") and amounts[0] != amounts[1]


def test_what_is_determined_is_decided_twice() -> None:
    def lie(scheme: str, fired: frozenset[str]) -> frozenset[str]:
        return fired if scheme != "care.old_age_allowance" else fired - {"eligible", "not_eligible"}

    for birth in ("1940-01-01", "2000-01-01"):
        asked = SCAN.reader(RequestReader(rulebook()), rulebook()).read_value(of_members({"birth_date": birth, "registered_here": True}))
        with pytest.raises(Incident, match=r"care\.old_age_allowance"):
            SCAN.answer(Engine(rulebook(), tamper=lie), asked.request, asked.own, "en")


# -- what cannot be -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (of_members({}, facts={"birth_date": "1940-01-01"}), "/facts/birth_date", "not_shared"),
        (of_members({"household_size": 3}, {"household_size": 4}), "/members/1/facts/household_size", "contradiction"),
        (of_members({"household_size": 3}, facts={"household_size": 4}), "/members/0/facts/household_size", "contradiction"),
        (of_members(), "/members", "wrong_length"),
        (of_members(*[{}] * 13), "/members", "wrong_length"),
        ({**of_members({}), "members": [{"id": "a"}, {"id": "a"}]}, "/members/1/id", "repeated"),
        ({**of_members({}), "members": [{"facts": {}}]}, "/members/0/id", "missing"),
        ({**of_members({}), "members": [{"id": ""}]}, "/members/0/id", "wrong_length"),
        ({**of_members({}), "members": {"id": "a"}}, "/members", "wrong_type"),
        ({**of_members({}), "members": [7]}, "/members/0", "wrong_type"),
        ({**of_members({}), "trace": "full"}, "/trace", "unknown_field"),
        (of_members({"sx": "male"}), "/members/0/facts/sx", "unknown_field"),
        (of_members({"claim_date": "1960-01-01", "birth_date": "1970-01-01"}), "/members/0/facts/claim_date", "claim_before_birth"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_household_that_cannot_be(body: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        ask(body)
    assert (refused.value.faults[0].pointer, refused.value.faults[0].code) == (pointer, code)


def test_one_evaluation_and_the_scan_word_a_condition_alike() -> None:
    facts = {"birth_date": "1960-01-01", "registered_here": True}
    (unmet,) = next(each for each in ask(of_members(facts))["members"][0]["not"] if each["scheme"] == "care.old_age_allowance")["because"]
    request, _ = RequestReader(rulebook()).read_value({"as_of": "2026-03-01", "region": BEIJING, "schemes": ["care.old_age_allowance"], "facts": facts})
    conditions = explain(engine().evaluate(request), "en", "none")["results"]["care.old_age_allowance"]["conditions"]
    assert [unmet] == [each for each in conditions if each["met"] is False]
