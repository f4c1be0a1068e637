"""POST /v1/notice in the OpenAPI document."""

from __future__ import annotations

from app.language import Rulebook

from .answers import JSON
from .examples import EXAMPLE_DAY, example_body
from .openapi_parts import HEADERS, LANGUAGE, REQUEST_ID, Json, problem_response, ref

_ACCEPT: Json = {
    "name": "Accept",
    "in": "header",
    "description": "text/html (default) or application/pdf, where the body does not say `format`",
    "schema": {"type": "string"},
    "example": "application/pdf",
}


def notice_paths(rulebook: Rulebook) -> dict[str, Json]:
    case = example_body(rulebook)
    case.pop("trace", None)
    examples = {
        "page": {"summary": "An estimate as a page", "value": {**case, "issued": EXAMPLE_DAY.isoformat(), "format": "html"}},
        "paper": {"summary": "The same on paper", "value": {**case, "issued": EXAMPLE_DAY.isoformat(), "format": "pdf", "reference": "2026-0012", "office": "社会保险经办机构"}},
    }
    pages: Json = {"text/html": {"schema": {"type": "string"}}, "application/pdf": {"schema": {"type": "string", "format": "binary"}}}
    operation: Json = {
        "operationId": "notice",
        "summary": "A case as a notice: amounts, conditions, law, facts, how to object; a page or A4 on paper",
        "parameters": [LANGUAGE, _ACCEPT, REQUEST_ID],
        "requestBody": {"required": True, "content": {JSON: {"schema": ref("NoticeRequest"), "examples": examples}}},
        "responses": {
            "200": {"description": "The notice", "headers": HEADERS, "content": pages},
            "400": problem_response("The body is not JSON, or not as strict as it has to be"),
            "413": problem_response("The body is too large"),
            "415": problem_response("The body is not uncompressed application/json"),
            "422": problem_response("The request is not valid, or a determination is asked for where nothing is determined"),
            "500": problem_response("Nothing was issued"),
        },
    }
    return {"/v1/notice": {"post": operation}}
