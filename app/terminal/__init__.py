"""What the command line shows: answers, case results, coverage, comparisons, runs and faults as rich renderables.

Every function takes plain results of the other rooms and returns something a rich `Console` prints; nothing
here decides anything. This room knows no web.
"""

from .answer import render_answer
from .batch_report import BatchTally, render_batch, render_reject, watch_batch
from .case_report import render_coverage, render_coverage_gaps, render_failure
from .compare import render_compare
from .comparison import render_comparison
from .explanation import render_words, render_words_markdown
from .faults import render_input_faults, render_rule_faults
from .population_report import render_fits, render_gap
from .questions import render_question, render_questions, render_reading
from .reasons import render_case_reasons, render_run_reasons
from .releases import render_file_changes, render_release, render_releases
from .run_report import render_run, watch_run
from .scan import render_scan
from .timeline import render_timeline
from .versions import VersionName, VersionNameError
from .what_if import render_what_if
from .words import word

__all__ = [
    "BatchTally",
    "VersionName",
    "VersionNameError",
    "render_answer",
    "render_batch",
    "render_case_reasons",
    "render_compare",
    "render_comparison",
    "render_coverage",
    "render_coverage_gaps",
    "render_failure",
    "render_file_changes",
    "render_fits",
    "render_gap",
    "render_input_faults",
    "render_question",
    "render_questions",
    "render_reading",
    "render_reject",
    "render_release",
    "render_releases",
    "render_rule_faults",
    "render_run",
    "render_run_reasons",
    "render_scan",
    "render_timeline",
    "render_what_if",
    "render_words",
    "render_words_markdown",
    "watch_batch",
    "watch_run",
    "word",
]
