"""Charts drawn without a browser: Vega-Lite specifications to SVG and PNG.

A font with the characters of GB 2312 and of all region names comes with the program (`app.fonts`), so that Chinese shows in pictures
wherever they are drawn. Should it not be there, and the machine have none, pictures get English labels.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import vl_convert

from app.engine import Language
from app.fonts import FOLDER

Spec = dict[str, Any]
FONTS = "Liberation Sans, Arial, Helvetica, Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, Droid Sans Fallback, sans-serif"
PNG_SCALE = 2.0
_CONFIG: Spec = {
    "font": FONTS,
    "background": "white",
    "view": {"stroke": None},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "labelLimit": 260, "gridColor": "#e5e5e5"},
    "legend": {"labelFontSize": 12, "titleFontSize": 12},
    "title": {"fontSize": 15, "anchor": "start", "offset": 12},
    "range": {"category": ["#3b6fb6", "#e0803a", "#5a9e6f", "#b65a8a", "#8a8a8a", "#c9a227"]},
}
_GLYPH = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="2" y="30" font-size="24" font-family="{fonts}">{glyph}</text></svg>'


def to_svg(spec: Spec) -> str:
    """An SVG picture; its text is text, drawn with the reader's fonts."""
    return str(vl_convert.vegalite_to_svg(_whole(spec)))


def to_png(spec: Spec) -> bytes:
    _register_font()
    return bytes(vl_convert.vegalite_to_png(_whole(spec), scale=PNG_SCALE))


@cache
def picture_language() -> Language:
    """The language pictures can show: zh where a font draws two Chinese characters differently, else en."""
    _register_font()
    return "zh" if _draw("社") != _draw("保") else "en"


def _whole(spec: Spec) -> str:
    return json.dumps({"config": _CONFIG, **spec}, ensure_ascii=False)


def _draw(glyph: str) -> bytes:
    return bytes(vl_convert.svg_to_png(_GLYPH.format(fonts=FONTS, glyph=glyph)))


@cache
def _register_font() -> None:
    if FOLDER.is_dir():
        vl_convert.register_font_directory(str(FOLDER))
