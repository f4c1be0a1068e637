"""POST /v1/what-if."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from app.engine import Engine, InputFault, Language, Request
from app.intake import FaultList, TypedField, enum_reader
from app.language import Rulebook

from .call import Call, Json
from .shapes import HEAD, MONTH, SOURCE, STATUS, TEXT, VALUE, by_name, listed, record
from .what_if import WhatIfQuestion, what_if
from .what_if_json import render_what_if
from .what_if_levers import MOST_ALLOWED

_FLAG: Json = {"type": "boolean"}
_FIGURES = by_name(record({"value": VALUE}, {"unit": TEXT, "units": by_name(TEXT)}))
_RESULT = record({"status": STATUS, "standing": TEXT, "benefits": _FIGURES, "missing": listed({"type": "object"})})
_CHANGE = record({}, {"amount": TEXT, "unit": TEXT, "days": {"type": "integer"}, "months": {"type": "integer"}})
_BEFORE = {"oneOf": [{"type": "null"}, record({"value": VALUE, "plausible": _FLAG}, {"status": STATUS, "benefits": _FIGURES})]}
_NAMED: Json = {"name": TEXT, "kind": {"type": "string", "enum": ["fact", "given"]}, "title": TEXT, "changes": {"type": "string", "enum": ["can", "past", "never"]}}
_FLIPPED = record({"id": TEXT, "title": TEXT, "before": VALUE, "after": VALUE, "source": SOURCE})
_ALTERNATIVE = record(
    {**_NAMED, "from": VALUE, "to": VALUE, "text": TEXT, "proven": _FLAG, "result": _RESULT, "conditions": listed(_FLIPPED)},
    {
        "unit": TEXT,
        "month": MONTH,
        "change": _CHANGE,
        "before": {**_BEFORE, "description": "the value next to it that does not reach the goal"},
        "until": {**record({"value": VALUE, "proven": _FLAG}), "description": "as far as it holds on that side; null: to the end"},
        "others": listed(record({"value": VALUE, "title": TEXT})),
    },
)
_SHAPE = record(
    {
        **HEAD,
        "goal": record({"scheme": TEXT, "title": TEXT, "status": STATUS}, {"benefit": TEXT, "benefit_title": TEXT, "at_least": TEXT, "at_most": TEXT}),
        "now": _RESULT,
        "reached": _FLAG,
        "text": TEXT,
        "alternatives": listed(_ALTERNATIVE),
        "nearly": {**listed(_ALTERNATIVE), "description": "changes that meet every condition though an amount is not known, where nothing reaches the goal"},
        "tried": listed(record({**_NAMED, "found": _FLAG, "proven": _FLAG}, {"unit": TEXT, "first": VALUE, "last": VALUE, "values": listed(VALUE)})),
        "left_out": listed(record({"name": TEXT, "title": TEXT, "reason": TEXT, "text": TEXT}, {"instead": listed(TEXT)})),
    }
)
_GOAL_FIELDS = ("scheme", "status", "benefit", "at_least", "at_most")
_MOST_TEXT = 100


def _refused(pointer: str, code: str, zh: str, en: str) -> InputFault:
    return InputFault(pointer, code, zh, en)


def _goal_reader(rulebook: Rulebook) -> Any:
    readers = {"scheme": enum_reader(rulebook.scheme_ids()), "status": enum_reader(("eligible", "not_eligible"))}

    def read(value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError([_refused("", "wrong_type", "应为对象，如 {\"status\": \"eligible\"}。", 'must be an object, such as {"status": "eligible"}.')])
        faults = FaultList()
        found: dict[str, Any] = {}
        for name, each in value.items():
            if name not in _GOAL_FIELDS:
                faults.unknown_field(name, _GOAL_FIELDS, "/" + name.replace("~", "~0").replace("/", "~1"))
                continue
            try:
                found[name] = readers[name](each) if name in readers else _text(each)
            except ValidationError as error:
                faults.extend(error, f"/{name}")
        _check_goal(value, faults)
        faults.refuse()
        return found

    return read


def _text(value: Any) -> str:
    """A name, or a figure as text or whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_TEXT:
        zh, en = "应为文字（金额写成 \"3000.00\"，日期 \"2027-03-01\"，月份 \"2027-03\"）。", 'must be text (an amount "3000.00", a date "2027-03-01", a month "2027-03").'
        raise ValidationError([_refused("", "wrong_type", zh, en)])
    return value


def _check_goal(found: Mapping[str, Any], faults: FaultList) -> None:
    bounds = [name for name in ("at_least", "at_most") if name in found]
    if "benefit" in found and len(bounds) != 1:
        faults.add(_refused("", "missing", "benefit 应配 at_least 或 at_most 之一。", "'benefit' goes with one of 'at_least' and 'at_most'."))
    elif bounds and "benefit" not in found:
        faults.add(_refused("", "missing", f"{bounds[0]} 须说明是哪一项待遇（benefit）。", f"'{bounds[0]}' needs the 'benefit' it is of."))
    elif "benefit" in found and "status" in found:
        faults.add(_refused("/status", "contradiction", "有 benefit 时即指符合条件并达到该数额，请去掉 status。", "a goal with a 'benefit' means eligible and that much. Remove 'status'."))


def _read_allowed(value: Any) -> tuple[str, ...]:
    fits = isinstance(value, list) and 0 < len(value) <= MOST_ALLOWED and all(isinstance(each, str) and 0 < len(each) <= _MOST_TEXT for each in value)
    if not fits:
        zh, en = f"应为名称的列表 [ … ]，1 至 {MOST_ALLOWED} 项。", f"must be a list of 1 to {MOST_ALLOWED} names."
        raise ValidationError([_refused("", "wrong_type", zh, en)])
    return tuple(dict.fromkeys(value))


def _fields(rulebook: Rulebook) -> Mapping[str, TypedField]:
    figure: Json = {"type": ["string", "integer"], "maxLength": _MOST_TEXT}
    goal: Json = {
        "type": "object",
        "description": "A status, or a benefit of at least or at most so much; left out: that the first scheme is eligible",
        "properties": {
            "scheme": {"type": "string", "enum": list(rulebook.scheme_ids()), "description": "one of those asked for; the first if left out"},
            "status": {"type": "string", "enum": ["eligible", "not_eligible"], "default": "eligible"},
            "benefit": {"type": "string", "minLength": 1, "maxLength": _MOST_TEXT},
            "at_least": figure,
            "at_most": figure,
        },
        "additionalProperties": False,
    }
    allowed: Json = {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": _MOST_TEXT},
        "minItems": 1,
        "maxItems": MOST_ALLOWED,
        "description": "Facts that may change, and definitions whose figure may be stated; left out: what the goal rests on and a person can change",
    }
    return {"goal": TypedField(_goal_reader(rulebook), goal, load_default=dict), "allowed": TypedField(_read_allowed, allowed, load_default=None)}


def _answer(engine: Engine, request: Request, own: Mapping[str, Any], language: Language) -> Json:
    return render_what_if(what_if(engine, request, WhatIfQuestion(**own["goal"], allowed=own["allowed"])), language)


def _example(_: Rulebook, case: Json) -> Json:
    return {**case, "goal": {"status": "not_eligible"}}


WHAT_IF = Call(
    name="what-if",
    summary="The smallest change of one fact that makes a case eligible, or a benefit so much, or not eligible; exact, with proof",
    fields=_fields,
    answer=_answer,
    example=_example,
    shape=_SHAPE,
)
