"""Rule cases: worked examples that stand beside the rules and say what the rules must answer.

`read_cases(rules)` reads `**/cases/*.yaml` (and the official tables they name) into `RuleCase`s whose every
value knows its line; `CaseRunner(engine).run(case)` evaluates one and says what differs from what was expected;
`Coverage` collects which wordings, branches, table rows, figures, dates and regions the cases exercised.
This room reads facts through the same door as the service (`app.intake`) and knows no web.
"""

from .coverage import KIND_TITLES, Coverage, Item, SchemeCoverage
from .model import CaseResult, Difference, Expectation, RuleCase
from .reading import case_files, read_cases
from .running import CaseRunner

__all__ = [
    "KIND_TITLES",
    "CaseResult",
    "CaseRunner",
    "Coverage",
    "Difference",
    "Expectation",
    "Item",
    "RuleCase",
    "SchemeCoverage",
    "case_files",
    "read_cases",
]
