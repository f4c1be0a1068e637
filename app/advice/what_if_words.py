"""What a change comes to, as a sentence made of titles, figures and units."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.engine import Language, render_value
from app.language import YearMonth

from .unit_words import with_unit
from .what_if import Alternative, amount_of, size_of
from .what_if_levers import LeftOut, Lever

_YES_NO = {True: ("是", "yes"), False: ("否", "no")}
_WHY: dict[str, tuple[str, str]] = {
    "list": ("列表不能以一个数改变", "a list is not changed by one figure"),
    "record": ("记录不能以一个数改变", "a record is not changed by one figure"),
    "region": ("换一个地方请另行提问", "ask about another place as a question of its own"),
    "no_effect": ("与此目标无关", "has nothing to do with the goal"),
    "kind": ("不是数、日期或月份", "is no number, date or month"),
}


def shown(lever: Lever, value: Any, language: Language) -> str:
    """A value in words: a choice by its title, a number with its unit."""
    if isinstance(value, bool):
        return _YES_NO[value][language == "en"]
    if lever.kind == "choice":
        return next((title.in_language(language) for code, title in lever.words if code == value), str(value))
    text = str(render_value(value))
    return with_unit(text, lever.unit, language) if lever.kind == "number" else text


def sentence(found: Alternative, language: Language) -> str:
    """One change in a sentence."""
    lever, value = found.lever, found.after.value
    title = lever.title.in_language(language)
    if lever.kind in ("day", "month"):
        return _in_time(found, title, language)
    text = shown(lever, value, language)
    size = size_of(lever, value)
    if size is None:
        if lever.now is None:
            return f"{title}：{text}" if language == "zh" else f"{title}: {text}"
        before = shown(lever, lever.now, language)
        return f"{title}：{text}（现为{before}）" if language == "zh" else f"{title}: {text} instead of {before}"
    amount = with_unit(amount_of(lever, value), lever.unit, language)
    before = shown(lever, lever.now, language)
    if language == "zh":
        return f"{title}{'增加' if size > 0 else '减少'}{amount}（由{before}到{text}）"
    return f"{amount} {'more' if size > 0 else 'less'}: {title} {text} instead of {before}"


def _in_time(found: Alternative, title: str, language: Language) -> str:
    """A day or month: the first of those from then on, or the last of those up to then, as far as it holds."""
    lever, value = found.lever, found.after.value
    later = lever.now is None or value > lever.now
    month = month_of(value)
    day = f"（{value}）" if language == "zh" else f" ({value})"
    named = month + (day if isinstance(value, date) and not isinstance(value, YearMonth) else "")
    if not found.until_proven:
        return f"{title}：{named}" if language == "zh" else f"{title}: {named}"
    if found.until is None:
        zh, en = ("起", "onwards") if later else ("或更早", "or earlier")
        return f"{title}：{named}{zh}" if language == "zh" else f"{title}: {named} {en}"
    first, last = (value, found.until) if later else (found.until, value)
    if first == last:
        return f"{title}：仅{named}" if language == "zh" else f"{title}: only {named}"
    return f"{title}：{first}至{last}" if language == "zh" else f"{title}: from {first} to {last}"


def month_of(value: Any) -> str:
    return str(value if isinstance(value, YearMonth) else YearMonth.of(value))


def left_out_text(left: LeftOut, language: Language) -> str:
    why = _WHY[left.reason][language == "en"]
    title = left.title.in_language(language)
    if not left.instead:
        return f"{title}：{why}。" if language == "zh" else f"{title}: {why}."
    names = ", ".join(left.instead)
    return f"{title}：{why}。可改用 {names}。" if language == "zh" else f"{title}: {why}. Allow instead: {names}."


def summary(found: int, nearly: int, reached: bool, proven: bool, tried: int, language: Language) -> str:
    """The answer in one sentence."""
    if reached:
        pair = "目标已经达到，无须改变。", "The goal is reached already; nothing has to change."
    elif found:
        pair = f"改变其中一项即可达到，共有{found}种办法。", f"Changing one thing is enough; there {'is one way' if found == 1 else f'are {found} ways'}."
    elif not tried:
        pair = "没有可以改变的事实。请用 allowed 指明可以改变什么。", "There is no fact to change. Say with 'allowed' what may change."
    elif nearly:
        pair = "改变一项可满足全部条件，但金额尚不能确定。", "Changing one thing meets every condition, but an amount is not known yet."
    elif proven:
        pair = "所试的事实中，只改变任何一项都不能达到。", "No single fact that was tried can do it."
    else:
        pair = "未找到只改变一项的办法；有些事实未能试尽。", "No way with a single fact was found; not every value could be tried."
    return pair[language == "en"]

