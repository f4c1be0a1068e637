"""A fact of the dictionary as people and programs read it: what is asked, in which form, within which bounds."""

from __future__ import annotations

from typing import Any

from app.engine import Language
from app.language import Fact

from .json_schema import example_of

Json = dict[str, Any]


def render_fact(fact: Fact, language: Language) -> Json:
    """Name, kind, texts in one language, choices, bounds, the fields of a list or record, and an example."""
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
    line = render_fact(field, language)
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
        "household": fact.household,
        "result": fact.result,
        "file": str(fact.place),
    }
    return {name: value for name, value in stated.items() if value is not None}
