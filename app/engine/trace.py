"""The trace: one line for every definition, parameter and fact that took part, each with its law.

The summary is for reading (a list shows its length and ends, a series its first and last key); the full
trace has every item, every row of a series with its standing, and every source in full.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.language import Source, Standing, ir
from app.language.model import CarryClause, DecisionClause, Text
from app.language.types import Type

from .case import UNSET, Reading
from .evaluate import Evaluation
from .program import condition_key
from .request import Language, TraceLevel
from .walk import Walk

Json = dict[str, Any]
RenderValue = Callable[[Any], Any]
RenderSource = Callable[[Source], Json]
RenderUnit = Callable[[Type], str | None]


def trace_lines(
    reached: set[int],
    evaluation: Evaluation,
    walk: Walk,
    language: Language,
    level: TraceLevel,
    value: RenderValue,
    source: RenderSource,
    unit: RenderUnit,
) -> list[Json]:
    """Facts first, then parameters, then definitions in the order they were computed."""
    writer = _Writer(evaluation, walk, language, level == "full", value, source, unit)
    order = [number for number in evaluation.case.order if number in reached]
    parameters = dict.fromkeys(parameter for number in order for parameter in walk.used(number).parameters)
    facts = dict.fromkeys(fact for number in order for fact in walk.used(number).facts)
    return [
        *(line for fact in facts if (line := writer.fact(fact)) is not None),
        *(writer.parameter(parameter) for parameter in parameters),
        *(writer.definition(number) for number in order),
    ]


class _Writer:
    def __init__(
        self, evaluation: Evaluation, walk: Walk, language: Language, full: bool, value: RenderValue, source: RenderSource, unit: RenderUnit
    ) -> None:
        self._evaluation = evaluation
        self._program = evaluation.program
        self._case = evaluation.case
        self._walk = walk
        self._language = language
        self._full = full
        self._value = value
        self._source = source
        self._unit = unit
        self._home = {scheme for scheme in evaluation.request.schemes[:1]}

    def _label(self, name: ir.Name) -> str:
        return name.local if name.scheme in self._home else str(name)

    def _law(self, source: Source) -> Any:
        return self._source(source) if self._full else source.cite()

    # -- facts and parameters -----------------------------------------------------------------

    def fact(self, name: str) -> Json | None:
        value = self._case.facts.get(name)
        if value is None:
            return None
        line: Json = {"id": name, "kind": "fact", "value": self._shown(value)}
        if self._full:
            line["title"] = self._evaluation.facts.facts[name].title.in_language(self._language)
        return line

    def parameter(self, number: int) -> Json:
        parameter = self._program.parameters[number]
        line: Json = {"id": self._label(parameter.name), "kind": "parameter", "title": parameter.title.in_language(self._language)}
        unit = self._unit(parameter.type)
        if unit is not None and unit != "1":
            line["unit"] = unit
        readings: list[tuple[Any, Reading]] = self._walk.readings(number)  # type: ignore[assignment]
        if parameter.bands:
            line["bands"] = [{"above": self._value(band.above), "rate": self._value(band.rate)} for band in parameter.bands]
        elif len(readings) == 1:
            line |= self._reading(*readings[0], parameter.clause.place)
        elif readings:
            line |= self._series(readings)
        line |= self._standing(self._walk.parameter_standing(number))
        if "source" not in line:
            line["source"] = self._law(parameter.clause.source)
            line["file"] = str(parameter.clause.place)
        return line

    def _reading(self, key: Any, reading: Reading, place: Any) -> Json:
        line: Json = {} if key is None else {"key": self._value(key)}
        line["value"] = self._value(reading.value)
        if reading.given:
            return {**line, "given": True}
        row = reading.row
        if row is None:
            return {**line, "assumed": True}
        return {**line, "source": self._law(row.source), "file": str(row.place)}

    def _series(self, readings: list[tuple[Any, Reading]]) -> Json:
        if self._full:
            rows = []
            for key, reading in readings:
                row = self._reading(key, reading, None)
                rows.append({**row, **self._standing(reading.standing)})
            return {"values": rows}
        keys = f"{self._value(readings[0][0])}..{self._value(readings[-1][0])}"
        return {"keys": keys, "count": len(readings)}

    @staticmethod
    def _standing(standing: Standing) -> Json:
        return {} if standing == Standing.OFFICIAL else {"standing": standing.word}

    # -- definitions --------------------------------------------------------------------------

    def definition(self, number: int) -> Json:
        definition, version = self._program.definitions[number], self._walk.version(number)
        line: Json = {
            "id": self._label(definition.name),
            "kind": definition.kind,
            "title": definition.title.in_language(self._language),
            "value": self._shown(self._case.memo[number]),
        }
        unit = self._unit(definition.type)
        if unit is not None and unit != "1":
            line["unit"] = unit
        if number in self._case.given:
            return {**line, "given": True}
        line["expression"] = _expression(version.lowered.clause.body)
        used = self._walk.used(number)
        names = [self._label(self._program.definitions[each].name) for each in used.definitions]
        names += [self._label(self._program.parameters[each].name) for each in used.parameters]
        line["from"] = [*names, *used.facts]
        before = self._case.before_rounding.get(number)
        if before is not None and version.rounding is not None:
            line["rounding"] = {"before": self._value(before), "to": self._value(version.rounding.step), "mode": version.rounding.mode}
        rows = [row for owner, row in self._case.rows_hit if owner == number]
        if rows:
            line["rows"] = rows
        line |= self._standing(self._walk.standing(number))
        line["source"] = self._law(version.source)
        line["file"] = str(version.lowered.clause.place)
        if self._full:
            line |= self._more(number)
        return line

    def _more(self, number: int) -> Json:
        """What only the full trace shows: versions passed over, rounding's own law, atoms of a condition."""
        version = self._walk.version(number)
        more: Json = {"version": str(version.file.id), "own_standing": version.lowered.clause.standing.word}
        if version.rounding is not None and version.rounding_source is not None and number in self._case.before_rounding:
            more["rounding_source"] = self._source(version.rounding_source)
            more["rounding_file"] = str(version.rounding.place)
        passed = self._walk.version_index(number)
        if passed:
            more["not_applied"] = [str(each.file.id) for each in self._program.definitions[number].versions[:passed]]
        atoms = self._case.atoms.get(condition_key(number))
        if atoms is not None:
            more["atoms"] = [None if pair is None else [self._value(pair[0]), self._value(pair[1])] for pair in atoms[1]]
        return more

    def _shown(self, value: Any) -> Any:
        if value is UNSET:
            return None
        if isinstance(value, list | tuple) and not self._full:
            if value and not isinstance(value[0], dict):
                return {"count": len(value), "first": self._value(value[0]), "last": self._value(value[-1])}
            return {"count": len(value)}
        return self._value(value)


def _expression(body: Any) -> str:
    if isinstance(body, Text):
        return " ".join(body.text.split())
    if isinstance(body, DecisionClause):
        return f"decide by {', '.join(text.text for text in body.inputs)} ({body.hit})"
    if isinstance(body, CarryClause):
        return f"carry each {body.variable} in {body.over.text}: from {body.start.text}, next {' '.join(body.next.text.split())}"
    return ""
