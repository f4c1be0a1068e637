"""`shebao compare`: a case under two laws."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.advice.compare_call import COMPARE
from app.terminal import render_compare

from .advising import AsJson, CaseFile, advise
from .options import Lang, Release
from .session import Session


def compare(
    context: typer.Context,
    case: CaseFile,
    as_of: Annotated[str | None, typer.Option("--against-as-of", metavar="DATE", help="Compare with the law of this day.")] = None,
    region: Annotated[str | None, typer.Option("--against-region", metavar="CODE", help="Compare with the law of this place.")] = None,
    reform: Annotated[list[str] | None, typer.Option("--against-reform", metavar="NAME", help="Compare with this reform; several are applied together.")] = None,
    other: Annotated[str | None, typer.Option("--against-release", metavar="NAME", help="Compare with this release: its id, the beginning of one, or a tag.")] = None,
    release: Release = None,
    as_json: AsJson = False,
    language: Lang = "zh",
) -> None:
    """Show a case under two laws, of two days, places, reforms or releases: both results, what differs and why, and how much each amendment carries."""
    session: Session = context.obj
    stated = {"as_of": as_of, "region": region, "reforms": reform, "release": other}
    against: dict[str, Any] = {name: value for name, value in stated.items() if value is not None}
    advise(session, COMPARE, case, {"release": release, "against": against or None}, render_compare, language=language, as_json=as_json)
