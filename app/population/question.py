"""What is asked of a population, and what an evaluator answers for one batch of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

import pyarrow as pa

from app.engine import InputFault
from app.language import NATION


@dataclass(frozen=True, slots=True)
class Question:
    """The day, schemes and rules asked for; `outputs` asks also for the schemes' `output: true` values."""

    as_of: date
    schemes: tuple[str, ...]
    reforms: tuple[str, ...] = ()
    region: str = NATION
    assumptions: Mapping[str, Decimal | bool] = field(default_factory=dict)
    outputs: bool = False

    def body(self, region: str | None = None) -> dict[str, Any]:
        """The part of a body of POST /v1/evaluate that all rows of one region share."""
        return {
            "as_of": self.as_of.isoformat(),
            "region": self.region if region is None else region,
            "schemes": list(self.schemes),
            "reforms": list(self.reforms),
            "assumptions": {name: value if isinstance(value, bool) else format(value, "f") for name, value in self.assumptions.items()},
            "trace": "none",
        }


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not answered: its number within the batch (from 0), and every fault found in it."""

    row: int
    faults: tuple[InputFault, ...]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A batch answered: `results` has the batch's rows in its order; a rejected row is null in every column."""

    results: pa.RecordBatch
    rejects: tuple[Reject, ...]
    exact_rows: int


class Evaluator(Protocol):
    """Answers one question for batches in canonical columns (`columns.conform`). Safe to share between threads."""

    @property
    def schema(self) -> pa.Schema: ...

    def evaluate(self, batch: pa.RecordBatch) -> Evaluated: ...
