"""POST /v1/notice: a result as a page or on paper. It answers bytes, so it is no call of `app.advice`'s list."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from app.advice.notices import TYPES, Format, NoticeQuestion, notice, notice_question, notice_reader

from .advice import asked_body
from .answers import answer_headers
from .languages import language_of_request

PATH = "/v1/notice"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

blueprint = Blueprint("notices", __name__)


@blueprint.post(PATH)
def make_notice() -> Response:
    """Read the body, evaluate, set the page. InputError and Incident become problem documents in `errors`."""
    language = language_of_request()
    desk, value = asked_body()
    asked = notice_reader(desk.cases).read_value(value)
    question = notice_question(asked.own)
    made = notice(desk.engine, asked.request, replace(question, form=_form(question)), language)
    response = Response(made.body, 200, answer_headers(made.type, language, "no-store"))
    response.headers["Content-Disposition"] = f'inline; filename="{made.name}"'
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    response.headers["Vary"] = "Accept, Accept-Language"
    return response


def _form(question: NoticeQuestion) -> Format:
    """What the body names, else what the client would rather have; a page where it says nothing."""
    if question.form is not None:
        return question.form
    best = request.accept_mimetypes.best_match([each.partition(";")[0] for each in TYPES.values()], default="text/html")
    return "pdf" if best == TYPES["pdf"] else "html"
