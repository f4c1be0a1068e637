"""What a call of this room is: its name, the fields of its body beside the case's, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.engine import Engine, Language, Request
from app.intake import ExtendedReader, RequestReader, TypedField
from app.language import Rulebook

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, `POST /v1/<name>`; the service, the command line and the OpenAPI document are made from this.

    `fields` are those of the body beside the case's own, `without` fields of a case that it does not take. `fill` gives fields of a case that
    a body may leave out. `answer` takes
    the case and every own field's value; it raises InputError on a question that has no answer. `example` is a body that
    runs under the rulebook, made of one that evaluates. `shape` is the answer as JSON Schema.
    """

    name: str
    summary: str
    fields: Callable[[Rulebook], Mapping[str, TypedField]]
    answer: Callable[[Engine, Request, Mapping[str, Any], Language], Json]
    example: Callable[[Rulebook, Json], Json]
    shape: Json
    without: tuple[str, ...] = ("trace",)
    fill: Callable[[Rulebook], Json] = lambda _: {}

    def reader(self, cases: RequestReader, rulebook: Rulebook) -> ExtendedReader:
        return ExtendedReader(cases, self.fields(rulebook), self.without, self.fill(rulebook))
