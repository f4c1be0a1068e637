"""POST /v1/evaluate: one case, decided and explained."""

from __future__ import annotations

from flask import Blueprint, Response

from app.engine import answer_json

from .advice import asked_body
from .answers import json_bytes
from .languages import language_of_request

blueprint = Blueprint("evaluation", __name__)


@blueprint.post("/v1/evaluate")
def evaluate() -> Response:
    """Read the body, evaluate, explain. InputError and Incident become problem documents in `errors`."""
    desk, value = asked_body()
    case, trace = desk.cases.read_value(value)
    return json_bytes(answer_json(desk.engine.evaluate(case), language_of_request(), trace))
