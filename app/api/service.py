"""What every view needs, made once per application and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from flask import current_app

from app.advice import CALLS, Desk, Desks
from app.advice.notices import notice_reader
from app.batch import BatchLimits
from app.engine import Engine
from app.intake import RequestReader, simulation_schema, today_in_china
from app.jobs import JobLimits
from app.language import Rulebook

from .logs import Log

EXTENSION = "shebao"
# What tells a worker process that it works, and whether it is to go on (gunicorn.conf.py).
GO_ON = "shebao.go_on"


@dataclass(frozen=True)
class Service:
    """The desk of the running release, and all `desks` there are; `ready` says whether the self-test passed.

    `rules` is the folder the running rulebook was read from, `simulations` how much of them is done for those who ask,
    `batch` how much a batch may ask. Whatever depends on the rules is kept by a desk, or by the name of its release.
    """

    desk: Desk
    desks: Desks
    log: Log
    ready: bool
    rules: Path
    simulations: JobLimits
    batch: BatchLimits

    @property
    def rulebook(self) -> Rulebook:
        return self.desk.rulebook

    @property
    def engine(self) -> Engine:
        return self.desk.engine

    @property
    def reader(self) -> RequestReader:
        return self.desk.cases

    @property
    def release(self) -> str:
        return self.desk.release

    @cached_property
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, built when first asked for: a worker that answers cases need not wait for it."""
        from .openapi import build_document

        simulation = simulation_schema(self.rulebook, self.simulations.max_size, today_in_china)
        advice = {call.name: self.desk.reader_of(call).shape() for call in CALLS}
        return build_document(self.rulebook, self.reader.schema, simulation, advice, notice_reader(self.reader).shape())


def service() -> Service:
    """The service of the application that is answering."""
    return cast(Service, current_app.extensions[EXTENSION])
