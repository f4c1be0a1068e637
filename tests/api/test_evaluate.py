"""POST /v1/evaluate: the answer, and the exact problem document of everything that is wrong."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import __version__
from app.api import Settings, create_app
from app.engine import Engine
from app.language import load_rulebook

from .conftest import SMALL_RULES, career, post, problem

ONE = "One thing has to be corrected."


def test_an_answer(client: FlaskClient) -> None:
    response = post(client, career())
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Language"] == "en"
    assert response.headers["Vary"] == "Accept-Language"
    answer = response.json
    assert (answer["as_of"], answer["region"], answer["engine"]) == ("2026-03-01", "000000", __version__)
    result = answer["results"]["pension.small"]
    assert result["status"] == "eligible"
    assert result["standing"] == "provisional"
    # 182345.60 / 139 + 8400 x 1 % x 30 years, half up to the fen
    assert result["benefits"] == {"monthly_pension": {"value": "3831.84", "unit": "CNY/month"}}
    assert result["values"] == {"contribution_months": "360"}
    assert result["conditions"][0]["title"] == "Has the minimum months"
    assert result["trace"]


def test_it_is_chinese_unless_english_is_preferred(client: FlaskClient) -> None:
    for header, title in (("", "示例养老金"), ("zh-CN,en;q=0.5", "示例养老金"), ("en-GB,zh;q=0.5", "Sample pension"), ("de", "示例养老金")):
        answer = post(client, career(), header).json
        assert answer["results"]["pension.small"]["title"] == title, header


def test_region_reform_given_and_trace_are_heeded(client: FlaskClient) -> None:
    def months_required(**changed: Any) -> str:
        answer = post(client, career(**changed)).json
        return str(answer["results"]["pension.small"]["conditions"][0]["right"])

    assert months_required() == "180"
    assert months_required(region="110000") == "240"
    assert months_required(region="110101") == "240"
    assert months_required(reforms=["lower_minimum"]) == "120"
    assert months_required(given={"minimum_months": "99"}) == "99"
    assert post(client, career(trace="none")).json["results"]["pension.small"]["trace"] == []


def test_what_is_missing_is_asked_for(client: FlaskClient) -> None:
    result = post(client, career(facts={"sex": "male"})).json["results"]["pension.small"]
    assert result["status"] == "undetermined"
    assert {"contribution_records", "deemed_contribution_months"} <= {each["name"] for each in result["missing"]}


def test_a_future_figure_needs_an_assumption(client: FlaskClient) -> None:
    facts = {**career()["facts"], "claim_date": "2030-01-01"}
    assert post(client, career(facts=facts)).json["results"]["pension.small"]["status"] == "undetermined"
    result = post(client, career(facts=facts, assumptions={"wage_growth": "0.03"})).json["results"]["pension.small"]
    assert (result["status"], result["standing"]) == ("eligible", "estimated")


MALFORMED: list[tuple[bytes, tuple[str, str, str]]] = [
    (b"", ("", "not_json", "the body is not JSON: line 1, column 1 cannot be read.")),
    (b'{"schemes": ["pension.small"]', ("", "not_json", "the body is not JSON: line 1, column 30 cannot be read.")),
    (b'{"schemes": "\xff"}', ("", "not_utf8", "the body is not UTF-8 text (byte 14). Send UTF-8.")),
    (b"[" * 100_000, ("", "too_deep", "the body is nested too deeply.")),
    (b"[" * 40 + b"]" * 40, ("/0" * 32, "too_deep", "is nested more than 32 levels deep.")),
    (
        b'{"facts": {"sex": "male", "sex": "female"}}',
        ("/facts/sex", "duplicate_key", "the key 'sex' stands more than once in its object. Keep one."),
    ),
    (
        b'{"facts": {"deemed_contribution_months": ' + b"9" * 5000 + b"}}",
        ("/facts/deemed_contribution_months", "too_many_digits", "has too many digits; an integer has at most 18."),
    ),
    (b'{"facts": {"account_balance": NaN}}', ("/facts/account_balance", "not_a_number", "'NaN' is not a number of JSON.")),
    (b'{"facts": {"account_balance": -Infinity}}', ("/facts/account_balance", "not_a_number", "'-Infinity' is not a number of JSON.")),
    (b'{"facts": {"account_balance": "' + b"9" * 200_000 + b'"}}', ("/facts/account_balance", "text_too_long", "has more than 1000 characters.")),
    (b'{"facts": {"sex": "\\ud800"}}', ("/facts/sex", "not_unicode", "holds half of a surrogate pair, which is no character.")),
]


@pytest.mark.parametrize(("body", "error"), MALFORMED, ids=[f"{error[1]}-{len(body)}" for body, error in MALFORMED])
def test_a_malformed_body(client: FlaskClient, body: bytes, error: tuple[str, str, str]) -> None:
    response = post(client, body)
    assert response.mimetype == "application/problem+json"
    assert response.json == problem("malformed-body", "The request body cannot be read", 400, ONE, error)
    assert response.status_code == 400


INVALID: list[tuple[dict[str, Any], tuple[str, str, str]]] = [
    ({"scheme": "x"}, ("/scheme", "unknown_field", "there is no field 'scheme'. Did you mean 'schemes'?")),
    ({"schemes": ["pension.smal"]}, ("/schemes/0", "unknown_scheme", "there is no scheme 'pension.smal'. There are: pension.small.")),
    ({"region": "990000"}, ("/region", "unknown_region", "there is no region '990000'. Use a six-digit GB/T 2260 code, such as 110000.")),
    ({"reforms": ["x"]}, ("/reforms/0", "unknown_reform", "there is no reform 'x'. There are: lower_minimum.")),
    ({"as_of": "2026-02-30"}, ("/as_of", "no_such_date", "there is no day 2026-02-30. Check year, month and day.")),
    (
        {"as_of": "1990-01-01"},
        ("/schemes/0", "not_in_force", "'pension.small' was not in force on 1990-01-01, or its rules of that day are not encoded."),
    ),
    (
        {"facts": {"acount_balance": "1"}},
        ("/facts/acount_balance", "unknown_field", "there is no field 'acount_balance'. Did you mean 'account_balance'?"),
    ),
    ({"facts": {"sex": "m"}}, ("/facts/sex", "unknown_value", "'m' is not one of male, female.")),
    ({"facts": {"birth_date": 19650512}}, ("/facts/birth_date", "wrong_type", 'must be a date as text, such as "2025-08-31".')),
    ({"facts": {"first_month": "2025-13"}}, ("/facts/first_month", "no_such_month", "there is no month 2025-13. Months run from 01 to 12.")),
    ({"facts": {"account_balance": "-1.00"}}, ("/facts/account_balance", "too_small", "must not be less than 0.")),
    (
        {"facts": {"account_balance": 1.5}},
        ("/facts/account_balance", "fraction", 'numbers with decimals are written as text, such as "1.0873", so that they stay exact.'),
    ),
    (
        {"facts": {"birth_date": "1990-01-01", "claim_date": "1989-12-31"}},
        ("/facts/claim_date", "claim_before_birth", "The claim date is before the date of birth. Check both dates."),
    ),
    (
        {"facts": {"contribution_records": [{"year": 2001, "months": 12}]}},
        ("/facts/contribution_records/0", "missing", "give at least one of index, base."),
    ),
    (
        {"given": {"minimum_month": "1"}},
        (
            "/given/minimum_month",
            "unknown_name",
            "the schemes asked for have no rule named 'minimum_month' here and now. Did you mean 'minimum_months'?",
        ),
    ),
    ({"given": {"minimum_months": "many"}}, ("/given/minimum_months", "wrong_type", 'must be a decimal number as text, such as "1.1629".')),
]


@pytest.mark.parametrize(("changed", "error"), INVALID, ids=[f"{error[1]}:{error[0]}" for _, error in INVALID])
def test_an_invalid_request(client: FlaskClient, changed: dict[str, Any], error: tuple[str, str, str]) -> None:
    response = post(client, career(**changed))
    assert response.json == problem("invalid-input", "The request is not valid", 422, ONE, error)
    assert response.status_code == 422
    assert response.headers["Cache-Control"] == "no-store"


def test_every_fault_at_once_and_in_chinese(client: FlaskClient) -> None:
    response = post(client, career(region="990000", facts={"sex": "m", "account_balance": "-1"}), "zh")
    expected = problem(
        "invalid-input",
        "请求内容有误",
        422,
        "共有 3 处需要改正。",
        ("/region", "unknown_region", "没有行政区划代码 '990000'。请用六位 GB/T 2260 代码，如 110000。"),
        ("/facts/sex", "unknown_value", "没有 'm' 这一选项。可选：male、female。"),
        ("/facts/account_balance", "too_small", "不能小于 0。"),
    )
    assert response.json == expected
    assert response.headers["Content-Language"] == "zh"


def test_a_body_too_large(client: FlaskClient) -> None:
    fault = ("", "too_large", "the body has more than 262144 bytes. Send a shorter one.")
    expected = problem("body-too-large", "The request body is too large", 413, "One thing has to be corrected.", fault)
    for body in (b"9" * 500_000, b'{"facts": {"account_balance": "' + b"9" * 500_000 + b'"}}'):
        response = post(client, body)
        assert response.json == expected
        assert response.status_code == 413


@pytest.mark.parametrize("options", [{"content_type": "text/plain"}, {"content_type": ""}, {"headers": {"Content-Encoding": "gzip"}}])
def test_only_uncompressed_json(client: FlaskClient, options: dict[str, Any]) -> None:
    headers = {"X-Request-Id": "test-request-1", "Accept-Language": "en", **options.pop("headers", {})}
    response = client.post("/v1/evaluate", data=b"{}", headers=headers, **{"content_type": "application/json", **options})
    detail = "Send uncompressed JSON with Content-Type: application/json."
    assert response.json == problem("unsupported-media-type", "The request body is not JSON", 415, detail)


def test_a_disagreement_issues_nothing() -> None:
    """The rules engine's conclusions are turned round: both decisions disagree, so there is no answer."""

    def lie(_: str, fired: frozenset[str]) -> frozenset[str]:
        return frozenset(each.replace(":met", ":not met") for each in fired)

    stream = io.BytesIO()
    engine = Engine(load_rulebook(SMALL_RULES), tamper=lie)
    response = post(create_app(Settings(), engine=engine, log_stream=stream).test_client(), career())
    detail = "Two independent decisions disagree, so nothing was issued. Please give the maintainers the request's id."
    assert response.json == problem("incident", "Nothing was issued", 500, detail)
    assert response.status_code == 500
    assert b'"event":"incident"' in stream.getvalue()
    assert b"182345" not in stream.getvalue()


def test_a_failure_inside_tells_nothing_of_the_case(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret 182345.60")

    stream = io.BytesIO()
    engine = Engine(load_rulebook(SMALL_RULES))
    monkeypatch.setattr(engine, "evaluate", fail)
    response = post(create_app(Settings(), engine=engine, log_stream=stream).test_client(), career())
    detail = "Nothing was issued. Try again later, or give the maintainers the request's id."
    assert response.json == problem("internal-error", "The server failed", 500, detail)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    failure = next(line for line in lines if line["event"] == "failure")
    assert failure["error"] == "RuntimeError"
    assert any("in fail" in place for place in failure["where"])
    assert b"secret" not in stream.getvalue()
