"""Values, units and sources as they stand in answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.language import Claim, Source, Type, YearMonth
from app.language.types import ListType, NumberType, RecordType

from .numbers import Rounded, show

Json = dict[str, Any]
_SOURCE_FIELDS = ("instrument", "number", "article", "effective", "url", "note")


def render_value(value: Any) -> Any:
    """A value as JSON: exact numbers as decimal strings, months as YYYY-MM, unknown as null."""
    if value is None:
        return None
    kind = type(value)  # not isinstance: Fraction is an abstract class's child, whose check is slow
    if kind is Decimal or kind is Fraction or kind is Rounded:
        return show(value)
    if kind is str or kind is bool:
        return value
    if kind is YearMonth or kind is date or kind is int:
        return str(value)
    if isinstance(value, Mapping):
        return {name: render_value(each) for name, each in value.items()}
    return [render_value(each) for each in value]


def render_result(value: Any, kind: Type) -> Any:
    """A value of an answer: records, alone or as the rows of a table, have all their fields, unknown ones as null."""
    if value is None or type(kind) is NumberType:
        return render_value(value)
    if isinstance(kind, ListType) and isinstance(kind.item, RecordType):
        return [render_result(item, kind.item) for item in value]
    if isinstance(kind, RecordType):
        return {name: render_result(value.get(name), each) for name, each, _ in kind.fields}
    return render_value(value)


def units_of(kind: Type) -> dict[str, str]:
    """The units of a record's numbers by field; nothing for what is no record, and of pure numbers."""
    if isinstance(kind, ListType):
        return units_of(kind.item)
    if not isinstance(kind, RecordType):
        return {}
    return {name: unit for name, each, _ in kind.fields if (unit := unit_of(each)) not in (None, "1") and unit is not None}


def unit_of(kind: Type) -> str | None:
    """The unit of a number (or of a list of numbers) as written; None for anything else."""
    if isinstance(kind, ListType):
        return unit_of(kind.item)
    return str(kind.unit) if isinstance(kind, NumberType) and kind.unit is not None else None


def render_source(source: Source) -> Json:
    """A source as JSON, without the fields it does not state."""
    return {name: value for name in _SOURCE_FIELDS if (value := getattr(source, name)) is not None}


def render_claim(claim: Claim, language: str) -> Json:
    """How a scheme is claimed, without what nobody says."""
    line: Json = {} if claim.where is None else {"where": claim.where.in_language(language)}
    if claim.documents:
        line["documents"] = [each.in_language(language) for each in claim.documents]
    if claim.deadline is not None:
        line["deadline"] = claim.deadline.in_language(language)
    sources = [render_source(each) for each in claim.sources]
    return {**line, "standing": claim.standing.word, "sources": sources, "files": [str(place) for place in claim.places]}


def cite(source: Source) -> str:
    """The shortest line that names the law: its number (or title where it has none) and article."""
    name = source.number or source.instrument
    return f"{name} {source.article}" if source.article else name
