"""Bodies to requests: typed values, defaults, and every fault with its pointer."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import pytest

from app.engine import InputError
from app.intake import RequestReader, facts_schema, read_query, read_request
from app.language import Rulebook, YearMonth, load_rulebook

Found = list[tuple[str, str]]


def body_with(**facts: Any) -> dict[str, Any]:
    return {"schemes": ["pension.small"], "facts": facts}


def faults_of(reader: RequestReader, body: Any) -> Found:
    with pytest.raises(InputError) as caught:
        reader.read(json.dumps(body).encode())
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_values_are_typed(reader: RequestReader) -> None:
    facts = {
        "sex": "female",
        "birth_date": "1965-05-12",
        "first_month": "1998-01",
        "deemed_contribution_months": 60,
        "account_balance": "182345.60",
        "lives_alone": False,
        "home_region": "110000",
        "employer": {"kind": "enterprise"},
        "contribution_records": [{"year": 1993, "months": "12", "index": "1.1000"}, {"year": "1994", "months": 0, "base": 500}],
    }
    request, trace = reader.read(json.dumps(body_with(**facts)).encode())
    assert trace == "summary"
    assert request.facts == {
        "sex": "female",
        "birth_date": date(1965, 5, 12),
        "first_month": YearMonth.parse("1998-01"),
        "deemed_contribution_months": Decimal(60),
        "account_balance": Decimal("182345.60"),
        "lives_alone": False,
        "home_region": "110000",
        "employer": {"kind": "enterprise"},
        "contribution_records": (
            {"year": Decimal(1993), "months": Decimal(12), "index": Decimal("1.1000")},
            {"year": Decimal(1994), "months": Decimal(0), "base": Decimal(500)},
        ),
    }
    assert isinstance(request.facts["first_month"], YearMonth)
    records = request.facts["contribution_records"]
    assert isinstance(records, tuple)
    assert {type(value) for record in records for value in record.values()} == {Decimal}


def test_defaults(reader: RequestReader) -> None:
    request, trace = reader.read(b'{"schemes": ["pension.small"]}')
    assert (request.as_of, request.region, request.reforms, request.facts) == (date(2026, 3, 1), "000000", (), {})
    assert (request.given, request.assumptions, trace) == ({}, {}, "summary")


def test_everything_that_may_be_said(reader: RequestReader, small_rulebook: Rulebook) -> None:
    body = {
        "as_of": "2025-01-01",
        "region": "110000",
        "release": small_rulebook.release,
        "reforms": ["lower_minimum"],
        "schemes": ["pension.small"],
        "trace": "full",
        "given": {"minimum_months": "100", "reference_wage": {"2025": "9000.00"}},
        "assumptions": {"wage_growth": "0.03", "pay_on_last_base": True},
        "facts": {},
    }
    request, trace = reader.read(json.dumps(body).encode())
    assert (request.as_of, request.region, request.reforms, trace) == (date(2025, 1, 1), "110000", ("lower_minimum",), "full")
    assert request.given == body["given"]
    assert request.assumptions == {"wage_growth": Decimal("0.03"), "pay_on_last_base": True}


@pytest.mark.parametrize("release", [None, "small-2026"])
def test_a_release_by_its_tag_or_none(reader: RequestReader, release: str | None) -> None:
    assert reader.read_value({"schemes": ["pension.small"], "release": release})[0].schemes == ("pension.small",)


FACT_FAULTS: list[tuple[dict[str, Any], Found]] = [
    ({"sex": "other"}, [("/facts/sex", "unknown_value")]),
    ({"sex": 1}, [("/facts/sex", "wrong_type")]),
    ({"sex": None}, [("/facts/sex", "null")]),
    ({"birth_date": "1965-02-30"}, [("/facts/birth_date", "no_such_date")]),
    ({"birth_date": "19650512"}, [("/facts/birth_date", "wrong_form")]),
    ({"birth_date": "1965-W01-1"}, [("/facts/birth_date", "wrong_form")]),
    ({"birth_date": "１９６５-05-12"}, [("/facts/birth_date", "wrong_form")]),
    ({"birth_date": 19650512}, [("/facts/birth_date", "wrong_type")]),
    ({"birth_date": "1899-12-31"}, [("/facts/birth_date", "too_early")]),
    ({"birth_date": "2101-01-01"}, [("/facts/birth_date", "too_late")]),
    ({"first_month": "2025-13"}, [("/facts/first_month", "no_such_month")]),
    ({"first_month": "2025-1"}, [("/facts/first_month", "wrong_form")]),
    ({"first_month": "1985-12"}, [("/facts/first_month", "too_early")]),
    ({"deemed_contribution_months": "12.0"}, [("/facts/deemed_contribution_months", "wrong_form")]),
    ({"deemed_contribution_months": 1.5}, [("/facts/deemed_contribution_months", "fraction")]),
    ({"deemed_contribution_months": True}, [("/facts/deemed_contribution_months", "wrong_type")]),
    ({"deemed_contribution_months": -1}, [("/facts/deemed_contribution_months", "too_small")]),
    ({"deemed_contribution_months": 721}, [("/facts/deemed_contribution_months", "too_large")]),
    ({"account_balance": "-0.01"}, [("/facts/account_balance", "too_small")]),
    ({"account_balance": 12.5}, [("/facts/account_balance", "fraction")]),
    ({"account_balance": "1.005"}, [("/facts/account_balance", "too_precise")]),
    ({"account_balance": "1e5"}, [("/facts/account_balance", "wrong_form")]),
    ({"account_balance": "1,000"}, [("/facts/account_balance", "wrong_form")]),
    ({"account_balance": "NaN"}, [("/facts/account_balance", "wrong_form")]),
    ({"account_balance": "1\n"}, [("/facts/account_balance", "wrong_form")]),
    ({"account_balance": "1000000000000.01"}, [("/facts/account_balance", "too_large")]),
    ({"account_balance": ["1"]}, [("/facts/account_balance", "wrong_type")]),
    ({"lives_alone": "true"}, [("/facts/lives_alone", "wrong_type")]),
    ({"lives_alone": 1}, [("/facts/lives_alone", "wrong_type")]),
    ({"home_region": "110"}, [("/facts/home_region", "unknown_region")]),
    ({"home_region": "999999"}, [("/facts/home_region", "unknown_region")]),
    ({"home_region": 110000}, [("/facts/home_region", "wrong_type")]),
    ({"employer": {}}, [("/facts/employer/kind", "missing")]),
    ({"employer": []}, [("/facts/employer", "wrong_type")]),
    ({"contribution_records": {}}, [("/facts/contribution_records", "wrong_type")]),
    ({"contribution_records": [{}] * 61}, [("/facts/contribution_records", "too_many_items")]),
    ({"contribution_records": [7]}, [("/facts/contribution_records/0", "wrong_type")]),
    (
        {"contribution_records": [{"year": 2001, "months": 12, "index": "1"}, {"yaer": 2002, "months": 13}]},
        [
            ("/facts/contribution_records/1/yaer", "unknown_field"),
            ("/facts/contribution_records/1/months", "too_large"),
            ("/facts/contribution_records/1/year", "missing"),
            ("/facts/contribution_records/1", "missing"),
        ],
    ),
    ({"a/b~c": 1}, [("/facts/a~1b~0c", "unknown_field")]),
]


@pytest.mark.parametrize(("facts", "expected"), FACT_FAULTS, ids=str)
def test_faults_of_facts(reader: RequestReader, facts: dict[str, Any], expected: Found) -> None:
    assert faults_of(reader, body_with(**facts)) == expected


BODY_FAULTS: list[tuple[Any, Found]] = [
    ([], [("", "wrong_type")]),
    ({}, [("/schemes", "missing")]),
    ({"schemes": []}, [("/schemes", "wrong_length")]),
    ({"schemes": "pension.small"}, [("/schemes", "wrong_type")]),
    ({"schemes": ["pension.small"] * 61}, [("/schemes", "wrong_length")]),
    ({"schemes": ["pension.small", "pension.small", "x", 1]},
     [("/schemes/1", "repeated"), ("/schemes/2", "unknown_scheme"), ("/schemes/3", "wrong_type")]),
    ({"schemes": ["pension.small"], "scheme": 1}, [("/scheme", "unknown_field")]),
    ({"schemes": ["pension.small"], "as_of": None}, [("/as_of", "null")]),
    ({"schemes": ["pension.small"], "as_of": "2026-02-29"}, [("/as_of", "no_such_date")]),
    ({"schemes": ["pension.small"], "as_of": "1900-01-01"}, [("/as_of", "too_early")]),
    ({"schemes": ["pension.small"], "region": "123456"}, [("/region", "unknown_region")]),
    ({"schemes": ["pension.small"], "release": "other"}, [("/release", "unknown_release")]),
    ({"schemes": ["pension.small"], "release": 1}, [("/release", "unknown_release")]),
    ({"schemes": ["pension.small"], "reforms": ["x"]}, [("/reforms/0", "unknown_reform")]),
    ({"schemes": ["pension.small"], "trace": "all"}, [("/trace", "unknown_value")]),
    ({"schemes": ["pension.small"], "facts": None}, [("/facts", "null")]),
    ({"schemes": ["pension.small"], "facts": []}, [("/facts", "wrong_type")]),
    ({"schemes": ["pension.small"], "given": []}, [("/given", "wrong_type")]),
    ({"schemes": ["pension.small"], "given": {"a": 1.5, "b": None, "c": [], "d": {"e": {}}}},
     [("/given/a", "fraction"), ("/given/b", "null"), ("/given/c", "wrong_type"), ("/given/d/e", "wrong_type")]),
    ({"schemes": ["pension.small"], "given": {f"n{i}": 1 for i in range(101)}}, [("/given", "too_many_items")]),
    ({"schemes": ["pension.small"], "assumptions": {"wage_growth": "0.31"}}, [("/assumptions/wage_growth", "too_large")]),
    ({"schemes": ["pension.small"], "assumptions": {"wage_growth": 0.03}}, [("/assumptions/wage_growth", "fraction")]),
    ({"schemes": ["pension.small"], "assumptions": {"pay_on_last_base": "yes"}}, [("/assumptions/pay_on_last_base", "wrong_type")]),
    ({"schemes": ["pension.small"], "assumptions": {"wage_groth": "0"}}, [("/assumptions/wage_groth", "unknown_field")]),
    (
        {"as_of": "x", "region": "x", "schemes": ["x"], "facts": {"sex": "x", "account_balance": 0.5}},
        [("/as_of", "wrong_form"), ("/region", "unknown_region"), ("/schemes/0", "unknown_scheme"), ("/facts/sex", "unknown_value"),
         ("/facts/account_balance", "fraction")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), BODY_FAULTS, ids=str)
def test_faults_of_the_request(reader: RequestReader, body: Any, expected: Found) -> None:
    assert faults_of(reader, body) == expected


def test_an_unknown_field_comes_with_a_suggestion_in_both_languages(reader: RequestReader) -> None:
    with pytest.raises(InputError) as caught:
        reader.read_value(body_with(acount_balance="1"))
    fault = caught.value.faults[0]
    assert fault.en == "there is no field 'acount_balance'. Did you mean 'account_balance'?"
    assert fault.zh == "没有名为 'acount_balance' 的字段。是否指 'account_balance'？"


def test_thousands_of_unknown_fields_are_told_briefly(reader: RequestReader) -> None:
    found = faults_of(reader, body_with(**{f"unknown_{index}": 0 for index in range(5000)}))
    assert len(found) <= 102
    assert found[-1][1] == "too_many_faults"


def test_the_schema_of_the_dictionary_reads_the_same(small_rulebook: Rulebook) -> None:
    loaded = facts_schema(small_rulebook.facts).load({"account_balance": "1.50", "birth_date": "1965-05-12"})
    assert loaded == {"account_balance": Decimal("1.50"), "birth_date": date(1965, 5, 12)}


def test_read_request_reads_one_body(small_rulebook: Rulebook) -> None:
    request, _ = read_request(b'{"schemes": ["pension.small"], "as_of": "2026-03-01"}', small_rulebook)
    assert request.schemes == ("pension.small",)


class Evening(datetime):
    """Half past four in the afternoon of Greenwich, when it is the next day in Shanghai."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(2026, 3, 1, 16, 30, tzinfo=UTC).astimezone(tz)


def test_today_is_that_of_shanghai(small_rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.intake.reader.datetime", Evening)
    request, _ = RequestReader(small_rulebook).read(b'{"schemes": ["pension.small"]}')
    assert request.as_of == read_query({}).as_of == date(2026, 3, 2)


def test_the_project_s_own_dictionary_makes_a_schema(tmp_path: Path) -> None:
    own = Path(__file__).resolve().parents[2] / "rules" / "facts"
    shutil.copytree(own, tmp_path / "facts")
    assert "contribution_records" in facts_schema(load_rulebook(tmp_path).facts).fields
