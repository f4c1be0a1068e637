"""The editors' schemas take every file there is, refuse misspelt keys, and are the ones in editor/."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from app.editor import editor_schemas
from app.editor.parts import closed
from tests.test_rule_cases import RULES, rulebook

FOLDER = RULES.parent / "editor"
RULE_FILE = """
scheme: test.scheme
title: {zh: 测试, en: Test}
in_force: {from: 2000-01-01}
source: {instrument: 测试办法}
parameters:
  rate: {title: {zh: 率, en: Rate}, by: year, match: from, values: {2000: 0.1, 2001: {value: 0.2, standing: unverified}}}
benefits:
  paid: {title: {zh: 付, en: Paid}, unit: CNY, value: rate * 3, round: {to: 0.01, mode: half up}}
"""


class _Loader(yaml.CSafeLoader):
    """As editors read YAML 1.2: a date is text."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in each if tag != "tag:yaml.org,2002:timestamp"] for letter, each in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str) -> Any:
    def with_text_keys(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): with_text_keys(each) for key, each in value.items()}
        return [with_text_keys(each) for each in value] if isinstance(value, list) else value

    return with_text_keys(yaml.load(text, _Loader))


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = editor_schemas(rulebook().facts)[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def kind_of(path: Path) -> str:
    parts = path.relative_to(RULES).parts
    if parts == ("notices.yaml",):
        return "notices-file"
    return "case-file" if "cases" in parts else "fact-file" if parts[0] == "facts" else "rule-file"


def test_every_file_there_is_is_taken() -> None:
    found = [
        f"{path.relative_to(RULES)}: {error.json_path}: {error.message[:200]}"
        for path in sorted(RULES.rglob("*.yaml"))
        for error in validator(f"{kind_of(path)}.schema.json").iter_errors(read(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("in_force:", "inforce:"),
        ("benefits:", "benefit:"),
        ("value: rate * 3", "valeu: rate * 3"),
        ("mode: half up", "mode: half-up"),
        ("match: from", "match: since"),
        ("standing: unverified", "standing: unsure"),
        ("source: {instrument: 测试办法}", "source: {number: 1}"),
        ("from: 2000-01-01", "from: 1.1.2000"),
    ],
)
def test_a_misspelt_key_or_word_is_refused(right: str, wrong: str) -> None:
    assert right in RULE_FILE
    assert list(validator("rule-file.schema.json").iter_errors(read(RULE_FILE))) == []
    assert list(validator("rule-file.schema.json").iter_errors(read(RULE_FILE.replace(right, wrong))))


def test_a_fact_that_does_not_exist_is_refused_in_a_case() -> None:
    case = {"cases": [{"name": "a", "facts": {"sexx": "male"}, "expect": {"pension.employee": {"status": "eligible"}}}]}
    assert list(validator("case-file.schema.json").iter_errors(case))
    case["cases"][0]["facts"] = {"sex": "male"}
    assert list(validator("case-file.schema.json").iter_errors(case)) == []


def test_a_key_the_reader_knows_cannot_be_forgotten() -> None:
    with pytest.raises(ValueError, match="differ on"):
        closed({"a", "b"}, {"a": ("", {})})


def test_the_files_in_editor_are_fresh() -> None:
    made = editor_schemas(rulebook().facts)
    assert {path.name: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")} == made, "Run: make pages"
