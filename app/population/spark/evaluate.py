"""A DataFrame of people to a DataFrame of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from app.language import Rulebook

from ..columns import PERSON_ID, check_columns
from ..question import Question
from ..runs.faults import refuse
from .session import require_pyspark
from .shipment import Uncompiled, pack
from .worker import REJECTS, AnswerBatches, Tally, spark_schema

if TYPE_CHECKING:
    from pyspark import Accumulator
    from pyspark.sql import DataFrame


def evaluate_on_spark(
    people: DataFrame,
    rulebook: Rulebook,
    baseline: Question,
    after: Question | None = None,
    *,
    uncompiled: Uncompiled = "refuse",
    tally: Accumulator[Tally] | None = None,
) -> DataFrame:
    """The answers for people in the columns a population has, of whom each needs a `person_id`.

    Columns: those of a run's results (the carried ones, the baseline's, then `after.`), dictionaries as strings, and
    `rejects`, a list of (pointer, code, zh, en): null where the row was answered, and otherwise the row has only its
    person_id besides. Nothing is evaluated before the DataFrame is used. Compiles here, on the driver.
    Raises InputError (columns, the question), KernelError, CompilerError. Used, the DataFrame may raise `WorkerError`
    from a worker (as pyspark's PythonException).
    """
    require_pyspark()
    session = people.sparkSession
    schema = people.limit(0).toArrow().schema
    _check(schema, rulebook)
    questions = (baseline,) if after is None else (baseline, after)
    shipment, answers = pack(rulebook, questions, schema, uncompiled)
    output = session.createDataFrame(spark_schema(answers).empty_table()).schema
    answer = AnswerBatches(shipment.key, tuple(schema.names), session.sparkContext.broadcast(shipment), tally)
    # mapInArrow reads a dot in a column's name as a field of a record.
    return people.toDF(*(f"c{number}" for number in range(len(schema.names)))).mapInArrow(answer, output)


def answered_rows(evaluated: DataFrame) -> DataFrame:
    """The results of `evaluate_on_spark`, without the rows that were refused."""
    return evaluated.where(evaluated[REJECTS].isNull()).drop(REJECTS)


def rejected_rows(evaluated: DataFrame) -> DataFrame:
    """What was refused by `evaluate_on_spark`: a row for each fault, with person_id, pointer, code, zh, en."""
    from pyspark.sql import functions as f

    return evaluated.where(evaluated[REJECTS].isNotNull()).select(PERSON_ID, f.inline(REJECTS))


def _check(schema: pa.Schema, rulebook: Rulebook) -> None:
    check_columns(schema, rulebook.facts)
    if PERSON_ID not in schema.names:
        zh = "缺少 person_id 列：集群上的行没有序号。请加上该列，使结果与拒绝的行可以辨认。"
        en = "there is no column person_id, and rows on a cluster have no number. Add one, so that results and rejects can be told apart."
        raise refuse("/columns/person_id", "missing", zh, en)
