"""The GETs of schemes under proposals: what a proposal states, and a scheme that only a proposal knows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.api import Settings, create_app
from app.releases import ReleaseSettings

from .conftest import SMALL_RULES, TRACE_ID, problem

HEADERS = {"Accept-Language": "en", "X-Request-Id": TRACE_ID}
DAY = "as_of=2026-03-01"
PROPOSAL = """
proposal: basic
in_force: {from: 2027-01-01}
source: {instrument: 改革设想}
"""
FOUNDING = (
    "scheme: pension.basic\ntitle: {zh: 国民养老金, en: Basic pension}"
    + PROPOSAL
    + """
parameters:
  basic_amount: {title: {zh: 定额（假设）, en: Flat amount (hypothetical)}, unit: CNY/month, value: 1000}
benefits:
  basic: {title: {zh: 国民养老金, en: Basic pension}, unit: CNY/month, value: basic_amount}
"""
)
AMENDING = (
    "scheme: pension.small\namends: pension.small@2006-01-01"
    + PROPOSAL
    + """
parameters:
  minimum_months: {value: 120}
"""
)


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    rules = tmp_path / "rules"
    shutil.copytree(SMALL_RULES, rules)
    (rules / "basic.yaml").write_text(FOUNDING, encoding="utf-8")
    (rules / "small_basic.yaml").write_text(AMENDING, encoding="utf-8")
    return create_app(Settings(rules=rules, releases=ReleaseSettings(tmp_path / "kept"))).test_client()


def _minimum(client: FlaskClient, query: str) -> str:
    parameters = client.get(f"/v1/schemes/pension.small?{DAY}{query}", headers=HEADERS).json["parameters"]
    value: str = next(each for each in parameters if each["name"] == "minimum_months")["rows"][0]["value"]
    return value


def test_a_proposal_is_read_as_if_it_were_law(client: FlaskClient) -> None:
    assert (_minimum(client, ""), _minimum(client, "&reforms=basic"), _minimum(client, "&reforms=")) == ("180", "120", "180")
    listed = [client.get(f"/v1/schemes?{DAY}{query}", headers=HEADERS) for query in ("", "&reforms=basic")]
    assert [[each["id"] for each in answer.json["schemes"]] for answer in listed] == [["pension.small"], ["pension.basic", "pension.small"]]
    assert [answer.json["reforms"] for answer in listed] == [[], ["basic"]]
    assert listed[0].headers["ETag"] != listed[1].headers["ETag"]
    founded = client.get(f"/v1/schemes/pension.basic?{DAY}&reforms=basic", headers=HEADERS).json
    assert (founded["parameters"][0]["title"], founded["parameters"][0]["rows"][0]["value"]) == ("Flat amount (hypothetical)", "1000")


def test_a_scheme_that_only_a_proposal_knows(client: FlaskClient) -> None:
    answer = client.get(f"/v1/schemes/pension.basic?{DAY}", headers=HEADERS)
    detail = "'pension.basic' is no law but part of a proposal: ask with reforms=basic."
    assert answer.json == problem("unknown-scheme", "There is no such scheme", 404, detail)


def test_a_proposal_that_is_not_there(client: FlaskClient) -> None:
    answer = client.get(f"/v1/schemes?{DAY}&reforms=basic,basik", headers=HEADERS)
    fault = ("/reforms/1", "unknown_reform", "there is no reform 'basik'. There are: basic, lower_minimum.")
    assert answer.json == problem("invalid-query", "The query is not valid", 400, "One thing has to be corrected.", fault)
