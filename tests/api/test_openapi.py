"""The OpenAPI document is valid, says what the fact dictionary says, and its examples run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app.advice import CALLS, Call
from app.api.render_rules import render_scheme
from app.engine import explain
from app.language import load_rulebook
from tests.conftest import HEAD, NAME, TODAY, ask, write
from tests.engine.test_rows import BODY, FACTS

from .conftest import career, post


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/openapi.json").json
    return found


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_it_describes_every_address(document: dict[str, Any], app: Flask) -> None:
    routes = {rule.rule.replace("<name>", "{id}").replace("<file>", "{file}") for rule in app.url_map.iter_rules()}
    assert set(document["paths"]) == routes


def test_facts_come_from_the_dictionary(document: dict[str, Any]) -> None:
    facts = document["components"]["schemas"]["Facts"]
    assert facts["additionalProperties"] is False
    assert facts["properties"]["sex"]["enum"] == ["male", "female"]
    balance = facts["properties"]["account_balance"]
    assert (balance["type"], balance["pattern"], balance["x-unit"], balance["minimum"]) == (
        ["string", "integer"],
        r"^-?[0-9]{1,15}(\.[0-9]{1,2})?$",
        "CNY",
        0,
    )
    records = facts["properties"]["contribution_records"]
    assert records["maxItems"] == 60
    assert records["items"]["required"] == ["year", "months"]
    assert records["items"]["anyOf"] == [{"required": ["index"]}, {"required": ["base"]}]


def test_the_request_has_its_defaults_and_bounds(document: dict[str, Any]) -> None:
    request = document["components"]["schemas"]["Request"]
    assert request["required"] == ["schemes"]
    assert request["additionalProperties"] is False
    assert request["properties"]["trace"]["default"] == "summary"
    assert request["properties"]["region"]["default"] == "000000"
    assert request["properties"]["schemes"]["maxItems"] == 60


def test_examples_run_and_answers_are_as_described(document: dict[str, Any], client: FlaskClient) -> None:
    examples = document["paths"]["/v1/evaluate"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    bodies = [each["value"] for each in examples.values()]
    assert len(bodies) == 3
    for body in [*bodies, career(), career(trace="full"), career(facts={}), career(given={"contribution_months": "1"})]:
        response = post(client, body)
        assert response.status_code == 200, response.text
        check(document, "Answer", response.json)
        check(document, "Request", body)
    check(document, "Problem", post(client, {"schemes": []}).json)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_the_example_of_an_advice_call_runs(document: dict[str, Any], client: FlaskClient, call: Call) -> None:
    content = document["paths"][f"/v1/{call.name}"]["post"]["requestBody"]["content"]["application/json"]
    (body,) = [each["value"] for each in content["examples"].values()]
    check(document, content["schema"]["$ref"].rpartition("/")[2], body)
    response = client.post(f"/v1/{call.name}", json=body, headers={"Accept-Language": "en"})
    assert response.status_code == 200, response.text
    check(document, content["schema"]["$ref"].rpartition("/")[2].replace("Request", "Answer"), response.json)
    assert client.post(f"/v1/{call.name}", json={}).status_code == 422
def test_answers_with_tables_are_as_described(document: dict[str, Any], tmp_path: Path) -> None:
    rulebook = load_rulebook(write(tmp_path, {"a.yaml": HEAD + BODY}))
    check(document, "Answer", explain(ask(rulebook, facts=FACTS), "en", "full"))
    check(document, "Answer", explain(ask(rulebook), "zh", "summary"))
    rendered = render_scheme(rulebook.at(TODAY).schemes[NAME], "en")
    check(document, "Scheme", {"as_of": "2025-06-01", "region": "000000", "reforms": [], "release": "x", **rendered})
    units = {each["name"]: each.get("units") for each in (*rendered["definitions"], *rendered["benefits"])}
    assert units == {"yearly": {"paid": "month", "amount": "CNY"}, "as_reported": {"paid": "month"}, "years": None, "first": {"amount": "CNY/month"}, "table": {"amount": "CNY"}}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/schemes?as_of=2026-03-01", "Schemes"),
        ("/v1/schemes/pension.small?as_of=2026-03-01&region=110000", "Scheme"),
        ("/v1/facts", "FactDictionary"),
        ("/v1/releases", "Releases"),
        ("/", "Index"),
        ("/healthz", "Status"),
    ],
)
def test_other_answers_are_as_described(document: dict[str, Any], client: FlaskClient, path: str, name: str) -> None:
    check(document, name, client.get(path).json)


def check(document: dict[str, Any], name: str, value: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    faults = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(value)]
    assert faults == []
