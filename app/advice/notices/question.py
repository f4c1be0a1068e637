"""What is asked of a notice beside its case: who issues it, under which number, on which day, and as what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from app.engine import InputError, InputFault
from app.fonts import has_glyph
from app.intake import (
    FIRST_AS_OF,
    LAST_AS_OF,
    ExtendedReader,
    Reader,
    RequestReader,
    TypedField,
    date_reader,
    enum_reader,
    read_boolean,
    refusal,
    today_in_china,
)

Json = dict[str, Any]
Format = Literal["html", "pdf"]
FORMATS: tuple[Format, ...] = ("html", "pdf")
MAX_REFERENCE, MAX_OFFICE = 40, 60
_REFERENCE = re.compile(r"[\w〔〕（）()\[\]/.-]+\Z")


@dataclass(frozen=True, slots=True)
class NoticeQuestion:
    """`determination` says that an office has decided so, a person of it having confirmed it; else it is an estimate.

    Without a `reference` the notice has one made of the case and the rules: the same of the same. `form` None leaves it
    to whoever answers.
    """

    issued: date
    form: Format | None = None
    reference: str | None = None
    office: str | None = None
    determination: bool = False


def notice_question(own: Mapping[str, Any]) -> NoticeQuestion:
    """The question of a body's own fields. Raises InputError on a determination by nobody."""
    if own["determination"] and own["office"] is None:
        zh, en = "核定须写明作出核定的机构（office）；估算请不填 determination。", "a determination names the office that makes it ('office'). For an estimate leave 'determination' out."
        raise InputError([InputFault("/office", "missing_field", zh, en)])
    return NoticeQuestion(own["issued"], own["format"], own["reference"], own["office"], own["determination"])


def notice_reader(cases: RequestReader) -> ExtendedReader:
    """The reader of POST /v1/notice."""
    return ExtendedReader(cases, FIELDS)


def text_reader(at_most: int, pattern: re.Pattern[str] | None = None) -> Reader:
    """One line of text that can be printed. Raises ValidationError."""

    def read(value: Any) -> str:
        if value.__class__ is not str:
            raise refusal("wrong_type", "应为文字。", "must be a text.")
        text = value.strip()
        if not text or len(text) > at_most:
            raise refusal("wrong_length", f"应为 1 至 {at_most} 个字符。", f"must have 1 to {at_most} characters.")
        if pattern is not None and not pattern.match(text):
            raise refusal("wrong_form", "只能有文字、数字和 〔〕（）()[]/.-，如 〔2026〕12号。", "may have letters, digits and 〔〕（）()[]/.- only, such as 2026-12.")
        foreign = next((sign for sign in text if (unicodedata.category(sign)[0] in "CZ" and sign != " ") or not has_glyph(sign)), None)
        if foreign is not None:
            code = f"U+{ord(foreign):04X}"
            raise refusal("not_printable", f"含有无法印出的字符（{code}）。请改用常用字。", f"has a character that cannot be printed ({code}). Use a common one.")
        return str(text)

    return read


def _text_shape(at_most: int, description: str, pattern: str | None = None) -> Json:
    shape: Json = {"type": "string", "minLength": 1, "maxLength": at_most, "description": description}
    return shape if pattern is None else {**shape, "pattern": pattern}


FIELDS: dict[str, TypedField] = {
    "format": TypedField(enum_reader(FORMATS), {"type": "string", "enum": list(FORMATS), "description": "What to answer; else as Accept says, html where it says neither"}, load_default=None),
    "reference": TypedField(
        text_reader(MAX_REFERENCE, _REFERENCE),
        _text_shape(MAX_REFERENCE, "The office's reference number; made of case and rules if left out", "^[A-Za-z0-9〔〕号/.-]+$"),
        load_default=None,
    ),
    "office": TypedField(text_reader(MAX_OFFICE), _text_shape(MAX_OFFICE, "The office that issues the notice"), load_default=None),
    "issued": TypedField(
        date_reader(FIRST_AS_OF, LAST_AS_OF), {"type": "string", "format": "date", "description": "Day of issue; today in Shanghai if left out"}, load_default=today_in_china
    ),
    "determination": TypedField(
        read_boolean,
        {"type": "boolean", "default": False, "description": "true: the office named has determined so, and a person of it has confirmed it; else the notice is an estimate"},
        load_default=False,
    ),
}
