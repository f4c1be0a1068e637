"""POST /v1/evaluate: one case, decided and explained."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from app.engine import answer_json

from .answers import json_bytes
from .languages import language_of_request
from .service import service

blueprint = Blueprint("evaluation", __name__)


@blueprint.post("/v1/evaluate")
def evaluate() -> Response:
    """Read the body, evaluate, explain. InputError and Incident become problem documents in `errors`."""
    environ = request.environ
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind != "application/json" or environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedMediaType
    served = service()
    case, trace = served.reader.read(request.get_data(cache=False))
    evaluation = served.engine.evaluate(case)
    return json_bytes(answer_json(evaluation, language_of_request(), trace))
