"""The same evaluators on a Spark cluster, for populations that outgrow one machine.

`evaluate_on_spark` turns a DataFrame of people into one of results; `run_on_spark` writes these as a run. The driver
loads and compiles once; a worker gets rule files and compiled code as bytes, and needs neither a compiler nor a file
system in common. pyspark is an extra (`pip install 'shebao[spark]'`) and is imported only when something is run.
"""

from .evaluate import answered_rows, evaluate_on_spark, rejected_rows
from .run import SparkOptions, run_on_spark
from .session import SparkMissing, open_session
from .shipment import WorkerError
from .worker import REJECTS

__all__ = ["REJECTS", "SparkMissing", "SparkOptions", "WorkerError", "answered_rows", "evaluate_on_spark", "open_session", "rejected_rows", "run_on_spark"]
