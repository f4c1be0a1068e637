"""The application over the small rules, with its logs kept for reading."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api import Settings, create_app
from app.jobs import JobLimits
from app.jobs.store import JobStore
from app.releases import ReleaseSettings

SMALL_RULES = Path(__file__).resolve().parents[1] / "data" / "rules_small"
TRACE_ID = "test-request-1"


@pytest.fixture(scope="session")
def log_stream() -> io.BytesIO:
    return io.BytesIO()


@pytest.fixture(scope="session")
def app(log_stream: io.BytesIO, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    # No slot is free and none may wait: what schemathesis asks to be simulated is refused with a 429.
    limits = JobLimits(folder=tmp_path_factory.mktemp("simulations"), max_queued=0)
    with JobStore(limits).locked(0) as lock:
        assert lock is not None
        yield create_app(Settings(rules=SMALL_RULES, simulations=limits, releases=ReleaseSettings(tmp_path_factory.mktemp("kept"))), log_stream=log_stream)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def career(**changed: Any) -> dict[str, Any]:
    """A body that is answered; `changed` replaces members of it."""
    records = [{"year": 2000 + index, "months": 12, "index": "1.1000"} for index in range(25)]
    facts = {"sex": "male", "birth_date": "1965-05-12", "claim_date": "2025-08-31", "account_balance": "182345.60", "contribution_records": records}
    return {"as_of": "2026-03-01", "schemes": ["pension.small"], "facts": {**facts, "deemed_contribution_months": 60}, **changed}


def post(client: FlaskClient, body: Any, language: str = "en", **options: Any) -> Any:
    """POST /v1/evaluate; `body` is bytes or what JSON can hold."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Accept-Language": language, "X-Request-Id": TRACE_ID}
    return client.post("/v1/evaluate", data=data, headers=headers, **{"content_type": "application/json", **options})


def problem(kind: str, title: str, status: int, detail: str, *errors: tuple[str, str, str]) -> dict[str, Any]:
    """The problem document that is expected."""
    return {
        "type": f"urn:shebao:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:shebao:request:{TRACE_ID}",
        "errors": [{"pointer": pointer, "code": code, "detail": text} for pointer, code, text in errors],
    }
