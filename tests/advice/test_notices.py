"""A notice says what the answer says, on a page and on paper; its Chinese is in the fonts it carries."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError
from pypdf import PdfReader
from pypdf.generic import ContentStream

from app.advice.notices import Notice, NoticeQuestion, notice, notice_content, notice_reader, to_html, to_pdf
from app.advice.notices.question import text_reader
from app.engine import InputError, Request, explain
from app.fonts import has_glyph, printable
from app.intake import RequestReader
from tests.test_rule_cases import RULES, rulebook

from .cases import FIXTURES, case, engine, fixture

ISSUED = date(2026, 3, 2)
PAGE = NoticeQuestion(ISSUED, "html")
PAPER = NoticeQuestion(ISSUED, "pdf")


def made(request: Request, question: NoticeQuestion = PAPER, language: Any = "zh") -> Notice:
    return notice(engine(), request, question, language)


def pages(body: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(body))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def text_of(body: bytes) -> str:
    """The text of a PDF without its spaces and breaks."""
    return squeezed("".join(page.extract_text() for page in pages(body).pages))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_amounts_conditions_and_law_are_on_it(path: Any, language: Any) -> None:
    request = case(path)
    answer = explain(engine().evaluate(request), language, "none")
    page, paper = squeezed(made(request, PAGE, language).body.decode()), text_of(made(request, PAPER, language).body)
    for result in answer["results"].values():
        texts = [result["title"], *(line["title"] for line in result["conditions"])]
        texts += [line["sentence"] for line in result["conditions"] if line["met"] is False and line["matters"]]
        for figure in result["benefits"].values() if result["status"] == "eligible" else ():
            if "CNY" in figure.get("unit", "") and isinstance(figure["value"], str) and Decimal(figure["value"]):
                texts.append(f"{Decimal(figure['value']):,f}")
        for text in texts:
            assert squeezed(printable(text)) in paper, text
            assert squeezed(text).replace("'", "&#39;").replace('"', "&#34;").replace("&", "&amp;").replace("&amp;#", "&#") in page, text


@pytest.mark.parametrize("path", FIXTURES[::4], ids=lambda path: path.stem)
def test_every_glyph_is_in_an_embedded_font(path: Any) -> None:
    for language in ("zh", "en"):
        reader = pages(made(case(path), PAPER, language).body)
        shown = 0
        for page in reader.pages:
            fonts = page["/Resources"]["/Font"]  # type: ignore[index]
            for font in fonts.values():
                (below,) = font.get_object()["/DescendantFonts"]
                descriptor = below.get_object()["/FontDescriptor"]
                assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
                assert re.search("DroidSansFallback|DejaVuSans", font.get_object()["/BaseFont"])
            contents = page.get_contents()
            assert contents is not None
            for operands, operator in ContentStream(contents, reader).operations:
                for piece in _strings(operands) if operator in (b"Tj", b"TJ") else ():
                    codes = [piece[index : index + 2] for index in range(0, len(piece), 2)]
                    assert b"\x00\x00" not in codes  # .notdef
                    shown += len(codes)
        assert shown > 300


def _strings(operands: Any) -> list[bytes]:
    found = []
    for each in operands:
        if isinstance(each, list):
            found += _strings(each)
        elif hasattr(each, "original_bytes"):
            found.append(each.original_bytes)
    return found


def test_a4_and_the_same_bytes_again() -> None:
    first = made(fixture("01"))
    assert first.body == made(fixture("01")).body
    width, height = pages(first.body).pages[0].mediabox[2:]
    assert (round(float(width)), round(float(height))) == (595, 842)
    assert (first.type, first.name) == ("application/pdf", "notice-2026-03-02.pdf")
    assert pages(first.body).metadata.title.startswith("社会保障待遇测算告知书 SB-20251001-")  # type: ignore[union-attr]


def test_the_reference_is_the_cases_own() -> None:
    def reference(request: Request, question: NoticeQuestion = PAGE) -> str:
        return str(notice_content(engine().evaluate(request), rulebook().notices, question, "zh")["foot"]["reference"])

    same = reference(fixture("01"))
    assert same == reference(fixture("01"), replace(PAGE, issued=date(2026, 5, 1)))
    assert same != reference(replace(fixture("01"), facts={**fixture("01").facts, "account_balance": Decimal("182345.61")}))
    assert reference(fixture("01"), replace(PAGE, reference="京社〔2026〕12号")) == "京社〔2026〕12号"


# -- what it is, and how to object -----------------------------------------------------------------


def test_an_estimate_says_so() -> None:
    page = made(fixture("01"), PAGE).body.decode()
    assert "测算告知书" in page and "本结果为按规则所作的估算" in page and "不能对其申请复议" in page and "核定通知书" not in page


def test_a_determination_is_an_offices() -> None:
    question = NoticeQuestion(ISSUED, "html", office="某区社会保险经办中心", determination=True)
    page = made(fixture("01"), question).body.decode()
    assert "核定通知书" in page and "某区社会保险经办中心工作人员确认" in page and "估算" not in page
    with pytest.raises(InputError) as refused:
        made(replace(fixture("01"), facts={}), question)
    assert [fault.pointer for fault in refused.value.faults] == ["/determination"]


def test_a_determination_needs_its_office() -> None:
    from app.advice.notices import notice_question

    with pytest.raises(InputError) as refused:
        notice_question({"issued": ISSUED, "format": None, "reference": None, "office": None, "determination": True})
    assert [fault.pointer for fault in refused.value.faults] == ["/office"]


def test_the_law_of_every_scheme_says_how_to_object() -> None:
    for scheme in rulebook().scheme_ids():
        if scheme.startswith("audit."):  # looks at facts and results, and decides nothing about anybody
            continue
        found = {each.name: each for each in rulebook().notices.of_scheme(scheme)}
        assert {"suit", "inaction", "automated"} <= set(found)
        assert len({"review", "review_of_contributions"} & set(found)) == 1
        assert [name for name in found if name.startswith("right_") and name != "right_employer"], scheme
    pension = {each.source.instrument: each.source.article for each in rulebook().notices.of_scheme("pension.employee")}
    assert pension["中华人民共和国行政诉讼法"] == "第四十五条、第四十六条第一款"
    assert "第八十三条第二款" in {each.source.article for each in rulebook().notices.of_scheme("pension.employee")}


def test_ways_to_object_of_all_schemes_are_told_once() -> None:
    request = replace(fixture("01"), schemes=("pension.employee", "contributions.monthly"))
    content = notice_content(engine().evaluate(request), rulebook().notices, PAGE, "zh")
    items = [each["text"] for each in content["objections"]["items"]]
    assert len(items) == len(set(items)) > 8
    assert any("未经核实" in text for text in items)


# -- texts that nobody checked ----------------------------------------------------------------------


def test_nothing_in_a_page_is_markup() -> None:
    content = notice_content(engine().evaluate(fixture("01")), rulebook().notices, PAGE, "zh")
    evil = '<script>alert("x")</script>&#0; #panic("x") $ \\ ` * _ [ ] @ref // /* 〓'

    def poisoned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: poisoned(each) if name not in ("language", "issued", "page_of") else each for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [poisoned(each) for each in value]
        return evil if isinstance(value, str) else value

    page = to_html(poisoned(content)).decode()
    assert "<script" not in page and page.count("&lt;script&gt;") > 50
    assert squeezed(evil) in text_of(to_pdf(poisoned(content)))


@pytest.mark.parametrize("text", ["", "   ", "字" * 61, "a\nb", "a\x00b", "\u202eabc", "😀", "𠮷野家", "\u200b", 7, None, ["a"]])
def test_an_office_that_cannot_be_printed(text: Any) -> None:
    with pytest.raises(ValidationError):
        text_reader(60)(text)


@pytest.mark.parametrize("own", [{"office": "<b>甲</b> & 乙"}, {"office": "#import \"x\": *"}, {"reference": "../../etc/passwd"}, {"reference": "A-1"}])
def test_an_odd_text_is_printed_as_it_is(own: dict[str, str]) -> None:
    asked = notice_reader(RequestReader(rulebook())).read_value({"schemes": ["pension.retirement_age"], "as_of": "2026-01-01", "facts": {}, **own})
    question = NoticeQuestion(ISSUED, "pdf", asked.own["reference"], asked.own["office"])
    (text,) = own.values()
    assert squeezed(text) in text_of(made(asked.request, question).body)
    assert "<b>" not in made(asked.request, replace(question, form="html")).body.decode()


def test_the_fonts_have_what_the_rules_say() -> None:
    signs = {sign for path in RULES.rglob("*") if path.suffix in (".yaml", ".csv") for sign in path.read_text(encoding="utf-8-sig")}
    assert sorted(sign for sign in signs if not has_glyph(sign)) == []
    assert printable("〈甲〉𠮷") == "‹甲›〓"


def test_hostile_size_is_bounded() -> None:
    records = tuple({"year": Decimal(1990 + index), "months": Decimal(12), "index": Decimal("1.1000")} for index in range(36))
    request = replace(fixture("01"), facts={**fixture("01").facts, "contribution_records": records})
    assert len(pages(made(request).body).pages) <= 4
