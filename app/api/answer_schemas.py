"""The shapes of answers, as JSON Schema for the OpenAPI document. Fields may be added to; none is renamed."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_FLAG: Json = {"type": "boolean"}
_TRUTH: Json = {"type": ["boolean", "null"], "description": "null: not known"}
_OBJECT: Json = {"type": "object"}
_STANDING: Json = {"type": "string", "enum": ["official", "provisional", "estimated", "unverified"]}
_CELL: Json = {"type": ["string", "boolean", "null"]}
_VALUE: Json = {
    "description": "exact numbers as decimal text, dates as YYYY-MM-DD, months as YYYY-MM; null: not known; a table as the list of its rows",
    "anyOf": [
        {"type": ["string", "boolean", "null"]},
        {"$ref": "#/components/schemas/Row"},
        {"type": "array", "items": {"anyOf": [{"type": ["string", "boolean", "null"]}, {"$ref": "#/components/schemas/Row"}]}},
    ],
}
_UNITS: Json = {"type": "object", "additionalProperties": {"type": "string"}, "description": "of a record's or a table's numbers, by field"}
_TRACED: Json = {"type": ["string", "boolean", "null", "array", "object"], "description": "a value; of a list, in the summary, its count and ends"}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


def _record(required: dict[str, Json], optional: dict[str, Json] | None = None) -> Json:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


_AS_ASKED: dict[str, Json] = {"as_of": {"type": "string", "format": "date"}, "region": _TEXT, "release": _TEXT}

_RESULT = _record(
    {
        "title": _TEXT,
        "status": {"type": "string", "enum": ["eligible", "not_eligible", "undetermined"]},
        "standing": {**_STANDING, "description": "how firm the result is: as its least firm figure"},
        "benefits": {"type": "object", "additionalProperties": _ref("Figure")},
        "values": {"type": "object", "additionalProperties": _VALUE},
        "conditions": _list(_ref("Condition")),
        "missing": {**_list(_ref("Missing")), "description": "what would settle an undetermined case"},
        "unverified": {**_list(_record({"name": _TEXT}, {"note": _TEXT})), "description": "figures nobody could confirm"},
        "trace": {**_list(_ref("TraceLine")), "description": "facts, parameters and definitions that took part, in the order computed"},
    }
)

_CONDITION = _record(
    {"id": _TEXT, "title": _TEXT, "met": _TRUTH, "source": _ref("Source")},
    {
        "left": _VALUE,
        "op": _TEXT,
        "right": _VALUE,
        "unit": _TEXT,
        "margin": {"type": "string", "description": "left minus right"},
        "required_by": {"type": "string", "description": "the parameter or definition that sets the requirement"},
        "shortfall": {**_VALUE, "description": "by how much it is missed"},
        "parts": _list(_OBJECT),
        "sentence": {"type": "string", "description": "where not met or open: what is, what has to be, what is missing, in words"},
        "matters": {"type": "boolean", "description": "where not met or open: false where another condition fails for good, so that nothing depends on this one"},
        "decides": {"type": "boolean", "description": "where not met: whether it fails for good (it rests on facts that never change, or a day has passed)"},
        "given": _FLAG,
        "file": _TEXT,
    },
)

ANSWERS: dict[str, Json] = {
    "Object": _OBJECT,
    "Status": _record({"status": _TEXT}),
    "Index": _record({"name": _TEXT, "engine": _TEXT, "release": _TEXT, "addresses": {"type": "object", "additionalProperties": _TEXT}}),
    "Source": _record({"instrument": _TEXT}, {"number": _TEXT, "article": _TEXT, "effective": _TEXT, "url": _TEXT, "note": _TEXT}),
    "Row": {"type": "object", "additionalProperties": _CELL, "description": "a record, or a row of a table: its fields by name"},
    "Figure": _record({"value": _VALUE}, {"unit": _TEXT, "units": _UNITS}),
    "Condition": _CONDITION,
    "Missing": _record(
        {"kind": {"type": "string", "enum": ["fact", "parameter", "division_by_zero", "not_in_force", "no_value"]}, "name": _TEXT, "title": _TEXT},
        {"question": _TEXT, "sentence": _TEXT, "key": _VALUE, "assumption": _TEXT, "fields": {**_list(_record({"name": _TEXT, "title": _TEXT})), "description": "what the items of a list leave out"}},
    ),
    "TraceLine": _record({"id": _TEXT}, {"kind": _TEXT, "title": _TEXT, "value": _TRACED, "unit": _TEXT, "units": _UNITS, "standing": _STANDING, "file": _TEXT}),
    "Conclusion": _record(
        {
            "scheme": _TEXT,
            "id": _TEXT,
            "kind": {"type": "string", "enum": ["exclusion", "offset", "duplicate", "suggestion", "route", "finding"]},
            "text": _TEXT,
            "source": _ref("Source"),
        }
    ),
    "Result": _RESULT,
    "Answer": _record(
        {
            **_AS_ASKED,
            "reforms": _list(_TEXT),
            "engine": _TEXT,
            "results": {"type": "object", "additionalProperties": _ref("Result")},
            "conclusions": _list(_ref("Conclusion")),
        }
    ),
    "Schemes": _record(
        {
            **_AS_ASKED,
            "reforms": _list(_TEXT),
            "schemes": _list(
                _record({"id": _TEXT, "title": _TEXT, "benefits": _list(_TEXT), "values": _list(_TEXT), "source": _ref("Source"), "href": _TEXT})
            ),
        }
    ),
    "Scheme": _record(
        {
            **_AS_ASKED,
            "reforms": _list(_TEXT),
            "id": _TEXT,
            "title": _TEXT,
            "source": _ref("Source"),
            "files": _list(_record({"version": _TEXT, "file": _TEXT, "region": _TEXT, "from": _TEXT, "binding": _FLAG, "source": _ref("Source")})),
            "parameters": _list(_record({"name": _TEXT, "title": _TEXT, "type": _TEXT, "source": _ref("Source"), "file": _TEXT, "version": _TEXT})),
            "definitions": _list(_ref("Definition")),
            "conditions": _list(_ref("Definition")),
            "benefits": _list(_ref("Definition")),
            "conclusions": _list(_OBJECT),
        },
        {"claim": _ref("Claim")},
    ),
    "Claim": _record(
        {"standing": _STANDING, "sources": _list(_ref("Source")), "files": _list(_TEXT)},
        {"where": _TEXT, "documents": _list(_TEXT), "deadline": _TEXT},
    ),
    "Definition": _record(
        {
            "name": _TEXT,
            "title": _TEXT,
            "type": _TEXT,
            "output": _FLAG,
            "versions": _list(_record({"version": _TEXT, "standing": _STANDING, "source": _ref("Source"), "file": _TEXT})),
        },
        {"unit": _TEXT, "units": _UNITS, "paid_to": _TEXT, "counts_as": _TEXT},
    ),
    "FactDictionary": _record(
        {
            "release": _TEXT,
            "facts": _list(_record({"name": _TEXT, "kind": _TEXT, "title": _TEXT, "file": _TEXT})),
            "checks": _list(_OBJECT),
            "assumptions": _list(_record({"name": _TEXT, "kind": _TEXT, "title": _TEXT})),
        }
    ),
    "Releases": _record(
        {
            "engine": _TEXT,
            "releases": _list(
                _record(
                    {"id": _TEXT, "tag": _TEXT, "tags": _list(_TEXT), "running": _FLAG, "schemes": _list(_TEXT), "regions": _list(_TEXT), "reforms": _list(_TEXT)},
                    {"kept": {"type": "string", "format": "date-time"}, "error": {**_TEXT, "description": "what is wrong with it: nothing is answered from it"}},
                )
            ),
        },
        {"error": {**_TEXT, "description": "why the kept releases cannot be listed"}},
    ),
    "Simulation": _record(
        {
            "id": _TEXT,
            "state": {"type": "string", "enum": ["queued", "running", "finished", "failed", "cancelled"]},
            "progress": {"type": "number", "minimum": 0, "maximum": 1},
            "created": {"type": "string", "format": "date-time"},
            "request": {**_OBJECT, "description": "the question as it was understood"},
            "links": _record({"self": _TEXT}, {"report": _TEXT, "page": _TEXT, "files": {"type": "object", "additionalProperties": _TEXT}}),
        },
        {
            "stage": {"type": "string", "enum": ["people", "compiling", "evaluating", "next_yuan", "report"]},
            "seconds_left": {"type": "integer", "description": "an estimate"},
            "ahead": {"type": "integer", "description": "simulations queued before this one"},
            "started": {"type": "string", "format": "date-time"},
            "finished": {"type": "string", "format": "date-time"},
            "error": _record({"code": _TEXT, "detail": _TEXT, "errors": _list(_OBJECT)}),
        },
    ),
    "SimulationReport": _record(
        {
            "as_of": _TEXT,
            "region": _TEXT,
            "release": _TEXT,
            "reforms": _list(_TEXT),
            "against_as_of": {"type": ["string", "null"]},
            "rejected_rows": {"type": "integer"},
            "summary": {**_list(_record({"scheme": _TEXT, "basis": _TEXT, "rows": {"type": "integer"}, "persons": _TEXT})), "description": "a scheme each; docs/reports.md defines the figures"},
            "notes": _list(_record({"zh": _TEXT, "en": _TEXT})),
            "tables": _list(_record({"name": _TEXT, "title": _OBJECT, "rows": {"type": "integer"}})),
            "files": _list(_TEXT),
        },
        {name: _list(_OBJECT) for name in ("gainers_losers", "inequality", "cliffs", "pool")},
    ),
    "Problem": _record(
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "instance": _TEXT,
            "errors": _list(_record({"pointer": {"type": "string", "description": "a JSON pointer (RFC 6901)"}, "code": _TEXT, "detail": _TEXT})),
        }
    ),
}
