"""One case: facts -> inference (durable_rules) -> exact amounts -> trace.

`Engine(rulebook).evaluate(request)` decides every condition twice (its own exact reading and the rules
engine's conclusions), computes the amounts of eligible schemes exactly, and returns an `Evaluation`;
`explain(evaluation, language, trace)` turns that into the answer of the interface. `compare_case` evaluates one case
under two laws and finds the reasons of every difference; `render_reasons` shows them. This room knows no web
and no database, and nothing of populations.
"""

from .evaluate import Engine, Evaluation, Outcome, Status
from .explain import answer_json, explain
from .given import find_rule, read_figure
from .probe import Probe, Probed
from .reasons import CaseReasons, compare_case
from .reasons_json import render_reasons
from .request import Incident, InputError, InputFault, Language, Request, TraceLevel
from .trace import expression_text
from .values import render_result, render_source, render_value, unit_of, units_of

__all__ = [
    "CaseReasons",
    "Engine",
    "Evaluation",
    "Incident",
    "InputError",
    "InputFault",
    "Language",
    "Outcome",
    "Probe",
    "Probed",
    "Request",
    "Status",
    "TraceLevel",
    "answer_json",
    "compare_case",
    "explain",
    "expression_text",
    "find_rule",
    "read_figure",
    "render_reasons",
    "render_result",
    "render_source",
    "render_value",
    "unit_of",
    "units_of",
]
