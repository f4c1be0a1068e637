"""A what-if as JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.engine import Evaluation, Language, explain, render_source, render_value
from app.language import YearMonth

from .heads import law_head
from .what_if import Alternative, Seen, Tried, WhatIf, amount_of, size_of
from .what_if_levers import LeftOut, Lever
from .what_if_words import left_out_text, month_of, sentence, shown, summary

Json = dict[str, Any]
_RESULT = ("status", "standing", "benefits", "missing")


def render_what_if(found: WhatIf, language: Language) -> Json:
    """The goal, where the case stands, the changes that reach it, and what was tried."""
    proven = all(each.proven for each in found.tried)
    return {
        **law_head(found.request, found.probe.program.law.release),
        "goal": _goal(found, language),
        "now": _result(found, found.now, language),
        "reached": found.reached,
        "text": summary(len(found.alternatives), len(found.nearly), found.reached, proven, len(found.tried), language),
        "alternatives": [_alternative(found, each, language) for each in found.alternatives],
        "nearly": [_alternative(found, each, language) for each in found.nearly],
        "tried": [_tried(each, language) for each in found.tried],
        "left_out": [_left_out(each, language) for each in found.left_out],
    }


def _goal(found: WhatIf, language: Language) -> Json:
    goal, program = found.goal, found.probe.program
    line: Json = {"scheme": goal.scheme, "title": program.law.schemes[goal.scheme].title.in_language(language), "status": goal.status}
    if goal.benefit is not None:
        definition = program.definitions[goal.benefit]
        line |= {"benefit": definition.name.local, "benefit_title": definition.title.in_language(language), goal.bound: render_value(goal.target)}
    return line


def _result(found: WhatIf, evaluation: Evaluation, language: Language) -> Json:
    answer = explain(evaluation, language, "none")["results"][found.goal.scheme]
    return {name: answer[name] for name in _RESULT}


def _alternative(found: WhatIf, alternative: Alternative, language: Language) -> Json:
    lever, after = alternative.lever, alternative.after
    assert after.evaluation is not None
    line: Json = {
        **_named(lever, language),
        "from": render_value(lever.now),
        "to": render_value(after.value),
        "text": sentence(alternative, language),
        "proven": alternative.proven,
    }
    if lever.kind in ("day", "month"):
        line["month"] = month_of(after.value)
    change = _change(lever, after.value)
    if change is not None:
        line["change"] = change
    if lever.kind != "choice":
        line["before"] = None if alternative.before is None else _before(found, alternative.before, language)
        line["until"] = {"value": render_value(alternative.until), "proven": alternative.until_proven}
    if alternative.others:
        line["others"] = [{"value": each, "title": shown(lever, each, language)} for each in alternative.others]
    return {**line, "result": _result(found, after.evaluation, language), "conditions": _flipped(found, after, language)}


def _named(lever: Lever, language: Language) -> Json:
    line: Json = {"name": lever.name, "kind": "fact" if lever.definition is None else "given", "title": lever.title.in_language(language), "changes": lever.changes}
    return line if lever.unit in (None, "1") else {**line, "unit": lever.unit}


def _change(lever: Lever, value: Any) -> Json | None:
    """How much: a number in its unit, days and calendar months between days, months between months."""
    size = size_of(lever, value)
    if size is None:
        return None
    if lever.kind == "number":
        return {"amount": ("-" if size < 0 else "") + amount_of(lever, value), "unit": lever.unit or "1"}
    if lever.kind == "month":
        return {"months": int(size)}
    assert isinstance(value, date) and isinstance(lever.now, date)
    return {"days": int(size), "months": YearMonth.of(value) - YearMonth.of(lever.now)}


def _before(found: WhatIf, seen: Seen, language: Language) -> Json:
    """The nearest value that does not reach the goal; `plausible` is false where no such case can be."""
    line: Json = {"value": render_value(seen.value), "plausible": seen.evaluation is not None}
    if seen.evaluation is None:
        return line
    result = _result(found, seen.evaluation, language)
    return {**line, "status": result["status"], "benefits": result["benefits"]}


def _flipped(found: WhatIf, after: Seen, language: Language) -> list[Json]:
    """The scheme's conditions that are decided otherwise than now."""
    now = next(each for each in found.now.outcomes if each.scheme == found.goal.scheme)
    assert after.outcome is not None
    lines = []
    for planned in now.plan.conditions:
        was, is_now = now.met[planned.key], after.outcome.met[planned.key]
        if was == is_now:
            continue
        definition = planned.unit.definition
        lines.append(
            {
                "id": definition.name.local,
                "title": definition.title.in_language(language),
                "before": was,
                "after": is_now,
                "source": render_source(definition.versions[0].source),
            }
        )
    return lines


def _tried(tried: Tried, language: Language) -> Json:
    lever = tried.lever
    line: Json = {**_named(lever, language), "found": tried.found, "proven": tried.proven}
    if lever.kind == "choice":
        return {**line, "values": [render_value(each) for each in lever.choices]}
    return {**line, "first": render_value(lever.value(lever.first)), "last": render_value(lever.value(lever.last))}


def _left_out(left: LeftOut, language: Language) -> Json:
    line: Json = {"name": left.name, "title": left.title.in_language(language), "reason": left.reason, "text": left_out_text(left, language)}
    return {**line, "instead": list(left.instead)} if left.instead else line
