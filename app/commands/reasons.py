"""`shebao explain` and `shebao reasons`: why results moved, of one person and of a whole run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

import typer

from app.engine import Incident, InputError, Language, render_reasons
from app.terminal import render_case_reasons, render_input_faults, render_run_reasons, word

from .session import BAD_INPUT, FAILED, INCIDENT, Session, one_of

_RUN = typer.Argument(metavar="RUN", help="The folder of a run that compared two laws (shebao simulate --reform ...).")
_LANG = typer.Option(help="zh or en.")


def explain_run(
    context: typer.Context,
    run: Annotated[Path, _RUN],
    person: Annotated[str, typer.Argument(metavar="PERSON_ID", help="Whom to explain; the row's number where people have no id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
    lang: Annotated[str, _LANG] = "zh",
) -> None:
    """Explain why one person's result moved: every rule that differs, and the amendment behind it."""
    session: Session = context.obj
    language = cast(Language, one_of("--lang", lang, ("zh", "en")))
    rulebook = session.rulebook()
    with _telling(session, language):
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
    lang: Annotated[str, _LANG] = "zh",
) -> None:
    """Rank the amendments of a run by how much of the whole change each carries."""
    session: Session = context.obj
    language = cast(Language, one_of("--lang", lang, ("zh", "en")))
    rulebook = session.rulebook()
    with _telling(session, language):
        from app.population import reasons

        opened = reasons.open_finished(run, rulebook)
        with session.err.status(word("compiling", language)) as status:

            def watch(step: reasons.ReasonsProgress) -> None:
                status.update(word("reasons_so_far", language, rows=f"{step.rows:,}", total=f"{step.total:,}", laws=step.laws))

            found = reasons.run_reasons(opened, sample=sample or None, seed=seed, exact=exact, watch=watch)
        written = reasons.write_reasons(found, run)
        session.say(render_run_reasons(found, language))
        session.say(word("reasons_files", language, files=", ".join(map(str, written))))


@contextmanager
def _telling(session: Session, language: Language) -> Iterator[None]:
    """Whatever ends a command early, in words, with an exit code of its own."""
    from app.population.kernel import CompilerError

    try:
        yield
    except InputError as error:
        session.stop(render_input_faults(error.faults, language), BAD_INPUT)
    except CompilerError as error:
        session.stop(f"The rules cannot be compiled: {error} Or add --exact.", FAILED)
    except Incident as error:
        session.stop(f"Nothing may be issued: {error} Please report this with the person's row.", INCIDENT)
    except OSError as error:
        session.stop(f"Reading or writing failed: {error}", FAILED)
