"""The next yuan asked of a population on disk: a sample of its rows, made canonical and evaluated twice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa

from app.language import Rulebook
from app.population.columns.conforming import conform
from app.population.columns.given import given_types
from app.population.question import Evaluator, Question
from app.population.runs.streams import Population

from .cliffs import cliff_tables, next_yuan, sample_rows
from .measures import entries, number_benefits, scheme_titles
from .tables import ReportTable

DEFAULT_SAMPLE = 20_000
_SEED = 1


def next_yuan_tables(
    rulebook: Rulebook,
    question: Question,
    evaluator: Evaluator,
    people: Population,
    rows: int,
    fact: str,
    step: Decimal = Decimal(1),
    sample: int = DEFAULT_SAMPLE,
) -> list[ReportTable]:
    """The tables of `cliffs` for `sample` of the population's `rows`, always the same ones. `evaluator` answers `question`.

    Raises CliffError where the fact or step cannot be asked of, or the population does not have the fact.
    """
    titles = scheme_titles(rulebook, question.as_of, question.reforms)
    benefits = number_benefits(rulebook, question.as_of, question.reforms, question.schemes)
    asked = next_yuan(rulebook.facts, fact, step, entries(benefits, titles, question.schemes, {}))
    return cliff_tables(_sampled(rulebook, question, people, rows, sample), evaluator, asked)


def _sampled(rulebook: Rulebook, question: Question, people: Population, rows: int, size: int) -> Iterator[pa.RecordBatch]:
    """A sample of the people in canonical columns, without rows that cannot be read."""
    given = given_types(rulebook, question, people.names())
    batches = (piece.batch for piece in people.pieces(max(rows, 1), lambda _: True))
    for batch in sample_rows(batches, rows, size, _SEED):
        conformed = conform(batch, rulebook.facts, given)
        refused = {reject.row for reject in conformed.rejects}
        yield conformed.batch.filter(pa.array([row not in refused for row in range(batch.num_rows)], pa.bool_()))
