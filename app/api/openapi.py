"""The OpenAPI 3.1 document: requests from the marshmallow schemas (so from the fact dictionary), answers by hand."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema
from marshmallow.fields import Field

from app import __version__
from app.intake import TypedField, facts_schema
from app.intake.schemas import MAX_NAME, RELEASE_MEANING
from app.language import Rulebook

from .advice_openapi import advice_paths, advice_schemas
from .answer_schemas import ANSWERS
from .answers import JSON
from .batch_openapi import batch_paths, batch_schemas
from .examples import EXAMPLE_DAY, example_body, example_schemes, sparse_body
from .notices_openapi import notice_paths
from .openapi_parts import HEADERS, LANGUAGE, REQUEST_ID, Json, problem_response, ref
from .simulation_openapi import simulation_paths

_DESCRIPTION = """What a person is entitled to under China's social insurance, when, and how much; with the articles of law.

Money and every other exact number travel as decimal text ("4321.09"). Dates are YYYY-MM-DD, months YYYY-MM.
Texts come in Chinese, or in English with `Accept-Language: en`. Errors are problem documents (RFC 9457) that
name every fault with its JSON pointer. Nothing that is sent for an evaluation is kept or logged. Of a simulation the
question and its summed-up results are kept for a while, under a name that only the asker is told.
An answer is a reading of the law as encoded, not an official decision.
"""


def build_document(rulebook: Rulebook, request: Schema, simulation: Schema, advice: dict[str, Json], notice: Json) -> Json:
    """The document for one rulebook: its facts, schemes and reforms are spelled out.

    The schemas are of the bodies that are read; `advice` has the bodies' shapes of the advice calls by name,
    `notice` is that of a notice.
    """
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="Shebao 社保",
        version=__version__,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": _DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=[{"url": "/"}],
    )
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(_shape_of)  # type: ignore[no-untyped-call]
    spec.components.schema("Facts", schema=facts_schema(rulebook.facts))
    spec.components.schema("Request", schema=request)
    spec.components.schema("SimulationRequest", schema=simulation)
    spec.components.schema("NoticeRequest", notice)
    for name, shape in {**ANSWERS, **advice_schemas(advice), **batch_schemas(list(request.fields))}.items():
        spec.components.schema(name, shape)
    for path, operations in _paths(rulebook).items():
        spec.path(path=path, operations=operations)
    return spec.to_dict()


def _shape_of(_: Any, field: Field[Any], **__: Any) -> Json:
    return field.shape if isinstance(field, TypedField) else {}


def _paths(rulebook: Rulebook) -> dict[str, Json]:
    return {
        "/v1/evaluate": {"post": _evaluate(rulebook)},
        **batch_paths(rulebook),
        "/v1/schemes": {"get": _get("schemes", "The schemes in force on a day in a place", "Schemes", _day_and_place(rulebook))},
        "/v1/schemes/{id}": {"get": _scheme(rulebook)},
        "/v1/facts": {"get": _get("facts", "The fact dictionary: every input there is", "FactDictionary", [_release(rulebook), LANGUAGE])},
        "/v1/releases": {"get": _get("releases", "The releases of the rules this server answers from: the running one, and those that are kept", "Releases", [LANGUAGE])},
        **advice_paths(rulebook),
        **notice_paths(rulebook),
        **simulation_paths(rulebook),
        "/openapi.json": {"get": _get("openapi", "This document", "Object", [])},
        "/healthz": {"get": _get("alive", "Whether the process is alive", "Status", [], cached=False)},
        "/readyz": {"get": _ready()},
        "/": {"get": _get("index", "The addresses there are", "Index", [LANGUAGE])},
    }


def _evaluate(rulebook: Rulebook) -> Json:
    examples = {
        "case": {"summary": "A case with every fact known", "value": example_body(rulebook)},
        "release": {"summary": "The same by a release named", "value": {**example_body(rulebook), "release": rulebook.release}},
        "sparse": {"summary": "Hardly a fact known: the answer names what is missing", "value": sparse_body(rulebook)},
    }
    return {
        "operationId": "evaluate",
        "summary": "Evaluate one case and explain the answer",
        "parameters": [LANGUAGE, REQUEST_ID],
        "requestBody": {"required": True, "content": {JSON: {"schema": ref("Request"), "examples": examples}}},
        "responses": {
            "200": {"description": "The answer, with its reasons", "headers": HEADERS, "content": {JSON: {"schema": ref("Answer")}}},
            "400": problem_response("The body is not JSON, or not as strict as it has to be"),
            "413": problem_response("The body is too large"),
            "415": problem_response("The body is not uncompressed application/json"),
            "422": problem_response("The request is not valid; every fault is listed with its pointer"),
            "500": problem_response("Nothing was issued"),
        },
    }


def _scheme(rulebook: Rulebook) -> Json:
    served = example_schemes(rulebook)
    name: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    if served:
        name["example"] = served[0]
    operation = _get("scheme", "One scheme with its parameters, definitions, conditions and sources", "Scheme", [name, *_day_and_place(rulebook)])
    operation["responses"]["404"] = problem_response("There is no such scheme, or it was not in force then and there")
    return operation


def _ready() -> Json:
    operation = _get("ready", "Whether the self-test at start-up has passed", "Status", [], cached=False)
    operation["responses"]["503"] = problem_response("The self-test has not passed")
    return operation


def _get(name: str, summary: str, answer: str, parameters: list[Json], *, cached: bool = True) -> Json:
    responses: Json = {"200": {"description": summary, "headers": HEADERS, "content": {JSON: {"schema": ref(answer)}}}}
    if cached:
        parameters = [*parameters, _IF_NONE_MATCH]
        responses["304"] = {"description": "What you hold is still right"}
    if any(each["in"] == "query" for each in parameters):
        responses["400"] = problem_response("The query is not valid")
    return {"operationId": name, "summary": summary, "parameters": [*parameters, REQUEST_ID], "responses": responses}


def _day_and_place(rulebook: Rulebook) -> list[Json]:
    day = {
        "name": "as_of",
        "in": "query",
        "description": "The day whose law is asked for; today in Shanghai if left out",
        "schema": {"type": "string", "format": "date"},
        "example": EXAMPLE_DAY.isoformat(),
    }
    place = {
        "name": "region",
        "in": "query",
        "description": "GB/T 2260 code of the place; the nation if left out",
        "schema": {"type": "string", "pattern": "^[0-9]{6}$", "default": "000000"},
        "example": "110000",
    }
    reforms = {
        "name": "reforms",
        "in": "query",
        "description": "Names of proposals to apply, with commas between them; none if left out",
        "schema": {"type": "string", "default": ""},
        "example": "",
    }
    return [day, place, reforms, _release(rulebook), LANGUAGE]


def _release(rulebook: Rulebook) -> Json:
    return {"name": "release", "in": "query", "description": RELEASE_MEANING, "schema": {"type": "string", "maxLength": MAX_NAME}, "example": rulebook.release}


_IF_NONE_MATCH: Json = {"name": "If-None-Match", "in": "header", "description": "The ETag of an answer you hold", "schema": {"type": "string"}}
