"""The calls of `app.advice`: answers beyond the number, each at /v1/<its name>."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import UnsupportedMediaType

from app.advice import CALLS, Call, Desk, telling
from app.intake import read_json

from .answers import JSON, json_answer
from .languages import language_of_request
from .service import GO_ON, service

blueprint = Blueprint("advice", __name__)


def json_body() -> bytes:
    """The body of a request that says it is JSON. Raises UnsupportedMediaType on any other."""
    kind = request.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind != JSON or request.environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedMediaType
    return request.get_data(cache=False)


def asked_body() -> tuple[Desk, Any]:
    """The desk of the release that the body names, and the body without it. Raises JsonError, InputError."""
    served = service()
    return served.desks.asked(read_json(json_body(), served.reader.limits))


def _register(call: Call) -> None:
    def view() -> Response:
        served = service()
        value = read_json(json_body(), served.reader.limits)
        with telling(current_app.extensions.get(GO_ON)):
            return json_answer(call.ask(value, served.desks, language_of_request()))

    blueprint.add_url_rule(f"/v1/{call.name}", call.name, view, methods=["POST"])


for each in CALLS:
    _register(each)
