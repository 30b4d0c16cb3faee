"""Reading a letter back: text, fonts and page images of a PDF."""

from __future__ import annotations

import ctypes
import dataclasses
import re
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from lifeops.documents.letters import render_letter
from lifeops.documents.letters.schema import read, shown


def squeezed(text: str) -> str:
    """Without spaces and line ends: typesetting may break a line anywhere."""
    return re.sub(r"[\s\u200b\ufeff\x00-\x1f\ufffe\u00ad]+", "", text)


def printed(pdf: bytes) -> str:
    """All text of the file, page furniture at page ends taken out so that running text joins."""
    return squeezed("".join(page_body(page) for page in pypdfium2.PdfDocument(pdf)))


def page_body(page: pypdfium2.PdfPage) -> str:
    """Text between the running head and the foot (15 mm at either end)."""
    width, height = page.get_size()
    edge = 15 / 25.4 * 72
    return page.get_textpage().get_text_bounded(left=0, bottom=edge, right=width, top=height - edge)


def images(kind: str, data: Any, dpi: int) -> list[Image.Image]:
    return [page.render(scale=dpi / 72).to_pil() for page in pypdfium2.PdfDocument(render_letter(kind, data))]


def fonts_in(pdf: bytes) -> set[tuple[str, bool]]:
    """Name of every font that text on the pages uses, and whether it is embedded."""
    found = set()
    for page in pypdfium2.PdfDocument(pdf):
        for thing in page.get_objects(max_depth=4):
            if thing.type != pdfium.FPDF_PAGEOBJ_TEXT:
                continue
            font = pdfium.FPDFTextObj_GetFont(thing.raw)
            name = ctypes.create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, name, 200)
            found.add((name.value.decode(), bool(pdfium.FPDFFont_GetIsEmbedded(font))))
    return found


def strings_of(inputs: type, data: Any) -> list[str]:
    """Every text of a letter as it should stand on paper (page and copy numbers, choices and switches left out)."""
    skipped = {"copy_no", "company", "hotline", "unit_phone", "year", "page_total"}
    return [text for name, text in _texts(shown(read(inputs, data))) if name not in skipped and text]


def _texts(value: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, each in value.items() for pair in _texts(each, key)]
    if isinstance(value, list):
        return [pair for each in value for pair in _texts(each, name)]
    if isinstance(value, str):
        return [(name, line) for line in value.split("\n")]
    return []


def field_names(inputs: type) -> set[str]:
    return {field.name for field in dataclasses.fields(inputs)}
