"""The schema of a rule file."""

from __future__ import annotations

from app.language.claim_clauses import CLAIM_KEYS
from app.language.clause_parts import KEY_TYPES, ROUNDING_KEYS, SOURCE_KEYS, STANDINGS, VALUE_TYPES
from app.language.definition_clauses import (
    BETWEEN,
    CARRY_KEYS,
    CONCLUSION_KEYS,
    CONCLUSION_KINDS,
    DECISION_KEYS,
    DEFINITION_KEYS,
    HIT_POLICIES,
    PAID_TO,
)
from app.language.facts import CHANGES
from app.language.files import FILE_KEYS, IN_FORCE_KEYS
from app.language.ir import ROUNDING_MODES
from app.language.parameter_clauses import BAND_KEYS, EXTENSION_KEYS, PARAMETER_KEYS, ROW_KEYS, TABLE_KEYS

from .parts import DATE, EXPRESSION, FLAG, NUMBER, REGION, TEXT, Json, choice, closed, document, named, ref

TITLE: Json = {
    "type": "object",
    "properties": {"zh": {"type": "string", "description": "中文名称"}, "en": {"type": "string", "description": "English title"}},
    "required": ["zh", "en"],
    "additionalProperties": False,
}
SOURCE = closed(
    SOURCE_KEYS,
    {
        "instrument": ("文件名称 / the instrument's title", TEXT),
        "number": ("文号 / its document number", TEXT),
        "article": ("条款 / article", TEXT),
        "effective": ("施行日期 / effective date", TEXT),
        "url": ("网址 / public address", TEXT),
        "note": ("说明 / what is known of it", TEXT),
    },
)
_UNIT: Json = {"type": ["string", "number"], "examples": ["CNY", "CNY/month", "CNY/year", "month", "year", "day", "person", "1/year"]}
_STANDING = choice(STANDINGS)
_ROUNDING: Json = {
    "oneOf": [
        {"const": "none"},
        closed(ROUNDING_KEYS, {"to": ("取整到 / to 1, 2 or 5 of a decimal place", NUMBER), "mode": ("取整方式 / mode", choice(ROUNDING_MODES))}, ("to", "mode")),
    ]
}
_ROW: Json = {
    "oneOf": [
        TEXT,
        closed(
            ROW_KEYS,
            {
                "value": ("值 / the value", TEXT),
                "standing": ("可靠程度 / how firm it is", _STANDING),
                "source": ("依据 / source", SOURCE),
                "published": ("公布日期：此前提问者查不到 / day it became known", DATE),
            },
            ("value",),
        ),
    ]
}
_ROWS: Json = {"type": "object", "additionalProperties": ref("row")}
_PARAMETER = closed(
    PARAMETER_KEYS,
    {
        "title": ("名称 / title", ref("title")),
        "unit": ("计量单位 / unit", _UNIT),
        "by": ("按什么查 / what it is looked up by", choice(KEY_TYPES)),
        "at": ("单独出现时所用的键 / the key used when the name stands alone", EXPRESSION),
        "match": ("查法：exact 只认所列的键；from 每值管到下一键 / how keys match", choice(("exact", "from"))),
        "value": ("唯一的值 / the one value", ref("row")),
        "values": ("键: 值（替换全部）/ key: value lines", _ROWS),
        "add_values": ("键: 值（添加）/ rows added to those there are", _ROWS),
        "table": (
            "旁边的CSV表 / a CSV beside the file",
            {
                "oneOf": [
                    {"type": "string"},
                    closed(
                        TABLE_KEYS,
                        {"file": ("文件 / file", TEXT), "key": ("键所在的列 / column of keys", TEXT), "value": ("值所在的列 / column of values", TEXT)},
                        ("file",),
                    ),
                ]
            },
        ),
        "bands": (
            "分段费率 / a scale for progressive()",
            {
                "type": "array",
                "items": closed(
                    BAND_KEYS,
                    {
                        "above": ("超过 / above", NUMBER),
                        "rate": ("费率 / rate", NUMBER),
                        "source": ("依据 / source", SOURCE),
                        "standing": ("可靠程度 / standing", _STANDING),
                    },
                    ("above", "rate"),
                ),
            },
        ),
        "extend": (
            "按假定延长 / how an assumption continues the series",
            closed(
                EXTENSION_KEYS,
                {
                    "with": ("假定 / the assumption", TEXT),
                    "how": ("grow 按率增长；set 取假定值 / grow or set", choice(("grow", "set"))),
                    "round": ("每年取整 / rounding of each year", _ROUNDING),
                    "provisional": ("预发假定 / the yes-or-no assumption that holds the last value", TEXT),
                },
                ("with", "how"),
            ),
        ),
        "source": ("依据 / source", ref("source")),
        "standing": ("可靠程度 / standing", _STANDING),
        "type": ("值的类型（数字不写）/ type of the values; a number needs none", choice(VALUE_TYPES)),
        "gaps": ("中间年份从未公布 / values between the rows were never published", choice(("unknown",))),
    },
)
_CARRY = closed(
    CARRY_KEYS,
    {
        "each": ("变量名 / the item's name", TEXT),
        "in": ("列表或 first..last / a list or sequence", EXPRESSION),
        "start": ("初值 / the state before the first", EXPRESSION),
        "next": ("下一值，previous 为上一值 / the next state", EXPRESSION),
        "collect": ("true 时给出全部状态 / all states instead of the last", FLAG),
        "round": ("每步取整 / rounding of each step", _ROUNDING),
    },
    ("each", "in", "start", "next"),
)
_DECISION = closed(
    DECISION_KEYS,
    {
        "hit": ("命中策略 / hit policy", choice(HIT_POLICIES)),
        "inputs": ("输入表达式 / input expressions", {"type": "array", "items": EXPRESSION, "minItems": 1}),
        "rows": ("规则行：各输入的条件，末格为结果 / a test for each input, then the output", {"type": "array", "items": {"type": "array", "items": TEXT, "minItems": 2}}),
        "table": ("旁边的CSV表 / a CSV beside the file", TEXT),
        "priorities": ("结果的优先顺序 / outputs, best first", {"type": "array", "items": EXPRESSION}),
    },
    ("hit", "inputs"),
)
_DEFINITION = closed(
    DEFINITION_KEYS,
    {
        "applies_when": ("适用对象 / for whom this wording holds", EXPRESSION),
        "title": ("名称 / title", ref("title")),
        "unit": ("计量单位 / unit", _UNIT),
        "value": ("取值 / the value", EXPRESSION),
        "decide": ("决策表 / decision table", ref("decision")),
        "carry": ("逐项结转 / a value carried through a list", ref("carry")),
        "round": ("取整 / rounding", ref("rounding")),
        "source": ("依据 / source", ref("source")),
        "standing": ("可靠程度 / standing", _STANDING),
        "output": ("在答复中列出 / shown among the answer's values", FLAG),
        "changes": ("本人能否改变此数（如再缴费）：can 能；past 只能举证；never 不能 / whether a person can change the figure itself", choice(CHANGES)),
        "holds": ("条件 / what has to hold", EXPRESSION),
        "shortfall": ("差多少 / by how much it is missed", EXPRESSION),
        "unmet": ("不满足时对人说的话，{名称}填入数值，{shortfall}为差额 / what a person is told where it is not met", ref("title")),
        "paid_to": ("发给谁：每人，或全家一份；不写的是某笔金额的一部分 / whom it is paid to; without it, it is a part of another amount", choice(PAID_TO)),
        "counts_as": ("计入全家待遇时的种类 / as which kind it counts in the list of the household's benefits", TEXT),
    },
)
_CONCLUSION = closed(
    CONCLUSION_KEYS,
    {
        "kind": ("类别 / kind", choice(CONCLUSION_KINDS)),
        "when": ("何时提示 / when it is drawn", EXPRESSION),
        "text": ("文字，{名称}填入数值 / the text; {name} puts in a value", ref("title")),
        "source": ("依据 / source", ref("source")),
        "with": (
            "与哪个险种（或其待遇）不能并领、先后支付、重复 / the other scheme, or a benefit of it",
            {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]},
        ),
        "benefit": ("只涉及本险种的哪项待遇 / the own benefit it is about", TEXT),
        "between": ("members：指家庭另一成员的待遇 / members: the other is another member's", choice(BETWEEN)),
    },
    ("kind", "when", "text"),
)
_CLAIM = closed(
    CLAIM_KEYS,
    {
        "where": ("到哪里办 / where to claim", ref("title")),
        "documents": ("要带的材料 / the documents to bring", {"type": "array", "items": ref("title"), "minItems": 1}),
        "deadline": ("何时之前办 / until when", ref("title")),
        "source": ("依据 / source", ref("source")),
        "standing": ("可靠程度 / how firm it is", _STANDING),
    },
)
_FILE = {
    "scheme": ("险种编号，如 pension.employee / the scheme's id", {"type": "string", "pattern": r"^[a-z][a-z_]*(\.[a-z][a-z_]*)+$"}),
    "title": ("险种名称（首个文件必填）/ title; the founding file needs it", ref("title")),
    "in_force": (
        "施行期间 / when it is in force",
        closed(IN_FORCE_KEYS, {"from": ("起 / first day", DATE), "to": ("止 / last day, only where the rules end", DATE)}, ("from",)),
    ),
    "region": ("GB/T 2260 代码，加引号；不写为全国 / GB/T 2260 code in quotes; the nation if left out", REGION),
    "source": ("依据（instrument 必填）/ source; instrument is required", {**SOURCE, "required": ["instrument"]}),
    "amends": ("所修改的版本，如 pension.employee@2006-01-01/340000 / the version amended", {"type": "string", "pattern": "@"}),
    "binding": ("true 时连同地方已有规定一并替换 / replaces what places stated before", FLAG),
    "proposal": ("改革方案名称，不是法规 / a name; the file is no law", {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}),
    "library": ("true 时只供其他险种引用 / figures for other schemes only", FLAG),
    "timeline": ("时间轴所用的事实（申领日期或所属月份）/ the fact a timeline runs over", TEXT),
    "applies_when": ("适用对象 / for whom the file's definitions hold", EXPRESSION),
    "standing": ("可靠程度 / standing of all that does not say otherwise", _STANDING),
    "claim": ("怎样申领；只写与所修改版本不同的各项 / how it is claimed; an amendment states the parts that differ", ref("claim")),
    "parameters": ("参数：法规写明的数字 / figures the law states", named(ref("parameter"))),
    "definitions": ("定义：计算过程中的数值 / values computed on the way", named(ref("definition"))),
    "eligibility": ("资格条件 / conditions", named(ref("definition"))),
    "benefits": ("待遇 / what a person gets", named(ref("definition"))),
    "conclusions": ("提示 / what a reader must be told", named(ref("conclusion"))),
}


def rule_file_schema() -> Json:
    """JSON Schema (2020-12) of a rule file, every key with its meaning in Chinese and English."""
    definitions = {
        "title": TITLE,
        "source": SOURCE,
        "row": _ROW,
        "rounding": _ROUNDING,
        "parameter": _PARAMETER,
        "definition": _DEFINITION,
        "decision": _DECISION,
        "carry": _CARRY,
        "conclusion": _CONCLUSION,
        "claim": _CLAIM,
    }
    return document("Shebao rule file 规则文件", closed(FILE_KEYS, _FILE, ("scheme", "in_force", "source")), definitions)
