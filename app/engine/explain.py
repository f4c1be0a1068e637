"""A finished evaluation as the answer people and programs read: status, amounts, conditions, what is missing, trace."""

from __future__ import annotations

import re

import orjson

from app import __version__
from app.language import Type

from .case import UNSET
from .condition_lines import conditions_json
from .doubts import leaning_on, render_missing
from .evaluate import Evaluation, Outcome
from .known_results import ResultKeys
from .request import Language, TraceLevel
from .second_decision import DrawnConclusion
from .trace import trace_json
from .values import Json, render_result, render_source, render_value, unit_of, units_of
from .walk import Walk

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def explain(evaluation: Evaluation, language: Language = "zh", trace: TraceLevel = "summary") -> Json:
    """The whole answer, in the shape of the interface (docs/api.md)."""
    answer: Json = orjson.loads(answer_json(evaluation, language, trace))
    return answer


def answer_json(evaluation: Evaluation, language: Language = "zh", trace: TraceLevel = "summary") -> bytes:
    """The whole answer as JSON text, for those who pass it on."""
    request = evaluation.request
    walk = Walk(evaluation)
    keys = ResultKeys(evaluation, walk, language, trace)
    return orjson.dumps(
        {
            "as_of": request.as_of.isoformat(),
            "region": request.region,
            "release": evaluation.program.law.release,
            "engine": __version__,
            "reforms": request.reforms,
            "results": {outcome.scheme: _known_result(outcome, keys, evaluation, walk, language, trace) for outcome in evaluation.outcomes},
            "conclusions": [render_conclusion(outcome.scheme, each, language) for outcome in evaluation.outcomes for each in outcome.conclusions],
        }
    )


def _known_result(
    outcome: Outcome, keys: ResultKeys, evaluation: Evaluation, walk: Walk, language: Language, level: TraceLevel
) -> Json | orjson.Fragment:
    """A scheme's answer; one that was given before is not made again."""
    key = keys.of(outcome.scheme)
    kept = None if key is None else evaluation.program.kept.result(key)
    if kept is not None:
        return kept
    if key is None:
        return _result(outcome, evaluation, walk, language, level)
    looked_into = walk.looked_into
    result = _result(outcome, evaluation, walk, language, level)
    if walk.looked_into > looked_into:
        return result
    return evaluation.program.kept.keep_result(key, orjson.Fragment(orjson.dumps(result)))


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
        "standing": walk.worst(roots, outcome.scheme).word,
        "benefits": {program.definitions[number].name.local: render_figure(number, evaluation) for number in shown if case.memo[number] is not UNSET},
        "values": {program.definitions[number].name.local: render_result(case.memo[number], program.definitions[number].type) for number in plan.outputs},
        "conditions": conditions_json(outcome, evaluation, walk, language),
        "missing": render_missing((*conditions, *shown), evaluation, walk, language, outcome.scheme) if undetermined else [],
        **leaning_on(outcome.scheme, roots, walk, language),
        "trace": [] if level == "none" else trace_json(roots, outcome.scheme, evaluation, walk, language, full=level == "full"),
    }


def render_figure(number: int, evaluation: Evaluation) -> Json:
    """A definition's value with its unit."""
    program = evaluation.program
    kind, kept = program.definitions[number].type, program.kept.presentation("units")
    units: Json | None = kept.get(number)
    if units is None:
        units = kept[number] = _units(kind)
    return {"value": render_result(evaluation.case.memo[number], kind), **units}


def _units(kind: Type) -> Json:
    found: Json = {"unit": unit_of(kind), "units": units_of(kind)}
    return {name: value for name, value in found.items() if value}


# -- conclusions ----------------------------------------------------------------------------------


def render_conclusion(scheme: str, drawn: DrawnConclusion, language: Language) -> Json:
    """A conclusion with its text filled in."""
    lowered = drawn.lowered
    words = dict(zip(lowered.placeholders, drawn.values, strict=True))
    text = _PLACEHOLDER.sub(lambda match: str(render_value(words[match[1]]) or "?"), lowered.clause.text.in_language(language))
    return {"scheme": scheme, "id": lowered.clause.name, "kind": lowered.clause.kind, "text": text, "source": render_source(lowered.clause.source)}
