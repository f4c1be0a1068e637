"""The schema of a file of rule cases, with the facts there are."""

from __future__ import annotations

from app.cases.reading import CASE_FILE_KEYS, CASE_KEYS, SHARED_KEYS, STATUSES
from app.cases.table_cases import COLUMN_KEYS, TABLE_KEYS
from app.language import FactDictionary
from app.language.clause_parts import STANDINGS

from .parts import DATE, REGION, TEXT, Json, choice, closed, document, ref

_ANY: Json = {}
_EXPECT: Json = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {
            "status": choice(STATUSES),
            "standing": choice(STANDINGS),
            "conditions": {"type": "object", "additionalProperties": {"enum": [True, False, "unknown"]}},
            "missing": {"type": "array", "items": TEXT},
            "conclusions": {"type": "array", "items": TEXT},
        },
    },
}


def _facts(dictionary: FactDictionary) -> Json:
    described = {name: {"description": f"{fact.title.zh} / {fact.title.en}"} for name, fact in dictionary.facts.items()}
    return {"type": "object", "properties": described, "additionalProperties": False}


def _shared(dictionary: FactDictionary) -> dict[str, tuple[str, Json]]:
    assumed = {name: {"description": f"{each.title.zh} / {each.title.en}"} for name, each in dictionary.assumptions.items()}
    return {
        "as_of": ("提问日 / the day of the question", DATE),
        "region": ("地区代码 / region", REGION),
        "schemes": ("所问险种 / schemes asked for", {"type": "array", "items": TEXT}),
        "reforms": ("改革方案 / reforms", {"type": "array", "items": TEXT}),
        "source": ("来源 / where the case is from", TEXT),
        "note": ("说明 / note", TEXT),
        "facts": ("事实 / facts", ref("facts")),
        "given": ("给定的数值 / figures given", {"type": "object"}),
        "assumptions": ("假定 / assumptions", {"type": "object", "properties": assumed, "additionalProperties": False}),
    }


def case_file_schema(dictionary: FactDictionary) -> Json:
    """JSON Schema (2020-12) of a case file; the facts are those of `dictionary`."""
    shared = _shared(dictionary)
    name, expect = ("名称 / name", TEXT), ("应得的答复 / what must be answered", _EXPECT)
    column = {"to": ("目标 / target", TEXT), "as": ("写法，如 {}-01 / template", TEXT), "times": ("乘以 / factor", _ANY)}
    columns: Json = {"type": "object", "additionalProperties": {"oneOf": [{"type": "string"}, closed(COLUMN_KEYS, column, ("to",))]}}
    of_table = {"file": ("CSV表 / the table", TEXT), "columns": ("各列是什么 / what each column is", columns), "where": ("只取这些行 / only these rows", {"type": "object"})}
    table = closed(TABLE_KEYS | SHARED_KEYS | {"expect"}, {**shared, **of_table, "name": name, "expect": expect}, ("file", "columns"))
    sections: dict[str, tuple[str, Json]] = {
        "defaults": ("各案例共同的部分 / what all cases share", closed(SHARED_KEYS, shared)),
        "cases": ("案例 / cases", {"type": "array", "items": ref("case")}),
        "table": ("每行一个案例的表 / a table of cases", ref("table")),
        "tables": ("多个表 / several tables", {"type": "array", "items": ref("table")}),
    }
    case = closed(CASE_KEYS, {**shared, "name": name, "expect": expect}, ("name", "expect"))
    return document("Shebao rule cases 规则案例", closed(CASE_FILE_KEYS, sections), {"facts": _facts(dictionary), "case": case, "table": table})
