"""Answers as rows of a CSV table: status and benefits of each scheme, a column each, as the results of a population have them."""

from __future__ import annotations

import csv
import io
from typing import Any

from app.engine import Evaluation, InputError, InputFault, Outcome, render_value
from app.language import Rulebook
from app.language.types import ListType, RecordType
from app.population.question import Question
from app.population.results import result_columns

from .answering import Answered

HEAD = ("line", "id", "as_of", "region")


class Table:
    """The columns of a question's answers, over all places. Raises InputError for a question nobody can be asked."""

    def __init__(self, rulebook: Rulebook, question: Question, carried: tuple[str, ...] = ()) -> None:
        self._columns = result_columns(rulebook, question)
        self._outputs = question.outputs
        self._schemes = frozenset(question.schemes)
        self._names = frozenset((each.scheme, each.local) for each in self._columns)
        self.header = _line([*HEAD, *carried, *(each.name for each in self._columns)])

    def render(self, answered: Answered, carried: tuple[str, ...]) -> bytes:
        """A row. Raises InputError where an answer has what the table has no column for, which would be lost."""
        evaluation = answered.evaluation
        found: dict[tuple[str, str], str] = {}
        for number, outcome in enumerate(evaluation.outcomes):
            if outcome.scheme not in self._schemes:
                zh = f"表中没有 '{outcome.scheme}' 的列。请用 --scheme 列出全部险种，或输出 NDJSON。"
                en = f"the table has no columns for '{outcome.scheme}'. Name every scheme with --scheme, or have NDJSON written."
                raise InputError([InputFault(f"/schemes/{number}", "no_column", zh, en)])
            found[outcome.scheme, ""] = outcome.status
            found.update(self._values(outcome, evaluation))
        head = [str(answered.number), "" if answered.id is None else str(answered.id), evaluation.request.as_of.isoformat(), evaluation.request.region]
        return _line([*head, *carried, *(found.get((each.scheme, each.local), "") for each in self._columns)])

    def _values(self, outcome: Outcome, evaluation: Evaluation) -> dict[tuple[str, str], str]:
        program, memo = evaluation.program, evaluation.case.memo
        entitled = all(met is True for met in outcome.truths)
        shown = outcome.plan.benefits if entitled else ()
        found: dict[tuple[str, str], str] = {}
        for number in (*shown, *(outcome.plan.outputs if self._outputs else ())):
            definition = program.definitions[number]
            value = memo[number]
            if value is None or isinstance(definition.type, ListType | RecordType):
                continue  # tables and records are no columns, as in a population's results
            key = (outcome.scheme, definition.name.local)
            if key not in self._names:
                zh = f"{evaluation.request.as_of} 的规定另有结果 '{definition.name}'，表中没有此列。请按日期分批，或输出 NDJSON。"
                en = f"the law of {evaluation.request.as_of} has a result '{definition.name}' that the table has no column for. Ask the days apart, or have NDJSON written."
                raise InputError([InputFault("/as_of", "no_column", zh, en)])
            found[key] = _text(value)
        return found


def _text(value: Any) -> str:
    shown = render_value(value)
    return str(shown).lower() if isinstance(shown, bool) else str(shown)


def _line(cells: list[str]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()
