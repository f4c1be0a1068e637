"""Random rulebooks and random persons: compiled rules and the exact engine agree in every column and every reject.

SHEBAO_FUZZ says how many rulebooks (`make fuzz` asks for more than CI does).
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from app.language import Rulebook
from app.population.columns.given import NUMBER_TYPE
from app.population.engine import PopulationEngine
from app.population.exact import ExactEvaluator
from app.population.kernel import KernelError
from app.population.question import Question
from tests.population.kernel.comparing import differences, named, told
from tests.population.kernel.random_files import load, without
from tests.population.kernel.random_ground import DAYS, NUMBER_HINTS, REFORM, REGIONS, SCHEME
from tests.population.kernel.random_rules import RandomRules
from tests.population.kernel.small import without_vast
from tests.population.persons import Habits, persons

RULEBOOKS = int(os.environ.get("SHEBAO_FUZZ", "6"))
PERSONS = 300
PLACES = (*REGIONS, "000000", "440000", "310104")
ASSUMPTIONS: tuple[dict[str, Decimal | bool], ...] = (
    {},
    {"growth": Decimal("0.05"), "interest": Decimal("0.031")},
    {"growth": Decimal("-0.0333"), "hold": True},
)
# What the language may refuse of random texts, and what has no compiled form, is little; else the generator is at fault.
MOST_LEFT_OUT = 0.4


@dataclass(frozen=True)
class Drawn:
    """A rulebook to write, and how it is asked."""

    seed: int
    assumptions: dict[str, Decimal | bool]
    reforms: tuple[str, ...]
    unknown: float
    given: int


drawn = st.builds(
    Drawn,
    seed=st.integers(0, 2**32),
    assumptions=st.sampled_from(ASSUMPTIONS),
    reforms=st.sampled_from([(), (REFORM,)]),
    unknown=st.sampled_from([0.0, 0.12, 0.4]),
    given=st.integers(0, 4),
)


def _compiled(folder: Path, files: dict[str, str], question: Question) -> tuple[PopulationEngine, Rulebook, dict[str, str], set[str]]:
    """The engine of all that compiles; each refusal names a rule, which is then left out."""
    refused: set[str] = set()
    rulebook, files, _ = load(folder, files)
    while True:
        try:
            return PopulationEngine(rulebook, question, threads=1), rulebook, files, refused
        except KernelError as error:
            if not refused:
                _check_left_to_the_exact_engine(rulebook, question)
            names = {name.rpartition(".")[2] for name in named(error)}
            refused |= names
            rulebook, files, _ = load(folder, without(files, names))


def _check_left_to_the_exact_engine(rulebook: Rulebook, question: Question) -> None:
    batch = persons(rulebook.facts, 20, 5, regions=PLACES)
    found = PopulationEngine(rulebook, question, threads=1, uncompiled="exact").evaluate(batch)
    assert not (different := differences(found, ExactEvaluator(rulebook, question).evaluate(batch))), told(different, batch)


def _with_given(batch: pa.RecordBatch, rulebook: Rulebook, count: int, seed: int) -> pa.RecordBatch:
    """The batch with columns of given figures: for some definitions and parameters, in some rows."""
    law = rulebook.at(date(2026, 1, 1), "000000").schemes[SCHEME]
    names = [name for name, each in law.definitions.items() if str(each.type) == "number"] + ["one", "by_year", "unset_single", "grown"]
    for number in range(count):
        name = names[(seed + 7 * number) % len(names)]
        values: list[Any] = [None if (row + number) % 3 else Decimal(row * 37 - 200) / 8 for row in range(batch.num_rows)]
        if f"given.{name}" not in batch.schema.names:
            batch = batch.append_column(f"given.{name}", pa.array(values, NUMBER_TYPE))
    return batch


def _text_of(name: str, files: dict[str, str]) -> str:
    return "\n".join(f"{path}: {found[0]}" for path, text in files.items() if (found := re.search(rf"(?m)^  {name}:\n(    .*\n)*", text)))


@settings(max_examples=RULEBOOKS, deadline=None, derandomize="SHEBAO_FUZZ" not in os.environ, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(drawn)
def test_random_rules_and_persons(drawn: Drawn) -> None:
    files = RandomRules(drawn.seed, size=14).files()
    question = Question(date(2026, 1, 1), (SCHEME,), outputs=True, assumptions=drawn.assumptions, reforms=drawn.reforms)
    with tempfile.TemporaryDirectory() as folder:
        engine, rulebook, files, refused = _compiled(Path(folder), files, question)
        assert len(refused) <= MOST_LEFT_OUT * 14, f"cannot be compiled: {refused}"
        habits = Habits(unknown=drawn.unknown, numbers=NUMBER_HINTS, days=DAYS, longest=12)
        batch = _with_given(persons(rulebook.facts, PERSONS, drawn.seed, regions=PLACES, habits=habits), rulebook, drawn.given, drawn.seed)
        if drawn.seed % 4:  # with it, whoever has it is left to the exact engine
            batch = without_vast(batch)
        found = differences(engine.evaluate(batch), ExactEvaluator(rulebook, question).evaluate(batch))
        for column in dict.fromkeys(each.column for each in found[:5]):
            note(_text_of(column.rpartition(".")[2], files))
        assert not found, told(found, batch)
