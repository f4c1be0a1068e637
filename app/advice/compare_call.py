"""POST /v1/compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from app.engine import Engine, Language, Request
from app.intake import TypedField, object_reader, request_schema, today_in_china
from app.language import Rulebook

from .call import Call, Desk, Desks, Json
from .compare import Against, compare
from .compare_json import render_compare, render_compare_releases
from .compare_releases import compare_releases
from .shapes import HEAD, SOURCE, STATUS, TEXT, VALUE, by_name, listed, record

_FLAG: Json = {"type": "boolean"}
_SIDE_STATUS: Json = {**STATUS, "type": ["string", "null"], "enum": [*STATUS["enum"], None], "description": "null: there is no such scheme there and then"}
_NUMBER: Json = {"type": "string", "description": "an exact number with its sign"}
_COUNT: Json = {"type": "integer"}
_MAYBE: Json = {"type": ["string", "null"]}
_SIDES: Json = {"before": VALUE, "after": VALUE}
_SAID: Json = {"type": ["object", "null"], "properties": {"text": TEXT, "source": SOURCE, "file": TEXT}}
_LAW = record(
    {
        "as_of": {"type": "string", "format": "date"},
        "region": TEXT,
        "reforms": listed(TEXT),
        "release": TEXT,
        "results": {**by_name(record({"title": TEXT, "status": STATUS, "standing": TEXT, "benefits": by_name({"type": "object"}), "values": {"type": "object"}})), "description": "as POST /v1/evaluate gives them"},
    },
    {"left_out": {**listed(TEXT), "description": "of two releases: what of the case this one does not know, as JSON pointers"}},
)
_RESULT = record({"name": TEXT, "kind": TEXT, "title": TEXT, "moved": _FLAG, **_SIDES, "change": _MAYBE}, {"unit": TEXT})
_DIFFERENCE = record({"id": TEXT, "kind": TEXT, "title": TEXT, **_SIDES, "because": listed(TEXT)}, {"unit": TEXT, "amended": listed({"type": "object"})})
_CAUSE = record(
    {
        "id": TEXT,
        "title": TEXT,
        **_SIDES,
        "source": SOURCE,
        "file": TEXT,
        "said": {**listed(record({"what": TEXT, "before": _SAID, "after": _SAID})), "description": "what each law says, by which source, in which line of which file; null: nothing"},
    },
    {
        "amendment": {"type": "integer"},
        "file_change": {"type": "string", "enum": ["changed", "added", "removed"], "description": "of two releases: what became of the file; changed: it was edited, without an amendment"},
        "shares": listed(record({"name": TEXT, "share": _NUMBER, "percent": _MAYBE}))},
)
_SHARES = record(
    {
        "name": {**TEXT, "description": "a result, or `entitled`"},
        "total": _NUMBER,
        "method": {"type": "string", "enum": ["shapley", "in_order"]},
        "joint": _FLAG,
        "shares": {**listed(record({"share": _NUMBER, "percent": _MAYBE}, {"amendment": _COUNT, "amendments": listed(_COUNT), "file": _MAYBE})),
            "description": "they add up to the total exactly; each of an amendment, or, where these are many, of all amendments of a file"},
    }
)
_SCHEME = record(
    {
        "title": TEXT,
        "moved": _FLAG,
        "status": record({"before": _SIDE_STATUS, "after": _SIDE_STATUS}),
        "results": listed(_RESULT),
        "differences": listed(_DIFFERENCE),
        "causes": {**listed(_CAUSE), "description": "the first rules that differ, with what changed them"},
        "shares": listed(_SHARES),
    }
)
_AMENDMENT = record({"number": {"type": "integer"}, "kind": TEXT, "title": TEXT, "names": listed(TEXT), "before": listed({"type": "object"}), "after": listed({"type": "object"})})
_SHAPE = record(
    {**HEAD, "moved": _FLAG, "before": _LAW, "after": _LAW, "schemes": by_name(_SCHEME), "amendments": listed(_AMENDMENT)},
    {
        "too_many_amendments": {**_FLAG, "description": "there are too many to share a change among; docs/advice.md"},
        "files": {**record({"added": listed(TEXT), "removed": listed(TEXT), "changed": listed(TEXT)}), "description": "of two releases: the rule files that differ"},
    },
)
_BESIDE = ("as_of", "region", "reforms")
_ASKED = (*_BESIDE, "release")


def _fields(rulebook: Rulebook) -> Mapping[str, TypedField]:
    case = {name: cast(TypedField, field) for name, field in request_schema(rulebook, today_in_china).fields.items() if name in _ASKED}
    shape: Json = {
        "type": "object",
        "description": "The other law; what is left out is as in the case.",
        "properties": {name: {"$ref": f"#/components/schemas/Request/properties/{name}"} for name in _ASKED},
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"against": TypedField(object_reader({name: field.read for name, field in case.items()}), shape, required=True)}


def _answer(engine: Engine, request: Request, own: Mapping[str, Any], language: Language) -> Json:
    stated = {name: value for name, value in own["against"].items() if name != "release"}  # here it can only be this one
    return render_compare(compare(engine, request, Against(**stated)), language)


def _across(desk: Desk, value: Any, desks: Desks, language: Language) -> Json | None:
    """The answer where `against` names another release than the case's."""
    against = value.get("against") if isinstance(value, dict) else None
    if not isinstance(against, dict) or (name := against.get("release")) is None:
        return None
    other = desks.at(name, "/against/release")
    stated = {field: each for field, each in against.items() if field != "release"}
    if other.release == desk.release:
        asked = desk.reader_of(COMPARE).read_value({**value, "against": {**stated, "release": desk.release}})
        return _answer(desk.engine, asked.request, asked.own, language)
    case = {field: each for field, each in value.items() if field != "against"}
    return render_compare_releases(compare_releases(desk, other, case, stated, _BESIDE), language)


def _example(rulebook: Rulebook, case: Json) -> Json:
    """With the first reform there is, else under the law of a year before."""
    reforms = rulebook.proposals()[:1]
    year = int(case["as_of"][:4])
    return {**case, "against": {"reforms": reforms} if reforms else {"as_of": f"{year - 1}{case['as_of'][4:]}"}}


COMPARE = Call(
    name="compare",
    summary="A case under two laws (of another day, place, reform or release): both results, what differs and why, and each amendment's share",
    fields=_fields,
    answer=_answer,
    example=_example,
    shape=_SHAPE,
    across=_across,
)
