"""Answers beyond the number, all of them from the rulebook alone: when, what if, what next, what a household may get.

Each call asks the engine's `Probe` of one case with something changed, its `Inquiry` of one with facts still open, or
evaluates it under two laws; what a person is
told as a result is evaluated in full. No text or rule of a single scheme stands here. A call is declared once, as a
`Call`; the service, the command line and the OpenAPI document are made from `CALLS`. This room knows no web.
"""

from .call import Call, Desk, Desks
from .calls import CALLS
from .compare import Against, compare
from .compare_json import render_compare
from .questions import Question, Questions, questions
from .questions_json import render_questions
from .scan import Scan, scan
from .scan_household import Member
from .scan_json import render_scan
from .steps import step, telling
from .timeline import Timeline, TimelineQuestion, timeline
from .timeline_json import render_timeline
from .what_if import WhatIf, WhatIfQuestion, what_if
from .what_if_json import render_what_if

__all__ = [
    "CALLS",
    "Against",
    "Call",
    "Desk",
    "Desks",
    "Member",
    "Question",
    "Questions",
    "Scan",
    "Timeline",
    "TimelineQuestion",
    "WhatIf",
    "WhatIfQuestion",
    "compare",
    "questions",
    "render_compare",
    "render_questions",
    "render_scan",
    "render_timeline",
    "render_what_if",
    "scan",
    "step",
    "telling",
    "timeline",
    "what_if",
]
