"""From nothing and from the cache: a reform's rules for one region and for all, and the kernel that answers under them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Spread, spread

ROOT = Path(__file__).resolve().parent.parent
PROPOSAL = """\
scheme: pension.employee
proposal: bench_higher_rate
in_force: {from: 2026-01-01}
region: "000000"
amends: pension.employee@2025-01-01
source: {instrument: 基准测试用方案}

parameters:
  base_pension_rate:
    value: 0.011
"""
# In an interpreter of its own, so that nothing is folded or compiled yet: prints one line of JSON with milliseconds.
SCRIPT = """\
import json, sys
from pathlib import Path
from time import perf_counter
from app.language import load_rulebook
from app.population.engine import PopulationEngine
from app.population.question import Question
from bench.chain import AS_OF, PENSION

def timed(call):
    start = perf_counter()
    call()
    return (perf_counter() - start) * 1e3

rulebook = load_rulebook(Path(sys.argv[1]))
reforms = ("bench_higher_rate",)
# The baseline's laws are there when a reform is tried.
for region in rulebook.regions():
    rulebook.at(AS_OF, region)
found = {
    "one": timed(lambda: rulebook.at(AS_OF, "110000", reforms)),
    "all": timed(lambda: [rulebook.at(AS_OF, region, reforms) for region in rulebook.regions()]),
    "engine": timed(lambda: PopulationEngine(rulebook, Question(AS_OF, PENSION, reforms), threads=1)),
}
print(json.dumps(found))
"""
NAMES = {
    "one": "a reform's rules, one region",
    "all": "a reform's rules, every region",
    "cold": "kernel of the reform, compiled",
    "cached": "kernel of the reform, from the cache",
}
TARGETS = {"one": 20.0, "cold": 5_000.0, "cached": 1_000.0}


@dataclass(frozen=True, slots=True)
class Start:
    """How long something takes from its start, in milliseconds, and what it should not exceed (None: nothing stated)."""

    what: str
    milliseconds: Spread
    target: float | None


def measure(rules: Path, count: int, folder: Path) -> list[Start]:
    """Each round compiles into an empty cache and then starts again from what that left."""
    copy = folder / "rules"
    shutil.copytree(rules, copy)
    (copy / "bench_proposal.yaml").write_text(PROPOSAL)
    found: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(count):
        cache = folder / "cache"
        shutil.rmtree(cache, ignore_errors=True)
        for engine in ("cold", "cached"):
            times = _start(copy, cache)
            found[engine].append(times["engine"])
            found["one"].append(times["one"])
            found["all"].append(times["all"])
    return [Start(NAMES[name], spread(each), TARGETS.get(name)) for name, each in found.items()]


def _start(rules: Path, cache: Path) -> dict[str, float]:
    environment = {**os.environ, "SHEBAO_CACHE": str(cache), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(rules)], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench failed: {done.stderr}")
    return dict(json.loads(done.stdout))
