"""What the commands over populations share: the question that options ask, and words for whatever ends a run early."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.engine import Incident, InputError, InputFault, Language
from app.intake.reader import today_in_china
from app.language import NATION, FactDictionary, Rulebook
from app.terminal import render_input_faults, word

from .session import BAD_INPUT, FAILED, INCIDENT, Session, one_of

if TYPE_CHECKING:
    from app.population.question import Question
    from app.population.runs.manifest import Manifest

INTERRUPTED = 130


def asked_questions(
    rulebook: Rulebook,
    before: Manifest | None,
    schemes: list[str] | None,
    as_of: str | None,
    against_as_of: str | None,
    region: str | None,
    reforms: list[str] | None,
    assumptions: dict[str, Decimal | bool],
    *,
    outputs: bool,
) -> tuple[Question, Question | None]:
    """What is asked, and what it is compared with; what is not stated is as in the run gone on with."""
    from app.population.question import Question
    from app.population.runs.manifest import recorded_questions

    old, old_after = (None, None) if before is None else recorded_questions(before, rulebook.facts)
    day = _day("--as-of", as_of) or (old.as_of if old else today_in_china())
    baseline = Question(
        as_of=day,
        schemes=tuple(schemes or (old.schemes if old else in_force(rulebook, day, tuple(reforms or ())))),
        reforms=old.reforms if old else (),
        region=region or (old.region if old else NATION),
        assumptions=assumptions or (old.assumptions if old else {}),
        outputs=outputs or (old is not None and old.outputs),
    )
    other = _day("--against-as-of", against_as_of) or (old_after.as_of if old_after else day)
    tried = tuple(reforms or (old_after.reforms if old_after else ()))
    if other == day and not tried:
        return baseline, None
    return baseline, Question(other, baseline.schemes, tried, baseline.region, baseline.assumptions, baseline.outputs)


def in_force(rulebook: Rulebook, day: date, reforms: tuple[str, ...] = ()) -> list[str]:
    """Every scheme that is in force on a day, somewhere, or founded by a reform; all where none is, for the question's own check to say so."""
    known = tuple(each for each in reforms if each in rulebook.proposals())
    found = {scheme for region in rulebook.regions() for law in ((), known) for scheme in rulebook.at(day, region, law).schemes}
    return [scheme for scheme in rulebook.scheme_ids() if scheme in found] or rulebook.scheme_ids()


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a date that exists, written YYYY-MM-DD.", param_hint=option) from None


def read_assumptions(stated: list[str], dictionary: FactDictionary) -> dict[str, Decimal | bool]:
    """`name=value` each; whether a rate is within its bounds is checked with the question."""
    found: dict[str, Decimal | bool] = {}
    for text in stated:
        name, sign, value = text.partition("=")
        assumption = dictionary.assumptions.get(name)
        if not sign or assumption is None:
            raise typer.BadParameter(f"'{text}' is not NAME=VALUE with one of {', '.join(dictionary.assumptions)}.", param_hint="--assume")
        if assumption.kind == "boolean":
            found[name] = one_of(f"--assume {name}", value, ("true", "false")) == "true"
            continue
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise typer.BadParameter(f"'{value}' is not a number such as 0.03.", param_hint=f"--assume {name}")
        found[name] = number
    return found


@contextmanager
def telling(session: Session, language: Language, out: Path | str | None = None) -> Iterator[None]:
    """Whatever ends a command early, in words, with an exit code of its own; `out` is where an interrupted run can be gone on with."""
    from app.population.kernel import CompilerError, KernelError

    try:
        yield
    except InputError as error:
        session.stop(render_input_faults(error.faults, language), BAD_INPUT)
    except KernelError as error:
        session.stop(f"These rules cannot be compiled: {error}. Add --exact to have every row computed by the exact engine.", FAILED)
    except CompilerError as error:
        session.stop(f"The rules cannot be compiled: {error} Or add --exact.", FAILED)
    except Incident as error:
        session.stop(f"Nothing may be issued: {error} Please report this with those rows.", INCIDENT)
    except KeyboardInterrupt:
        if out is None:
            raise
        session.stop(word("run_interrupted", language, out=out), INTERRUPTED)
    except OSError as error:
        if out is not None and (error.errno == errno.ENOSPC or "No space left" in str(error)):
            session.stop(word("run_disk_full", language, out=out), FAILED)
        session.stop(render_input_faults([InputFault("", "failed", f"读写失败：{error}", f"reading or writing failed: {error}")], language), FAILED)
