"""Rules with a reform, compiled once, and one cluster for all tests of the session."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.language import Rulebook, load_rulebook
from app.population.question import Question

from .cluster import ROOT, cluster

REFORM = """\
scheme: pension.employee
proposal: higher_base_rate
in_force: {from: 2020-01-01}
amends: pension.employee@2025-01-01
source: {instrument: 测试改革设想, note: 不是法规}
parameters:
  base_pension_rate: {value: 0.011}
"""
BATCH_ROWS = 100
# What Hadoop's library calls on a local disk.
_NEEDED = ("bash", "chmod", "ls", "readlink")


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spark") / "rules"
    shutil.copytree(ROOT / "rules", folder)
    (folder / "pension" / "employee" / "higher_base_rate.yaml").write_text(REFORM)
    return folder


@pytest.fixture(scope="session")
def rulebook(rules: Path) -> Rulebook:
    return load_rulebook(rules)


@pytest.fixture(scope="session")
def question() -> Question:
    return Question(date(2026, 3, 1), ("pension.employee", "pension.retirement_age"), region="110000", outputs=True)


@pytest.fixture(scope="session")
def worker_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cluster's workers would keep what they compile."""
    return tmp_path_factory.mktemp("worker-cache")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory, worker_cache: Path) -> Iterator[Any]:
    """A session on a cluster whose workers find no compiler, and read few rows at a time."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: pip install 'shebao[spark]'")
    if shutil.which("java") is None:
        pytest.skip("there is no Java for Spark: sudo apt-get install openjdk-17-jre-headless")
    commands = tmp_path_factory.mktemp("commands")
    for name in _NEEDED:
        (commands / name).symlink_to(str(shutil.which(name)))
    settings = {"spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS)}
    with cluster(tmp_path_factory.mktemp("cluster"), {"PATH": str(commands), "SHEBAO_CACHE": str(worker_cache)}, settings) as session:
        yield session
