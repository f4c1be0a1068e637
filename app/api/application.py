"""The application factory."""

from __future__ import annotations

from time import perf_counter
from typing import BinaryIO

from flask import Flask, Response, request

from app.engine import Engine
from app.intake import JsonLimits, RequestReader
from app.language import load_rulebook

from . import evaluation, operation, rules
from .errors import register_errors
from .logs import BEGAN, TRACE_HEADER, TRACE_ID, make_log, trace_id
from .self_test import self_test
from .service import EXTENSION, Service, service
from .settings import Settings


def create_app(settings: Settings | None = None, *, engine: Engine | None = None, log_stream: BinaryIO | None = None) -> Flask:
    """Load the rules and return the application. Raises RuleError where the rules may not be used.

    `engine` replaces the one made from `settings.rules`; `log_stream` takes the logs instead of stdout.
    """
    settings = settings or Settings.from_environment()
    rulebook = engine.rulebook if engine is not None else load_rulebook(settings.rules)
    log = make_log(log_stream)
    ready = self_test(rulebook) if settings.self_test else True
    log.info("start", release=rulebook.release, tag=rulebook.tag, ready=ready)
    # No static folder: Flask would serve one from the package's own directory.
    app = Flask("shebao", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.extensions[EXTENSION] = Service(
        rulebook=rulebook,
        engine=engine or Engine(rulebook),
        reader=RequestReader(rulebook, JsonLimits(size=settings.max_body)),
        log=log,
        ready=ready,
    )
    app.before_request(_begin)
    app.after_request(_end)
    register_errors(app)
    for blueprint in (evaluation.blueprint, rules.blueprint, operation.blueprint):
        app.register_blueprint(blueprint)
    return app


def _begin() -> None:
    environ = request.environ
    environ[BEGAN] = perf_counter()
    environ[TRACE_ID] = trace_id(environ.get("HTTP_X_REQUEST_ID"))


def _end(response: Response) -> Response:
    """Name the request in the answer, and log what was asked for: the route, never the words."""
    environ, rule = request.environ, request.url_rule
    response.headers[TRACE_HEADER] = environ[TRACE_ID]
    service().log.info(
        "request",
        trace_id=environ[TRACE_ID],
        method=environ["REQUEST_METHOD"],
        route=None if rule is None else rule.rule,
        status=response.status_code,
        ms=round((perf_counter() - environ[BEGAN]) * 1000, 2),
    )
    return response
