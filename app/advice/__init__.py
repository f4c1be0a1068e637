"""Answers beyond the number, all of them from the rulebook alone: when, what if, what next, what a household may get.

Each call asks the engine's `Probe` of one case with something changed, or evaluates it under two laws; what a person is
told as a result is evaluated in full. No text or rule of a single scheme stands here. A call is declared once, as a
`Call`; the service, the command line and the OpenAPI document are made from `CALLS`. This room knows no web.
"""

from .call import Call
from .calls import CALLS
from .compare import Against, compare
from .compare_json import render_compare
from .steps import step, telling
from .timeline import Timeline, TimelineQuestion, timeline
from .timeline_json import render_timeline

__all__ = ["CALLS", "Against", "Call", "Timeline", "TimelineQuestion", "compare", "render_compare", "render_timeline", "step", "telling", "timeline"]
