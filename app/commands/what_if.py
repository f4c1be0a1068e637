"""`shebao what-if`: the smallest change of one fact that reaches a goal."""

from __future__ import annotations

from typing import Annotated

import typer

from app.advice.what_if_call import WHAT_IF
from app.terminal import render_what_if

from .advising import AsJson, CaseFile, advise
from .options import Lang, Release
from .session import Session


def what_if(
    context: typer.Context,
    case: CaseFile,
    status: Annotated[str | None, typer.Option("--goal", metavar="eligible|not_eligible", help="The status wanted. (default: eligible)")] = None,
    scheme: Annotated[str | None, typer.Option(metavar="SCHEME", help="The scheme the goal is of. (default: the first asked for)")] = None,
    benefit: Annotated[str | None, typer.Option(metavar="NAME", help="A benefit, with --at-least or --at-most.")] = None,
    at_least: Annotated[str | None, typer.Option(metavar="VALUE", help="The least that the benefit is to be.")] = None,
    at_most: Annotated[str | None, typer.Option(metavar="VALUE", help="The most that the benefit is to be.")] = None,
    allow: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A fact or definition that may change; may be repeated. (default: what a person can change)")] = None,
    release: Release = None,
    as_json: AsJson = False,
    language: Lang = "zh",
) -> None:
    """Find the smallest change of one fact that makes a case eligible, or a benefit so much."""
    session: Session = context.obj
    stated = {"status": status, "scheme": scheme, "benefit": benefit, "at_least": at_least, "at_most": at_most}
    goal = {name: value for name, value in stated.items() if value is not None}
    advise(session, WHAT_IF, case, {"release": release, "goal": goal or None, "allowed": allow or None}, render_what_if, language=language, as_json=as_json)
