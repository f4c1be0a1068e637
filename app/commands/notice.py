"""`shebao notice`: a case as a notice, a page or A4 on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.advice.notices import FORMATS, notice, notice_question, notice_reader
from app.engine import Incident, InputError, InputFault
from app.intake import read_json
from app.terminal import render_input_faults, word

from .advising import CaseFile, read_case
from .options import Lang, Release
from .session import BAD_INPUT, INCIDENT, Session, one_of


def make_notice(
    context: typer.Context,
    case: CaseFile,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where it goes: a .pdf or .html file.")],
    reference: Annotated[str | None, typer.Option(metavar="TEXT", help="The reference number. (default: made of case and rules)")] = None,
    office: Annotated[str | None, typer.Option(metavar="TEXT", help="The office that issues it.")] = None,
    issued: Annotated[str | None, typer.Option(metavar="DATE", help="The day of issue. (default: today)")] = None,
    determination: Annotated[bool, typer.Option("--determination", help="The office has determined so and a person confirmed it; else it is an estimate.")] = False,
    release: Release = None,
    language: Lang = "zh",
) -> None:
    """Write a case as a notice: amounts, conditions, law, facts, how to object."""
    session: Session = context.obj
    form = one_of("--out", out.suffix.removeprefix(".").lower(), FORMATS)
    own = {"release": release, "format": form, "reference": reference, "office": office, "issued": issued, "determination": determination or None}
    body = read_case(case, session)
    try:
        desk, value = session.desks().asked(_with(read_json(body), own))
        asked = notice_reader(desk.cases).read_value(value)
        made = notice(desk.engine, asked.request, notice_question(asked.own), language)
    except InputError as error:
        session.stop(render_input_faults(error.faults, language), BAD_INPUT)
    except Incident as error:
        session.stop(f"Nothing may be issued: {error} Please report this with the case.", INCIDENT)
    try:
        out.write_bytes(made.body)
    except OSError as error:
        session.stop(f"'{out}' cannot be written: {error.strerror}.", BAD_INPUT)
    session.say(word("notice_written", language, file=out))


def _with(value: Any, own: dict[str, Any]) -> dict[str, Any]:
    """A case's fields with options over them; `trace` is of no use here. Raises InputError on what is no case."""
    if not isinstance(value, dict):
        raise InputError([InputFault("", "wrong_type", "正文应为 JSON 对象。", "the body must be a JSON object.")])
    stated = {name: each for name, each in own.items() if each is not None}
    return {**{name: each for name, each in value.items() if name != "trace"}, **stated}
