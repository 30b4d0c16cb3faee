"""Which characters can be printed: the fonts of the letters and the glyphs they hold.

Names contain rare characters. A character without a glyph would print as an empty box that nobody notices on a legal
paper, so it is printed as its code, 〔U+2A6A5〕, which the clerk sees and completes by hand.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import typst
from django.conf import settings

FAMILIES = ("noto-serif-sc", "noto-sans-sc")
WEIGHTS = ("400Regular", "600SemiBold")
#: Complete Noto CJK set (44,810 characters), only used where the two families above have no glyph, e.g. 𠮷.
FALLBACK_PACKAGE = "noto_cjk_sans_jp_regular"


class FontsMissing(RuntimeError):
    """The letter fonts are not installed."""


def font_folders() -> list[str]:
    """Folders with the fonts of the letters, installed at set-up as npm packages (`LETTER_FONTS`)."""
    root = Path(getattr(settings, "LETTER_FONTS", Path(settings.BASE_DIR) / "node_modules/@expo-google-fonts"))
    folders = [root / family / weight for family in FAMILIES for weight in WEIGHTS]
    if absent := [str(folder) for folder in folders if not folder.is_dir()]:
        raise FontsMissing(f"缺少文书字体，请先运行 make setup：{'、'.join(absent)}")
    fallback = find_spec(FALLBACK_PACKAGE)
    if fallback and fallback.submodule_search_locations:
        folders.append(Path(fallback.submodule_search_locations[0]))
    return [str(folder) for folder in folders]


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """The loaded fonts, shared by every letter of the process (loading costs more than compiling)."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=font_folders())


@lru_cache(maxsize=1)
def _printable_codes() -> frozenset[int]:
    """Characters that both a headline (sans) and body text (serif) can print, or the fallback can."""
    sets = [_codes(Path(font.path)) for font in fonts().fonts() if font.path and font.weight == 400]
    own, fallback = sets[: len(FAMILIES)], sets[len(FAMILIES) :]
    return frozenset(set.intersection(*own).union(*fallback))


def _codes(path: Path) -> set[int]:
    """Unicode values in a font's character map (OpenType `cmap`, format 12, which covers every plane)."""
    data = path.read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    cmap = next(
        offset
        for tag, _sum, offset, _length in (struct.unpack_from(">4sIII", data, 12 + 16 * n) for n in range(tables))
        if tag == b"cmap"
    )
    codes: set[int] = set()
    for n in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        start = cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * n)[0]
        if struct.unpack_from(">H", data, start)[0] != 12:
            continue
        for group in range(struct.unpack_from(">I", data, start + 12)[0]):
            first, last, _glyph = struct.unpack_from(">III", data, start + 16 + 12 * group)
            codes.update(range(first, last + 1))
    return codes


def clean(value: str) -> str:
    """Drop what has no place on paper: controls, direction overrides, joiners, variation selectors, half surrogates."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").replace("\u2028", "\n")
    return "".join(c for c in value if c == "\n" or not _is_invisible(c))


def _is_invisible(character: str) -> bool:
    code = ord(character)
    selector = 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF
    return selector or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def printable(value: str) -> str:
    """The text with every character that has no glyph written as its code."""
    codes = _printable_codes()
    if all(ord(c) in codes or c == "\n" for c in value):
        return value
    return "".join(c if ord(c) in codes or c == "\n" else f"〔U+{ord(c):04X}〕" for c in value)


def unprintable(value: str) -> list[str]:
    """Characters the letters cannot print, for a warning at the counter when a name is entered."""
    return sorted({c for c in clean(value) if c != "\n" and ord(c) not in _printable_codes()})
