"""What a call of this room is: its name, the fields of its body beside the case's, and its answer; and the desk it is asked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.engine import Engine, Language, Request
from app.intake import DEFAULT_LIMITS, ExtendedReader, JsonLimits, RequestReader, TypedField
from app.language import Rulebook
from app.releases import Releases

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, `POST /v1/<name>`; the service, the command line and the OpenAPI document are made from this.

    `fields` are those of the body beside the case's own, `without` fields of a case that it does not take. `fill` gives fields of a case that
    a body may leave out. `answer` takes
    the case and every own field's value; it raises InputError on a question that has no answer. `example` is a body that
    runs under the rulebook, made of one that evaluates. `shape` is the answer as JSON Schema. `across` answers a body that
    asks more than the one release of its desk, and gives None of any other.
    """

    name: str
    summary: str
    fields: Callable[[Rulebook], Mapping[str, TypedField]]
    answer: Callable[[Engine, Request, Mapping[str, Any], Language], Json]
    example: Callable[[Rulebook, Json], Json]
    shape: Json
    without: tuple[str, ...] = ("trace",)
    fill: Callable[[Rulebook], Json] = lambda _: {}
    across: Callable[[Desk, Any, Desks, Language], Json | None] | None = None

    def reader(self, cases: RequestReader, rulebook: Rulebook) -> ExtendedReader:
        return ExtendedReader(cases, self.fields(rulebook), self.without, self.fill(rulebook))

    def ask(self, value: Any, desks: Desks, language: Language) -> Json:
        """Answer a body that is JSON values, by the release it names. Raises InputError, Incident."""
        desk, value = desks.asked(value)
        found = None if self.across is None else self.across(desk, value, desks, language)
        if found is not None:
            return found
        asked = desk.reader_of(self).read_value(value)
        return self.answer(desk.engine, asked.request, asked.own, language)


class Desk:
    """One release at work: its engine and the readers of bodies. What one desk keeps, no other sees. Safe to share between threads."""

    def __init__(self, rulebook: Rulebook, limits: JsonLimits = DEFAULT_LIMITS, *, engine: Engine | None = None) -> None:
        self.rulebook = rulebook
        self.engine = engine or Engine(rulebook)
        self.cases = RequestReader(rulebook, limits)
        self._readers: dict[str, ExtendedReader] = {}

    @property
    def release(self) -> str:
        return self.rulebook.release

    def reader_of(self, call: Call) -> ExtendedReader:
        """The reader of a call's bodies, made when first asked for."""
        if call.name not in self._readers:
            self._readers[call.name] = call.reader(self.cases, self.rulebook)
        return self._readers[call.name]


Desks = Releases[Desk]
