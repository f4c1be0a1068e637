"""A finished evaluation as the answer people and programs read: status, amounts, conditions, what is missing, trace."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from app import __version__
from app.language import DefinitionVersion, Source, Standing, YearMonth, ir

from .blame import Blame, Blaming
from .case import UNSET
from .conditions import deciding
from .evaluate import Evaluation, Outcome
from .numbers import show
from .program import Unit
from .request import Language, TraceLevel
from .second_decision import DrawnConclusion
from .trace import trace_json
from .values import Json, render_result, render_source, render_value, unit_of, units_of
from .walk import Walk
from .why_not import add_reasons

_NOT_OFFICIAL = tuple(standing for standing in Standing if standing != Standing.OFFICIAL)
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def explain(evaluation: Evaluation, language: Language = "zh", trace: TraceLevel = "summary") -> Json:
    """The whole answer, in the shape of the interface (docs/api.md)."""
    answer: Json = orjson.loads(answer_json(evaluation, language, trace))
    return answer


def answer_json(evaluation: Evaluation, language: Language = "zh", trace: TraceLevel = "summary") -> bytes:
    """The whole answer as JSON text, for those who pass it on."""
    request = evaluation.request
    walk = Walk(evaluation)
    return orjson.dumps(
        {
            "as_of": request.as_of.isoformat(),
            "region": request.region,
            "release": evaluation.program.law.release,
            "engine": __version__,
            "reforms": request.reforms,
            "results": {outcome.scheme: _result(outcome, evaluation, walk, language, trace) for outcome in evaluation.outcomes},
            "conclusions": [render_conclusion(outcome.scheme, each, language) for outcome in evaluation.outcomes for each in outcome.conclusions],
        }
    )


def _result(outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language, level: TraceLevel) -> Json:
    program, case = evaluation.program, evaluation.case
    scheme = program.law.schemes[outcome.scheme]
    plan = outcome.plan
    conditions = [each.unit.number for each in plan.conditions]
    shown = plan.benefits if outcome.status != "not_eligible" else ()
    roots = (*conditions, *plan.outputs, *shown)
    undetermined = outcome.status == "undetermined"
    return {
        "title": scheme.title.in_language(language),
        "status": outcome.status,
        "standing": max(map(walk.standing, roots), default=Standing.OFFICIAL).word,
        "benefits": {program.definitions[number].name.local: render_figure(number, evaluation) for number in shown if case.memo[number] is not UNSET},
        "values": {program.definitions[number].name.local: render_result(case.memo[number], program.definitions[number].type) for number in plan.outputs},
        "conditions": render_conditions(outcome, evaluation, walk, language),
        "missing": _missing((*conditions, *shown), outcome.scheme, evaluation, walk, language) if undetermined else [],
        **_leaning_on(outcome.scheme, roots, walk, language),
        "trace": [] if level == "none" else trace_json(roots, outcome.scheme, evaluation, walk, language, full=level == "full"),
    }


def render_figure(number: int, evaluation: Evaluation) -> Json:
    """A definition's value with its unit."""
    kind = evaluation.program.definitions[number].type
    figure: Json = {"value": render_result(evaluation.case.memo[number], kind)}
    unit, units = unit_of(kind), units_of(kind)
    if unit is not None:
        figure["unit"] = unit
    if units:
        figure["units"] = units
    return figure


# -- conditions -----------------------------------------------------------------------------------


