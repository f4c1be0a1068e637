"""What the lines of conditions that are not met, or open, say to people: a sentence, whether they matter, whether they decide."""

from __future__ import annotations

from typing import Any

from .evaluate import Evaluation, Outcome
from .matters import Lasting
from .request import Language
from .sentences import Sentences
from .walk import Walk

Json = dict[str, Any]


def add_reasons(lines: list[Json], outcome: Outcome, evaluation: Evaluation, walk: Walk, language: Language) -> None:
    """Add `sentence`, `matters` and `decides` to the lines of one scheme's conditions that are not met or open.

    `lines` are in the order of the plan. One that fails for good `decides`; then nothing else matters.
    """
    if all(outcome.met.values()):
        return
    deciding = Lasting(evaluation, walk).deciding(outcome)
    sentences = Sentences(evaluation, walk, language)
    for line, each in zip(lines, outcome.plan.conditions, strict=True):
        met = outcome.met[each.key]
        if met:
            continue
        line["matters"] = matters = not deciding or each.key in deciding
        line["sentence"] = sentences.unknown(each.unit, matters=matters) if met is None else sentences.unmet(each.unit)
        if met is False:
            line["decides"] = each.key in deciding
