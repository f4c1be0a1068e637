"""Spark itself: whether it is there, and a session with the settings that suit whole batches."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

from ..runs.streams import BATCH_ROWS

# Each stands unless the cluster, spark-submit or the caller says otherwise.
_SETTINGS = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
    # Writes results and rejects side by side; else every task sorts its rows first.
    "spark.sql.maxConcurrentOutputFileWriters": "2",
}


class SparkMissing(Exception):
    """pyspark is not installed."""


def require_pyspark() -> None:
    """Raise SparkMissing where pyspark is not installed."""
    try:
        import pyspark.sql  # noqa: F401
    except ImportError as error:
        raise SparkMissing(f"pyspark is not installed ({error}). Install it here and on the workers: pip install 'shebao[spark]'") from None


def open_session(master: str | None = None, name: str = "shebao") -> SparkSession:
    """The session there is, or a new one on `master` (None: as spark-submit or the configuration says). Raises SparkMissing."""
    require_pyspark()
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    conf = SparkConf()
    for setting, value in _SETTINGS.items():
        conf.setIfMissing(setting, value)
    conf.setIfMissing("spark.app.name", name)
    # Spark's own default is whatever `python3` happens to be on a worker.
    if not conf.contains("spark.pyspark.python"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if master is not None:
        conf.setMaster(master)
    return SparkSession.builder.config(conf=conf).getOrCreate()
