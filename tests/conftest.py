"""Helpers that build a tiny rules folder from YAML snippets and evaluate expressions in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.engine import Engine, Evaluation, Request, explain
from app.language import Rulebook, RuleError, ir, load_rulebook

FACTS = """\
facts:
  wage: {type: number, unit: CNY/month, at_most: 1000000000, title: {zh: 工资, en: Wage}}
  months: {type: whole, unit: month, at_most: 1000000000, title: {zh: 月数, en: Months}}
  count_of_children: {type: whole, at_most: 1000000000, title: {zh: 子女数, en: Children}}
  sex:
    type: enum
    values: {male: {zh: 男, en: male}, female: {zh: 女, en: female}}
    title: {zh: 性别, en: Sex}
  born: {type: date, title: {zh: 出生, en: Born}}
  claim_month: {type: month, title: {zh: 申领月, en: Month}}
  insured: {type: boolean, title: {zh: 参保, en: Insured}}
  place: {type: region, title: {zh: 地点, en: Place}}
  records:
    type: list
    title: {zh: 记录, en: Records}
    item:
      year: {type: whole, required: true, at_most: 1000000000, title: {zh: 年, en: Year}}
      paid: {type: whole, unit: month, required: true, at_most: 1000000000, title: {zh: 月, en: Months}}
      index: {type: number, at_most: 1000000000, title: {zh: 指数, en: Index}}
assumptions:
  growth: {type: rate, title: {zh: 增长, en: Growth}}
  hold: {type: boolean, title: {zh: 沿用, en: Hold}}
"""

HEAD = """\
scheme: test.scheme
title: {zh: 测试, en: Test}
in_force: {from: 2000-01-01}
source: {instrument: 测试办法, number: 测发〔2000〕1号}
"""

TODAY = date(2025, 6, 1)
NAME = "test.scheme"

Write = Callable[..., Path]


def write(folder: Path, files: Mapping[str, str | bytes], facts: str = FACTS) -> Path:
    """Write rule files (path -> text) and a fact dictionary below a folder."""
    for path, text in {"facts.yaml": facts, **files}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Rulebook]:
    """Build a rulebook from rule files."""

    def build(files: Mapping[str, str | bytes], facts: str = FACTS) -> Rulebook:
        return load_rulebook(write(tmp_path / "rules", files, facts))

    return build


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., list[str]]:
    """The messages of a folder that must not load, or that is broken when folded."""

    def load(files: Mapping[str, str | bytes], facts: str = FACTS) -> list[str]:
        try:
            rulebook = load_rulebook(write(tmp_path / "rules", files, facts))
        except RuleError as error:
            return [str(fault) for fault in error.faults]
        return [str(fault) for fault in rulebook.check_everywhere()]

    return load


def ask(rulebook: Rulebook, as_of: date = TODAY, region: str = "000000", reforms: tuple[str, ...] = (), **request: Any) -> Evaluation:
    """Evaluate the test scheme."""
    schemes = request.pop("schemes", (NAME,))
    return Engine(rulebook).evaluate(Request(as_of=as_of, schemes=schemes, region=region, reforms=reforms, facts=request.pop("facts", {}), **request))


def value(evaluation: Evaluation, name: str, scheme: str = NAME) -> Any:
    """The value of a definition in a finished evaluation."""
    return evaluation.case.memo[evaluation.program.number_of[ir.Name(scheme, name)]]


def answer(evaluation: Evaluation, scheme: str = NAME) -> dict[str, Any]:
    """One scheme's part of the explained answer, in English."""
    result: dict[str, Any] = explain(evaluation, "en", "full")["results"][scheme]
    return result
