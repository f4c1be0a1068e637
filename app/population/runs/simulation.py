"""What a run asks, and the evaluators that answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.engine import Engine
from app.language import Rulebook

from ..engine import PopulationEngine
from ..exact import ExactEvaluator
from ..question import Evaluator, Question

AFTER = "after."
Uncompiled = Literal["refuse", "exact"]


@dataclass(frozen=True, slots=True)
class Simulation:
    """The baseline and, where a change is tried, the question `after` it, each with its evaluator."""

    rulebook: Rulebook
    baseline: Question
    evaluator: Evaluator
    after: Question | None = None
    after_evaluator: Evaluator | None = None
    exact: bool = False

    def evaluators(self) -> list[tuple[str, Evaluator]]:
        """Each evaluator with the prefix of its columns."""
        compared = [] if self.after_evaluator is None else [(AFTER, self.after_evaluator)]
        return [("", self.evaluator), *compared]


def make_simulation(rulebook: Rulebook, baseline: Question, after: Question | None = None, *, exact: bool = False, uncompiled: Uncompiled = "refuse") -> Simulation:
    """A simulation by compiled rules, or `exact`: by the exact engine in every row.

    Raises InputError for a question nobody can be asked; KernelError where rules cannot be compiled, unless
    `uncompiled="exact"` leaves their places to the exact engine; CompilerError where there is no C compiler.
    """
    engine = Engine(rulebook)

    def evaluator(question: Question) -> Evaluator:
        if exact:
            return ExactEvaluator(rulebook, question, engine)
        # The run evaluates several batches at once, so each needs one thread only.
        return PopulationEngine(rulebook, question, threads=1, uncompiled=uncompiled, engine=engine)

    compared = None if after is None else evaluator(after)
    return Simulation(rulebook, baseline, evaluator(baseline), after, compared, exact)
