"""A benefit may have the name of the fact it states: plain it is the fact, in full the benefit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from app.engine import explain
from app.language import Rulebook
from tests.conftest import HEAD, ask

RULES = (
    HEAD
    + """\
definitions:
  twice: {value: wage * 2, unit: CNY/month}
  known_or_found: {output: true, value: "or_else(wage, test.scheme.wage)", unit: CNY/month}
benefits:
  wage: {title: {zh: 甲, en: A}, value: 5, unit: CNY/month}
  paid: {title: {zh: 乙, en: B}, value: "or_else(twice, 1)", unit: CNY/month}
"""
)


def test_plain_it_is_the_fact(rules: Callable[[Mapping[str, str | bytes]], Rulebook]) -> None:
    rulebook = rules({"a.yaml": RULES})
    assert rulebook.check_everywhere() == []
    stated = explain(ask(rulebook, facts={"wage": Decimal(7)}))["results"]["test.scheme"]
    assert {name: each["value"] for name, each in stated["benefits"].items()} == {"wage": "5", "paid": "14"}
    assert stated["values"] == {"known_or_found": "7"}
    unknown = explain(ask(rulebook))["results"]["test.scheme"]
    assert unknown["benefits"]["paid"]["value"] == "1"
    assert unknown["values"] == {"known_or_found": "5"}
