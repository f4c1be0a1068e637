"""Every call of this room, in the order they are documented."""

from __future__ import annotations

from .call import Call
from .explain_call import EXPLAIN
from .questions_call import QUESTIONS
from .scan_call import SCAN
from .timeline_call import TIMELINE

CALLS: tuple[Call, ...] = (TIMELINE, QUESTIONS, EXPLAIN, SCAN)
