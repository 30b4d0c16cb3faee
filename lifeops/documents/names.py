"""File names as people may see them: no folders, no controls, no direction overrides, the ending of the real format."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 150
ENDINGS = {"jpeg": ".jpg", "png": ".png", "tiff": ".tif", "pdf": ".pdf"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_KNOWN = re.compile(r"\.(jpe?g|png|tiff?|pdf)$", re.IGNORECASE)


def clean_name(name: str, kind: str = "") -> str:
    """A name fit to show and keep, at most 150 characters. With `kind` it carries that format's ending and no other.

    >>> clean_name("../../etc/发票.php.jpg", "jpeg")
    '发票_php.jpg'
    """
    name = str(name).replace("\\", "/").replace("\x00", "").rsplit("/", 1)[-1]
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    name = "".join(c for c in name if unicodedata.category(c) not in _HIDDEN)
    name = re.sub(r'[<>:"|?*%&;`$\']', "_", name)
    name = " ".join(name.split())
    ending = ENDINGS.get(kind, "")
    if ending:
        stem = _KNOWN.sub("", name).replace(".", "_").strip("_ ")
        return (stem[: LONGEST - len(ending)] or "未命名") + ending
    return name.strip(". ")[:LONGEST] or "未命名"
