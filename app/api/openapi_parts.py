"""Parts that several pieces of the OpenAPI document use."""

from __future__ import annotations

from typing import Any

from .answers import PROBLEM_JSON

Json = dict[str, Any]

LANGUAGE: Json = {"name": "Accept-Language", "in": "header", "description": "zh (default) or en", "schema": {"type": "string"}, "example": "en"}
REQUEST_ID: Json = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "A name for this request, echoed in the answer; anything else than 8 to 64 letters, digits, - and _ is replaced",
    "schema": {"type": "string"},
}
HEADERS: Json = {
    "X-Request-Id": {"description": "The name of this request", "schema": {"type": "string"}},
    "Content-Language": {"description": "zh or en", "schema": {"type": "string", "enum": ["zh", "en"]}},
}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def problem_response(description: str) -> Json:
    return {"description": description, "headers": HEADERS, "content": {PROBLEM_JSON: {"schema": ref("Problem")}}}
