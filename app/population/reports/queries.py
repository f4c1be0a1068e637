"""The named queries of a report: one file each in `sql/`, over the tables that `people` makes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import duckdb


@cache
def query_text(name: str) -> str:
    """The SQL of a query; parts in braces are filled in by the caller."""
    return (files(__package__) / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def ask(db: duckdb.DuckDBPyConnection, name: str, **parts: str) -> list[dict[str, Any]]:
    """The answer of a named query, row by row under its columns' names."""
    text = query_text(name)
    found = db.execute(text.format(**parts) if parts else text)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
