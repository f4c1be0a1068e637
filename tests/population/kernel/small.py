"""A small rulebook of expressions, each the value of a definition that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.language import Rulebook, load_rulebook
from app.population.columns.conforming import conform
from app.population.question import Question
from tests.population.kernel.comparing import compare, told
from tests.population.kernel.random_ground import DAYS, FACTS, HEAD, NUMBER_HINTS, PARAMETERS, SCHEME
from tests.population.persons import Habits, persons

TODAY = date(2026, 1, 1)
QUESTION = Question(TODAY, (SCHEME,), outputs=True)
VAST = "vast"
TITLE = "title: {zh: a, en: a}"
# No nulls and small values, and then what is hard: many nulls, edges, and what the rules turn on.
HABITS = (Habits(unknown=0, longest=5), Habits(unknown=0.3, edges=0.3, numbers=NUMBER_HINTS, days=DAYS, longest=12))


def rulebook_of(folder: Path, expressions: Iterable[str], *, more: str = "", facts: str = FACTS, parameters: str = PARAMETERS, scheme: str = SCHEME, files: Mapping[str, str] | None = None) -> Rulebook:
    """A rulebook whose definitions e0, e1... are these expressions; `more` are further definitions as YAML."""
    lines = [f"  e{number}: {{output: true, value: {_quoted(text)}}}\n" for number, text in enumerate(expressions)]
    text = HEAD.replace(SCHEME, scheme) + parameters + "definitions:\n" + "".join(lines) + more
    for path, content in {"facts.yaml": facts, "nation.yaml": text, **(files or {})}.items():
        (folder / path).write_text(content, encoding="utf-8")
    return load_rulebook(folder)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def batch_of(rulebook: Rulebook, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Rows as columns; a fact that no row has is absent."""
    return conform(pa.RecordBatch.from_pylist(rows), rulebook.facts).batch


def without_vast(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.select([name for name in batch.schema.names if name != VAST])


def agree(rulebook: Rulebook, batches: Iterable[pa.RecordBatch] | None = None, question: Question = QUESTION) -> None:
    """Assert that compiled rules and the exact engine answer alike, on generated persons unless batches are named."""
    drawn = [persons(rulebook.facts, 200, 7, habits=habits) for habits in HABITS] if batches is None else list(batches)
    # Whoever has a fact beyond 64 bits is left to the exact engine whatever the rules; without it the compiled code answers.
    for batch in (*drawn, *(without_vast(batch) for batch in drawn if VAST in batch.schema.names)):
        found = compare(rulebook, question, batch)
        assert not found, told(found, batch)
