"""POST /v1/evaluate: one case, decided and explained."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from app import __version__
from app.engine import explain

from .answers import json_answer
from .languages import language_of_request
from .service import service

blueprint = Blueprint("evaluation", __name__)


@blueprint.post("/v1/evaluate")
def evaluate() -> Response:
    """Read the body, evaluate, explain. InputError and Incident become problem documents in `errors`."""
    if request.mimetype != "application/json" or request.environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
        raise UnsupportedMediaType
    served = service()
    case, trace = served.reader.read(request.get_data(cache=False))
    evaluation = served.engine.evaluate(case)
    return json_answer({**explain(evaluation, language_of_request(), trace), "engine": __version__})
