"""A Spark cluster on the loopback: a master and some workers, each a process of its own, and each with one executor of one core."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[3]
# A machine that runs other tests besides may take its time.
PATIENCE = 240


@contextmanager
def cluster(folder: Path, executor: Mapping[str, str], settings: Mapping[str, str], workers: int = 2) -> Iterator[Any]:
    """A session on a cluster of its own; `executor` are the environment variables its executors see."""
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": LOOPBACK, "SPARK_DAEMON_MEMORY": "256m", "SPARK_NO_DAEMONIZE": "1"}
    master = f"spark://{LOOPBACK}:{_free_port()}"
    program, master_class, worker_class = home / "bin" / "spark-class", "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
    with ExitStack() as stack:

        def start(name: str, *arguments: str) -> Path:
            log = folder / f"{name}.log"
            with log.open("w") as file:
                process = subprocess.Popen([program, *arguments, "--webui-port", "0"], stderr=file, stdout=file, env=environment, start_new_session=True)
            stack.callback(_stop, process)
            return log

        started = start("master", master_class, "--host", LOOPBACK, "--port", master.rpartition(":")[2])
        _wait(lambda: "I have been elected leader" in started.read_text(), started)
        for number in range(workers):
            arguments = ["--host", LOOPBACK, "--cores", "1", "--memory", "600m", "--work-dir", str(folder / f"worker{number}"), master]
            log = start(f"worker{number}", worker_class, *arguments)
        _wait(lambda: "Successfully registered with master" in log.read_text(), log)
        session = _session(master, executor, settings)
        try:
            yield session
        finally:
            session.stop()


def _session(master: str, executor: Mapping[str, str], settings: Mapping[str, str]) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("shebao tests")
    builder = builder.config("spark.driver.host", LOOPBACK).config("spark.driver.bindAddress", LOOPBACK).config("spark.ui.enabled", "false")
    builder = builder.config("spark.executor.memory", "500m").config("spark.executor.cores", "1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # An executor that is lost comes back within the job, however slow the machine.
    builder = builder.config("spark.scheduler.minRegisteredResourcesRatio", "1.0").config("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s")
    for name, value in {"PYTHONPATH": str(ROOT), **executor}.items():
        builder = builder.config(f"spark.executorEnv.{name}", value)
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait(ready: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(log.read_text()[-2000:])
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a daemon and whatever it started."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
