"""All schemas, by the name of their file."""

from __future__ import annotations

from app.language import FactDictionary

from .case_file import case_file_schema
from .fact_file import fact_file_schema
from .notices_file import notices_file_schema
from .parts import Json
from .rule_file import rule_file_schema


def editor_schemas(dictionary: FactDictionary) -> dict[str, Json]:
    """File name to schema."""
    return {
        "rule-file.schema.json": rule_file_schema(),
        "fact-file.schema.json": fact_file_schema(),
        "case-file.schema.json": case_file_schema(dictionary),
        "notices-file.schema.json": notices_file_schema(),
    }
