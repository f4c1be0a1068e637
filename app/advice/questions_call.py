"""POST /v1/questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from app.engine import Engine, InputFault, Language, Request
from app.intake import TypedField, names_reader, names_shape
from app.language import Rulebook

from .call import Call, Json
from .questions import questions
from .questions_json import render_questions
from .shapes import HEAD, SOURCE, STATUS, TEXT, VALUE, by_name, listed, record

_COUNT: Json = {"type": "integer", "minimum": 0}
_FLAG: Json = {"type": "boolean"}
_RULE = {"id": TEXT, "kind": {"type": "string", "enum": ["condition", "benefit", "definition"]}, "title": TEXT, "source": SOURCE, "file": TEXT}
_KINDS: Json = {"type": "string", "enum": ["enum", "date", "month", "whole", "number", "boolean", "region", "list", "record"]}
_QUESTION = record(
    {
        "name": {**TEXT, "description": "the fact to state under facts"},
        "kind": _KINDS,
        "title": TEXT,
        "optional": {**_FLAG, "description": "the rules say what holds without an answer"},
        "why": {**listed(record({"scheme": TEXT, **_RULE}, {"through": record(_RULE)})), "description": "the conditions and amounts that hang on the answer"},
    },
    {
        "question": TEXT,
        "lookup": {**TEXT, "description": "where an office looks it up"},
        "choices": listed(record({"value": VALUE, "title": TEXT})),
        "unit": TEXT,
        "at_least": TEXT,
        "at_most": TEXT,
        "decimals": _COUNT,
        "earliest": TEXT,
        "latest": TEXT,
        "max_items": _COUNT,
        "fields": {**listed({"type": "object"}), "description": "of a list or a record, as GET /v1/facts has them"},
        "one_of": listed(TEXT),
        "example": {},
    },
)
_MISSING: Json = {"$ref": "#/components/schemas/Missing"}
_SCHEME = record(
    {
        "title": TEXT,
        "settled": {**_FLAG, "description": "no answer can change status or amounts"},
        "status": {"anyOf": [STATUS, {"type": "null"}], "description": "null: open"},
        "open": listed(record({**_RULE, "facts": listed(TEXT)})),
        "not_known": {**listed(_MISSING), "description": "what no question settles: figures not published, facts left out"},
    },
    {"standing": TEXT},
)
_PROGRESS = record({"answered": _COUNT, "expected": _COUNT, "at_most": _COUNT, "percent": {"type": "integer", "minimum": 0, "maximum": 100}})
_SHAPE = record(
    {
        **HEAD,
        "settled": _FLAG,
        "questions": {**listed(_QUESTION), "description": "best first"},
        "results": by_name(_SCHEME),
        "left_out": listed(TEXT),
        "progress": _PROGRESS,
    }
)


def _unknown_fact(name: str, _: tuple[str, ...]) -> ValidationError:
    zh, en = f"没有名为 '{name[:40]}' 的事实。见 GET /v1/facts。", f"there is no fact '{name[:40]}'. See GET /v1/facts."
    return ValidationError([InputFault("", "unknown_name", zh, en)])


def _fields(rulebook: Rulebook) -> Mapping[str, TypedField]:
    names = tuple(rulebook.facts.facts)
    shape = {**names_shape(names, 0, len(names)), "description": "Facts that nobody will state: they are not asked for, and the rules' defaults hold."}
    return {"left_out": TypedField(names_reader(names, 0, len(names), _unknown_fact), shape, load_default=())}


def _answer(engine: Engine, request: Request, own: Mapping[str, Any], language: Language) -> Json:
    return render_questions(questions(engine, request, own["left_out"]), language)


def _example(_: Rulebook, case: Json) -> Json:
    """The case with hardly a fact known."""
    return {**case, "facts": dict(list(case["facts"].items())[:1])}


QUESTIONS = Call(
    name="questions",
    summary="The fewest questions still worth asking, best first, each with the reason why it is asked",
    fields=_fields,
    answer=_answer,
    example=_example,
    shape=_SHAPE,
)
