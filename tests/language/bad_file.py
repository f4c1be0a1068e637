"""Building blocks of the bad rule files: a founding file, an amendment, a province, and clauses to put below them."""

from __future__ import annotations

from collections.abc import Mapping

HEAD = """\
scheme: test.scheme
title: {zh: 测试, en: Test}
in_force: {from: 2000-01-01}
source: {instrument: 测试办法}
"""
AMENDS = """\
scheme: test.scheme
in_force: {from: 2010-01-01}
source: {instrument: 修订办法}
amends: test.scheme@2000-01-01
"""
BEIJING = """\
scheme: test.scheme
in_force: {from: 2005-01-01}
region: "110000"
source: {instrument: 北京办法}
amends: test.scheme@2000-01-01
"""


class Bad:
    """Rule files that must not load, and every message they give."""

    def __init__(self, name: str, files: Mapping[str, str | bytes], *messages: str) -> None:
        self.name = name
        self.files = files
        self.messages = list(messages)


def definitions(*lines: str) -> str:
    return "definitions:\n" + "".join(f"  {line}\n" for line in lines)


def parameters(*lines: str) -> str:
    return "parameters:\n" + "".join(f"  {line}\n" for line in lines)


def decision(inputs: str, rows: list[str], hit: str = "unique") -> str:
    """A definition x that decides by a table; its rows begin on line 11 of a file that begins with HEAD."""
    table = f"definitions:\n  x:\n    decide:\n      hit: {hit}\n      inputs: [{inputs}]\n      rows:\n"
    return table + "".join(f"        - [{row}]\n" for row in rows)
