"""POST /v1/notice and /v1/explain over HTTP: types, headers, faults."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import career
from .test_hostile import BOUNDED, anything, facts, words


def ask(client: FlaskClient, body: Any, path: str = "/v1/notice", **headers: str) -> Any:
    return client.post(path, data=json.dumps(body).encode(), content_type="application/json", headers={"Accept-Language": "en", **headers})


@pytest.mark.parametrize(
    ("accept", "named", "found"),
    [
        ("*/*", None, "text/html"),
        ("application/pdf", None, "application/pdf"),
        ("text/html;q=0.5, application/pdf", None, "application/pdf"),
        ("application/json", None, "text/html"),
        ("text/html", "pdf", "application/pdf"),
        ("application/pdf", "html", "text/html"),
    ],
)
def test_the_form_is_the_one_named_or_accepted(client: FlaskClient, accept: str, named: str | None, found: str) -> None:
    response = ask(client, career(issued="2026-03-02", **({} if named is None else {"format": named})), Accept=accept)
    assert (response.status_code, response.mimetype) == (200, found)
    assert response.data.startswith(b"%PDF-" if found == "application/pdf" else b"<!DOCTYPE html>")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Disposition"].startswith('inline; filename="notice-2026-03-02.')
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_notice_follows_the_language(client: FlaskClient) -> None:
    assert "Notice of an estimate" in ask(client, career()).get_data(as_text=True)
    assert "测算告知书" in ask(client, career(), **{"Accept-Language": "zh"}).get_data(as_text=True)


@pytest.mark.parametrize(
    ("own", "pointer", "code"),
    [
        ({"format": "docx"}, "/format", "unknown_value"),
        ({"determination": True}, "/office", "missing_field"),
        ({"office": ""}, "/office", "wrong_length"),
        ({"office": "x" * 61}, "/office", "wrong_length"),
        ({"office": "\u202e"}, "/office", "not_printable"),
        ({"reference": "a b"}, "/reference", "wrong_form"),
        ({"issued": "2026-02-30"}, "/issued", "no_such_date"),
        ({"trace": "full"}, "/trace", "unknown_field"),
        ({"determination": "yes"}, "/determination", "wrong_type"),
    ],
)
def test_a_fault_is_named(client: FlaskClient, own: dict[str, Any], pointer: str, code: str) -> None:
    response = ask(client, career(**own))
    assert (response.status_code, response.mimetype) == (422, "application/problem+json")
    assert [(fault["pointer"], fault["code"]) for fault in response.json["errors"]] == [(pointer, code)]


def test_words_for_a_reader(client: FlaskClient) -> None:
    citizen, file = (ask(client, career(**{"for": reader}), "/v1/explain").json for reader in ("citizen", "caseworker"))
    assert ask(client, career(), "/v1/explain").json == citizen
    assert len(file["text"]) > 2 * len(citizen["text"])
    assert ask(client, career(**{"for": "nobody"}), "/v1/explain").status_code == 422


bodies = st.fixed_dictionaries(
    {"schemes": st.just(["pension.small"]), "as_of": st.just("2026-03-01")},
    optional={"facts": facts, "format": words, "office": words | st.text(max_size=70), "reference": words | st.text(max_size=50), "issued": words, "determination": anything, "for": words},
)


@settings(BOUNDED, max_examples=150)
@given(bodies)
def test_no_body_breaks_it(app: Flask, body: dict[str, Any]) -> None:
    client = app.test_client()
    for path in ("/v1/notice", "/v1/explain"):
        response = ask(client, body, path)
        assert response.status_code in (200, 400, 422), (response.status_code, body)


@settings(BOUNDED, max_examples=40)
@given(st.text(max_size=60), st.sampled_from(["html", "pdf"]))
def test_any_office_is_printed_or_refused(app: Flask, office: str, form: str) -> None:
    response = ask(app.test_client(), career(office=office, format=form))
    assert response.status_code in (200, 422)
    if response.status_code == 200 and form == "html":
        assert "<script" not in response.get_data(as_text=True)
