"""The commands of the command line that need a file of their own, and the session all commands share.

`app.cli` is the whole command line; what stands here is registered there. Commands over populations import pyarrow
when they run, so that the other commands start at once.
"""

from .ask import ask
from .compare import compare
from .evaluating import evaluate
from .notice import make_notice
from .population import gap, population
from .reasons import explain_run, run_reasons
from .releases import release
from .report import report
from .scan import scan
from .schemas import schemas
from .session import BAD_INPUT, FAILED, INCIDENT, Session, console, one_of
from .simulate import simulate
from .simulate_on_spark import simulate_on_spark
from .timeline import timeline
from .what_if import what_if
from .words import words

__all__ = [
    "BAD_INPUT",
    "FAILED",
    "INCIDENT",
    "Session",
    "ask",
    "compare",
    "console",
    "evaluate",
    "explain_run",
    "gap",
    "make_notice",
    "one_of",
    "population",
    "release",
    "report",
    "run_reasons",
    "scan",
    "schemas",
    "simulate",
    "simulate_on_spark",
    "timeline",
    "what_if",
    "words",
]
