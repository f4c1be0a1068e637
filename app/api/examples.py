"""A case made of the fact dictionary's own examples: the self-test's, and the OpenAPI document's."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.intake.json_schema import example_of
from app.language import Rulebook

# A fixed day, so that the examples (and the document's ETag) do not change overnight.
EXAMPLE_DAY = date(2026, 3, 1)


def example_body(rulebook: Rulebook) -> dict[str, Any]:
    """A body of POST /v1/evaluate with every fact that has an example."""
    facts = {name: example for name, fact in rulebook.facts.facts.items() if (example := example_of(fact)) is not None}
    return {"as_of": EXAMPLE_DAY.isoformat(), "region": "000000", "schemes": example_schemes(rulebook), "facts": facts}


def sparse_body(rulebook: Rulebook) -> dict[str, Any]:
    """The same question with hardly a fact known: the answer says what is missing."""
    facts = example_body(rulebook)["facts"]
    first = dict(list(facts.items())[:1])
    return {"as_of": EXAMPLE_DAY.isoformat(), "schemes": example_schemes(rulebook), "trace": "none", "facts": first}


def example_simulation(rulebook: Rulebook) -> dict[str, Any]:
    """A body of POST /v1/simulations: a few people, compared with the first reform there is."""
    body: dict[str, Any] = {"as_of": EXAMPLE_DAY.isoformat(), "schemes": example_schemes(rulebook), "population": {"size": 1000, "seed": 1}}
    return {**body, "reforms": rulebook.proposals()[:1]}


def example_schemes(rulebook: Rulebook) -> list[str]:
    """The scheme that the most places have rules of their own for: an example that says something to most people."""
    law = rulebook.at(EXAMPLE_DAY)
    places = {name: len({file.region for file in rulebook.files if file.scheme == name}) for name in rulebook.scheme_ids() if name in law.schemes}
    return sorted(places, key=lambda name: (-places[name], name))[:1]
