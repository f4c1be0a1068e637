"""The conditions of a scheme as an answer shows them: met or not, the values that decided it, the sentence, the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import NoneType
from typing import Any

import orjson

from app.language import DefinitionVersion, YearMonth, ir

from .compiled import PlannedCondition, Unit
from .conditions import deciding
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
    reasons = Reasons(outcome, evaluation, walk, language)
    unmet = [each for each in outcome.plan.conditions if outcome.met[each.key] is False]
    return [(each, _line(each, reasons, outcome, evaluation, walk, language)) for each in unmet]


def conditions_json(outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> list[Json | orjson.Fragment]:
    """The conditions of a scheme in order, each that is not met or open with its sentence; a line that many share is made once."""
    reasons = Reasons(outcome, evaluation, walk, language)
    outline = walk.outline(outcome.scheme)
    lines: list[Json | orjson.Fragment] = []
    for each in outcome.plan.conditions:
        key = _shared(each, evaluation, language)
        kept: Json | orjson.Fragment | None = None if key is None else outline.get(key)
        if kept is None:
            kept = _line(each, reasons, outcome, evaluation, walk, language)
            if key is not None and len(outline) < _KEPT_LINES:
                kept = outline[key] = orjson.Fragment(orjson.dumps(kept))
        lines.append(kept)
    return lines


def _shared(condition: PlannedCondition, evaluation: Evaluation, language: Language) -> tuple[Any, ...] | None:
    """What the line of a condition depends on beside the shape, where that is little; None where it names values of the case."""
    number = condition.unit.number
    atoms = evaluation.case.atoms.get(condition.key)
    if atoms is None:
        return "condition", number, language, evaluation.case.memo[number]
    chosen, sides, _ = atoms
    if (number, chosen) in evaluation.shortfalls or (number, chosen) in evaluation.named:
        return None
    for pair in sides:
        if pair is not None and not (type(pair[0]) in _FEW and type(pair[1]) in _FEW):
            return None
    return "condition", number, language, sides


def _line(planned: PlannedCondition, reasons: Reasons, outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> Json:
    line = _condition(planned.unit, outcome, evaluation, walk, language)
    reasons.add(line, planned)
    return line


def _condition(unit: Unit, outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> Json:
    """A condition with the values that decided it."""
    number, case, index = unit.number, evaluation.case, walk.version_index(unit.number)
    templates = evaluation.program.kept.presentation(("conditions", language))
    template = templates.get((number, index))
    if template is None:
        template = templates[number, index] = _condition_template(unit, walk.version(number), language)
    line: Json = template.copy()
    line["met"] = met = outcome.met[evaluation.program.condition_keys[number]]
    atoms = walk.atoms(number)
    if number in case.given or atoms is None or unit.conditional is None:
        line["given"] = True
        return line
    chosen, sides, truths = atoms
    parts = [_atom(unit, each, sides[each], truths[each], templates) for each in deciding(unit.conditional.versions[chosen][1], truths)]
    if len(parts) == 1:
        line |= parts[0]
        del line["holds"]
    else:
        line["parts"] = parts
    line["shortfall"] = render_value(evaluation.shortfalls.get((number, index))) if met is False else None
    return line


def _condition_template(unit: Unit, version: DefinitionVersion, language: Language) -> Json:
    return {
        "id": unit.definition.name.local,
        "title": unit.definition.title.in_language(language),
        "met": None,
        "source": orjson.Fragment(orjson.dumps(render_source(version.source))),
        "file": str(version.lowered.clause.place),
    }


@dataclass(frozen=True, slots=True)
class _AtomWords:
    """What is shown of a comparison whatever the case: its sign, unit, what requires it, and whether it has a margin."""

    op: str | None
    unit: str | None
    required: str | None
    has_margin: bool


def _atom(unit: Unit, index: int, sides: tuple[Any, Any] | None, truth: bool | None, kept: dict[Any, Any]) -> Json:
    words: _AtomWords | None = kept.get(("atom", unit.number, index))
    if words is None:
        words = kept["atom", unit.number, index] = _atom_words(unit, index)
    left, right = sides if sides is not None else (None, None)
    part: Json = {"holds": truth, "left": render_value(left)}
    if words.op is None:
        return part
    part["op"] = words.op
    part["right"] = render_value(right)
    if words.unit is not None:
        part["unit"] = words.unit
    if words.has_margin:
        margin = _margin(left, right)
        if margin is not None:
            part["margin"] = margin
    if words.required is not None:
        part["required_by"] = words.required
    return part


def _atom_words(unit: Unit, index: int) -> _AtomWords:
    assert unit.conditional is not None
    atom = unit.conditional.atoms[index]
    return _AtomWords(atom.op, unit_of(atom.left.type), _name_of(atom.right), atom.op not in (None, "=", "!="))


def _margin(left: Any, right: Any) -> str | None:
    """Left minus right: a number in its unit, days between dates, months between months."""
    if left is None or right is None or isinstance(left, bool | str):
        return None
    if isinstance(left, YearMonth):
        return f"{int(left) - int(right)} month"
    if isinstance(left, date):
        return f"{(left - right).days} day"
    return show(left - right)


def _name_of(expr: ir.Expr | None) -> str | None:
    return str(expr.name) if isinstance(expr, ir.ParameterAt | ir.DefinitionRef) else None


