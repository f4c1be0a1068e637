"""POST /v1/explain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.engine import Engine, Evaluation, Language, Request
from app.intake import TypedField, enum_reader
from app.language import Rulebook

from .call import Call, Json
from .caseworker import for_caseworker
from .citizen import for_citizen
from .heads import law_head
from .paragraphs import Section, as_markdown, as_text
from .shapes import HEAD, SOURCE, STATUS, TEXT, by_name, listed, record
from .told import Told

Reader = Literal["citizen", "caseworker"]
READERS: tuple[Reader, ...] = ("citizen", "caseworker")

_PARAGRAPH = record(
    {"kind": {**TEXT, "description": "result, amount, when, why, why_not, missing, next, note, basis, standing, condition, step, figure, fact, doubt, ..."}, "text": TEXT, "sources": listed(SOURCE)},
    {"scheme": TEXT, "id": {**TEXT, "description": "the rule, condition, figure or fact it is about"}, "file": TEXT},
)
_SHAPE = record(
    {
        **HEAD,
        "for": {"type": "string", "enum": list(READERS)},
        "statuses": by_name(STATUS),
        "paragraphs": listed(_PARAGRAPH),
        "text": {**TEXT, "description": "the same as plain text"},
        "markdown": {**TEXT, "description": "the same as Markdown"},
    }
)


def words(evaluation: Evaluation, reader: Reader, language: Language) -> tuple[Section, ...]:
    """The text of a finished evaluation for one reader."""
    told = Told(evaluation, language)
    return for_citizen(told) if reader == "citizen" else for_caseworker(told)


def _fields(_: Rulebook) -> Mapping[str, TypedField]:
    shape: Json = {"type": "string", "enum": list(READERS), "default": "citizen", "description": "citizen: plain and short; caseworker: complete, for the file"}
    return {"for": TypedField(enum_reader(READERS), shape, load_default="citizen")}


def _answer(engine: Engine, request: Request, own: Mapping[str, Any], language: Language) -> Json:
    evaluation = engine.evaluate(request)
    sections = words(evaluation, own["for"], language)
    return {
        **law_head(request, evaluation.program.law.release),
        "for": own["for"],
        "statuses": {each.scheme: each.status for each in evaluation.outcomes},
        "paragraphs": [each.to_json() for section in sections for each in section.paragraphs],
        "text": as_text(sections, language),
        "markdown": as_markdown(sections, language),
    }


def _example(_: Rulebook, case: Json) -> Json:
    return {**case, "for": "citizen"}


EXPLAIN = Call(
    name="explain",
    summary="A case in words: for a citizen (short, plain) or for the file (complete, from the amount to the law)",
    fields=_fields,
    answer=_answer,
    example=_example,
    shape=_SHAPE,
)
