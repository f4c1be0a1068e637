"""The trace: one line for every definition, parameter and fact that took part, each with its law.

The summary is for reading (a list shows its length and ends, a series its first and last key, a source its
number and article, an expression names what it was computed from; only definitions have one, only facts have
no source); the full trace has every item, every row of a series with its standing, every source in full, the
kind of each line and the edges of the graph. Lines are written as JSON at
once: what does not depend on the case is kept per program as text, and the case's values are put in.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from app.language import DefinitionVersion, Source, ir
from app.language.model import CarryClause, DecisionClause, Text

from .case import UNSET, Reading
from .evaluate import Evaluation
from .numbers import show
from .request import Language
from .shape import Closure
from .values import Json, cite, render_source, render_value, unit_of, units_of
from .walk import Walk

_LISTS = (list, tuple)


def trace_json(roots: tuple[int, ...], scheme: str, evaluation: Evaluation, walk: Walk, language: Language, *, full: bool) -> list[bytes]:
    """The trace of what the roots were computed from: facts, parameters, definitions as computed, the parts of a JSON list to be joined.

    The summary leaves out conditions, which stand beside it with their values and law, and ends at another
    scheme's result: that scheme's own trace, or the full one, has what stands behind it.
    """
    writer = _Writer(evaluation, walk, language, full, scheme)
    outline = walk.outline(scheme)
    kept: _Lines | None = outline.get(("lines", roots, language, full))
    if kept is None:
        kept = outline["lines", roots, language, full] = _lines(walk.reach(roots, scheme), scheme, evaluation, walk, writer, full)
    facts = evaluation.case.facts
    parts: list[bytes] = []
    for fact in kept.facts:
        if facts.get(fact) is not None:
            parts += (b",", writer.fact(fact))
    for parameter in kept.parameters:
        parts += (b",", writer.parameter(parameter))
    for line in kept.definitions:
        writer.definition(line, parts)
    return [b"[", *parts[1:], b"]"]


@dataclass(frozen=True, slots=True)
class _Line:
    """A definition's line but for the case's values: they go after `head`, and (what was rounded) after `rounding`.

    `unknown` is the whole line where the value is unknown.
    """

    number: int
    unknown: bytes
    head: bytes
    tail: bytes
    rounding: bytes | None
    rounded: bytes
    end: bytes


@dataclass(frozen=True, slots=True)
class _Lines:
    """What a trace has lines for."""

    facts: tuple[str, ...]
    parameters: tuple[int, ...]
    definitions: tuple[_Line, ...]


def _lines(reached: set[int], scheme: str, evaluation: Evaluation, walk: Walk, writer: _Writer, full: bool) -> _Lines:
    definitions, closure = evaluation.program.definitions, Closure.of(evaluation.program, scheme)
    shown: dict[int, None] = {}
    parameters: dict[int, None] = {}
    facts: dict[str, None] = {}
    for number in closure.definitions if full else closure.own:
        if number in reached:
            used = walk.used(number)
            shown |= dict.fromkeys([number, *used.definitions])
            parameters |= dict.fromkeys(used.parameters)
            facts |= dict.fromkeys(used.facts)
    written = [number for number in closure.definitions if number in shown and (full or definitions[number].kind != "condition")]
    return _Lines(tuple(facts), tuple(parameters), tuple(map(writer.line, written)))


class _Writer:
    """Writes the lines of one evaluation in one language."""

    def __init__(self, evaluation: Evaluation, walk: Walk, language: Language, full: bool, scheme: str) -> None:
        self._evaluation = evaluation
        self._program = evaluation.program
        self._case = evaluation.case
        self._walk = walk
        self._language = language
        self._full = full
        self._home = scheme
        self._templates = self._program.kept.presentation((self._home, language, full))
        self._rows = walk.rows

    def _label(self, name: ir.Name) -> str:
        return name.local if name.scheme == self._home else str(name)

    def _law(self, source: Source) -> Any:
        return render_source(source) if self._full else cite(source)

    # -- facts and parameters -----------------------------------------------------------------

    def fact(self, name: str) -> bytes:
        line: Json = {"id": name, "value": self._shown(self._case.facts[name])}
        if self._full:
            line["kind"] = "fact"
            line["title"] = self._evaluation.facts.facts[name].title.in_language(self._language)
        return orjson.dumps(line)

    def parameter(self, number: int) -> bytes:
        """One line: the value read (or the keys of a series), by which law and which line of which file."""
        readings = self._walk.readings(number)
        # Only rows found by their very key: what a step function was asked for may be anything.
        if len(readings) == 1 and readings[0][1].row is not None and self._program.parameters[number].match == "exact":
            kept: bytes | None = self._templates.get(("reading", number, readings[0][0]))
            if kept is None:
                kept = self._templates["reading", number, readings[0][0]] = self._parameter_line(number, readings)
            return kept
        return self._parameter_line(number, readings)

    def _parameter_line(self, number: int, readings: list[tuple[Any, Reading]]) -> bytes:
        parameter = self._program.parameters[number]
        line = self._parameter_template(number)
        if parameter.bands:
            line["bands"] = [{"above": render_value(band.above), "rate": render_value(band.rate)} for band in parameter.bands]
        elif len(readings) == 1:
            line |= self._reading(*readings[0])
        elif readings:
            line |= self._series(readings)
        standing = self._walk.parameter_standing(number)
        if standing:
            line["standing"] = standing.word
        if "source" not in line:
            line["source"] = self._law(parameter.clause.source)
            line["file"] = str(parameter.clause.place)
        return orjson.dumps(line)

    def _parameter_template(self, number: int) -> Json:
        parameter = self._program.parameters[number]
        template: Json = {"id": self._label(parameter.name), "title": parameter.title.in_language(self._language)}
        if self._full:
            template["kind"] = "parameter"
        unit = unit_of(parameter.type)
        if unit is not None and unit != "1":
            template["unit"] = unit
        return template

    def _reading(self, key: Any, reading: Reading) -> Json:
        line: Json = {} if key is None else {"key": render_value(key)}
        line["value"] = render_value(reading.value)
        if reading.row is not None:
            return line | {"source": self._law(reading.row.source), "file": str(reading.row.place)}
        return line | {"given" if reading.given else "assumed": True}

    def _series(self, readings: list[tuple[Any, Reading]]) -> Json:
        if self._full:
            return {"values": [{**self._reading(key, reading), "standing": reading.standing.word} for key, reading in readings]}
        return {"keys": f"{render_value(readings[0][0])}..{render_value(readings[-1][0])}", "count": len(readings)}

    # -- definitions --------------------------------------------------------------------------

    def definition(self, line: _Line, parts: list[bytes]) -> None:
        """One line: what it is, its value, how it was computed, from what, by which law and which line of which file."""
        number = line.number
        value = self._case.memo[number]
        if value is None and not self._full and number not in self._rows:
            parts += (b",", line.unknown)
            return
        if type(value) is Decimal:
            parts += (b",", line.head, b'"', show(value).encode(), b'"', line.tail)
        else:
            parts += (b",", line.head, orjson.dumps(self._shown(value)), line.tail)
        if line.rounding is not None:
            before = self._case.before_rounding.get(number)
            if before is not None and (self._full or before != value):
                parts += (line.rounding, show(before).encode(), line.rounded)
        if number in self._rows:
            parts += (b',"rows":', orjson.dumps(self._rows[number]))
        if self._full:
            parts.append(self._more(number, self._walk.version(number)))
        parts.append(line.end)

    def line(self, number: int) -> _Line:
        """A definition's line but for the values of the case."""
        key = "line", number, self._walk.version_index(number), number in self._case.given, self._walk.standing(number)
        kept: _Line | None = self._templates.get(key)
        if kept is None:
            kept = self._templates[key] = self._template(number)
        return kept

    def _template(self, number: int) -> _Line:
        definition = self._program.definitions[number]
        version = self._walk.version(number)
        head: Json = {"id": self._label(definition.name)}
        if self._full:
            head["kind"] = definition.kind
        head["title"] = definition.title.in_language(self._language)
        tail: Json = {}
        unit, units = unit_of(definition.type), units_of(definition.type)
        if unit is not None and unit != "1":
            tail["unit"] = unit
        if units:
            tail["units"] = units
        rounding, rounded, end = None, b"", b"}"
        if number in self._case.given:
            tail["given"] = True
        else:
            tail["expression"] = expression_text(version.lowered.clause.body)
            tail["source"] = self._law(version.source)
            tail["file"] = str(version.lowered.clause.place)
            if version.rounding is not None:
                rounding = b',"rounding":{"before":"'
                rounded = b'",' + orjson.dumps({"to": str(version.rounding.step), "mode": version.rounding.mode})[1:]
            standing = self._walk.standing(number)
            end = (b',"standing":' + orjson.dumps(standing.word) if standing else b"") + b"}"
        start, rest = orjson.dumps(head)[:-1], orjson.dumps(tail)[1:-1]
        head_text, tail_text = start + b',"value":', b"," + rest if tail else b""
        return _Line(number, head_text + b"null" + tail_text + end, head_text, tail_text, rounding, rounded, end)

    def _sources_of(self, number: int) -> list[str]:
        """The names of what the wording and the guards before it were computed from."""
        used = self._walk.used(number)
        rules = [self._program.definitions[each].name for each in used.definitions]
        rules += [self._program.parameters[each].name for each in used.parameters]
        return [*map(self._label, rules), *used.facts]

    def _more(self, number: int, version: DefinitionVersion) -> bytes:
        """What only the full trace shows: the version applied and those passed over, rounding's own law, atoms."""
        if number in self._case.given:
            return b""
        more: Json = {"from": self._sources_of(number), "version": str(version.file.id), "own_standing": version.lowered.clause.standing.word}
        if version.rounding is not None and version.rounding_source is not None and number in self._case.before_rounding:
            more["rounding_source"] = render_source(version.rounding_source)
            more["rounding_file"] = str(version.rounding.place)
        passed = self._walk.version_index(number)
        if passed:
            more["not_applied"] = [str(each.file.id) for each in self._program.definitions[number].versions[:passed]]
        sides = self._case.sides.get(number)
        if sides is not None:
            more["atoms"] = [None if pair is None else [render_value(pair[0]), render_value(pair[1])] for pair in sides]
        return b"," + orjson.dumps(more)[1:-1]

    def _shown(self, value: Any) -> Any:
        if value is UNSET:
            return None
        if isinstance(value, _LISTS) and not self._full:
            if value and not isinstance(value[0], dict):
                return {"count": len(value), "first": render_value(value[0]), "last": render_value(value[-1])}
            return {"count": len(value)}
        return render_value(value)


def expression_text(body: Any) -> str:
    """A definition's body on one line, as its file states it."""
    if isinstance(body, Text):
        return " ".join(body.text.split())
    if isinstance(body, DecisionClause):
        return f"decide by {', '.join(text.text for text in body.inputs)} ({body.hit})"
    if isinstance(body, CarryClause):
        return f"carry each {body.variable} in {body.over.text}: from {body.start.text}, next {' '.join(body.next.text.split())}"
    return ""

