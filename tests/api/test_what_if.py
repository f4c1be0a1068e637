"""POST /v1/what-if: its answer, its refusals with their pointers, and bodies made to break it."""

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


def ask(client: FlaskClient, **own: Any) -> Any:
    return client.post("/v1/what-if", json={**career(), **own}, headers={"Accept-Language": "en"})


def test_an_answer(client: FlaskClient) -> None:
    answer = ask(client, goal={"status": "not_eligible"}, allowed=["deemed_contribution_months", "contribution_records", "claim_date"])
    assert answer.status_code == 200
    found = answer.json
    assert found["now"]["status"] == "eligible"
    assert {each["name"] for each in (*found["tried"], *found["left_out"])} == {"deemed_contribution_months", "contribution_records", "claim_date"}
    assert found["tried"]
    assert all(each["proven"] for each in found["tried"])
    assert "list" in {each["reason"] for each in found["left_out"]}
    for each in found["alternatives"]:
        assert each["result"]["status"] == "not_eligible"
        assert each["before"]["status"] == "eligible"


@pytest.mark.parametrize(
    ("own", "pointers"),
    [
        ({"goal": []}, ["/goal"]),
        ({"goal": {"scheme": "nothing", "statu": "eligible"}}, ["/goal/scheme", "/goal/statu"]),
        ({"goal": {"status": "undetermined"}}, ["/goal/status"]),
        ({"goal": {"benefit": "monthly_pension"}}, ["/goal"]),
        ({"goal": {"benefit": "monthly_pension", "at_least": "1", "at_most": "2"}}, ["/goal"]),
        ({"goal": {"at_least": "1"}}, ["/goal"]),
        ({"goal": {"benefit": "monthly_pension", "at_least": 1.5}}, ["/goal/at_least"]),
        ({"goal": {"benefit": "monthly_pension", "at_least": "2027-01"}}, ["/goal/at_least"]),
        ({"allowed": []}, ["/allowed"]),
        ({"allowed": ["nothing"]}, ["/allowed/0"]),
        ({"goal": None}, ["/goal"]),
    ],
)
def test_refusals(client: FlaskClient, own: dict[str, Any], pointers: list[str]) -> None:
    answer = ask(client, **own)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json["errors"]] == pointers


goals = st.fixed_dictionaries(
    {},
    optional={
        "scheme": st.just("pension.small") | anything,
        "status": st.sampled_from(["eligible", "not_eligible"]) | anything,
        "benefit": st.just("monthly_pension") | words | anything,
        "at_least": words | st.integers(-(10**20), 10**20).map(str) | anything,
        "at_most": words | anything,
    },
)
allowed = st.lists(st.sampled_from([*career()["facts"], "contribution_months", "monthly_pension", "enough_months", "wage_bands", "eligible", "x"]) | words, max_size=6)


@settings(BOUNDED, max_examples=200)
@given(st.fixed_dictionaries({"goal": goals | anything}, optional={"allowed": allowed | anything, "facts": facts}))
def test_no_body_breaks_it(app: Flask, own: dict[str, Any]) -> None:
    answer = app.test_client().post("/v1/what-if", data=json.dumps({**career(), **own}).encode(), content_type="application/json")
    assert answer.status_code in (200, 400, 422), (answer.status_code, own, answer.data)
