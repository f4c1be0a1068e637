"""The fact dictionary as JSON in one language."""

from __future__ import annotations

from typing import Any

from app.engine import Language
from app.intake import render_fact
from app.language import Assumption, FactDictionary, Title

Json = dict[str, Any]


def render_dictionary(dictionary: FactDictionary, language: Language) -> Json:
    """Facts, the checks between them, and the assumptions a request may make."""
    return {
        "facts": [render_fact(fact, language) for fact in dictionary.facts.values()],
        "checks": [
            {"id": check.name, "holds": check.holds.text, "fact": check.pointer, "message": check.message.in_language(language)}
            for check in dictionary.checks
        ],
        "assumptions": [_assumption(each, language) for each in dictionary.assumptions.values()],
    }


def _assumption(assumption: Assumption, language: Language) -> Json:
    line: Json = {"name": assumption.name, "kind": assumption.kind, "title": assumption.title.in_language(language)}
    question: Title | None = assumption.question
    if question is not None:
        line["question"] = question.in_language(language)
    if assumption.kind == "rate":
        line |= {"at_least": f"{assumption.at_least:f}", "at_most": f"{assumption.at_most:f}"}
    return line
