"""From data to a printed letter: check, format, add the codes, compile. Data never become template code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from lifeops.documents.letters import codes
from lifeops.documents.letters.glyphs import fonts, printable
from lifeops.documents.letters.kinds import KINDS, LetterKind
from lifeops.documents.letters.schema import LetterInvalid, read, shown

COMPANY_NAME = "安岳人寿保险股份有限公司（演示）"
COMPANY_HOTLINE = "400-000-0000（演示）"


def render_letter(kind: str, data: Any) -> bytes:
    """The letter as PDF, fonts embedded. The same data always give the same bytes.

    `kind` is a code of `KINDS`; `data` a mapping of its inputs or an instance. Amounts in yuan, times aware.
    Raises `LetterInvalid` (a `ValueError`) with a Chinese sentence per wrong input; nothing is printed then.
    """
    spec = kind_of(kind)
    payload = json.dumps(payload_of(spec, data), ensure_ascii=False)
    compiler = typst.Compiler(
        input=str(templates() / spec.template), root=str(templates()), font_paths=fonts(), ignore_system_fonts=True
    )
    pdf = compiler.compile(format="pdf", sys_inputs={"data": payload})
    if not isinstance(pdf, bytes):
        raise LetterInvalid({"kind": "排版没有产生单一的 PDF 文件"})
    return pdf


def kind_of(code: str) -> LetterKind:
    if code not in KINDS:
        raise LetterInvalid({"kind": f"没有“{code}”这种文书"})
    return KINDS[code]


def payload_of(spec: LetterKind, data: Any) -> dict[str, Any]:
    """What a template gets: strings, lists and records only, every character printable."""
    values = shown(read(spec.inputs, data))
    values["company"] = values["company"] or getattr(settings, "COMPANY_NAME", COMPANY_NAME)
    values["hotline"] = values["hotline"] or getattr(settings, "COMPANY_HOTLINE", COMPANY_HOTLINE)
    values["label"] = spec.title
    values = _printable(values)
    values["qr"] = codes.qr_svg(values["number"])
    values["barcode"], values["barcode_mm"] = codes.code128_svg(values["number"])
    return values


def templates() -> Path:
    return Path(settings.BASE_DIR) / "templates" / "letters"


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_printable(each) for each in value]
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    return value
