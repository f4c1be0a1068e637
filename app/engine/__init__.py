"""One case: facts -> inference (durable_rules) -> exact amounts -> trace.

`Engine(rulebook).evaluate(request)` decides every condition twice (its own exact reading and the rules
engine's conclusions), computes the amounts of eligible schemes exactly, and returns an `Evaluation`;
`explain(evaluation, language, trace)` turns that into the answer of the interface. `compare_case` evaluates one case
under two laws and finds the reasons of every difference; `render_reasons` shows them. This room knows no web
and no database, and nothing of populations.
"""

from .compiled import SchemePlan
from .condition_lines import render_unmet
from .dependencies import Dependencies, dependencies
from .doubts import render_missing
from .evaluate import Engine, Evaluation, Outcome
from .explain import answer_json, explain, render_conclusion, render_figure
from .given import find_rule, read_figure
from .probe import Probe, Probed
from .program import Program
from .reasons import CaseReasons, compare_case
from .reasons_json import render_reasons
from .request import FactValue, Incident, InputError, InputFault, Language, Request, TraceLevel
from .second_decision import DrawnConclusion, Status
from .sentences import Compared, Sentences
from .speech import Speech
from .trace import expression_text
from .values import render_claim, render_result, render_source, render_value, unit_of, units_of
from .walk import Walk

__all__ = [
    "CaseReasons",
    "Compared",
    "Dependencies",
    "DrawnConclusion",
    "Engine",
    "Evaluation",
    "FactValue",
    "Incident",
    "InputError",
    "InputFault",
    "Language",
    "Outcome",
    "Probe",
    "Probed",
    "Program",
    "Request",
    "SchemePlan",
    "Sentences",
    "Speech",
    "Status",
    "TraceLevel",
    "Walk",
    "answer_json",
    "compare_case",
    "dependencies",
    "explain",
    "expression_text",
    "find_rule",
    "read_figure",
    "render_claim",
    "render_conclusion",
    "render_figure",
    "render_missing",
    "render_reasons",
    "render_result",
    "render_source",
    "render_unmet",
    "render_value",
    "unit_of",
    "units_of",
]
