"""One person of a run explained: the row asked again under both questions by the exact engine, and the traces compared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.engine import CaseReasons, Engine, Request, compare_case
from app.engine.comparison import Comparison
from app.engine.figures import amount
from app.intake import RequestReader

from ..columns import conform, given_types
from ..question import Question
from ..rows import RowWriter
from ..runs.faults import refuse
from ..runs.simulation import AFTER
from .finished import FinishedRun, find_person, recorded_result


def explain_person(run: FinishedRun, person: str) -> CaseReasons:
    """Why a person's result moved, definition by definition, with the amendments' shares.

    Raises InputError where there is no such person, the row was refused, or the run has another result than the exact engine.
    """
    piece, row = find_person(run, person)
    recorded = recorded_result(run, person)
    if recorded is None:
        zh = f"'{person}' 的行在运行中未能测算，原因见 rejects.parquet。"
        raise refuse("/person_id", "refused", zh, f"the row of '{person}' was refused in the run; rejects.parquet says why.")
    engine = Engine(run.rulebook)
    requests = [_request(run, question, piece.batch, row) for question in run.questions_of_each()]
    reasons = compare_case((engine, requests[0]), (engine, requests[1]))
    _check_same(reasons.comparison, recorded, person)
    return reasons


def _request(run: FinishedRun, question: Question, batch: Any, row: int) -> Request:
    given = given_types(run.rulebook, question, batch.schema.names)
    conformed = conform(batch.slice(row, 1), run.rulebook.facts, given)
    body = RowWriter(run.rulebook.facts, question).bodies(conformed.batch)[0]
    return RequestReader(run.rulebook).read_value(body)[0]


def _check_same(comparison: Comparison, recorded: dict[str, Any], person: str) -> None:
    """Hold what the run says to what the exact engine says now. Raises InputError."""
    for pair in comparison.schemes:
        wanted: list[tuple[str, Any, Any]] = [
            (f"{pair.scheme}.status", pair.before or "not_eligible", pair.after or "not_eligible"),
            *((str(each.name), amount(each.before), amount(each.after)) for each in pair.results if each.change is not None and "." in str(each.name)),
        ]
        for column, *values in wanted:
            for name, value in zip((column, AFTER + column), values, strict=True):
                if name in recorded and not _agrees(recorded[name], value):
                    zh = f"'{person}' 的 {name} 在运行结果中为 {recorded[name]}，现计算为 {value}。请重新运行，并将此情况报告。"
                    en = f"{name} of '{person}' is {recorded[name]} in the run, and {value} computed now. Run anew, and please report this."
                    raise refuse("/run", "disagrees", zh, en)


def _agrees(kept: Any, value: Any) -> bool:
    if isinstance(kept, Decimal):
        return isinstance(value, Decimal) and kept == value
    return kept == value if isinstance(kept, str) and not isinstance(value, Decimal) else True
