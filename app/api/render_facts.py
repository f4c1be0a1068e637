"""The fact dictionary as JSON in one language."""

from __future__ import annotations

from typing import Any

from app.engine import Language
from app.intake.json_schema import example_of
from app.language import Assumption, Fact, FactDictionary, Title

Json = dict[str, Any]


def render_dictionary(dictionary: FactDictionary, language: Language) -> Json:
    """Facts, the checks between them, and the assumptions a request may make."""
    return {
        "facts": [_fact(fact, language) for fact in dictionary.facts.values()],
        "checks": [
            {"id": check.name, "holds": check.holds.text, "fact": check.pointer, "message": check.message.in_language(language)}
            for check in dictionary.checks
        ],
        "assumptions": [_assumption(each, language) for each in dictionary.assumptions.values()],
    }


def _fact(fact: Fact, language: Language) -> Json:
    line: Json = {"name": fact.name, "kind": fact.kind, "title": fact.title.in_language(language), "changes": fact.changes}
    texts = {"question": fact.question, "lookup": fact.lookup, "note": fact.note}
    line |= {name: text.in_language(language) for name, text in texts.items() if text is not None}
    if fact.values:
        line["values"] = [{"value": code, "title": title.in_language(language)} for code, title in fact.values]
    line |= _bounds(fact)
    if fact.fields:
        line["fields"] = [{**_of_field(field, language), "required": field.required} for field in fact.fields]
    if fact.one_of:
        line["one_of"] = list(fact.one_of)
    example = example_of(fact)
    return line if example is None else {**line, "example": example}


def _of_field(field: Fact, language: Language) -> Json:
    """A field changes as the fact it belongs to."""
    line = _fact(field, language)
    del line["changes"]
    return line


def _bounds(fact: Fact) -> Json:
    stated: Json = {
        "unit": None if fact.unit is None else str(fact.unit),
        "at_least": None if fact.at_least is None else f"{fact.at_least:f}",
        "at_most": None if fact.at_most is None else f"{fact.at_most:f}",
        "decimals": fact.decimals if fact.kind == "number" else None,
        "earliest": None if fact.earliest is None else fact.earliest.isoformat(),
        "latest": None if fact.latest is None else fact.latest.isoformat(),
        "max_items": fact.max_items if fact.kind == "list" else None,
        "code": fact.code,
        "file": str(fact.place),
    }
    return {name: value for name, value in stated.items() if value is not None}


def _assumption(assumption: Assumption, language: Language) -> Json:
    line: Json = {"name": assumption.name, "kind": assumption.kind, "title": assumption.title.in_language(language)}
    question: Title | None = assumption.question
    if question is not None:
        line["question"] = question.in_language(language)
    if assumption.kind == "rate":
        line |= {"at_least": f"{assumption.at_least:f}", "at_most": f"{assumption.at_most:f}"}
    return line
