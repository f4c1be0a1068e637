"""Reports over the results of a run: what it costs, who is entitled, who gains and loses, and how even incomes are.

`write_report(run, out, rulebook)` reads a run's `results/*.parquet` with DuckDB and writes tables (CSV, Parquet), charts
(PNG), one page that works offline, and `report.json`. `cliffs.cliff_tables` evaluates people twice to find benefits
that fall with the next yuan of income; `pool.pool_tables` balances pension pools between regions. Money is summed in
exact decimals; Gini, poverty and quantiles are statistics in binary floats. Every figure is defined in docs/reports.md.
"""

from .measures import MeasureError
from .options import ReportOptions
from .report import ReportFiles, write_report
from .run_files import RunError

__all__ = ["MeasureError", "ReportFiles", "ReportOptions", "RunError", "write_report"]
