"""What names are found by: characters, pairs of characters, initials. Pure.

The database has no trigram extension everywhere; pairs of characters in an array with an inverted index do the same for
Chinese, where two characters already say much.
"""

from __future__ import annotations

import re
import unicodedata

from pypinyin import Style, lazy_pinyin

#: Control characters never reach the database; half characters and NUL would be refused there.
UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
LONGEST_QUERY = 60


def plain(text: str) -> str:
    """Half-width, lower case, no blanks at the ends or doubled."""
    return " ".join(unicodedata.normalize("NFKC", UNFIT.sub(" ", text)).lower().split())


def initials_of(name: str) -> str:
    """急性阑尾炎 → jxlwy; letters and digits stay, signs fall away."""
    found = lazy_pinyin(plain(name), style=Style.FIRST_LETTER, errors="default")
    # what has no sound comes back whole, signs together
    return re.sub(r"[^a-z0-9]", "", "".join(found))[:120]


def grams_of(text: str) -> set[str]:
    """Characters and pairs of neighbours: 阑尾炎 → 阑, 尾, 炎, 阑尾, 尾炎."""
    solid = re.sub(r"\s+", "", plain(text))
    return set(solid) | {solid[n : n + 2] for n in range(len(solid) - 1)}


def index_of(name: str, initials: str) -> list[str]:
    """All that an entry is found by: its name as it is written, and as it is typed by initials (marked by a colon)."""
    return sorted(grams_of(name) | {f":{g}" for g in grams_of(initials)})


def wanted(word: str) -> list[str]:
    """Grams that an entry must have to contain `word`."""
    grams = grams_of(word)
    return sorted(g for g in grams if len(g) == 2) or sorted(grams)
