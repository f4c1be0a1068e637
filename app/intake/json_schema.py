"""Facts and assumptions as JSON Schema (2020-12), for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.language import Assumption, Fact, FactDictionary
from app.language.facts import DEFAULT_LIMIT

Json = dict[str, Any]


def fact_shape(fact: Fact) -> Json:
    """One fact: what may be sent, with its titles, unit and an example."""
    shape = {"title": fact.title.en, **_described(fact), **_form(fact)}
    if fact.unit is not None:
        shape["x-unit"] = str(fact.unit)
    if fact.code is not None:
        shape["x-code"] = fact.code
    example = example_of(fact)
    return shape if example is None else {**shape, "examples": [example]}


def closed_record_shape(fields: Iterable[Fact], one_of: tuple[str, ...] = ()) -> Json:
    """An object of declared fields and no others."""
    declared = list(fields)
    shape: Json = {"type": "object", "properties": {fact.name: fact_shape(fact) for fact in declared}, "additionalProperties": False}
    required = [fact.name for fact in declared if fact.required]
    if required:
        shape["required"] = required
    if one_of:
        shape["anyOf"] = [{"required": [name]} for name in one_of]
    return shape


def assumptions_shape(dictionary: FactDictionary) -> Json:
    properties = {name: _assumption_shape(each) for name, each in dictionary.assumptions.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False, "default": {}}


def _assumption_shape(assumption: Assumption) -> Json:
    shape: Json = {"title": assumption.title.en, "description": assumption.title.zh}
    if assumption.kind == "boolean":
        return {**shape, "type": "boolean"}
    bounds = {"minimum": float(assumption.at_least), "maximum": float(assumption.at_most)}
    return {**shape, "type": ["string", "integer"], "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,8})?$", **bounds, "examples": ["0.03"]}


def _described(fact: Fact) -> Json:
    lines = [fact.title.zh]
    if fact.question is not None:
        lines += [fact.question.en, fact.question.zh]
    if fact.lookup is not None:
        lines.append(f"{fact.lookup.en} / {fact.lookup.zh}")
    if fact.note is not None:
        lines += [fact.note.en, fact.note.zh]
    return {"description": "\n\n".join(lines)}


def _form(fact: Fact) -> Json:
    if fact.kind == "enum":
        return {"type": "string", "enum": [code for code, _ in fact.values]}
    if fact.kind == "date":
        return {"type": "string", "format": "date", **_period(fact)}
    if fact.kind == "month":
        return {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$", **_period(fact)}
    if fact.kind in ("whole", "number"):
        return _number_form(fact)
    if fact.kind == "boolean":
        return {"type": "boolean"}
    if fact.kind == "region":
        return {"type": "string", "pattern": "^[0-9]{6}$"}
    record = closed_record_shape(fact.fields, fact.one_of)
    return {"type": "array", "items": record, "maxItems": fact.max_items} if fact.kind == "list" else record


def _period(fact: Fact) -> Json:
    bounds = {"x-earliest": fact.earliest, "x-latest": fact.latest}
    return {name: day.isoformat() for name, day in bounds.items() if day is not None}


def _number_form(fact: Fact) -> Json:
    """Decimal text, or an integer; minimum and maximum hold for both, as the schema can only say of the integer."""
    decimals = "" if fact.decimals == 0 else rf"(\.[0-9]{{1,{fact.decimals}}})?"
    low = -DEFAULT_LIMIT if fact.at_least is None else fact.at_least
    high = DEFAULT_LIMIT if fact.at_most is None else fact.at_most
    return {
        "type": ["integer", "string"] if fact.kind == "whole" else ["string", "integer"],
        "pattern": f"^-?[0-9]{{1,15}}{decimals}$",
        "minimum": int(low) if low == int(low) else float(low),
        "maximum": int(high) if high == int(high) else float(high),
    }


# -- examples ---------------------------------------------------------------------------------------


def example_of(fact: Fact) -> Any:
    """The dictionary's own example as it would be sent; None where it has none."""
    if fact.kind in ("list", "record"):
        record = _example_record(fact)
        return None if record is None else [record] if fact.kind == "list" else record
    if fact.example is None:
        return None
    if fact.kind == "whole":
        return int(fact.example)
    return fact.example == "true" if fact.kind == "boolean" else fact.example


def _example_record(fact: Fact) -> Json | None:
    """The required fields, and the first of those of which one must be given."""
    wanted = [field for field in fact.fields if field.required or field.name in fact.one_of[:1]] or list(fact.fields)
    record = {field.name: example_of(field) for field in wanted}
    return None if None in record.values() else record
