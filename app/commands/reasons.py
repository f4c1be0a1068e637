"""`shebao explain` and `shebao reasons`: why results moved, of one person and of a whole run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.engine import render_reasons
from app.terminal import render_case_reasons, render_run_reasons, word

from .asking import telling
from .options import Lang, Release
from .session import Session

_RUN = typer.Argument(metavar="RUN", help="The folder of a run that compared two laws (shebao simulate --reform ...).")


def explain_run(
    context: typer.Context,
    run: Annotated[Path, _RUN],
    person: Annotated[str, typer.Argument(metavar="PERSON_ID", help="Whom to explain; the row's number where people have no id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
    release: Release = None,
    language: Lang = "zh",
) -> None:
    """Explain why one person's result moved: every rule that differs, and the amendment behind it."""
    session: Session = context.obj
    rulebook = session.rulebook(release)
    with telling(session, language):
        from app.population.reasons import explain_person, open_finished

        reasons = render_reasons(explain_person(open_finished(run, rulebook), person), language)
        if as_json:
            typer.echo(json.dumps(reasons, ensure_ascii=False, indent=2))
        else:
            session.say(render_case_reasons(reasons, language))


def run_reasons(
    context: typer.Context,
    run: Annotated[Path, _RUN],
    sample: Annotated[int, typer.Option(min=0, metavar="N", help="How many people, drawn at random, the shares rest on; 0 is everyone.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="Which people are drawn.")] = 0,
    exact: Annotated[bool, typer.Option("--exact", help="Ask the exact engine: no compiling, but slow beyond some thousand people.")] = False,
    release: Release = None,
    language: Lang = "zh",
) -> None:
    """Rank the amendments of a run by how much of the whole change each carries."""
    session: Session = context.obj
    rulebook = session.rulebook(release)
    with telling(session, language):
        from app.population import reasons

        opened = reasons.open_finished(run, rulebook)
        with session.err.status(word("compiling", language)) as status:

            def watch(step: reasons.ReasonsProgress) -> None:
                status.update(word("reasons_so_far", language, rows=f"{step.rows:,}", total=f"{step.total:,}", laws=step.laws))

            found = reasons.run_reasons(opened, sample=sample or None, seed=seed, exact=exact, watch=watch)
        written = reasons.write_reasons(found, run)
        session.say(render_run_reasons(found, language))
        session.say(word("reasons_files", language, files=", ".join(map(str, written))))

