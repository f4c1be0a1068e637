"""`shebao evaluate`: one case on the screen, or with --batch any number of them from a file into another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.engine import Incident, InputError, Language, TraceLevel, explain
from app.intake import read_json
from app.terminal import render_answer, render_input_faults

from .advising import AsJson, read_case
from .batch import BatchOptions, Format, evaluate_batch
from .options import AsOf, Assumptions, Lang, Region, Release, Schemes
from .session import BAD_INPUT, INCIDENT, Session

_CASE = typer.Argument(metavar="[CASE.json]", help="A case as POST /v1/evaluate takes it; - reads standard input.")
_PROCESSES = typer.Option(min=1, metavar="N", help="How many processes work. (default: all processors for a file, 1 for standard input)")


def evaluate(
    context: typer.Context,
    case: Annotated[Path | None, _CASE] = None,
    as_json: AsJson = False,
    language: Lang = "zh",
    trace: Annotated[TraceLevel | None, typer.Option(help="How much of the way to show. (default: what the case says)")] = None,
    batch: Annotated[Path | None, typer.Option(metavar="FILE", help="Many cases: a line of JSON each, or a CSV table; - reads standard input.")] = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="With --batch: where the answers go; - is standard output.")] = Path("-"),
    rejects: Annotated[Path | None, typer.Option(metavar="FILE", help="With --batch: where faults go, as CSV. (default: beside --out)")] = None,
    read_as: Annotated[Format | None, typer.Option("--from", help="With --batch. (default: by the file's name)")] = None,
    write_as: Annotated[Format | None, typer.Option("--to", help="With --batch. (default: by the file's name)")] = None,
    as_of: AsOf = None,
    region: Region = None,
    scheme: Schemes = None,
    reform: Annotated[list[str] | None, typer.Option("--reform", metavar="NAME", help="With --batch: a reform to apply; may be repeated.")] = None,
    assume: Assumptions = None,
    outputs: Annotated[bool, typer.Option("--outputs", help="With --batch, in CSV: also the schemes' other figures.")] = False,
    processes: Annotated[int | None, _PROCESSES] = None,
    release: Release = None,
) -> None:
    """Evaluate one case and explain the answer; or with --batch many. What a case of a batch does not say, --as-of and the like say."""
    session: Session = context.obj
    if batch is not None:
        if case is not None or as_json:
            raise typer.BadParameter("goes with neither a single case nor --json.", param_hint="--batch")
        common = (as_of, region, tuple(scheme or ()), tuple(reform or ()), tuple(assume or ()))
        evaluate_batch(session, BatchOptions(batch, out, rejects, read_as, write_as, *common, trace, outputs, processes, language, release))
    elif case is None:
        raise typer.BadParameter("Name a case, or many with --batch.", param_hint="CASE.json")
    else:
        _refuse_alone(context)
        _evaluate_one(session, case, trace, language, release, as_json=as_json)


_ALONE = ("out", "rejects", "read_as", "write_as", "as_of", "region", "scheme", "reform", "assume", "outputs", "processes")


def _refuse_alone(context: typer.Context) -> None:
    """Options of batches are not passed over in silence."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in _ALONE and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter("goes with --batch only; a single case says it itself.", param_hint=parameter.opts[0])


def _evaluate_one(session: Session, case: Path, asked: TraceLevel | None, language: Language, release: str | None, *, as_json: bool) -> None:
    body = read_case(case, session)
    try:
        value = read_json(body)
        if release is not None and isinstance(value, dict):
            value["release"] = release
        desk, value = session.desks().asked(value)
        request, stated = desk.cases.read_value(value)
        level = asked or stated
        # On the screen a summary is a pruned tree, which takes the full trace's edges to draw.
        answer = explain(desk.engine.evaluate(request), language, "full" if level == "summary" and not as_json else level)
    except InputError as error:
        session.stop(render_input_faults(error.faults, language), BAD_INPUT)
    except Incident as error:
        session.stop(f"Nothing may be issued: {error} Please report this with the case.", INCIDENT)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        session.show(render_answer(answer, language, steps=level != "none", whole=level == "full"))
