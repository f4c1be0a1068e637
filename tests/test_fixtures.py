"""Every case in fixtures/ is valid, answers what expected.yaml says, and keeps the same answer in fractions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from app.engine import Engine, explain
from app.engine.numbers import CertifiedDecimals, Undecided
from app.intake import RequestReader
from app.language import load_rulebook

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"
EXPECTED: dict[str, dict[str, Any]] = yaml.load((FIXTURES / "expected.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_rulebook(ROOT / "rules"))


def test_every_case_is_expected() -> None:
    assert {path.stem for path in FIXTURES.glob("*.json")} == set(EXPECTED)


def _shown(answer: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for scheme, result in answer["results"].items():
        shown[scheme] = {"status": result["status"], "standing": result["standing"]}
        shown[scheme] |= {name: each["value"] for name, each in result["benefits"].items() if each["value"] is not None}
        if result["missing"]:
            shown[scheme]["missing"] = [each["name"] for each in result["missing"]]
    if answer["conclusions"]:
        shown["conclusions"] = [each["id"] for each in answer["conclusions"]]
    return shown


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_answer(name: str, engine: Engine) -> None:
    request, _ = RequestReader(engine.rulebook).read((FIXTURES / f"{name}.json").read_bytes())
    assert _shown(explain(engine.evaluate(request))) == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_fractions_answer_alike(name: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    request, _ = RequestReader(engine.rulebook).read((FIXTURES / f"{name}.json").read_bytes())

    def undecided(_: CertifiedDecimals) -> None:
        raise Undecided

    monkeypatch.setattr(CertifiedDecimals, "context", undecided)
    assert _shown(explain(engine.evaluate(request))) == EXPECTED[name]


def test_the_default_trace_of_a_career_of_25_years_is_small(engine: Engine) -> None:
    request, _ = RequestReader(engine.rulebook).read((ROOT / "bench" / "evaluate_25_years.json").read_bytes())
    evaluation = engine.evaluate(request)
    for language in ("zh", "en"):
        trace = explain(evaluation, language)["results"]["pension.employee"]["trace"]
        assert len(orjson.dumps(trace)) < 10_000
