"""The schema of a file of the fact dictionary."""

from __future__ import annotations

from typing import get_args

from app.language.facts import ASSUMPTION_KEYS, CHANGES, CHECK_KEYS, DICTIONARY_KEYS, FACT_KEYS, HOUSEHOLD_ROLES, RESULT_PARTS, FactKind

from .parts import EXPRESSION, FLAG, MONTH_OR_DATE, NUMBER, TEXT, Json, choice, closed, document, named, ref
from .rule_file import TITLE

_FACT = closed(
    FACT_KEYS,
    {
        "type": ("类型 / type", choice(get_args(FactKind))),
        "title": ("名称 / title", ref("title")),
        "question": ("向人提问的话 / the question to ask a person", ref("title")),
        "lookup": ("经办机构在哪里查 / where an office looks it up", ref("title")),
        "code": ("信息标准代码 / code of the information standard", TEXT),
        "unit": ("计量单位 / unit", {"type": ["string", "number"]}),
        "values": ("枚举的代码与名称 / codes of an enumeration with titles", {"type": "object", "additionalProperties": ref("title")}),
        "at_least": ("最小值 / least value", NUMBER),
        "at_most": ("最大值（数字必填）/ largest value that can be meant; a number needs it", NUMBER),
        "decimals": ("小数位数 / digits after the point", NUMBER),
        "earliest": ("最早日期 / earliest", MONTH_OR_DATE),
        "latest": ("最晚日期 / latest", MONTH_OR_DATE),
        "item": ("列表各项的字段 / fields of a list's items", named(ref("fact"))),
        "fields": ("记录的字段 / fields of a record", named(ref("fact"))),
        "max_items": ("最多几项 / most items", NUMBER),
        "order_by": ("按哪个字段排序 / the field a list is kept in order of", TEXT),
        "one_of": ("至少填其一的字段 / fields of which one is needed", {"type": "array", "items": TEXT}),
        "required": ("各项必填 / every item has it", FLAG),
        "note": ("说明 / note", ref("title")),
        "example": ("示例 / example", TEXT),
        "household": ("全家共用的事实：same 各人相同，size 未填时为成员数，benefits 未填时列出成员所领待遇 / a fact about the household", choice(HOUSEHOLD_ROLES)),
        "result": ("分流规则所看的结果属性 / what of a result a routing rule sees here", choice(RESULT_PARTS)),
        "changes": ("本人能否改变：can 能；past 已成事实，只能举证；never 不能 / whether a person can change it: can; past, only prove it; never", choice(CHANGES)),
    },
    ("type", "title"),
)
_CHECK = closed(
    CHECK_KEYS,
    {
        "holds": ("合理的事实应满足的条件 / what plausible facts meet", EXPRESSION),
        "pointer": ("归责的事实 / the fact to blame", TEXT),
        "message": ("提示 / message", ref("title")),
    },
    ("holds", "pointer", "message"),
)
_ASSUMPTION = closed(
    ASSUMPTION_KEYS,
    {
        "type": ("类型 / type", choice(("rate", "boolean"))),
        "title": ("名称 / title", ref("title")),
        "question": ("提问 / question", ref("title")),
        "at_least": ("最小值 / least", NUMBER),
        "at_most": ("最大值 / most", NUMBER),
    },
    ("type", "title"),
)


def fact_file_schema() -> Json:
    """JSON Schema (2020-12) of a file in rules/facts/."""
    sections: dict[str, tuple[str, Json]] = {
        "facts": ("事实：每项输入只声明一次 / every input, declared once", named(ref("fact"))),
        "checks": ("事实之间的合理性检查 / checks between facts", named(ref("check"))),
        "assumptions": ("可作的假定 / what a request may assume", named(ref("assumption"))),
    }
    definitions = {"title": TITLE, "fact": _FACT, "check": _CHECK, "assumption": _ASSUMPTION}
    return document("Shebao fact dictionary 事实目录", closed(DICTIONARY_KEYS, sections), definitions)
