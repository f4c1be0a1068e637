"""What those who run the service ask: is it alive, is it ready, what can it be asked."""

from __future__ import annotations

from flask import Blueprint, Response

from app import __version__
from app.advice import CALLS

from .answers import NOT_READY, cached_answer, json_answer, problem
from .service import service

blueprint = Blueprint("operation", __name__)

ADDRESSES = {
    "schemes": "/v1/schemes",
    "scheme": "/v1/schemes/{id}",
    "facts": "/v1/facts",
    "evaluate": "/v1/evaluate",
    "evaluate_batch": "/v1/evaluate/batch",
    **{call.name.replace("-", "_").replace("/", "_"): f"/v1/{call.name}" for call in CALLS},
    "notice": "/v1/notice",
    "releases": "/v1/releases",
    "simulations": "/v1/simulations",
    "simulation": "/v1/simulations/{id}",
    "simulation_report": "/v1/simulations/{id}/report",
    "simulation_file": "/v1/simulations/{id}/files/{file}",
    "openapi": "/openapi.json",
    "alive": "/healthz",
    "ready": "/readyz",
}


@blueprint.get("/")
def index() -> Response:
    served = service()
    return cached_answer(served.release, (), lambda _: {"name": "shebao", "engine": __version__, "release": served.release, "addresses": ADDRESSES})


@blueprint.get("/openapi.json")
def openapi() -> Response:
    served = service()
    return cached_answer(served.release, (), lambda _: served.openapi, language="en")


@blueprint.get("/healthz")
def alive() -> Response:
    return json_answer({"status": "ok"})


@blueprint.get("/readyz")
def ready() -> Response:
    """503 until (and unless) the self-test at start-up has passed."""
    if service().ready:
        return json_answer({"status": "ready"})
    return problem(NOT_READY, "启动自检未通过，请勿向本进程发送请求。", "The self-test at start-up has not passed; send this process no requests.")
