"""Writes docs/coverage.md, what is encoded and how firm it is: `python -m docs.make_coverage`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from app.language import NATION, Rulebook, Scheme, Standing, load_rulebook, region_name

PAGE = Path(__file__).with_name("coverage.md")
RULES = Path(__file__).resolve().parent.parent / "rules"
LATEST = date(2199, 12, 31)

HEAD = """\
# What is encoded, and what can be relied on 收录范围与可靠程度

Written by `docs/make_coverage.py` from the rules; do not edit it here. The law of a day and place that no line
covers is not encoded: the service then says so ("no rule in force then and there") and gives no number.

| mark | means |
|---|---|
| ● | official: every rule and figure was confirmed |
| ◐ | some of it is `unverified`: what, stands beside it, and in every answer that used it |
| ○ | most of it is `unverified` |

A line of a place is about what the place states itself; everything else there is as the nation has it and, in a city,
its province. A place without a line states nothing of its own. *Series* are figures published by
year or month: the first and the last one encoded, as far as they are official; outside them the service says 'not known'.
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time, how many rules and figures a place states in it, and the titles of those nobody could confirm."""

    start: date
    end: date | None
    rules: int
    doubtful: tuple[str, ...]


def page() -> str:
    """The whole page, as it has to stand in docs/coverage.md."""
    rulebook = load_rulebook(RULES)
    schemes = [scheme for scheme in rulebook.scheme_ids() if _places(rulebook, scheme)]
    parts = [HEAD, "\n## Schemes 险种\n\n| scheme | 险种 | in force from | places with rules of their own |\n|---|---|---|---|\n"]
    parts += [_summary(rulebook, scheme) for scheme in schemes]
    parts.append("\n## Proposals 改革设想\n\nIn force only where a request or a simulation asks for them. What is no law of the past has hypothetical figures.\n\n")
    parts.append("| proposal | changes | source |\n|---|---|---|\n")
    parts += [_proposal(rulebook, name) for name in rulebook.proposals()]
    for scheme in schemes:
        parts.append(_section(rulebook, scheme))
    return "".join(parts)


def _places(rulebook: Rulebook, scheme: str) -> list[str]:
    return sorted({file.region for file in rulebook.files if file.scheme == scheme and not file.proposal})


def _summary(rulebook: Rulebook, scheme: str) -> str:
    files = [file for file in rulebook.files if file.scheme == scheme and not file.proposal]
    title = next(file.title for file in sorted(files, key=lambda file: file.start) if file.title)
    places = [str(region_name(region)) for region in _places(rulebook, scheme) if region != NATION]
    return f"| [{scheme}](#{scheme.replace('.', '')}) | {title.zh} | {min(file.start for file in files)} | {'、'.join(places) or '—'} |\n"


def _proposal(rulebook: Rulebook, name: str) -> str:
    files = sorted((file for file in rulebook.files if file.proposal == name), key=lambda file: (file.amends is not None, file.scheme))
    schemes = ", ".join(f"{file.scheme}{'' if file.amends else ' (new)'}" for file in files)
    return f"| `{name}` | {schemes} | {files[0].source.instrument} |\n"


def _section(rulebook: Rulebook, scheme: str) -> str:
    lines = [f"\n## {scheme}\n\n| place | from | to | | unverified |\n|---|---|---|---|---|\n"]
    for region in _places(rulebook, scheme):
        lines += [_line(region, stretch) for stretch in _stretches(rulebook, scheme, region)]
    series = [line for region in _places(rulebook, scheme) for line in _series(rulebook, scheme, region)]
    if series:
        lines += ["\n| place | series | from | to | rows | unverified |\n|---|---|---|---|---|---|\n", *series]
    return "".join(lines)


def _stretches(rulebook: Rulebook, scheme: str, region: str) -> list[Stretch]:
    """The times in which what a place has of a scheme stays as firm as it is."""
    files = [file for file in rulebook.files if file.scheme == scheme and not file.proposal]
    days = sorted({file.start for file in files} | {file.end + timedelta(days=1) for file in files if file.end})
    kept: list[Stretch] = []
    for start, following in pairwise([*days, None]):
        assert start is not None
        end = None if following is None else following - timedelta(days=1)
        found = rulebook.at(end or LATEST, region).schemes.get(scheme)
        if found is None or (region != NATION and all(file.region != region for file in found.files)):
            continue
        rules, doubtful = _rules(found, region)
        if kept and kept[-1].end == start - timedelta(days=1) and kept[-1].doubtful == doubtful:
            kept[-1] = Stretch(kept[-1].start, end, rules, doubtful)
        else:
            kept.append(Stretch(start, end, rules, doubtful))
    return kept


def _rules(scheme: Scheme, region: str) -> tuple[int, tuple[str, ...]]:
    """How many rules and figures a place states itself (the nation: all), and the titles of those nobody could confirm."""
    found: dict[str, bool] = {}
    for each in scheme.definitions.values():
        for version in each.versions:
            if version.lowered.file.region == region:
                found[each.title.zh if each.title else each.name.local] = version.lowered.clause.standing == Standing.UNVERIFIED
    regions = {file.path: file.region for file in scheme.files}
    for parameter in scheme.parameters.values():
        # A place may state nothing but rows of a national parameter. A row of a table stands in another file than its parameter.
        own = [row for row in parameter.rows if regions.get(row.place.file, parameter.file.region) == region]
        if own or parameter.file.region == region:
            found[parameter.title.zh] = any(row.standing == Standing.UNVERIFIED for row in own)
    return len(found), tuple(name for name, is_doubtful in found.items() if is_doubtful)


def _line(region: str, stretch: Stretch) -> str:
    mark = "●" if not stretch.doubtful else "◐" if 2 * len(stretch.doubtful) <= stretch.rules else "○"
    return f"| {region_name(region)} | {stretch.start} | {stretch.end or ''} | {mark} | {'、'.join(stretch.doubtful)} |\n"


def _series(rulebook: Rulebook, scheme: str, region: str) -> Iterator[str]:
    """The published series whose rows a place states itself."""
    found = rulebook.at(LATEST, region).schemes.get(scheme)
    if found is None:
        return
    for parameter in found.parameters.values():
        own = any(name == parameter.name.local for file in found.files if file.region == region for name in file.parameters)
        keys = sorted(row.key for row in parameter.rows if row.key is not None and not isinstance(row.key, str | bool))
        if not own or len(keys) < 2:
            continue
        doubtful = [str(row.key) for row in parameter.rows if row.standing == Standing.UNVERIFIED]
        shown = ", ".join(doubtful) if len(doubtful) <= 12 else f"{len(doubtful)} rows"
        yield f"| {region_name(region)} | `{parameter.name.local}` | {keys[0]} | {keys[-1]} | {len(keys)} | {shown} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
