"""Text as people see it: what is invisible is not kept."""

from __future__ import annotations

import unicodedata
from typing import Any

#: Control and format characters (zero width, direction of writing, byte order marks), odd line ends.
HIDDEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
#: NUL stays to be refused where it is met.
KEPT = frozenset("\t\n\r\x00")

#: Full-width forms of the signs of a keyboard (U+FF01 to U+FF5E), and the wide blank.
WIDE = {0xFEE0 + sign: sign for sign in range(0x21, 0x7F)} | {0x3000: 0x20}


def half_width(text: str) -> str:
    """１２３．５ as 123.5: what an input method writes in its wide mode; Chinese letters stay."""
    return text.translate(WIDE)


def visible(value: Any) -> Any:
    """A text without invisible characters, composed (NFC), so that two names that look alike are alike; lists and tables of
    texts likewise; anything else as it is."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value
        shown = "".join(c for c in value if c in KEPT or unicodedata.category(c) not in HIDDEN)
        return unicodedata.normalize("NFC", shown)
    if isinstance(value, list):
        return [visible(part) for part in value]
    if isinstance(value, dict):
        return {name: visible(part) for name, part in value.items()}
    return value
