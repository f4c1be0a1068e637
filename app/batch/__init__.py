"""Many cases, one a line: read from a stream of any length in little memory, each answered or refused by itself.

`Lines` cuts bytes into numbered lines, `BatchReader` makes a case of each (with the defaults that may stand in the first
line), `BatchAnswerer` gives for each an `Answered` or a `Failed`; one bad line never ends the others. `in_processes` does
so on several processors, in order. `CsvCases` reads the same cases from a table, `answers_as` writes answers as one. The
service and the command line are made of these. This room knows no web; only the tables need pyarrow.
"""

from .answering import Answered, BatchAnswerer, Failed
from .limits import BatchLimits
from .lines import Line, Lines
from .reading import MAX_ID, BatchCase, BatchReader

__all__ = ["MAX_ID", "Answered", "BatchAnswerer", "BatchCase", "BatchLimits", "BatchReader", "Failed", "Line", "Lines"]
