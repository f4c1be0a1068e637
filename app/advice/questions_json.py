"""The questions of a case as JSON."""

from __future__ import annotations

from typing import Any

from app.engine import Language, render_missing, render_source
from app.intake import render_fact
from app.language import Standing

from .heads import law_head
from .questions import Outlook, Question, Questions, Reason

Json = dict[str, Any]


def render_questions(found: Questions, language: Language) -> Json:
    """The questions best first, each scheme with what is open in it, and how far the case is."""
    return {
        **law_head(found.request, found.evaluation.program.law.release),
        "settled": found.settled,
        "questions": [_question(found, each, language) for each in found.questions],
        "results": {each.state.plan.scheme: _outlook(found, each, language) for each in found.schemes},
        "left_out": list(found.left_out),
        "progress": {
            "answered": found.progress.answered,
            "expected": found.progress.expected,
            "at_most": found.progress.at_most,
            "percent": found.progress.percent,
        },
    }


def _question(found: Questions, question: Question, language: Language) -> Json:
    line = render_fact(question.fact, language)
    line.pop("values", None)
    if question.choices:
        line["choices"] = [{"value": value, "title": title.in_language(language)} for value, title in question.choices]
    return {**line, "optional": question.optional, "why": [_reason(found, each, language) for each in question.reasons]}


def _reason(found: Questions, reason: Reason, language: Language) -> Json:
    line = {"scheme": reason.scheme, **_rule(found, reason.number, language)}
    return line if reason.named_by == reason.number else {**line, "through": _rule(found, reason.named_by, language)}


def _rule(found: Questions, number: int, language: Language) -> Json:
    definition = found.evaluation.program.definitions[number]
    version = definition.versions[0]
    return {
        "id": str(definition.name),
        "kind": definition.kind,
        "title": definition.title.in_language(language),
        "source": render_source(version.source),
        "file": str(version.lowered.clause.place),
    }


def _outlook(found: Questions, outlook: Outlook, language: Language) -> Json:
    state = outlook.state
    law = found.evaluation.program.law.schemes[state.plan.scheme]
    line: Json = {"title": law.title.in_language(language), "settled": state.settled, "status": state.status}
    if state.settled:
        line["standing"] = _standing(found, outlook)
    line["open"] = [{**_rule(found, number, language), "facts": list(facts)} for number, facts in outlook.open]
    missing = render_missing(tuple(outlook.unknown), found.evaluation, found.walk, language)
    line["not_known"] = [each for each in missing if each["kind"] != "fact" or each["name"] in found.left_out or each["name"] in found.request.facts]
    return line


def _standing(found: Questions, outlook: Outlook) -> str:
    """How firm the settled answer is: of the least firm thing behind its conditions and amounts."""
    return max(map(found.walk.standing, (*outlook.state.conditions, *outlook.state.amounts)), default=Standing.OFFICIAL).word
