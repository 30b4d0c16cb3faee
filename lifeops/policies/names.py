"""姓名: pinyin for searching, and the form in which names are compared. Surnames are read as surnames: 单 shàn, 仇 qiú, 曾 zēng, 查 zhā."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from pypinyin import Style, lazy_pinyin

SURNAMES = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "查": "zha", "解": "xie", "任": "ren", "朴": "piao", "区": "ou", "盖": "ge",
    "缪": "miao", "华": "hua", "尉": "wei", "乐": "yue", "翟": "zhai", "员": "yun", "宓": "mi", "种": "chong", "燕": "yan",
}


def _letters(text: str) -> Any:
    """What is no Chinese character, letter by letter; the library takes a list although it declares a text."""
    return list(text.lower())


def _syllables(name: str) -> list[str]:
    found = lazy_pinyin(name, style=Style.NORMAL, errors=_letters)
    if name[:1] in SURNAMES and found:
        found[0] = SURNAMES[name[0]]
    return found


def pinyin_of(name: str) -> str:
    """张晓明 → zhangxiaoming."""
    return "".join(_syllables(name))[:120]


def initials_of(name: str) -> str:
    """张晓明 → zxm."""
    return "".join(s[0] for s in _syllables(name) if s)[:30]


#: Blanks and the signs between the parts of a name.
BETWEEN = re.compile(r"[\s·•・.,'’\-]+")


def name_key(name: str) -> str:
    """A name as it is compared: half-width, small letters, without blanks and the signs between its parts."""
    return BETWEEN.sub("", unicodedata.normalize("NFKC", name)).lower()[:60]


def spelt(name: str) -> str:
    """How a name sounds, whatever stands between its parts: those who are called alike are spelt alike."""
    return pinyin_of(name_key(name))