def render_conditions(outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> list[Json]:
    """The conditions of a scheme in order, each that is not met or open with its sentence."""
    lines = [_condition(each.unit, outcome, evaluation, walk, language) for each in outcome.plan.conditions]
    add_reasons(lines, outcome, evaluation, walk, language)
    return lines


def _condition(unit: Unit, outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> Json:
    """A condition with the values that decided it."""
    number, case, index = unit.number, evaluation.case, walk.version_index(unit.number)
    templates = evaluation.program.presentation(("conditions", language))
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


# -- what is missing or unverified ----------------------------------------------------------------


def render_missing(roots: Iterable[int], evaluation: Evaluation, walk: Walk, language: Language) -> list[Json]:
    """What keeps these roots unknown, each with how to supply it."""
    return _blamed(Blaming(walk).of(roots), evaluation, language)


def _missing(roots: tuple[int, ...], scheme: str, evaluation: Evaluation, walk: Walk, language: Language) -> orjson.Fragment:
    """What keeps a scheme's roots unknown, as JSON text."""
    outline = walk.outline(scheme)
    kept: orjson.Fragment | None = outline.get(("missing", roots, language))
    if kept is None:
        blame = Blaming(walk).of(roots)
        kept = orjson.Fragment(orjson.dumps(_blamed(blame, evaluation, language)))
        if not blame.by_items:
            outline["missing", roots, language] = kept
    return kept


def _blamed(blame: Blame, evaluation: Evaluation, language: Language) -> list[Json]:
    program, dictionary = evaluation.program, evaluation.facts
    missing: list[Json] = []
    for name, fields in blame.facts.items():
        fact = dictionary.facts[name]
        line: Json = {"kind": "fact", "name": name, "title": fact.title.in_language(language)}
        if fact.question is not None:
            line["question"] = fact.question.in_language(language)
        if fields:
            titles = {field.name: field.title.in_language(language) for field in fact.fields}
            line["fields"] = [{"name": each, "title": titles[each]} for each in fields if each in titles]
        missing.append(line)
    for number, key in blame.figures:
        parameter = program.parameters[number]
        line = {"kind": "parameter", "name": str(parameter.name), "title": parameter.title.in_language(language)}
        if key is not None:
            line["key"] = render_value(key)
        if parameter.extend is not None:
            line["assumption"] = parameter.extend.assumption
        missing.append(line)
    for kind, numbers in (("division_by_zero", blame.zero), ("not_in_force", blame.absent), ("no_value", blame.silent)):
        for definition in (program.definitions[number] for number in numbers):
            missing.append({"kind": kind, "name": str(definition.name), "title": definition.title.in_language(language)})
    return missing


def _leaning_on(scheme: str, roots: tuple[int, ...], walk: Walk, language: Language) -> dict[str, list[Any]]:
    """The figures a result leans on that are not official, by standing: wordings, roundings and rows, with their notes."""
    outline = walk.outline(scheme)
    kept: tuple[list[tuple[Standing, str, Any]], list[int]] | None = outline.get(("doubts", roots, language))
    if kept is None:
        kept = outline["doubts", roots, language] = _doubts(walk.reach(roots, scheme), walk, language)
    wordings, parameters = kept
    if not wordings and not parameters:
        return {standing.word: [] for standing in _NOT_OFFICIAL}
    found: dict[Standing, dict[str, Any]] = {standing: {} for standing in _NOT_OFFICIAL}
    for standing, name, line in wordings:
        found[standing][name] = line
    for parameter in parameters:
        _add_rows(parameter, walk, language, found)
    return {standing.word: list(names.values()) for standing, names in found.items()}


def _doubts(reached: set[int], walk: Walk, language: Language) -> tuple[list[tuple[Standing, str, Any]], list[int]]:
    """The wordings in doubt (standing, name, line) and the parameters with rows in doubt."""
    wordings: list[tuple[Standing, str, Any]] = []
    parameters: dict[int, None] = {}
    for number in sorted(reached & walk.standings.keys()):
        unit = walk.program.units[number]
        if unit is None:
            continue
        index = walk.version_index(number)
        own = unit.own_standings[index]
        if own:
            line = orjson.Fragment(orjson.dumps(_wording_in_doubt(unit, walk.version(number), language)))
            wordings.append((own, str(unit.definition.name), line))
        parameters.update((each, None) for each in unit.uses[index].parameters if walk.parameter_standing(each))
    return wordings, list(parameters)


def _wording_in_doubt(unit: Unit, version: DefinitionVersion, language: Language) -> Json:
    title = unit.definition.title.in_language(language)
    return {"name": str(unit.definition.name), "title": title, **_note(_doubtful_source(version))}


def _add_rows(parameter: int, walk: Walk, language: Language, found: dict[Standing, dict[str, Any]]) -> None:
    name = str(walk.program.parameters[parameter].name)
    for band in walk.doubtful_bands(parameter):
        found[band.standing].setdefault(name, {"name": name, "title": walk.program.parameters[parameter].title.in_language(language), **_note(band.source)})
    for key, reading in walk.readings(parameter):
        if reading.standing == Standing.OFFICIAL or reading.given:
            continue
        line = found[reading.standing].get(name)
        if line is None:
            title = walk.program.parameters[parameter].title.in_language(language)
            line = found[reading.standing][name] = {"name": name, "title": title, "keys": []}
            if reading.row is not None:
                line |= _note(reading.row.source)
        if key is not None:
            line["keys"].append(render_value(key))


def _doubtful_source(version: DefinitionVersion) -> Source:
    """The source of the wording, or of the rounding where only that is unverified."""
    if version.lowered.clause.standing == Standing.UNVERIFIED or version.rounding_source is None:
        return version.source
    return version.rounding_source


def _note(source: Source) -> Json:
    return {} if source.note is None else {"note": source.note}


# -- conclusions ----------------------------------------------------------------------------------


def render_conclusion(scheme: str, drawn: DrawnConclusion, language: Language) -> Json:
    """A conclusion with its text filled in."""
    lowered = drawn.lowered
    words = dict(zip(lowered.placeholders, drawn.values, strict=True))
    text = _PLACEHOLDER.sub(lambda match: str(render_value(words[match[1]]) or "?"), lowered.clause.text.in_language(language))
    return {"scheme": scheme, "id": lowered.clause.name, "kind": lowered.clause.kind, "text": text, "source": render_source(lowered.clause.source)}
