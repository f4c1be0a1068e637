"""Every function of the rule language does what its documentation says, in both arithmetics."""

from __future__ import annotations

import pytest

from app.language import FUNCTIONS
from tests.language.feel import same

EXAMPLES = [(expression, result) for function in FUNCTIONS.values() for expression, result in function.examples]


@pytest.mark.parametrize(("expression", "result"), EXAMPLES, ids=[expression for expression, _ in EXAMPLES])
def test_example(expression: str, result: str) -> None:
    same(expression, result)


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_every_function_has_an_example_that_calls_it(name: str) -> None:
    assert any(f"{name}(" in expression for expression, _ in FUNCTIONS[name].examples)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("round_half_up(2.345, 2)", "2.35"),
        ("round_half_up(-2.345, 2)", "-2.35"),
        ("round_half_even(2.345, 2)", "2.34"),
        ("round_half_even(2.355, 2)", "2.36"),
        ("round_half_down(2.345, 2)", "2.34"),
        ("round_up(2.341, 2)", "2.35"),
        ("round_down(-2.349, 2)", "-2.34"),
        ("round_half_up(1250, -2)", "1300"),
        ("progressive(1500, scale)", "200"),
        ("progressive(1000, scale)", "100"),
        ("progressive(-5, scale)", "0"),
        ("at(base, 2023)", "6000"),
        ("at(base, 2022)", "null"),
        ("round_half_up(null, 2)", "null"),
    ],
)
def test_special_forms(expression: str, result: str) -> None:
    same(expression, result)
