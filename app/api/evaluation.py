"""POST /v1/evaluate: one case, decided and explained."""

from __future__ import annotations

from flask import Blueprint, Response

from app.engine import answer_json

from .advice import json_body
from .answers import json_bytes
from .languages import language_of_request
from .service import service

blueprint = Blueprint("evaluation", __name__)


@blueprint.post("/v1/evaluate")
def evaluate() -> Response:
    """Read the body, evaluate, explain. InputError and Incident become problem documents in `errors`."""
    served = service()
    case, trace = served.reader.read(json_body())
    evaluation = served.engine.evaluate(case)
    return json_bytes(answer_json(evaluation, language_of_request(), trace))
