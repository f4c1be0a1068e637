"""The service as it is run: gunicorn with the project's own configuration, on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from .conftest import career
from .serving import Serving, is_ready, request, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("gunicorn")) as found:
        yield found


def test_a_case_over_the_wire(server: Serving) -> None:
    for _ in range(10):
        status, body = request(server.port, "POST", "/v1/evaluate", json.dumps(career()).encode())
        assert status == 200
        assert json.loads(body)["results"]["pension.small"]["benefits"]["monthly_pension"]["value"] == "3831.84"
    status, body = request(server.port, "POST", "/v1/evaluate", b'{"schemes": NaN}')
    assert (status, json.loads(body)["errors"][0]["code"]) == (400, "not_a_number")
    assert "182345" not in server.log.read_text()


def test_a_body_too_large_over_the_wire(server: Serving) -> None:
    status, body = request(server.port, "POST", "/v1/evaluate", b"9" * 300_000)
    assert (status, json.loads(body)["title"]) == (413, "The request body is too large")
    assert is_ready(server.port)
