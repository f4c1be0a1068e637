"""What is packed is read again as it was: equal, shared where it was shared, and a tree still knows its lines."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.language import ir
from app.language.errors import Place
from app.language.packing import packed
from app.language.parser import parse_expression
from app.language.trees import Trees, kept_trees
from app.language.types import BOOLEAN, NumberType, YearMonth
from app.language.units import ONE, parse_unit


@dataclass(frozen=True, slots=True)
class Counted:
    """A field that its class does not take: such values are left to pickle."""

    name: str
    place: Place
    times: int = field(default=3, init=False)


VALUES = [
    Place("a.yaml", 3),
    ONE,
    parse_unit("CNY/month"),
    ir.Compare(BOOLEAN, True, "<", ir.FactRef(NumberType(ONE), True, "months"), ir.Const(NumberType(None), False, Decimal("1.50"))),
    {"by": (date(2025, 1, 1), YearMonth.of(date(2025, 1, 1))), "of": [None, True]},
    Counted("a", Place("a.yaml", 1)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_read_again_as_it_was(value: Any) -> None:
    found = pickle.loads(packed(value))
    assert found == value
    assert type(found) is type(value)
    assert repr(found) == repr(value)


def test_what_was_shared_is_shared() -> None:
    place = Place("a.yaml", 3)
    first, second = pickle.loads(packed((Counted("a", place), [place])))
    assert first.place is second[0]


def test_a_tree_keeps_its_parts_and_its_lines() -> None:
    tree = parse_expression("if a < 2 then [\n  b] else c(\n@\"2025-01\")")
    found = pickle.loads(packed(tree))
    assert found == tree
    lines = [[(each.data, each.meta.empty, None if each.meta.empty else each.meta.line) for each in one.iter_subtrees_topdown()] for one in (tree, found)]
    assert lines[0] == lines[1]
    assert {line for _, _, line in lines[0]} == {1, 2, 3}


def test_an_expression_and_a_cell_of_one_text_are_two_trees(tmp_path: Any) -> None:
    trees = Trees()
    expression, cell = trees.parse("a"), trees.parse_tests("a")
    assert expression != cell
    trees.keep_at(tmp_path / "trees")
    kept = kept_trees(tmp_path / "trees")
    assert (kept.parse("a"), kept.parse_tests("a")) == (expression, cell)
    assert kept.parse("a") is not kept.parse_tests("a")
