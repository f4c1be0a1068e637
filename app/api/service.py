"""What every view needs, made once per application and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from flask import current_app

from app.advice import CALLS
from app.advice.notices import notice_reader
from app.batch import BatchLimits
from app.engine import Engine
from app.intake import ExtendedReader, RequestReader, simulation_schema, today_in_china
from app.jobs import JobLimits
from app.language import Rulebook

from .logs import Log

EXTENSION = "shebao"
# What tells a worker process that it works, and whether it is to go on (gunicorn.conf.py).
GO_ON = "shebao.go_on"


@dataclass(frozen=True)
class Service:
    """The rulebook, its engine and its reader of requests; `ready` says whether the self-test passed.

    `rules` is the folder the rulebook was read from, `simulations` how much of them is done for those who ask, `batch`
    how much a batch may ask.
    """

    rulebook: Rulebook
    engine: Engine
    reader: RequestReader
    log: Log
    ready: bool
    rules: Path
    simulations: JobLimits
    batch: BatchLimits

    @property
    def release(self) -> str:
        return self.rulebook.release

    @cached_property
    def advice(self) -> dict[str, ExtendedReader]:
        """The readers of the advice calls' bodies, by name."""
        return {call.name: call.reader(self.reader, self.rulebook) for call in CALLS}

    @cached_property
    def notices(self) -> ExtendedReader:
        """The reader of notices' bodies."""
        return notice_reader(self.reader)

    @cached_property
    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, built when first asked for: a worker that answers cases need not wait for it."""
        from .openapi import build_document

        simulation = simulation_schema(self.rulebook, self.simulations.max_size, today_in_china)
        return build_document(self.rulebook, self.reader.schema, simulation, {name: reader.shape() for name, reader in self.advice.items()}, self.notices.shape())


def service() -> Service:
    """The service of the application that is answering."""
    return cast(Service, current_app.extensions[EXTENSION])
