"""Writes docs/unverified.md, all that stands as unverified in the rules: `python -m docs.make_unverified`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.language import RuleFile, Standing, load_rulebook, region_name

PAGE = Path(__file__).with_name("unverified.md")
RULES = Path(__file__).resolve().parent.parent / "rules"

HEAD = """\
# What nobody could confirm 未经核实

Written by `docs/make_unverified.py` from the rules; do not edit it here. [sources.md](sources.md)
says what the standing means. The notes are those of the rule files, as readers of a result get them:
核定单 is an award slip, 计发基数 the calculation base, 未见 means that no such text was found.
"""


def page() -> str:
    """The whole page, as it has to stand in docs/unverified.md."""
    files = sorted(load_rulebook(RULES).files, key=lambda file: (file.scheme, file.region, file.start))
    parts = [HEAD]
    for scheme in dict.fromkeys(file.scheme for file in files):
        rows = [row for file in files if file.scheme == scheme for row in _rows(file)]
        if rows:
            parts.append(f"\n## {scheme}\n\n| place | rule | rows | note |\n|---|---|---|---|\n" + "".join(rows))
    return "".join(parts)


def _rows(file: RuleFile) -> Iterator[str]:
    place = f"{region_name(file.region)} {file.region}"
    for name, clause in file.definitions.items():
        if clause.standing == Standing.UNVERIFIED:
            yield _row(place, name, "", clause.source.note)
    for name, parameter in file.parameters.items():
        doubtful = [row for row in parameter.rows or () if row.standing == Standing.UNVERIFIED]
        for note in dict.fromkeys(row.source.note for row in doubtful):
            keys = [str(row.key) for row in doubtful if row.source.note == note and row.key is not None]
            yield _row(place, name, ", ".join(keys), note)


def _row(place: str, name: str, keys: str, note: str | None) -> str:
    return f"| {place} | `{name}` | {keys} | {(note or '').replace('|', '/')} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
