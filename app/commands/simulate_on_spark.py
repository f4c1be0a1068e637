"""`shebao simulate-on-spark`: a population that outgrows one machine, on a Spark cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.engine import Language
from app.terminal import render_run, word

from .asking import asked_questions, read_assumptions, telling
from .options import AgainstAsOf, AsOf, Assumptions, Lang, Outputs, Reforms, Region, Schemes
from .session import FAILED, Session

if TYPE_CHECKING:
    from app.language import Rulebook
    from app.population.question import Question
    from app.population.runs.manifest import Manifest


def simulate_on_spark(
    context: typer.Context,
    population: Annotated[list[str], typer.Option(metavar="ADDRESS", help="A Parquet file or folder of people that all machines can read; may be repeated.")],
    out: Annotated[str, typer.Option(metavar="ADDRESS", help="Where the results go: a new folder that all machines can write to.")],
    master: Annotated[str | None, typer.Option(metavar="URL", help="The cluster, such as spark://host:7077 or local[4]. (default: as spark-submit says)")] = None,
    reform: Reforms = None,
    as_of: AsOf = None,
    against_as_of: AgainstAsOf = None,
    region: Region = None,
    scheme: Schemes = None,
    assume: Assumptions = None,
    outputs: Outputs = False,
    max_rejects: Annotated[int, typer.Option(min=0, metavar="N", help="Fail where more rows than this cannot be answered.")] = 10_000,
    language: Lang = "zh",
) -> None:
    """Evaluate a population on a Spark cluster (needs pyspark: pip install 'shebao[spark]')."""
    session: Session = context.obj
    rulebook = session.rulebook()
    with telling(session, language, out):
        assumptions = read_assumptions(assume or [], rulebook.facts)
        baseline, after = asked_questions(rulebook, None, scheme, as_of, against_as_of, region, reform, assumptions, outputs=outputs)
        manifest = _run(session, rulebook, (baseline, after), population, out, language, master=master, max_rejects=max_rejects)
        session.say(render_run(manifest, out, [], language))


def _run(
    session: Session, rulebook: Rulebook, asked: tuple[Question, Question | None], population: list[str], out: str, language: Language, *, master: str | None, max_rejects: int
) -> Manifest:
    from app.population.kernel import KernelError
    from app.population.spark import SparkMissing, SparkOptions, open_session, run_on_spark

    try:
        spark = open_session(master)
    except SparkMissing as error:
        session.stop(str(error), FAILED)
    from pyspark.errors import PySparkException

    try:
        people = spark.read.parquet(*population)
        try:
            return run_on_spark(people, rulebook, *asked, out, SparkOptions(max_rejects=max_rejects))
        except KernelError as error:
            session.err.print(word("run_uncompiled", language, reasons=error), style="yellow", soft_wrap=True)
            return run_on_spark(people, rulebook, *asked, out, SparkOptions(max_rejects=max_rejects, uncompiled="exact"))
    except PySparkException as error:
        # The last line of a worker's traceback says what it was.
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        session.stop(f"Spark: {lines[-1] if lines else type(error).__name__}", FAILED)
