"""POST /v1/evaluate/batch: each line as POST /v1/evaluate answers it; what is wrong with one is told in its place."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.api import Settings, create_app
from app.batch import BatchLimits
from app.intake import today_in_china

from .conftest import SMALL_RULES, career, post
from .test_hostile import BOUNDED, bodies, likely
from .test_openapi import check

PATH = "/v1/evaluate/batch"
ROOT = Path(__file__).resolve().parents[2]
HEADERS = {"Accept-Language": "en", "Content-Type": "application/x-ndjson"}


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def send(client: FlaskClient, body: bytes, **headers: str) -> list[Any]:
    response = client.post(PATH, data=body, headers={**HEADERS, **headers}, buffered=True)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in response.data.splitlines()]


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(each["pointer"], each["code"]) for each in answer["error"]["errors"]]


def test_a_line_is_answered_as_a_single_case_is(client: FlaskClient) -> None:
    cases = [career(), career(trace="full"), career(facts={}), career(trace="none", given={"contribution_months": "1"})]
    answers = send(client, lines(*cases))
    assert answers == [{"line": number, **post(client, case).json} for number, case in enumerate(cases, 1)]


def test_every_fixture_of_the_project_as_one_batch() -> None:
    client = create_app(Settings(self_test=False), log_stream=io.BytesIO()).test_client()
    cases = [json.loads(path.read_bytes()) for path in sorted((ROOT / "fixtures").glob("*.json"))]
    answers = send(client, lines(*cases))
    # Not json=case: that would sort given figures, and so the trace.
    assert answers == [{"line": number, **post(client, case).json} for number, case in enumerate(cases, 1)]
    assert len(answers) > 25


def test_one_bad_line_is_one_error_line(client: FlaskClient) -> None:
    good, bad = lines({"id": "a", **career(trace="none")}), lines({"id": 7, **career(facts={"sexx": "male", "birth_date": "1965-02-30"})})
    answers = send(client, good + bad + b'{"id": "cut", "facts": {\n' + b"\r\n\n" + good.strip() + b"\r\n" + b'"text"')
    assert [(each["line"], each.get("id"), "error" in each) for each in answers] == [
        (1, "a", False),
        (2, 7, True),
        (3, None, True),
        (6, "a", False),
        (7, None, True),
    ]
    assert answers[1]["error"] == {
        "type": "urn:shebao:problem:invalid-input",
        "title": "The request is not valid",
        "status": 422,
        "detail": "2 things have to be corrected.",
        "errors": [
            {"pointer": "/facts/sexx", "code": "unknown_field", "detail": "there is no field 'sexx'. Did you mean 'sex'?"},
            {"pointer": "/facts/birth_date", "code": "no_such_date", "detail": "there is no day 1965-02-30. Check year, month and day."},
        ],
    }
    assert (answers[2]["error"]["status"], codes(answers[2])) == (400, [("", "not_json")])


def test_a_line_longer_than_a_case_may_be(client: FlaskClient) -> None:
    answers = send(client, lines({"facts": {"sex": "x" * 300_000}}, career()))
    assert codes(answers[0]) == [("", "line_too_long")]
    assert answers[0]["error"]["status"] == 413
    assert "results" in answers[1]


@pytest.mark.parametrize(("name", "fits"), [("x" * 100, True), (12, True), ("x" * 101, False), (True, False), (None, False), ([1], False)])
def test_an_id_is_given_back(client: FlaskClient, name: Any, fits: bool) -> None:
    (answer,) = send(client, lines({"id": name, **career(trace="none")}))
    assert answer.get("id") == (name if fits else None)
    assert ("results" in answer) is fits
    assert fits or codes(answer) == [("/id", "wrong_type")]


def test_defaults_hold_where_a_line_says_nothing(client: FlaskClient) -> None:
    case = career(trace="none")
    common = {"as_of": case.pop("as_of"), "schemes": case.pop("schemes"), "trace": case.pop("trace"), "facts": {"sex": case["facts"].pop("sex")}}
    answers = send(client, lines({"defaults": common}, case, {**case, "as_of": "2025-03-01"}))
    assert answers[0] == {"line": 2, **post(client, career(trace="none")).json}
    assert answers[1]["as_of"] == "2025-03-01"


def test_without_a_day_the_batch_has_one(client: FlaskClient) -> None:
    case = career()
    del case["as_of"]
    assert send(client, lines(case))[0]["as_of"] == today_in_china().isoformat()


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ({"defaults": {"region": "x", "fact": {}}}, {("/defaults/region", "wrong_form"), ("/defaults/fact", "unknown_field")}),
        ({"defaults": {}, "facts": {}}, {("/facts", "beside_defaults")}),
        ({"defaults": 1}, {("/defaults", "wrong_type")}),
        ({"defaults": {"facts": {"sex": "none"}}}, {("/defaults/facts/sex", "unknown_code")}),
    ],
)
def test_faulty_defaults_answer_no_case(client: FlaskClient, first: Any, expected: set[tuple[str, str]]) -> None:
    response = client.post(PATH, data=lines(first, career()), headers=HEADERS)
    assert (response.status_code, response.mimetype) == (422, "application/problem+json")
    assert {pointer for pointer, _ in expected} == {each["pointer"] for each in response.json["errors"]}
    # The slot is free again.
    assert len(send(client, lines(career()))) == 1


def test_defaults_stand_in_the_first_line_only(client: FlaskClient) -> None:
    answers = send(client, lines(career(), {"defaults": {}}, career()))
    assert [codes(each) if "error" in each else None for each in answers] == [None, [("/defaults", "late_defaults")], None]


def test_an_empty_batch_has_an_empty_answer(client: FlaskClient) -> None:
    assert send(client, b"") == send(client, b"\n \r\n") == send(client, lines({"defaults": {}})) == []


# -- compressed -------------------------------------------------------------------------------------


def test_gzip_in_and_out(client: FlaskClient) -> None:
    body = lines(career(trace="none"), career(facts={}))
    plain = send(client, body)
    members = gzip.compress(body[:300]) + gzip.compress(body[300:])
    assert send(client, members, **{"Content-Encoding": "gzip"}) == plain
    response = client.post(PATH, data=body, headers={**HEADERS, "Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert [json.loads(line) for line in gzip.decompress(response.data).splitlines()] == plain


@pytest.mark.parametrize("cut", [5, -5])
def test_gzip_that_breaks_off(client: FlaskClient, cut: int) -> None:
    answers = send(client, gzip.compress(lines(career()))[:cut], **{"Content-Encoding": "gzip"})
    assert codes(answers[-1]) == [("", "not_gzip")]
    assert answers[-1]["error"]["type"] == "urn:shebao:problem:batch-ended"


def test_what_unpacks_to_too_much_ends(log_stream: io.BytesIO) -> None:
    settings = Settings(rules=SMALL_RULES, self_test=False, batch=BatchLimits(max_bytes=3_000_000))
    client = create_app(settings, log_stream=log_stream).test_client()
    answers = send(client, gzip.compress(b" " * 200_000_000), **{"Content-Encoding": "gzip"})
    assert [codes(each) for each in answers] == [[("", "too_many_bytes")]]
    assert client.post(PATH, data=b" " * 3_000_001, headers=HEADERS).status_code == 413


# -- refused whole ----------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{"Content-Type": "application/json"}, {"Content-Type": ""}, {"Content-Encoding": "br"}])
def test_another_kind_of_body(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.post(PATH, data=lines(career()), headers={**HEADERS, **headers})
    assert (response.status_code, response.json["title"]) == (415, "The request body is not NDJSON")


def test_limits_come_from_the_environment() -> None:
    found = Settings.from_environment({"SHEBAO_BATCH_MAX_LINES": "5", "SHEBAO_BATCH_AT_ONCE": "2"}).batch
    assert found == replace(BatchLimits(), max_lines=5, at_once=2)
    for wrong in ("0", "many"):
        with pytest.raises(ValueError, match=r"max_lines|MAX_LINES"):
            Settings.from_environment({"SHEBAO_BATCH_MAX_LINES": wrong})


def test_the_log_counts_and_names_nobody(client: FlaskClient, log_stream: io.BytesIO) -> None:
    before = len(log_stream.getvalue())
    send(client, lines({"id": "Wang-Wu-77", **career()}, {"facts": {"Zhao-Liu": 1}}) + b"nonsense\n")
    told = log_stream.getvalue()[before:].decode()
    batch = next(json.loads(line) for line in told.splitlines() if '"batch"' in line)
    assert (batch["lines"], batch["answered"], batch["failed"], batch["ended"]) == (3, 1, {"invalid-input": 1, "malformed-body": 1}, "complete")
    assert not any(text in told for text in ("Wang", "Zhao", "182345", "nonsense", "1965"))


# -- hostile ----------------------------------------------------------------------------------------


@BOUNDED
@given(st.lists((bodies | likely).map(lambda body: json.dumps(body).encode()) | st.binary(max_size=60) | st.just(b'{"defaults": {}}'), max_size=6))
def test_no_lines_break_the_service(app: Flask, found: list[bytes]) -> None:
    response = app.test_client().post(PATH, data=b"\n".join(found), headers=HEADERS, buffered=True)
    assert response.status_code in (200, 422)
    if response.status_code == 200:
        answers = [json.loads(line) for line in response.data.splitlines()]
        assert [each["line"] for each in answers] == sorted(each["line"] for each in answers)
        assert all(each["error"]["status"] in (400, 413, 422) for each in answers if "error" in each)


@BOUNDED
@given(st.binary(max_size=100))
def test_no_bytes_said_to_be_gzip_break_the_service(app: Flask, found: bytes) -> None:
    response = app.test_client().post(PATH, data=found, headers={**HEADERS, "Content-Encoding": "gzip"}, buffered=True)
    assert response.status_code == 200


# -- the document -----------------------------------------------------------------------------------


def test_the_example_of_the_document_runs(app: Flask, client: FlaskClient) -> None:
    document: dict[str, Any] = client.get("/openapi.json").json or {}
    content = document["paths"][PATH]["post"]["requestBody"]["content"]["application/x-ndjson"]
    body = content["examples"]["cases"]["value"]
    defaults, *cases = [json.loads(line) for line in body.splitlines()]
    check(document, "BatchDefaults", defaults)
    for case in cases[:2]:
        check(document, "BatchLine", case)
    *answers, error = send(client, body.encode())
    assert [each["line"] for each in answers] == [2, 3]
    for answer in answers:
        check(document, "BatchAnswer", answer)
    check(document, "BatchError", error)
