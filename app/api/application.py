"""The application factory."""

from __future__ import annotations

from typing import BinaryIO

from flask import Flask

from app.advice import Desk
from app.engine import Engine
from app.intake import JsonLimits
from app.language import load_rulebook

from . import advice, batch, evaluation, notices, operation, rules, simulations
from .batch_slots import BatchSlots
from .desks import open_desks
from .errors import register_errors
from .fast_lane import FastLane
from .logs import make_log
from .request_log import KnownRequest, RequestLog
from .self_test import self_test
from .service import EXTENSION, GO_ON, Service
from .settings import Settings


def create_app(settings: Settings | None = None, *, engine: Engine | None = None, log_stream: BinaryIO | None = None) -> Flask:
    """Load the rules and return the application. Raises RuleError where the rules may not be used.

    `engine` replaces the one made from `settings.rules`; `log_stream` takes the logs instead of stdout.
    """
    settings = settings or Settings.from_environment()
    rulebook = engine.rulebook if engine is not None else load_rulebook(settings.rules, remember=True)
    log = make_log(log_stream)
    ready = self_test(rulebook) if settings.self_test else True
    log.info("start", release=rulebook.release, tag=rulebook.tag, ready=ready)
    # No static folder: Flask would serve one from the package's own directory.
    app = Flask("shebao", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    limits = JsonLimits(size=settings.max_body)
    desk = Desk(rulebook, limits, engine=engine)
    served = app.extensions[EXTENSION] = Service(
        desk=desk,
        desks=open_desks(desk, settings.releases, limits, lambda: app.extensions.get(GO_ON, bool)(), proved=settings.self_test),
        log=log,
        ready=ready,
        rules=settings.rules,
        simulations=settings.simulations,
        batch=settings.batch,
    )
    # Before the workers are forked, who then share them.
    app.extensions[batch.SLOTS] = BatchSlots(settings.batch.at_once)
    app.request_class = KnownRequest
    app.wsgi_app = RequestLog(FastLane(app.wsgi_app, served, settings.max_body), log)  # type: ignore[method-assign]
    register_errors(app)
    parts = (evaluation, batch, advice, notices, rules, simulations, operation)
    for blueprint in (part.blueprint for part in parts):
        app.register_blueprint(blueprint)
    return app
