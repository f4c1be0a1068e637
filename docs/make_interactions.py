"""Writes docs/interactions.md, which scheme states how two benefits go together: `python -m docs.make_interactions`."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from app.language import Law, load_rulebook

PAGE = Path(__file__).with_name("interactions.md")
PAIRS = Path(__file__).with_name("interactions.csv")
RULES = Path(__file__).resolve().parent.parent / "rules"
# The law the page shows; the care consumption voucher has to be in force.
AS_OF = date(2026, 3, 1)

HEAD = f"""\
# How benefits go together 待遇之间的关系

Written by `docs/make_interactions.py` from `docs/interactions.csv` and the rules as of {AS_OF}; do not edit it here. For each
pair the rule that states it: a conclusion of the scheme that gives way, the condition that shuts it out, or the figure
in which one is set off against the other. `rules/coordination/cases/pairs.yaml` has a case for each number. References go in
one direction only (pensions and contributions; then injury, unemployment and maternity; then medical layers and care; assistance
last): `shebao check` refuses a circle.
"""
KINDS = {"condition": "condition", "benefit": "benefit", "definition": "figure"}


def page() -> str:
    """The whole page, as it has to stand in docs/interactions.md."""
    law = load_rulebook(RULES).at(AS_OF)
    with PAIRS.open(encoding="utf-8", newline="") as file:
        parts = [HEAD, "\n| | benefits | relation | stated by |\n|---|---|---|---|\n"]
        for pair in csv.DictReader(file):
            stated = "<br>".join(_statement(law, *each.split(":")) for each in pair["states"].split())
            both = f"{pair['benefit_a']} / {pair['benefit_b']}<br>{pair['benefit_a_en']} / {pair['benefit_b_en']}"
            parts.append(f"| {pair['number']} | {both} | {pair['relation']} | {stated} |\n")
    return "".join(parts)


def _statement(law: Law, scheme: str, name: str) -> str:
    """What the scheme has by this name, and the law it cites. Raises ValueError where it has none."""
    rules = law.schemes[scheme]
    for conclusion in rules.conclusions:
        if conclusion.clause.name == name:
            return _line(scheme, name, conclusion.clause.kind, conclusion.clause.source.instrument, conclusion.clause.source.number)
    if name in rules.definitions:
        definition = rules.definitions[name]
        source = definition.versions[0].source
        return _line(scheme, name, KINDS[definition.kind], source.instrument, source.number)
    if name in rules.parameters:
        source = rules.parameters[name].clause.source
        return _line(scheme, name, "parameter", source.instrument, source.number)
    raise ValueError(f"{scheme} has no rule '{name}' on {AS_OF}. Correct docs/interactions.csv.")


def _line(scheme: str, name: str, kind: str, instrument: str, number: str | None) -> str:
    return f"`{scheme}` {kind} `{name}`: {instrument}{f'（{number}）' if number else ''}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
