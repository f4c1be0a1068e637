"""POST /v1/evaluate/batch in the OpenAPI document: NDJSON is described line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from app.batch import MAX_ID
from app.language import Rulebook

from .answer_schemas import ANSWERS
from .batch import NDJSON, PATH
from .examples import example_body, sparse_body
from .openapi_parts import HEADERS, LANGUAGE, REQUEST_ID, Json, problem_response, ref

_ID: Json = {"type": ["string", "integer"], "maxLength": MAX_ID, "description": "Your own name of the case, given back with its answer"}
_LINE: Json = {"type": "integer", "minimum": 1, "description": "The number of the line in the body; blank lines count"}


def batch_paths(rulebook: Rulebook) -> dict[str, Json]:
    example = {"summary": "Defaults, a case, a case with hardly a fact known, and a line with a mistake", "value": _example(rulebook)}
    described = "Lines of JSON, each a `BatchLine`; the first may be a `BatchDefaults`. Answers come while lines are still sent."
    operation: Json = {
        "operationId": "evaluate_batch",
        "summary": "Evaluate many cases, one a line, each answered or refused by itself",
        "parameters": [LANGUAGE, REQUEST_ID, _ENCODING],
        "requestBody": {"required": True, "description": described, "content": {NDJSON: {"schema": {"type": "string"}, "examples": {"cases": example}}}},
        "responses": {
            "200": {
                "description": "A line of JSON for each line that is not blank, in order, each a `BatchAnswer` or a `BatchError`",
                "headers": HEADERS,
                "content": {NDJSON: {"schema": {"type": "string"}}},
            },
            "413": problem_response("The body is too large"),
            "415": problem_response("The body is not application/x-ndjson, plain or gzip"),
            "422": problem_response("The defaults in the first line are not valid; no case is answered"),
            "429": problem_response("As many batches run as may; Retry-After says when to try again"),
        },
    }
    return {PATH: {"post": operation}}


def batch_schemas(case: Iterable[str]) -> dict[str, Json]:
    """Components; `case` are the fields of a case."""
    beneath: Json = {name: {"$ref": f"#/components/schemas/Request/properties/{name}"} for name in case}
    head: Json = {"line": _LINE, "id": _ID}
    # As any problem, but for the request's name: that is in the answer's header.
    problem = {**ANSWERS["Problem"], "required": [name for name in ANSWERS["Problem"]["required"] if name != "instance"]}
    return {
        "BatchLine": {"type": "object", "properties": {"id": _ID, **beneath}, "additionalProperties": False},
        "BatchDefaults": {
            "type": "object",
            "description": "What holds where a line says nothing; facts, given and assumptions name by name",
            "required": ["defaults"],
            "properties": {"defaults": {"type": "object", "properties": beneath, "additionalProperties": False}},
            "additionalProperties": False,
        },
        "BatchAnswer": {"type": "object", "required": ["line"], "properties": head, "allOf": [ref("Answer")]},
        "BatchError": {"type": "object", "required": ["line", "error"], "properties": {**head, "error": problem}},
    }


def _example(rulebook: Rulebook) -> str:
    case, sparse = example_body(rulebook), sparse_body(rulebook)
    defaults: dict[str, Any] = {name: case.pop(name) for name in ("as_of", "schemes")}
    lines = [{"defaults": {**defaults, "trace": "none"}}, {"id": "A-1", **case}, {"id": "A-2", "facts": sparse["facts"]}, {"id": "A-3", "fact": {}}]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


_ENCODING: Json = {
    "name": "Content-Encoding",
    "in": "header",
    "description": "gzip where the body is compressed; the answer is, with Accept-Encoding: gzip",
    "schema": {"type": "string", "enum": ["identity", "gzip"]},
}
