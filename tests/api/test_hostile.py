"""Requests made to break the service: every one is answered, none with a 5xx."""

from __future__ import annotations

import json
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from .conftest import career

BOUNDED = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@schemathesis.serializer("application/x-ndjson")
def as_lines(_: Any, value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


# Bounds between facts, and those of numbers sent as text, are beyond JSON Schema, so that a body may fit the
# document and still be refused; whatever is refused has to be refused as the document says.
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_what_the_document_describes_is_answered_as_it_says(app: Flask) -> None:
    """schemathesis makes requests that fit the document and requests that do not, for every operation."""
    operations = [each.ok() for each in schemathesis.openapi.from_wsgi("/openapi.json", app).get_all_operations()]
    assert {each.path for each in operations} >= {"/v1/evaluate", "/v1/schemes", "/v1/schemes/{id}", "/v1/facts", "/v1/releases"}
    for operation in operations:
        call_with(operation, schemathesis.GenerationMode.POSITIVE)
        # Any text is a fitting header, so only a query or a body can be made not to fit.
        if list(operation.query) or list(operation.body):
            call_with(operation, schemathesis.GenerationMode.NEGATIVE)


def call_with(operation: Any, mode: schemathesis.GenerationMode) -> None:
    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def call(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    call()


# -- hostile bodies ---------------------------------------------------------------------------------

FACTS = [*career()["facts"], "first_month", "lives_alone", "home_region", "employer", "nothing"]
WORDS = ["", "0", "-0", "1.0", "-1", "1e9", "NaN", "2026-02-30", "2025-13", "9999-12-31", "0001-01-01", "110000", "male", "\x00", "\u202e", "😀"]
words = st.sampled_from(WORDS)
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=True, allow_infinity=True)
anything = st.recursive(
    st.none() | st.booleans() | numbers | words | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
records = st.lists(st.dictionaries(st.sampled_from(["year", "months", "index", "base", "x"]), words | numbers, max_size=5), max_size=5)
facts = st.dictionaries(st.sampled_from(FACTS), anything | records, max_size=6)
NAMES = ["contribution_months", "minimum_months", "reference_wage", "payment_months", "monthly_pension", "enough_months", "wage_bands", "a/b"]
names = st.sampled_from(NAMES)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "as_of": anything,
        "region": anything,
        "release": anything,
        "reforms": anything | st.just(["lower_minimum"]),
        "schemes": st.just(["pension.small"]) | anything,
        "trace": anything | st.just("full"),
        "given": st.dictionaries(names | st.text(max_size=5), anything, max_size=4),
        "assumptions": st.dictionaries(st.sampled_from(["wage_growth", "pay_on_last_base", "x"]), anything, max_size=3),
        "facts": facts | anything,
    },
)
likely = st.fixed_dictionaries(
    {"schemes": st.just(["pension.small"]), "as_of": st.just("2026-03-01")},
    optional={
        "given": st.dictionaries(names, words | st.dictionaries(words, words, max_size=2), max_size=3),
        "facts": st.dictionaries(
            st.sampled_from(["deemed_contribution_months", "account_balance"]), st.integers(0, 10**12).map(str), max_size=2
        ).map(lambda found: {**career()["facts"], **found}),
    },
)


@settings(BOUNDED, max_examples=300)
@given(bodies | likely)
def test_no_body_breaks_the_service(app: Flask, body: dict[str, Any]) -> None:
    send(app, json.dumps(body).encode())


@settings(BOUNDED, max_examples=200)
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0081e1.-Nn \x00', max_size=80).map(str.encode))
def test_no_bytes_break_the_service(app: Flask, body: bytes) -> None:
    send(app, body)


@settings(BOUNDED, max_examples=100)
@given(st.text(max_size=40), st.text(alphabet=st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=40))
def test_no_query_or_header_breaks_the_service(app: Flask, text: str, header: str) -> None:
    headers = {"Accept-Language": header, "If-None-Match": header, "X-Request-Id": header}
    for query in ({"as_of": text}, {"region": text}, {text: "1"}):
        response = app.test_client().get("/v1/schemes", query_string=query, headers=headers)
        assert response.status_code < 500


def send(app: Flask, body: bytes) -> None:
    response = app.test_client().post("/v1/evaluate", data=body, content_type="application/json")
    assert response.status_code in (200, 400, 422), (response.status_code, body)
    if response.status_code != 200:
        assert response.mimetype == "application/problem+json"
        assert response.json["errors"]
