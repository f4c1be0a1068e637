"""Walking expressions: nothing that a node holds is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from app.language import ir, load_rulebook

RULES = Path(__file__).resolve().parent.parent.parent / "rules"


def held(value: object) -> Iterator[ir.Expr]:
    """The expressions in a value, whatever its fields say of themselves."""
    if isinstance(value, ir.Expr):
        yield value
    elif isinstance(value, ir.DecisionRow):
        yield from held((value.tests, value.output))
    elif isinstance(value, tuple):
        for item in value:
            yield from held(item)


def written(node: ir.Expr) -> Iterator[ir.Expr]:
    yield node
    for field in fields(node):
        for child in held(getattr(node, field.name)):
            yield from written(child)


def test_every_part_is_walked_in_the_order_it_is_written() -> None:
    kinds = set()
    for file in load_rulebook(RULES, remember=True).lowered():
        for definition in file.definitions.values():
            if definition.body is not None:
                expected = list(written(definition.body))
                kinds |= set(map(type, expected))
                assert list(map(id, ir.walk(definition.body))) == list(map(id, expected))
    assert {ir.Decide, ir.Carry, ir.If, ir.Call, ir.RecordOf, ir.ParameterAt, ir.Quantified} <= kinds
