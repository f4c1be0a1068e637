"""What the lines of conditions that are not met, or open, say to people: a sentence, whether they matter, whether they decide."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from .compiled import PlannedCondition
from .evaluate import Evaluation, Outcome
from .matters import Lasting
from .request import Language
from .sentences import Sentences
from .walk import Walk

Json = dict[str, Any]


class Reasons:
    """The reasons of one scheme's conditions. A condition that fails for good `decides`; then nothing else matters."""

    def __init__(self, outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> None:
        self._outcome = outcome
        self._evaluation = evaluation
        self._walk = walk
        self._language = language

    def add(self, line: Json, condition: PlannedCondition) -> None:
        """Add `sentence`, `matters` and `decides` to the line of a condition that is not met or open."""
        met = self._evaluation.case.memo[condition.unit.number]
        if met:
            return
        line["matters"] = matters = not self._deciding or condition.key in self._deciding
        line["sentence"] = self._sentences.unknown(condition.unit, matters=matters) if met is None else self._sentences.unmet(condition.unit)
        if met is False:
            line["decides"] = condition.key in self._deciding

    @cached_property
    def _deciding(self) -> frozenset[str]:
        outline = self._walk.outline(self._outcome.scheme)
        kept: frozenset[str] | None = outline.get("deciding")
        if kept is None:
            kept = outline["deciding"] = Lasting(self._evaluation, self._walk).deciding(self._outcome)
        return kept

    @cached_property
    def _sentences(self) -> Sentences:
        return Sentences(self._evaluation, self._walk, self._language)
