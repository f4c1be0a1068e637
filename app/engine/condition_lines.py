"""The conditions of a scheme as an answer shows them: met or not, the values that decided it, the sentence, the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import NoneType
from typing import Any

import orjson

from app.language import DefinitionVersion, YearMonth, ir
from app.language.types import DateType, MonthType, NumberType

from .compiled import PlannedCondition, Unit
from .conditions import Atom, deciding
from .evaluate import Evaluation, Outcome
from .numbers import show
from .request import Language
from .values import Json, render_source, render_value, unit_of
from .walk import Walk
from .why_not import Reasons

# Values of which there are few: a line with no other is the same for everybody of its shape.
_FEW = (NoneType, bool, str)
_KEPT_LINES = 500


def render_unmet(outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> list[tuple[PlannedCondition, Json]]:
    """The conditions of a scheme that are not met, with their lines, in order."""
    writer = _Writer(outcome, evaluation, walk, language)
    return [(each, writer.line(each)) for each, met in zip(outcome.plan.conditions, outcome.truths, strict=True) if met is False]


def conditions_json(outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> list[Json | orjson.Fragment]:
    """The conditions of a scheme in order, each that is not met or open with its sentence; a line that many share is made once."""
    writer = _Writer(outcome, evaluation, walk, language)
    outline = walk.outline(outcome.scheme)
    lines: list[Json | orjson.Fragment] = []
    for each in outcome.plan.conditions:
        key = _shared(each, evaluation, language)
        kept: Json | orjson.Fragment | None = None if key is None else outline.get(key)
        if kept is None:
            kept = writer.line(each)
            if key is not None and len(outline) < _KEPT_LINES:
                kept = outline[key] = orjson.Fragment(orjson.dumps(kept))
        lines.append(kept)
    return lines


def _shared(condition: PlannedCondition, evaluation: Evaluation, language: Language) -> tuple[Any, ...] | None:
    """What the line of a condition depends on beside the shape, where that is little; None where it names values of the case."""
    number = condition.unit.number
    sides = evaluation.case.sides.get(number)
    if sides is None:
        return "condition", number, language, evaluation.case.memo[number]
    chosen, _ = evaluation.case.decided[number]
    if (number, chosen) in evaluation.shortfalls or (number, chosen) in evaluation.named:
        return None
    for pair in sides:
        if pair is not None and not (type(pair[0]) in _FEW and type(pair[1]) in _FEW):
            return None
    return "condition", number, language, sides


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is shown of a comparison but for its two values; `line` has them as null, and `margin` where there is one."""

    index: int
    line: Json
    has_right: bool
    has_margin: bool


@dataclass(frozen=True, slots=True)
class _Skeleton:
    """The line of a condition but for values: `line` whole where one comparison decides it (`alone`), else without its `parts`."""

    line: Json
    atoms: tuple[_Atom, ...]
    alone: _Atom | None


class _Writer:
    """Writes the lines of one scheme's conditions."""

    def __init__(self, outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> None:
        self._evaluation = evaluation
        self._walk = walk
        self._language = language
        self._outline = walk.outline(outcome.scheme)
        self._reasons = Reasons(outcome, evaluation, walk, language)

    def line(self, planned: PlannedCondition) -> Json:
        """A condition with the values that decided it, and why it is not met or open."""
        number = planned.unit.number
        skeleton: _Skeleton | None = self._outline.get(("skeleton", number, self._language))
        if skeleton is None:
            skeleton = self._outline["skeleton", number, self._language] = self._skeleton(planned)
        line = skeleton.line.copy()
        line["met"] = met = self._evaluation.case.memo[number]
        sides = self._evaluation.case.sides.get(number)
        if sides is not None:
            if skeleton.alone is not None:
                _fill(line, skeleton.alone, sides)
            else:
                line["parts"] = [_fill(each.line.copy(), each, sides) for each in skeleton.atoms]
            line["shortfall"] = render_value(self._evaluation.shortfalls.get((number, self._walk.version_index(number)))) if met is False else None
        if not met:
            self._reasons.add(line, planned)
        return line

    def _skeleton(self, planned: PlannedCondition) -> _Skeleton:
        unit = planned.unit
        line = _condition_template(unit, self._walk.version(unit.number), self._language)
        decided = self._walk.decided(unit.number)
        if decided is None or unit.conditional is None:
            line["given"] = True
            return _Skeleton(line, (), None)
        chosen, truths = decided
        atoms = tuple(_atom(unit.conditional.atoms[each], truths[each]) for each in deciding(unit.conditional.versions[chosen][1], truths))
        if len(atoms) != 1:
            return _Skeleton(line, atoms, None)
        line |= {name: value for name, value in atoms[0].line.items() if name != "holds"}
        return _Skeleton(line, atoms, atoms[0])


def _fill(line: Json, atom: _Atom, sides: tuple[tuple[Any, Any] | None, ...]) -> Json:
    """Put the values of a comparison into its line."""
    pair = sides[atom.index]
    if pair is not None:
        line["left"] = render_value(pair[0])
        if atom.has_right:
            line["right"] = render_value(pair[1])
        if atom.has_margin:
            line["margin"] = _margin(*pair)
    return line


def _condition_template(unit: Unit, version: DefinitionVersion, language: Language) -> Json:
    return {
        "id": unit.definition.name.local,
        "title": unit.definition.title.in_language(language),
        "met": None,
        "source": orjson.Fragment(orjson.dumps(render_source(version.source))),
        "file": str(version.lowered.clause.place),
    }


def _atom(atom: Atom, truth: bool | None) -> _Atom:
    line: Json = {"holds": truth, "left": None}
    if atom.op is None:
        return _Atom(atom.index, line, has_right=False, has_margin=False)
    line |= {"op": atom.op, "right": None}
    unit, required = unit_of(atom.left.type), _name_of(atom.right)
    if unit is not None:
        line["unit"] = unit
    has_margin = truth is not None and atom.op not in ("=", "!=") and isinstance(atom.left.type, NumberType | DateType | MonthType)
    if has_margin:
        line["margin"] = None
    if required is not None:
        line["required_by"] = required
    return _Atom(atom.index, line, has_right=True, has_margin=has_margin)


def _margin(left: Any, right: Any) -> str:
    """Left minus right: a number in its unit, days between dates, months between months."""
    if isinstance(left, YearMonth):
        return f"{int(left) - int(right)} month"
    if isinstance(left, date):
        return f"{(left - right).days} day"
    return show(left - right)


def _name_of(expr: ir.Expr | None) -> str | None:
    return str(expr.name) if isinstance(expr, ir.ParameterAt | ir.DefinitionRef) else None


