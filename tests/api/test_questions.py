"""POST /v1/questions over HTTP: to the end of a case, and with bodies made to break it."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import career
from .test_hostile import BOUNDED, anything, bodies, likely, names


def ask(client: FlaskClient, body: Any, language: str = "en") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/v1/questions", data=data, headers={"Accept-Language": language}, content_type="application/json")


def test_a_case_is_asked_to_its_end(client: FlaskClient) -> None:
    """A client that states one answer after the other comes to the answer of the whole case."""
    full = career()
    facts: dict[str, Any] = {}
    left_out: list[str] = []
    while True:
        answer = ask(client, {**full, "facts": facts, "left_out": left_out}).get_json()
        if not answer["questions"]:
            break
        name = answer["questions"][0]["name"]
        assert name not in facts and name not in left_out
        if name in full["facts"]:
            facts[name] = full["facts"][name]
        else:
            left_out.append(name)
    assert answer["settled"] and answer["progress"]["percent"] == 100
    told = [client.post("/v1/evaluate", json={**full, "facts": each}).get_json()["results"] for each in (facts, full["facts"])]
    for scheme in told[0]:
        assert [each[scheme]["status"] for each in told] == [answer["results"][scheme]["status"]] * 2
        assert told[0][scheme]["benefits"] == told[1][scheme]["benefits"]


def test_an_unknown_name_is_refused_with_its_place(client: FlaskClient) -> None:
    response = ask(client, {**career(), "left_out": ["sex", "sexx"]})
    assert response.status_code == 422
    assert [(each["pointer"], each["code"]) for each in response.get_json()["errors"]] == [("/left_out/1", "unknown_name")]
    response = ask(client, {**career(), "left_out": ["sex"]})
    assert [(each["pointer"], each["code"]) for each in response.get_json()["errors"]] == [("/left_out/0", "stated_too")]


@settings(BOUNDED, max_examples=200)
@given(bodies | likely, st.none() | anything | st.lists(names | st.sampled_from(["sex", "birth_date", "account_balance"]), max_size=4))
def test_no_body_breaks_it(app: Flask, body: dict[str, Any], left_out: Any) -> None:
    body.pop("trace", None)
    response = ask(app.test_client(), body if left_out is None else {**body, "left_out": left_out})
    assert response.status_code in (200, 400, 422), (response.status_code, body)
    if response.status_code != 200:
        assert response.mimetype == "application/problem+json"
        assert response.json["errors"]
