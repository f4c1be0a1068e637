"""Several persons in one body: each with an id, own facts and own known figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError

from app.language import Rulebook

from .faults import FaultList, refusal
from .readers import object_reader, read_region, record_reader
from .schemas import TypedField, read_given_figures

MAX_ID = 40


def members_field(rulebook: Rulebook, most: int) -> TypedField:
    """The field of a list of one to `most` persons, each read as `{id, facts, given, region}`; None where no region is said."""
    read_member = object_reader(
        {"id": _read_id, "facts": record_reader(rulebook.facts.facts.values()), "given": read_given_figures, "region": read_region},
        ("id",),
        "每名成员应为对象（{id, facts}）。",
        "a member must be an object of id and facts.",
    )
    member = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "minLength": 1, "maxLength": MAX_ID, "description": "What the answer calls this member"},
            "facts": {"$ref": "#/components/schemas/Facts"},
            "given": {"$ref": "#/components/schemas/Request/properties/given"},
            "region": {"type": "string", "pattern": "^[0-9]{6}$", "description": "Where this member is, if not where the household is"},
        },
        "required": ["id"],
        "additionalProperties": False,
    }
    shape = {"type": "array", "minItems": 1, "maxItems": most, "items": member}
    return TypedField(_members_reader(read_member, most), shape, required=True)


def _members_reader(read_member: Callable[[Any], dict[str, Any]], most: int) -> Callable[[Any], list[dict[str, Any]]]:
    def read(value: Any) -> list[dict[str, Any]]:
        if value.__class__ is not list:
            raise refusal("wrong_type", "应为成员的列表 [ … ]。", "must be a list of members.")
        if not 1 <= len(value) <= most:
            raise refusal("wrong_length", f"应有 1 至 {most} 名成员。", f"must have 1 to {most} members.")
        faults = FaultList()
        found: list[dict[str, Any]] = []
        for index, each in enumerate(value):
            try:
                found.append({"facts": {}, "given": {}, "region": None, **read_member(each)})
            except ValidationError as error:
                faults.extend(error, f"/{index}")
        faults.refuse()
        return found

    return read


def _read_id(value: Any) -> str:
    if value.__class__ is not str:
        raise refusal("wrong_type", "应为文字。", "must be text.")
    if not 1 <= len(value) <= MAX_ID:
        raise refusal("wrong_length", f"应有 1 至 {MAX_ID} 个字符。", f"must have 1 to {MAX_ID} characters.")
    return str(value)
