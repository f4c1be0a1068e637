"""Every call of this room, in the order they are documented."""

from __future__ import annotations

from .call import Call
from .compare_call import COMPARE
from .explain_call import EXPLAIN
from .questions_call import QUESTIONS
from .scan_call import SCAN
from .timeline_call import TIMELINE
from .what_if_call import WHAT_IF

CALLS: tuple[Call, ...] = (TIMELINE, WHAT_IF, QUESTIONS, COMPARE, EXPLAIN, SCAN)
