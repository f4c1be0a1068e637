"""The fonts that come with the program, so that Chinese shows in charts and notices wherever they are made (README.md beside)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
HAN, LATIN = "Droid Sans Fallback", "DejaVu Sans"

# What GB 2312 has and the fonts have not; where a like sign is there, it is set instead.
_MISSING = frozenset("ǎǐǒǔǖǘǚǜ※⌒⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛")
_ALIKE = {"〈": "‹", "〉": "›", "\u3000": " ", "\n": " ", "\t": " "}
_ABSENT = "〓"
_MORE = frozenset("·—–−≤≠✓✗½€•")


@lru_cache(maxsize=20_000)
def has_glyph(sign: str) -> bool:
    """Whether the fonts have one sign: those of GB 2312, Latin letters, and a few more."""
    if sign in _MISSING or sign in _ALIKE:
        return sign in _ALIKE
    if " " <= sign <= "~" or sign in _MORE:
        return True
    try:
        return len(sign.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return _in_a_region(sign)


def printable(text: str) -> str:
    """A text with a like sign, or 〓 (as printers do), for each that the fonts have not."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_ALIKE.get(sign, sign) if has_glyph(sign) else _ABSENT for sign in text)


@lru_cache(maxsize=1)
def _region_signs() -> frozenset[str]:
    from gb2260.data import data

    return frozenset(sign for names in data.values() for name in names.values() for sign in name)


def _in_a_region(sign: str) -> bool:
    return sign in _region_signs()
