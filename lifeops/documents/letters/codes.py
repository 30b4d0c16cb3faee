"""Machine-readable marks of a letter: a QR code and a Code 128 bar code, as SVG."""

from __future__ import annotations

import io
import re

import segno
import zxingcpp

PREFIX = "LO1"
#: Narrow bars printed below this width are lost by office scanners at 200 dpi.
MODULE_MM = 0.34
WIDEST_MM = 125.0


def qr_payload(number: str) -> str:
    """What the QR code of a letter says: a version mark and the letter's number, nothing personal."""
    return f"{PREFIX}|{number}"


def number_in(payload: str) -> str | None:
    """The letter or case number in a scanned QR or bar code, or None if it is not ours."""
    mark, bar, number = payload.strip().partition("|")
    if bar:
        return number if mark == PREFIX and number else None
    return mark if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{2,39}", mark) else None


def qr_svg(number: str) -> str:
    """QR code, error level M: readable with a fold or a stamp on it."""
    out = io.BytesIO()
    segno.make(qr_payload(number), error="m", micro=False).save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()


def code128_svg(number: str) -> tuple[str, float]:
    """Code 128 with quiet zones, and the width in millimetres at which it is to be printed."""
    symbol = zxingcpp.create_barcode(number, zxingcpp.BarcodeFormat.Code128)
    svg = zxingcpp.write_barcode_to_svg(symbol, add_quiet_zones=True)
    modules = int(re.search(r'<svg width="(\d+)"', svg)[1])  # type: ignore[index]
    # The symbol is stretched in height by the page: bars carry no information downwards.
    svg = re.sub(r"<!DOCTYPE[^>]*>\s*", "", svg).replace(
        "<svg ", f'<svg preserveAspectRatio="none" viewBox="0 0 {modules} 50" ', 1
    )
    return svg, min(modules * MODULE_MM, WIDEST_MM)
