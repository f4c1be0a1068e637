"""POST /v1/timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.engine import Engine, Language, Request
from app.intake import FIRST_AS_OF, LAST_AS_OF, TypedField, enum_reader, month_reader
from app.language import Rulebook, YearMonth

from .call import Call, Json
from .shapes import HEAD, MONTH, SOURCE, STATUS, TEXT, VALUE, by_name, listed, record
from .timeline import MAX_MONTHS, TimelineQuestion, timeline
from .timeline_json import render_timeline

_MOVED = record({"id": TEXT, "title": TEXT, "before": VALUE, "after": VALUE, "source": SOURCE}, {"unit": TEXT})
_ROW = record({"key": VALUE, "value": VALUE})
_CHANGE = record(
    {"month": MONTH, "conditions": listed(_MOVED), "benefits": listed(_MOVED), "because": listed(_MOVED)},
    {
        "status": record({"before": STATUS, "after": STATUS}),
        "figures": listed(record({"id": TEXT, "title": TEXT, "before": _ROW, "after": _ROW, "source": SOURCE}, {"unit": TEXT})),
    },
)
_SCHEME = record(
    {
        "title": TEXT,
        "units": by_name(TEXT),
        "points": listed(record({"month": MONTH, "status": STATUS, "benefits": by_name(VALUE)})),
        "changes": {**listed(_CHANGE), "description": "months that differ from the month before, and what is behind it"},
    }
)
_SHAPE = record({**HEAD, "over": {**TEXT, "description": "the fact that moves"}, "results": by_name(_SCHEME)})


def _fields(rulebook: Rulebook) -> Mapping[str, TypedField]:
    movable = [name for name, fact in rulebook.facts.facts.items() if fact.kind in ("date", "month")]
    month = month_reader(FIRST_AS_OF, LAST_AS_OF)
    shape: Json = {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
    over: Json = {"type": "string", "enum": movable, "description": "The date that moves; each scheme says which is its own."}
    return {
        "from": TypedField(month, {**shape, "description": f"The first month; at most {MAX_MONTHS} in all"}, required=True),
        "to": TypedField(month, {**shape, "description": "The last month"}, required=True),
        "over": TypedField(enum_reader(movable), over, load_default=None),
    }


def _answer(engine: Engine, request: Request, own: Mapping[str, Any], language: Language) -> Json:
    return render_timeline(timeline(engine, request, TimelineQuestion(own["from"], own["to"], own["over"])), language)


def _example(_: Rulebook, case: Json) -> Json:
    start = YearMonth.of(date.fromisoformat(case["as_of"]))
    return {**case, "from": str(start), "to": str(YearMonth(start + 35))}


TIMELINE = Call(
    name="timeline",
    summary="A case at each month of a range: status and amounts, the months at which something changes, and why",
    fields=_fields,
    answer=_answer,
    example=_example,
    shape=_SHAPE,
)
