"""The same jobs from a terminal: evaluate a case, check and test the rules, compare two versions, simulate, generate people, serve."""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.table import Table

from app import __version__
from app.cases import CaseRunner, Coverage, RuleCase, SchemeCoverage, read_cases
from app.commands import (
    BAD_INPUT,
    FAILED,
    Session,
    ask,
    compare,
    console,
    evaluate,
    explain_run,
    gap,
    make_notice,
    one_of,
    population,
    release,
    report,
    run_reasons,
    scan,
    schemas,
    simulate,
    simulate_on_spark,
    timeline,
    what_if,
    words,
)
from app.commands.options import Lang
from app.engine import Engine, Language
from app.language import FactDictionary, Fault, Rulebook, RuleError, compare_schemes
from app.releases import RELEASES_VARIABLE, ReleaseSettings
from app.terminal import (
    VersionName,
    VersionNameError,
    render_comparison,
    render_coverage,
    render_coverage_gaps,
    render_failure,
    render_rule_faults,
)

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "rules"
GUNICORN_SETTINGS = ROOT / "gunicorn.conf.py"

app = typer.Typer(
    name="shebao",
    help="China's social insurance rules: evaluated exactly, explained to the article of law.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"shebao {__version__}")
        raise typer.Exit


for command in (evaluate, ask, timeline, what_if, compare, scan, words, population, simulate, simulate_on_spark, report, gap, schemas):
    app.command()(command)
app.command("notice")(make_notice)
app.command("explain")(explain_run)
app.command("reasons")(run_reasons)
app.add_typer(release)


@app.callback()
def start(
    context: typer.Context,
    rules: Annotated[Path, typer.Option(envvar="SHEBAO_RULES", help="The folder of rule files.", show_default="rules/ of the project")] = RULES,
    releases: Annotated[
        Path | None, typer.Option(envvar=RELEASES_VARIABLE, help="The folder of kept releases.", show_default="shebao/releases where the user's programs keep their state")
    ] = None,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")] = False,
) -> None:
    """China's social insurance rules: evaluated exactly, explained to the article of law."""
    context.obj = Session(rules, console(), console(stderr=True), releases or ReleaseSettings.from_environment({**os.environ, RELEASES_VARIABLE: ""}).folder)


# -- check, test ----------------------------------------------------------------------------------


@app.command()
def check(context: typer.Context) -> None:
    """Check every rule file and case file, and the law of every date, region and proposal."""
    session: Session = context.obj
    rulebook = session.rulebook()
    # The cases are read beside the sweep: each takes half of the time there is to wait.
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as beside:
        counted = beside.submit(_count_cases, session.rules, rulebook.facts)
        faults: list[Fault] = rulebook.check_everywhere()
        cases, of_cases = counted.result()
    faults.extend(of_cases)
    if faults:
        session.say(render_rule_faults(faults))
        raise typer.Exit(FAILED)
    session.say(
        f"{len(rulebook.files)} rule files, {len(rulebook.scheme_ids())} schemes, {len(rulebook.regions())} regions, "
        f"{len(rulebook.epochs())} dates, {cases} cases: no faults. Release {rulebook.release}."
    )


def _count_cases(rules: Path, facts: FactDictionary) -> tuple[int, tuple[Fault, ...]]:
    """How many rule cases there are, and what is wrong with their files."""
    try:
        return len(read_cases(rules, facts)), ()
    except RuleError as error:
        return 0, tuple(error.faults)


@app.command("test")
def run_cases(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="A case file or a folder. (default: every case of the rules)")] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Also report what of the rules no case has exercised.")] = False,
    keyword: Annotated[str, typer.Option("-k", metavar="NAME", help="Only the cases whose name contains NAME.")] = "",
    minimum_coverage: Annotated[
        float | None, typer.Option("--minimum-coverage", min=0, max=100, metavar="PERCENT", help="Fail where less of the rules is exercised.")
    ] = None,
) -> None:
    """Run the rule cases that stand beside the rules."""
    session: Session = context.obj
    covering = coverage or minimum_coverage is not None
    rulebook = session.rulebook()
    cases = [case for case in _cases(session, rulebook, path) if keyword in case.name]
    collected = Coverage(rulebook) if covering else None
    runner = CaseRunner(Engine(rulebook, cover=covering), collected)
    failures = [result for result in map(runner.run, cases) if not result.passed]
    for result in failures:
        session.say(render_failure(result))
    report = [] if collected is None else collected.report()
    if coverage:
        session.say(render_coverage_gaps(report))
        session.say(render_coverage(report))
    enough = minimum_coverage is None or _enough(session, report, minimum_coverage)
    session.say(f"{len(cases)} cases: {len(cases) - len(failures)} passed, {len(failures)} failed.")
    if failures or not enough or not cases:
        raise typer.Exit(FAILED)


def _cases(session: Session, rulebook: Rulebook, path: Path | None) -> tuple[RuleCase, ...]:
    try:
        return read_cases(session.rules, rulebook.facts, path)
    except FileNotFoundError as error:
        session.stop(str(error), BAD_INPUT)
    except RuleError as error:
        session.stop(render_rule_faults(error.faults), FAILED)


def _enough(session: Session, report: list[SchemeCoverage], minimum: float) -> bool:
    """Whether the cases exercise the wanted share of the rules of all schemes together."""
    totals = [each.total() for each in report]
    hit, every = sum(one for one, _ in totals), sum(all_ for _, all_ in totals)
    share = 100 * hit / every if every else 100.0
    session.say(f"Rule coverage: {hit} of {every} ({share:.1f} %); at least {minimum:g} % wanted.")
    return share >= minimum


# -- schemes, diff, serve -------------------------------------------------------------------------


@app.command()
def schemes(
    context: typer.Context,
    lang: Lang = "zh",
) -> None:
    """List the schemes, since when and in how many regions the rules know them."""
    session: Session = context.obj
    language = one_of("--lang", lang, ("zh", "en"))
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


@app.command()
def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help="scheme@date\\[/region][+reform], such as pension.employee@2024-12-31/110000.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The version to compare it with, written the same way.")],
    release: Annotated[str | None, typer.Option("--release", metavar="NAME", help="The release that A is of. (default: the rules as they are)")] = None,
    against_release: Annotated[str | None, typer.Option("--against-release", metavar="NAME", help="The release that B is of. (default: that of A)")] = None,
    lang: Lang = "zh",
) -> None:
    """Compare two versions of a scheme, definition by definition."""
    session: Session = context.obj
    language = cast(Language, one_of("--lang", lang, ("zh", "en")))
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


@app.command()
def serve(
    context: typer.Context,
    bind: Annotated[str | None, typer.Option(help="Where to listen, such as 127.0.0.1:8000. (default: as configured)")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="How many worker processes. (default: as configured)")] = None,
) -> None:
    """Serve the interface with gunicorn and the project's configuration."""
    session: Session = context.obj
    if not GUNICORN_SETTINGS.is_file():
        session.stop(f"There is no {GUNICORN_SETTINGS.name} in '{ROOT}'. Run shebao from a checkout of the project.", BAD_INPUT)
    command = [sys.executable, "-m", "gunicorn", "--config", str(GUNICORN_SETTINGS), "--chdir", str(ROOT)]
    command += [] if bind is None else ["--bind", bind]
    command += [] if workers is None else ["--workers", str(workers)]
    environment = os.environ | {"SHEBAO_RULES": str(session.rules.resolve()), RELEASES_VARIABLE: str(session.releases.resolve())}
    os.execve(sys.executable, [*command, "wsgi:app"], environment)  # noqa: S606 - gunicorn takes the place of this process


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
