"""`shebao schemes` and `shebao diff`: what the rules know, and what an amendment changed."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from app.language import RuleError, compare_schemes
from app.terminal import VersionName, VersionNameError, render_comparison, render_rule_faults

from .options import Lang
from .session import BAD_INPUT, FAILED, Session


def schemes(
    context: typer.Context,
    language: Lang = "zh",
) -> None:
    """List the schemes, since when and in how many regions the rules know them."""
    session: Session = context.obj
    rulebook = session.rulebook()
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("scheme", "title", "from", "files", "regions"):
        table.add_column(heading, justify="right" if heading in ("files", "regions") else "left")
    for scheme in rulebook.scheme_ids():
        files = [file for file in rulebook.files if file.scheme == scheme]
        title = next((file.title.in_language(language) for file in files if file.title), "")
        first = min(file.start for file in files)
        table.add_row(scheme, title, first.isoformat(), str(len(files)), str(len({file.region for file in files})))
    session.show(table)


def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help="scheme@date\\[/region][+reform], such as pension.employee@2024-12-31/110000.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The version to compare it with, written the same way.")],
    release: Annotated[str | None, typer.Option("--release", metavar="NAME", help="The release that A is of. (default: the rules as they are)")] = None,
    against_release: Annotated[str | None, typer.Option("--against-release", metavar="NAME", help="The release that B is of. (default: that of A)")] = None,
    language: Lang = "zh",
) -> None:
    """Compare two versions of a scheme, definition by definition."""
    session: Session = context.obj
    rulebook = session.rulebook(release)
    other = rulebook if against_release is None else session.rulebook(against_release)
    try:
        changes = compare_schemes(VersionName.parse(before).find(rulebook), VersionName.parse(after).find(other))
    except VersionNameError as error:
        session.stop(str(error), BAD_INPUT)
    except RuleError as error:
        session.stop(render_rule_faults(error.faults), FAILED)
    session.say(render_comparison(changes, language))
    counts = ", ".join(f"{sum(change.what == what for change in changes)} {what}" for what in ("added", "removed", "changed"))
    session.say(f"{before} -> {after}: {counts if changes else 'no difference'}.")
