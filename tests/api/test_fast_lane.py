"""The fast lane gives what Flask gives: the same body and headers, and every fault to Flask."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BODY = (Path(__file__).parents[2] / "bench" / "evaluate_25_years.json").read_bytes()


@pytest.fixture(scope="module")
def real_client() -> FlaskClient:
    from app.api import Settings, create_app

    return create_app(Settings(self_test=False), log_stream=io.BytesIO()).test_client()


def through_flask(client: FlaskClient, body: bytes, headers: dict[str, str]) -> TestResponse:
    """A body without its length is not for the fast lane."""
    return client.post(
        "/v1/evaluate",
        input_stream=io.BytesIO(body),
        content_type="application/json",
        headers=headers,
        environ_overrides={"wsgi.input_terminated": True},
    )


def fast(client: FlaskClient, body: bytes, headers: dict[str, str]) -> TestResponse:
    return client.post("/v1/evaluate", data=body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("language", ["zh", "en", "fr, en;q=0.5"])
def test_the_same_answer(real_client: FlaskClient, language: str) -> None:
    headers = {"Accept-Language": language, "X-Request-Id": "the-same-request"}
    slow, quick = through_flask(real_client, BODY, headers), fast(real_client, BODY, headers)
    assert quick.status_code == slow.status_code == 200
    assert quick.data == slow.data
    assert sorted(quick.headers) == sorted(slow.headers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"schemes": ["pension.employee"], "schemes": []}',
        json.dumps(json.loads(BODY) | {"region": "999999"}).encode(),
        json.dumps(json.loads(BODY) | {"given": {"no_such_rule": "1"}}).encode(),
    ],
)
def test_the_same_problem(real_client: FlaskClient, body: bytes) -> None:
    headers = {"X-Request-Id": "the-same-request"}
    slow, quick = through_flask(real_client, body, headers), fast(real_client, body, headers)
    assert 400 <= quick.status_code == slow.status_code < 500
    assert quick.data == slow.data
    assert quick.mimetype == "application/problem+json"


@pytest.mark.parametrize("length", ["-1", "1e3", "²", "", "999999999"])
def test_an_odd_length_is_for_flask(real_client: FlaskClient, length: str) -> None:
    answer = real_client.post("/v1/evaluate", data=BODY, content_type="application/json", environ_overrides={"CONTENT_LENGTH": length})
    assert answer.status_code in (200, 400, 413)


def test_other_methods_are_for_flask(real_client: FlaskClient) -> None:
    assert real_client.get("/v1/evaluate").status_code == 405
    assert real_client.post("/v1/evaluate", data=BODY, content_type="text/plain").status_code == 415
