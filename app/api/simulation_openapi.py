"""The calls of simulations in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from app.language import Rulebook

from .answers import JSON
from .examples import example_simulation
from .openapi_parts import HEADERS, LANGUAGE, REQUEST_ID, Json, problem_response, ref

_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": "As `POST /v1/simulations` named it"}
_FILE: Json = {
    "name": "file",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "As `links.files` lists it",
    "example": "summary.csv",
}
_UNKNOWN = problem_response("There is no such simulation (any more)")
_OFF = problem_response("This server cannot keep simulations")
_NOT_FINISHED = problem_response("The simulation has no report (yet)")


def simulation_paths(rulebook: Rulebook) -> dict[str, Json]:
    return {
        "/v1/simulations": {"post": _submit(rulebook)},
        "/v1/simulations/{id}": {
            "get": _operation("simulation", "How far a simulation is", {"200": _json("The simulation", "Simulation"), "404": _UNKNOWN, "503": _OFF}),
            "delete": _operation(
                "cancel_simulation",
                "Cancel a simulation that is not over; forget one that is",
                {
                    "200": _json("Cancelled, or about to be", "Simulation"),
                    "204": {"description": "Forgotten, with its results"},
                    "404": _UNKNOWN,
                    "503": _OFF,
                },
            ),
        },
        "/v1/simulations/{id}/report": {
            "get": _operation(
                "simulation_report",
                "The headline figures of a finished simulation",
                {"200": _json("The figures", "SimulationReport"), "404": _UNKNOWN, "409": _NOT_FINISHED, "503": _OFF},
            )
        },
        "/v1/simulations/{id}/files/{file}": {"get": _file()},
    }


def _submit(rulebook: Rulebook) -> Json:
    examples = {"reform": {"summary": "People drawn anew, under the law and under a reform", "value": example_simulation(rulebook)}}
    location: Json = {"Location": {"description": "Where to ask for it", "schema": {"type": "string"}}}
    retry: Json = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    accepted = _json("Queued", "Simulation")
    busy = problem_response("As many simulations wait as may")
    return {
        "operationId": "simulate",
        "summary": "Ask what the rules cost, and whom they reach, over a population; optionally compared with a reform",
        "parameters": [LANGUAGE, REQUEST_ID],
        "requestBody": {"required": True, "content": {JSON: {"schema": ref("SimulationRequest"), "examples": examples}}},
        "responses": {
            "202": {**accepted, "headers": {**accepted["headers"], **location}},
            "400": problem_response("The body is not JSON, or not as strict as it has to be"),
            "413": problem_response("The body is too large"),
            "415": problem_response("The body is not uncompressed application/json"),
            "422": problem_response("The request is not valid; every fault is listed with its pointer"),
            "429": {**busy, "headers": {**busy["headers"], **retry}},
            "503": _OFF,
        },
    }


def _file() -> Json:
    kinds = ("text/html", "text/csv", "application/vnd.apache.parquet", "image/png", JSON)
    content: Json = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    answers = {
        "200": {"description": "The file", "content": content},
        "404": problem_response("There is no such simulation or file"),
        "409": _NOT_FINISHED,
        "503": _OFF,
    }
    operation = _operation("simulation_file", "One file of a finished simulation's report", answers)
    return {**operation, "parameters": [_ID, _FILE, LANGUAGE, REQUEST_ID]}


def _operation(name: str, summary: str, responses: Json) -> Json:
    return {"operationId": name, "summary": summary, "parameters": [_ID, LANGUAGE, REQUEST_ID], "responses": responses}


def _json(description: str, schema: str) -> Json:
    found: dict[str, Any] = {"description": description, "headers": dict(HEADERS), "content": {JSON: {"schema": ref(schema)}}}
    return found
