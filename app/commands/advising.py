"""What the commands of `app.advice` share: a case from a file, the call's own fields from options, the answer printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from app.advice import Call
from app.engine import Incident, InputError, InputFault, Language
from app.intake import read_json
from app.terminal import render_input_faults

from .session import BAD_INPUT, INCIDENT, Session

CaseFile = Annotated[Path, typer.Argument(metavar="CASE.json", help="A case as POST /v1/evaluate takes it; - reads standard input.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as the service gives it.")]
Render = Callable[[dict[str, Any], Language], RenderableType]


def read_case(case: Path, session: Session) -> bytes:
    """The bytes of a case file, or of standard input."""
    if str(case) == "-":
        return sys.stdin.buffer.read()
    try:
        return case.read_bytes()
    except OSError as error:
        session.stop(f"'{case}' cannot be read: {error.strerror}.", BAD_INPUT)


def advise(session: Session, call: Call, case: Path, own: Mapping[str, Any], render: Render, *, language: Language, as_json: bool) -> None:
    """Ask a call of a case and print its answer. Options stand over the file's own fields; a field that is None was not stated.

    A case file of `shebao evaluate` is taken as it is: fields that the call does not know, such as `trace`, are passed over.
    """
    body = read_case(case, session)
    try:
        value = read_json(body)
        if not isinstance(value, dict):
            raise InputError([InputFault("", "wrong_type", "正文应为 JSON 对象。", "the body must be a JSON object.")])
        stated = {name: each for name, each in own.items() if each is not None}
        answer = call.ask({**{name: each for name, each in value.items() if name not in call.without}, **stated}, session.desks(), language)
    except InputError as error:
        session.stop(render_input_faults(error.faults, language), BAD_INPUT)
    except Incident as error:
        session.stop(f"Nothing may be issued: {error} Please report this with the case.", INCIDENT)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        session.show(render(answer, language))
