"""The documentation says what is so: generated pages are fresh, links lead somewhere, examples hold."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from flask.testing import FlaskClient

from app.api import Settings, create_app
from app.language import load_rulebook
from tests.conftest import HEAD, answer, ask, write
from tests.language.feel import same
from tests.language.test_feel import FACTS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
_LINK = re.compile(r"\]\(([^)#\s]+)(#[^)]*)?\)")
_CODE_PATH = re.compile(r"`((?:app|rules|docs|tests|fixtures|bench)/[\w./-]+\.(?:py|yaml|csv|json|md|lark))(?::\d+)?`")
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_FEEL_BLOCK = re.compile(r"```feel\n(.*?)```", re.DOTALL)


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["make_functions", "make_checks", "make_unverified", "make_coverage", "make_interactions"])
def test_a_generated_page_is_fresh(name: str) -> None:
    script = _script(name)
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), f"Run: python -m docs.{name}"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link, _ in _LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [path for path in _CODE_PATH.findall(text) if not (ROOT / path).exists()] == []


def _examples() -> Iterator[tuple[str, str]]:
    for block in _FEEL_BLOCK.findall((DOCS / "rule-language.md").read_text(encoding="utf-8")):
        for line in block.splitlines():
            if " -> " in line:
                expression, _, result = line.partition(" -> ")
                yield expression.strip(), result.partition("//")[0].strip()


@pytest.mark.parametrize(("expression", "result"), list(_examples()))
def test_an_example_of_the_rule_language_holds(expression: str, result: str) -> None:
    same(expression, result, FACTS)


def _blocks(page: str, kind: str) -> list[str]:
    return [text for found, text in _BLOCK.findall((DOCS / page).read_text(encoding="utf-8")) if found == kind]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(self_test=False)).test_client()


def test_every_call_shown_is_answered(client: FlaskClient) -> None:
    shown = "\n".join(_blocks("api.md", "sh"))
    paths = re.findall(r"\$BASE(/[^\s\"]*)", shown)
    bodies = [json.loads(body) for body in re.findall(r"-d '([^']*)'", shown)]
    assert len(paths) > 10 and len(bodies) == 2
    assert {client.get(path).status_code for path in paths if not path.startswith("/v1/evaluate")} == {200}
    assert [client.post("/v1/evaluate", json=body).status_code for body in bodies] == [200, 422]


def test_every_piece_of_advice_shown_is_answered(client: FlaskClient) -> None:
    asked = re.findall(r"\$BASE(/v1/[a-z/-]+).*?-d '([^']*)'", "\n".join(_blocks("advice.md", "sh")), re.DOTALL)
    assert {"/v1/timeline", "/v1/explain", "/v1/notice"} <= {path for path, _ in asked}
    assert [client.post(path, json=json.loads(body)).status_code for path, body in asked] == [200] * len(asked)


def test_the_batch_shown_is_answered_so(client: FlaskClient) -> None:
    (sent,) = re.findall(r"<<'END'\n(.*?)END\n", "\n".join(_blocks("api.md", "sh")), re.DOTALL)
    (shown,) = [text for text in _blocks("api.md", "json") if text.startswith('{"line"')]
    response = client.post("/v1/evaluate/batch", data=sent.encode(), headers={"Content-Type": "application/x-ndjson", "Accept-Language": "en"})
    found = [json.loads(line) for line in response.data.splitlines()]
    expected = [json.loads(line) for line in re.sub(r"\n +", " ", shown).splitlines()]
    assert len(found) == len(expected) == 3
    for whole, part in zip(found, expected, strict=True):
        assert _holds(part, whole)


def _holds(part: object, whole: object) -> bool:
    """Whether everything in a shortened answer stands in the whole one."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(name in whole and _holds(each, whole[name]) for name, each in part.items())
    return part == whole


def test_the_amount_followed_to_the_law_is_the_real_one(client: FlaskClient) -> None:
    case = json.loads((ROOT / "fixtures" / "01_man_statutory_beijing.json").read_text(encoding="utf-8"))
    answer = client.post("/v1/evaluate", json=case, headers={"Accept-Language": "en"}).get_json()
    trace = {line["id"]: line for line in answer["results"]["pension.employee"]["trace"]}
    lines = [json.loads(text) for text in _blocks("trace.md", "json") if text.startswith("{")]
    assert [{name: trace[line["id"]].get(name) for name in line} for line in lines] == lines
    for number, file in re.findall(r"[Ll]ine (\d+)\s+of `(rules/[^`]+)`", (DOCS / "trace.md").read_text(encoding="utf-8")):
        written = (ROOT / file).read_text(encoding="utf-8").splitlines()[int(number) - 1]
        assert written.strip() in (DOCS / "trace.md").read_text(encoding="utf-8")


def test_the_carried_record_of_the_language_page_runs(tmp_path: Path) -> None:
    """Section 9's yearly deductible, over the bills of the project's own fact dictionary."""
    blocks = [text for kind, text in _BLOCK.findall((DOCS / "rule-language.md").read_text(encoding="utf-8")) if kind == "yaml" and "medical_bills" in text]
    (block,) = blocks
    figures = "parameters:\n  deductible: {unit: CNY, value: 1300}\n  ceiling: {unit: CNY, value: 100000}\n  share: {value: 0.85}\n"
    rules = write(tmp_path, {"a.yaml": HEAD + figures + "definitions:\n" + textwrap.indent(block, "  ").replace("paid_in_year:\n", "paid_in_year:\n    output: true\n")})
    (rules / "facts.yaml").unlink()
    shutil.copytree(ROOT / "rules" / "facts", rules / "facts")
    totals = ("1000.00", "500.50", "10000.00")
    bills = tuple({"date": date(2025, 1, 1 + day), "kind": "inpatient", "hospital_level": Decimal(3), "total": Decimal(total)} for day, total in enumerate(totals))
    values = answer(ask(load_rulebook(rules), facts={"medical_bills": bills}))["values"]
    assert values["paid_in_year"] == "8670.43"
    assert values["course"] == [{"borne": "1000.00", "paid": "0.00"}, {"borne": "1300", "paid": "170.43"}, {"borne": "1300", "paid": "8670.43"}]
