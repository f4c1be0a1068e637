"""Notices: a result on paper or as a page, with its law, its facts and how to object.

`notice(engine, request, question, language)` evaluates and gives the bytes with their type; `notice_reader` reads the
body. What is said of ways to object comes from `rules/notices.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.engine import Engine, Language, Request

from .content import notice_content
from .pages import to_html, to_pdf
from .question import FIELDS, FORMATS, Format, NoticeQuestion, notice_question, notice_reader

TYPES: dict[Format, str] = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Notice:
    """`name` is a file name for it, with its ending."""

    body: bytes
    type: str
    name: str


def notice(engine: Engine, request: Request, question: NoticeQuestion, language: Language) -> Notice:
    """The notice of a case. Raises InputError, Incident."""
    content = notice_content(engine.evaluate(request), engine.rulebook.notices, question, language)
    form = question.form or "html"
    return Notice(to_pdf(content) if form == "pdf" else to_html(content), TYPES[form], f"notice-{question.issued.isoformat()}.{form}")


__all__ = ["FIELDS", "FORMATS", "TYPES", "Format", "Notice", "NoticeQuestion", "notice", "notice_content", "notice_question", "notice_reader", "to_html", "to_pdf"]
