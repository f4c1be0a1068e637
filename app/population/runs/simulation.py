"""What a run asks, and the evaluators that answer it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from app.engine import Engine
from app.language import Rulebook

from ..absent import absent_schemes, with_absent
from ..engine import PopulationEngine
from ..exact import ExactEvaluator
from ..question import Evaluator, Question
from ..results import result_columns

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

    def compiled(question: Question) -> Evaluator:
        if exact:
            return ExactEvaluator(rulebook, question, engine)
        # The run evaluates several batches at once, so each needs one thread only.
        return PopulationEngine(rulebook, question, threads=1, uncompiled=uncompiled, engine=engine)

    if after is None:
        return Simulation(rulebook, baseline, compiled(baseline), exact=exact)

    def evaluator(question: Question, other: Question) -> Evaluator:
        """A scheme that only the other question's law has, such as one that a reform founds, entitles nobody here."""
        absent = absent_schemes(rulebook, question, other)
        if not absent:
            return compiled(question)
        present = replace(question, schemes=tuple(each for each in question.schemes if each not in absent))
        columns = result_columns(rulebook, replace(other, schemes=absent))
        return with_absent(compiled(present) if present.schemes else None, question.schemes, columns)

    return Simulation(rulebook, baseline, evaluator(baseline, after), after, evaluator(after, baseline), exact)
