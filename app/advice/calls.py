"""Every call of this room, in the order they are documented."""

from __future__ import annotations

from .call import Call
from .compare_call import COMPARE
from .timeline_call import TIMELINE

CALLS: tuple[Call, ...] = (TIMELINE, COMPARE)
