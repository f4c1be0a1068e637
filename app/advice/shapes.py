"""Pieces of the answers' JSON Schemas."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
MONTH: Json = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
STATUS: Json = {"type": "string", "enum": ["eligible", "not_eligible", "undetermined"]}
VALUE: Json = {"type": ["string", "boolean", "null", "array", "object"], "description": "exact numbers as decimal text; null: not known"}
SOURCE: Json = {"$ref": "#/components/schemas/Source"}


def listed(item: Json) -> Json:
    return {"type": "array", "items": item}


def record(required: Json, optional: Json | None = None) -> Json:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def by_name(item: Json) -> Json:
    return {"type": "object", "additionalProperties": item}


HEAD: Json = {"as_of": {"type": "string", "format": "date"}, "region": TEXT, "release": TEXT, "reforms": listed(TEXT), "engine": TEXT}
