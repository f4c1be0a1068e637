"""The schema of `notices.yaml`."""

from __future__ import annotations

from app.language.clause_parts import STANDINGS
from app.language.notices import NOTICES_KEYS, OBJECTION_KEYS

from .parts import TEXT, Json, choice, closed, document, named, ref
from .rule_file import SOURCE, TITLE

_BEGINNINGS: Json = {"type": "array", "items": TEXT}
_OBJECTION = closed(
    OBJECTION_KEYS,
    {
        "schemes": ("适用的险种或其开头（不写为全部）/ the schemes, or beginnings of their ids; all if left out", _BEGINNINGS),
        "except": ("不适用的险种或其开头 / but not these", _BEGINNINGS),
        "text": ("文字 / the text", ref("title")),
        "source": ("依据（instrument、article 必填）/ its law", {**SOURCE, "required": ["instrument", "article"]}),
        "standing": ("可靠程度 / how firm it is", choice(STANDINGS)),
    },
    ("text", "source"),
)


def notices_file_schema() -> Json:
    """JSON Schema (2020-12) of rules/notices.yaml."""
    sections: dict[str, tuple[str, Json]] = {"objections": ("救济途径 / ways to object", named(_OBJECTION))}
    return document("Shebao notices 通知书文字", closed(NOTICES_KEYS, sections, ("objections",)), {"title": TITLE})
