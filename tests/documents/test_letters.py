"""Every kind of letter prints what it was given: text, codes, fonts, page numbers, nothing cut off."""

from __future__ import annotations

import dataclasses

import pypdfium2
import pytest
import zxingcpp

from lifeops.documents.letters import KINDS, number_in, render_letter
from lifeops.documents.letters.samples import SAMPLES
from lifeops.documents.letters.schema import read
from tests.documents.letter_reading import fonts_in, images, printed, squeezed, strings_of

every_kind = pytest.mark.parametrize("kind", list(KINDS))


def test_every_kind_has_a_sample():
    assert SAMPLES.keys() == KINDS.keys()


@every_kind
def test_what_is_printed_is_what_was_given(kind):
    text = printed(render_letter(kind, SAMPLES[kind]))
    missing = [value for value in strings_of(KINDS[kind].inputs, SAMPLES[kind]) if squeezed(value) not in text]
    assert missing == []


@every_kind
def test_an_instance_prints_like_its_mapping(kind):
    given = read(KINDS[kind].inputs, SAMPLES[kind])
    assert render_letter(kind, given) == render_letter(kind, SAMPLES[kind])


@every_kind
def test_codes_are_read_from_the_page_at_scanner_resolution(kind):
    number = SAMPLES[kind]["number"]
    found = {(code.format.name, code.text) for code in zxingcpp.read_barcodes(images(kind, SAMPLES[kind], dpi=200)[0])}
    assert {("QRCode", f"LO1|{number}"), ("Code128", number)} <= found
    assert {number_in(text) for _format, text in found} == {number}


@every_kind
def test_fonts_are_embedded(kind):
    fonts = fonts_in(render_letter(kind, SAMPLES[kind]))
    assert fonts
    assert all(embedded and "Noto" in name for name, embedded in fonts)


@every_kind
def test_pages_are_numbered_and_name_the_copy(kind):
    data = SAMPLES[kind] | {"copy_no": 2, "reprint_reason": "客户遗失"}
    pages = pypdfium2.PdfDocument(render_letter(kind, data))
    for n, page in enumerate(pages, start=1):
        text = squeezed(page.get_textpage().get_text_bounded())
        assert f"第{n}页共{len(pages)}页" in text
        assert "第2份（补打）" in text
        assert SAMPLES[kind]["number"] in text


@every_kind
def test_ink_stays_inside_the_margins(kind):
    for page in images(kind, SAMPLES[kind], dpi=72):
        width, height = page.size
        edge = 28
        box = page.convert("L").point(lambda level: 255 if level < 200 else 0).getbbox()
        assert box is not None
        assert box[0] >= edge
        assert box[1] >= edge
        assert box[2] <= width - edge
        assert box[3] <= height - edge


@every_kind
def test_the_same_letter_is_the_same_file(kind):
    assert render_letter(kind, SAMPLES[kind]) == render_letter(kind, SAMPLES[kind])


@every_kind
def test_inputs_have_chinese_labels(kind):
    for field in dataclasses.fields(KINDS[kind].inputs):
        assert any("\u4e00" <= c <= "\u9fff" for c in field.metadata["spec"].label)


def test_no_last_page_holds_the_seal_alone():
    for kind in KINDS:
        pages = pypdfium2.PdfDocument(render_letter(kind, SAMPLES[kind]))
        last = pages[len(pages) - 1]
        assert len(squeezed(last.get_textpage().get_text_bounded())) > 110, kind


def test_amounts_are_printed_in_words_too():
    decision = printed(render_letter("claim_decision", SAMPLES["claim_decision"]))
    assert "人民币叁拾贰万贰仟叁佰伍拾伍元陆角叁分" in decision
    assert "¥322,355.63" in decision


def test_account_and_identity_are_masked_whatever_is_handed_in():
    decision = printed(render_letter("claim_decision", SAMPLES["claim_decision"]))
    assert "6222***********3445" in decision
    assert "6222020200112233445" not in decision
    assert "110105198804120027" not in decision
    assert "110***********0027" in decision


@pytest.mark.parametrize(("evidence", "heads"), [(True, ("三、法律依据", "四、退还款项")), (False, ("二、法律依据", "三、退还款项"))])
def test_the_parts_of_a_rescission_are_numbered_through(evidence: bool, heads: tuple[str, ...]):
    data = SAMPLES["rescission_notice"]
    letter = printed(render_letter("rescission_notice", data if evidence else data | {"evidence": []}))
    assert "一、解除事由" in letter and all(head in letter for head in heads)


def test_a_refusal_says_facts_evidence_clause_article_reason_and_appeal():
    letter = printed(render_letter("claim_refusal", SAMPLES["claim_refusal"]))
    order = ["查明的事实", "证据", "合同条款", "法律依据", "拒绝给付的理由", "如您有异议"]
    places = [letter.index(title) for title in order]
    assert places == sorted(places)
    assert "不迟于2026年3月26日" in letter


def test_company_comes_from_the_settings(settings):
    settings.COMPANY_NAME = "望海人寿保险有限公司"
    assert "望海人寿保险有限公司" in printed(render_letter("receipt", SAMPLES["receipt"]))
