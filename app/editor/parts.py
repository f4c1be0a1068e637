"""What the schemas are made of: closed objects with a description of every key, and the small forms of YAML scalars."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Json = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# An editor reads YAML's own types: 180 is a number to it, 2025-01-01 text, true a boolean.
TEXT: Json = {"type": ["string", "number", "boolean"]}
EXPRESSION: Json = {"type": ["string", "number", "boolean"], "description": "表达式（FEEL）/ an expression (FEEL); docs/rule-language.md section 7"}
NUMBER: Json = {"type": ["number", "string"], "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"}
DATE: Json = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
MONTH_OR_DATE: Json = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"}
FLAG: Json = {"type": "boolean"}
REGION: Json = {"type": "string", "pattern": "^[0-9]{6}$"}
NAME_PATTERN = r"^[^\W\d]\w*$"


def choice(words: Collection[str]) -> Json:
    return {"enum": list(words)}


def closed(keys: Collection[str], shapes: Mapping[str, tuple[str, Json]], required: tuple[str, ...] = ()) -> Json:
    """An object of `keys` and no others; `shapes` gives each its description and form.

    Raises ValueError where a key has no shape, or a shape no key: the schema has to follow the reader.
    """
    if set(keys) != set(shapes):
        raise ValueError(f"the schema and the reader differ on {sorted(set(keys) ^ set(shapes))}.")
    properties = {key: {**shape, "description": said} for key, (said, shape) in shapes.items()}
    found: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def named(of: Json) -> Json:
    """An object of names, each with the same form."""
    return {"type": "object", "patternProperties": {NAME_PATTERN: of}, "additionalProperties": False}


def ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def document(title: str, root: Json, definitions: Mapping[str, Json]) -> Json:
    return {"$schema": DRAFT, "title": title, **root, "$defs": dict(definitions)}
