"""Every call of this room, in the order they are documented."""

from __future__ import annotations

from .call import Call
from .timeline_call import TIMELINE
from .what_if_call import WHAT_IF

CALLS: tuple[Call, ...] = (TIMELINE, WHAT_IF)
