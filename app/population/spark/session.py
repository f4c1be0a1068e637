"""Spark itself: whether it is there, and a session with the settings that suit whole batches."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# So many people with their careers are some 30 MB, which an executor holds several times over; larger batches gain nothing.
BATCH_ROWS = 16_384
# Stands unless the cluster, spark-submit or the caller says otherwise.
SETTINGS = {"spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS)}


class SparkMissing(Exception):
    """pyspark is not installed."""


def require_pyspark() -> None:
    """Raise SparkMissing where pyspark is not installed."""
    try:
        import pyspark.sql  # noqa: F401
    except ImportError as error:
        raise SparkMissing(f"pyspark is not installed ({error}). Install it here and on the workers: pip install 'shebao[spark]'") from None


def open_session(master: str | None = None) -> SparkSession:
    """The session there is, or a new one on `master` (None: as spark-submit or the configuration says). Raises SparkMissing."""
    require_pyspark()
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    conf = SparkConf()
    for setting, value in SETTINGS.items():
        conf.setIfMissing(setting, value)
    conf.setIfMissing("spark.app.name", "shebao")
    # Spark's own default is whatever `python3` happens to be on a worker.
    if not conf.contains("spark.pyspark.python"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if master is not None:
        conf.setMaster(master)
    return SparkSession.builder.config(conf=conf).getOrCreate()
