"""Units in words, for sentences that are put together of titles and figures."""

from __future__ import annotations

from app.engine import Language

_WORDS: dict[str, tuple[str, str, str]] = {
    "CNY": ("元", "yuan", "yuan"),
    "year": ("年", "year", "years"),
    "month": ("个月", "month", "months"),
    "day": ("天", "day", "days"),
    "person": ("人", "person", "people"),
    "point": ("分", "point", "points"),
    "1": ("", "", ""),
}
_EACH = {"year": ("年", "a year"), "month": ("月", "a month"), "day": ("天", "a day"), "person": ("人", "a person"), "point": ("分", "a point")}


def with_unit(figure: str, unit: str | None, language: Language) -> str:
    """A figure with its unit: '14 months', '3000 yuan a month', '14个月'."""
    if unit is None:
        return figure
    above, _, below = unit.partition("/")
    words, each = _WORDS.get(above), _EACH.get(below)
    if words is None or (below and each is None):
        return f"{figure} {unit}"
    one = figure in ("1", "-1")
    if language == "zh":
        return f"{figure}{words[0]}" + (f"/{each[0]}" if each else "")
    return " ".join(part for part in (figure, words[1] if one else words[2], each[1] if each else "") if part)
