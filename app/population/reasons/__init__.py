"""Why a run's results moved: one person explained, and the amendments ranked over everyone.

`open_finished` opens a run that compared two laws. `explain_person` asks one person's row again and compares the traces;
`run_reasons` asks every law in between of the same people and shares out the change; `reasons_table` and `write_reasons`
give that as a table and as files in the run's folder. docs/reasons.md says how shares are found.
"""

from .files import REASONS, reasons_table, write_reasons
from .finished import FinishedRun, open_finished
from .person import explain_person
from .ranking import ReasonsProgress, RunReasons, run_reasons

__all__ = ["REASONS", "FinishedRun", "ReasonsProgress", "RunReasons", "explain_person", "open_finished", "reasons_table", "run_reasons", "write_reasons"]
