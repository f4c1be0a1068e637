"""A case under two laws: each side is a single evaluation, and shares add up to the change exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.advice import Against, compare, render_compare, telling
from app.advice.compare_call import COMPARE
from app.cli import app
from app.engine import Engine, InputError, Request, explain
from app.intake import RequestReader
from app.language import YearMonth, load_rulebook
from tests.conftest import NAME, TODAY, write
from tests.engine.proposals import ALONE, SCHEME, proposal
from tests.test_rule_cases import rulebook

from .cases import FIXTURES, engine, fixture

Json = dict[str, Any]
SMALL_FACTS: dict[str, Any] = {"wage": Decimal("6000.10"), "months": Decimal(200), "sex": "male", "claim_month": YearMonth.parse("2025-03"), "insured": True}
# A case of each domain, against another day or place.
ASKED = [
    ("01", Against(as_of=date(2024, 12, 31))),
    ("18", Against(region="310000")),
    ("100", Against(region="310000")),
    ("201", Against(as_of=date(2024, 12, 31))),
    ("204", Against(as_of=date(2024, 12, 31))),
    ("302", Against(as_of=date(2012, 1, 1), region="440300")),
    ("402", Against(region="440300")),
    ("440", Against(as_of=date(2012, 1, 1), region="440300")),
    ("462", Against(as_of=date(2024, 12, 31))),
    ("502", Against(as_of=date(2024, 12, 31))),
]
BOUNDED = settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def adds_up(answer: Json) -> int:
    """Check every share of an answer; how many results were shared out."""
    count = 0
    for scheme in answer["schemes"].values():
        changes = {each["name"]: each["change"] for each in scheme["results"]}
        for shared in scheme["shares"]:
            assert sum(Decimal(each["share"]) for each in shared["shares"]) == Decimal(shared["total"])
            if shared["name"] != "entitled":
                assert Decimal(shared["total"]) == Decimal(changes[shared["name"]]).quantize(Decimal(shared["total"]))
            count += 1
        for cause in scheme["causes"]:
            for carried in cause.get("shares", ()):
                (shared,) = [each for each in scheme["shares"] if each["name"] == carried["name"]]
                assert {"amendment": cause["amendment"], "share": carried["share"], "percent": carried["percent"]} in shared["shares"]
    return count


@pytest.mark.parametrize(("start", "against"), ASKED, ids=lambda value: value if isinstance(value, str) else "")
def test_both_sides_are_single_evaluations_and_shares_add_up(start: str, against: Against) -> None:
    request = fixture(start)
    answer = render_compare(compare(engine(), request, against), "en")
    other = replace(request, as_of=against.as_of or request.as_of, region=against.region or request.region)
    for side, asked in (("before", request), ("after", other)):
        schemes = tuple(answer[side]["results"])
        single = explain(engine().evaluate(replace(asked, schemes=schemes)), "en", "none")["results"]
        assert answer[side]["results"] == {name: {field: result[field] for field in answer[side]["results"][name]} for name, result in single.items()}
        for scheme, pair in answer["schemes"].items():
            assert pair["status"][side] == single.get(scheme, {}).get("status")
    adds_up(answer)
    assert answer["moved"] == any(pair["moved"] for pair in answer["schemes"].values())


def test_the_first_rules_that_differ_have_their_law_and_their_share() -> None:
    answer = render_compare(compare(engine(), replace(fixture("01"), schemes=("pension.employee",)), Against(as_of=date(2024, 12, 31))), "en")
    causes = {each["id"]: each for each in answer["schemes"]["pension.employee"]["causes"]}
    divisor = causes["payment_months"]
    assert (divisor["before"], divisor["after"]) == ("137.8", "139")
    assert divisor["source"]["instrument"] == "国务院关于渐进式延迟法定退休年龄的办法"
    assert divisor["source"]["article"] == "第四条"
    assert divisor["file"].startswith("pension/employee/2025-01-01.yaml:")
    assert {each["name"]: each["share"] for each in divisor["shares"]}["monthly_pension"] == "-11.42"
    assert all("shares" not in each or each["amendment"] for each in causes.values())


@BOUNDED
@given(
    clauses=st.lists(st.sampled_from(ALONE), min_size=1, max_size=6, unique=True).map(tuple),
    wage=st.decimals("1000", "30000", places=2),
    months=st.integers(0, 480),
)
def test_shares_add_up_whatever_is_reformed(tmp_path_factory: pytest.TempPathFactory, clauses: tuple[str, ...], wage: Decimal, months: int) -> None:
    found = load_rulebook(write(tmp_path_factory.mktemp("rules"), {"a.yaml": SCHEME, "p.yaml": proposal(clauses)}))
    request = Request(TODAY, (NAME,), {**SMALL_FACTS, "wage": wage, "months": Decimal(months)})
    answer = render_compare(compare(Engine(found), request, Against(reforms=("better",))), "en")
    adds_up(answer)
    (pair,) = answer["schemes"].values()
    assert pair["causes"] or "eligible" not in pair["status"].values() or not pair["moved"]


def test_a_scheme_that_began_in_between_is_compared_with_nothing() -> None:
    request = fixture("450")
    answer = render_compare(compare(engine(), request, Against(as_of=date(2024, 12, 31))), "en")
    (scheme,) = [name for name, pair in answer["schemes"].items() if pair["status"]["after"] is None]
    assert scheme in answer["before"]["results"] and scheme not in answer["after"]["results"]
    adds_up(answer)


def test_more_amendments_than_may_be_shared_are_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("app.advice.compare"), "MOST_LAWS", 1)
    answer = render_compare(compare(engine(), fixture("01"), Against(region="310000")), "en")
    assert answer["too_many_amendments"] is True
    assert all(not pair["shares"] and pair["causes"] for pair in answer["schemes"].values() if pair["moved"])


def test_many_amendments_are_shared_out_file_by_file(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = render_compare(compare(engine(), fixture("01"), Against(region="310000")), "en")
    for limit, value in (("MOST_LAWS", 4), ("MOST_SHAPLEY", 1)):
        monkeypatch.setattr(import_module("app.advice.compare"), limit, value)
    answer = render_compare(compare(engine(), fixture("01"), Against(region="310000")), "en")
    assert adds_up(answer) == adds_up(whole) > 0 and "too_many_amendments" not in answer
    files = {each["number"]: (each["after"] or each["before"] or [{"file": ":"}])[-1]["file"].rpartition(":")[0] for each in answer["amendments"]}
    for name, pair in answer["schemes"].items():
        single = {each["name"]: each["total"] for each in whole["schemes"][name]["shares"]}
        for shared in pair["shares"]:
            assert shared["total"] == single[shared["name"]]
            for part in shared["shares"]:
                assert {files[each] for each in part["amendments"]} == {part["file"] or ""}
    assert CliRunner().invoke(app, ["compare", str(next(path for path in FIXTURES if path.name.startswith("01"))), "--against-region", "310000", "--lang", "en"]).exit_code == 0


def test_long_work_says_that_it_goes_on() -> None:
    told: list[int] = []
    with telling(lambda: told.append(1)):
        compare(engine(), replace(fixture("01"), schemes=("pension.employee",)), Against(as_of=date(2024, 12, 31)))
    assert len(told) > 3


@pytest.mark.parametrize(
    ("against", "pointer", "code"),
    [
        ({}, "/against", "same_law"),
        ({"region": "110000", "as_of": "2025-10-01"}, "/against", "same_law"),
        ({"release": "0123456789abcdef"}, "/against/release", "unknown_release"),
        ({"reforms": ["nonsense"]}, "/against/reforms/0", "unknown_reform"),
        ({"region": "999999"}, "/against/region", "unknown_region"),
        ({"as_of": "2025-02-30"}, "/against/as_of", "no_such_date"),
        ({"facts": {}}, "/against/facts", "unknown_field"),
        ("2024-12-31", "/against", "wrong_type"),
        (None, "/against", "null"),
    ],
)
def test_a_question_without_an_answer(against: Any, pointer: str, code: str) -> None:
    body = {"as_of": "2025-10-01", "region": "110000", "schemes": ["pension.employee"], "facts": {"sex": "male"}, "against": against}
    reader = COMPARE.reader(RequestReader(rulebook()), rulebook())

    def ask() -> None:
        asked = reader.read_value(body)
        COMPARE.answer(engine(), asked.request, asked.own, "en")

    with pytest.raises(InputError) as refused:
        ask()
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]


def test_in_force_nowhere_is_told_of_the_case() -> None:
    with pytest.raises(InputError) as refused:
        compare(engine(), replace(fixture("01"), schemes=("pension.employee",), as_of=date(1950, 1, 1)), Against(as_of=date(1951, 1, 1)))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/schemes/0", "not_in_force")]


def test_on_the_command_line() -> None:
    path = str(next(path for path in FIXTURES if path.name.startswith("01")))
    found = CliRunner().invoke(app, ["compare", path, "--against-as-of", "2024-12-31", "--lang", "en"])
    assert found.exit_code == 0, found.output
    for part in ("2025-10-01 · 110000 → 2024-12-31 · 110000", "Divisor of the personal account payment_months", "-11.42", "pension/employee/2025-01-01.yaml", "unverified"):
        assert part in " ".join(found.output.split())
    assert CliRunner().invoke(app, ["compare", path]).exit_code == 2
    assert CliRunner().invoke(app, ["compare", path, "--against-release", "x"]).exit_code == 2
