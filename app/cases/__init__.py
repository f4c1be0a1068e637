"""Rule cases: worked examples that stand beside the rules and say what the rules must answer.

`read_cases(rules)` reads `**/cases/*.yaml` (and the official tables they name) into `RuleCase`s whose every
value knows its line. Those who also run them import `running` (`CaseRunner(engine).run(case)` evaluates one and says what
differs from what was expected) and `coverage` (which wordings, branches, table rows, figures, dates and regions the cases
exercised), which take an engine. This room reads facts through the same door as the service (`app.intake`) and knows no web.
"""

from .model import CaseResult, Difference, Expectation, RuleCase
from .reading import case_files, read_cases

__all__ = [
    "CaseResult",
    "Difference",
    "Expectation",
    "RuleCase",
    "case_files",
    "read_cases",
]
