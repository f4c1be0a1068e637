"""The calls of `app.advice` in the OpenAPI document."""

from __future__ import annotations

from app.advice import CALLS, Call
from app.language import Rulebook

from .answers import JSON
from .examples import example_body
from .openapi_parts import HEADERS, LANGUAGE, REQUEST_ID, Json, problem_response, ref


def advice_paths(rulebook: Rulebook) -> dict[str, Json]:
    return {f"/v1/{call.name}": {"post": _operation(call, rulebook)} for call in CALLS}


def advice_schemas(shapes: dict[str, Json]) -> dict[str, Json]:
    """Components: the bodies, whose shapes are told by call, and the answers."""
    found: dict[str, Json] = {}
    for call in CALLS:
        found[_component(call, "Request")] = shapes[call.name]
        found[_component(call, "Answer")] = call.shape
    return found


def _operation(call: Call, rulebook: Rulebook) -> Json:
    case = example_body(rulebook)
    case.pop("trace", None)
    example = {"summary": call.summary, "value": call.example(rulebook, case)}
    body = {JSON: {"schema": ref(_component(call, "Request")), "examples": {"case": example}}}
    return {
        "operationId": call.name.replace("-", "_"),
        "summary": call.summary,
        "parameters": [LANGUAGE, REQUEST_ID],
        "requestBody": {"required": True, "content": body},
        "responses": {
            "200": {"description": "The answer", "headers": HEADERS, "content": {JSON: {"schema": ref(_component(call, "Answer"))}}},
            "400": problem_response("The body is not JSON, or not as strict as it has to be"),
            "413": problem_response("The body is too large"),
            "415": problem_response("The body is not uncompressed application/json"),
            "422": problem_response("The request is not valid; every fault is listed with its pointer"),
            "500": problem_response("Nothing was issued"),
        },
    }


def _component(call: Call, part: str) -> str:
    return "".join(word.capitalize() for word in call.name.replace("/", "-").split("-")) + part
