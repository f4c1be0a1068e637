"""Every documented example of the rule language, compiled: it gives what the exact engine gives, or is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.language import FUNCTIONS, Rulebook
from app.language.types import BooleanType, DateType, DurationType, ListType, MonthType, NumberType, RecordType, StringType
from app.population.engine import PopulationEngine
from app.population.exact import ExactEvaluator
from app.population.kernel import KernelError
from app.population.question import Question
from tests.conftest import FACTS, NAME, TODAY
from tests.language.feel import PARAMETERS, lower
from tests.language.test_feel import SAME
from tests.population.kernel.comparing import compare, named, told
from tests.population.kernel.small import batch_of, rulebook_of

EXAMPLES = list(dict.fromkeys([*SAME, *(example for function in FUNCTIONS.values() for example in function.examples)]))
# An exponent that is not written out, and positions that may not be whole.
REFUSED = (
    "2 ** 3 ** 2",
    "[5, 6, 7][2.5]",
    "for i in 1..2 return [5, 6, 7][i + sum(for j in 1..1 return j / 2)]",
    "for i in 1..3 return [5, 6, 7][i + 0.5]",
    "for i in 1..3 return [5, 6, 7][i + 0.5 - 0.5]",
    "for i in 1..3 return [5, 6, 7][i / 2]",
    "for i in [1, 2.5] return [5, 6, 7][i]",
    "sum(for i in 1..2 return i) + sum(for i in [1, 2.5] return or_else([5, 6, 7][i], 0))",
)
PERSON = {
    "wage": "5000.00", "months": 180, "sex": "male", "born": "1965-05-12", "claim_month": "2025-08", "insured": True, "place": "110000",
    "records": [{"year": 2001, "paid": 12, "index": "1.1"}, {"year": 2002, "paid": 6}, {"year": 2003, "paid": 12, "index": "0.6"}],
}  # fmt: skip
QUESTION = Question(TODAY, (NAME,), outputs=True)


def _definable(expression: str) -> list[str]:
    """The expression as one a definition may have: lists item by item and their length, records and durations by comparison."""
    kind = lower(expression).type
    if isinstance(kind, NumberType | StringType | BooleanType | DateType | MonthType):
        return [expression]
    if isinstance(kind, ListType) and isinstance(kind.item, NumberType | StringType | BooleanType | DateType | MonthType):
        return [f"count({expression})", *(f"({expression})[{position}]" for position in (1, 2, 3, -1))]
    if isinstance(kind, DurationType):
        return [f'({expression}) >= duration("{"P1D" if kind.kind == "days" else "P1M"}")']
    return [] if isinstance(kind, RecordType | ListType) else [f"({expression}) = null"]


def _rulebook(folder: Path, expressions: list[str]) -> Rulebook:
    text = PARAMETERS.replace("definitions:\n  twice: {value: 2}\n", "")
    return rulebook_of(folder, expressions, more="  twice: {value: 2}\n", facts=FACTS, parameters=text, scheme=NAME)


def test_examples_compiled(tmp_path: Path) -> None:
    expressions = [text for example in EXAMPLES for side in example for text in _definable(side)]
    rulebook = _rulebook(tmp_path, expressions)
    refused: dict[str, str] = {}
    for _ in range(40):
        try:
            PopulationEngine(rulebook, QUESTION, threads=1)
            break
        except KernelError as error:
            for reason, name in zip(error.reasons, named(error), strict=True):
                text = expressions[int(name.rpartition(".e")[2])]
                refused[text] = reason
            kept = [text if text not in refused else "0" for text in expressions]
            rulebook = _rulebook(tmp_path, kept)
    batch = batch_of(rulebook, [PERSON, {"wage": "1"}])
    found = compare(rulebook, QUESTION, batch)
    assert not found, told(found, batch)
    assert refused.keys() == {text for expression in REFUSED for text in _definable(expression)}


@pytest.mark.parametrize("expression", ["2 ** 3 ** 2"])
def test_a_refused_expression_is_answered_by_the_exact_engine(tmp_path: Path, expression: str) -> None:
    rulebook = _rulebook(tmp_path, [expression, "wage + 1"])
    with pytest.raises(KernelError) as refused:
        PopulationEngine(rulebook, QUESTION, threads=1)
    assert named(refused.value) == {f"{NAME}.e0"}
    batch = batch_of(rulebook, [PERSON, {"wage": "1"}])
    assert not compare(rulebook, QUESTION, batch, uncompiled="exact")
    assert ExactEvaluator(rulebook, QUESTION).evaluate(batch).results.column(f"{NAME}.e0")[0].as_py() == 512
