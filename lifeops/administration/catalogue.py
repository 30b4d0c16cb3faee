"""The words of the admin that its package has only in English: our `.po` file, made into the `.mo` that gettext reads.

gettext's own compiler is not on every machine, and binaries are not committed; the few lines below do the same.
"""

from __future__ import annotations

import ast
import os
import struct
from pathlib import Path

from django.utils.translation.reloader import translation_file_changed

SOURCE = "zh_Hans/LC_MESSAGES/django"


def compile_catalogue(source: Path, target: Path) -> None:
    """Write `target`/…/django.mo from `source`/…/django.po unless it is already the newer one; words read before are
    forgotten, so that the process that writes it speaks as all others do."""
    po, mo = source / f"{SOURCE}.po", target / f"{SOURCE}.mo"
    if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
        return
    mo.parent.mkdir(parents=True, exist_ok=True)
    fresh = mo.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(packed(entries(po.read_text(encoding="utf-8"))))
    # several processes start at once: each puts a whole file in place
    fresh.replace(mo)
    translation_file_changed(None, mo)


def entries(text: str) -> dict[str, str]:
    """msgid → msgstr; plural forms as gettext keeps them, separated by NUL."""
    found: dict[str, str] = {}
    parts: dict[str, str] = {}
    current = ""
    for line in [*text.splitlines(), ""]:
        line = line.strip()
        if line.startswith("#"):
            continue
        if line.startswith("msgid ") and parts:
            _keep(parts, found)
            parts = {}
        if line.startswith("msg"):
            current, _, value = line.partition(" ")
            parts[current] = ast.literal_eval(value)
        elif line.startswith('"'):
            parts[current] += ast.literal_eval(line)
    if parts:
        _keep(parts, found)
    return found


def _keep(parts: dict[str, str], found: dict[str, str]) -> None:
    strings = [value for name, value in sorted(parts.items()) if name.startswith("msgstr")]
    key = parts["msgid"] + (f"\0{parts['msgid_plural']}" if "msgid_plural" in parts else "")
    if "msgctxt" in parts:
        key = f"{parts['msgctxt']}\4{key}"
    if all(strings):
        found[key] = "\0".join(strings)


def packed(found: dict[str, str]) -> bytes:
    """The binary form: a table of keys and one of values, sorted, then the texts."""
    pairs = [(key.encode(), value.encode()) for key, value in sorted(found.items(), key=lambda p: p[0].encode())]
    keys = b"".join(key + b"\0" for key, _ in pairs)
    values = b"".join(value + b"\0" for _, value in pairs)
    start = 7 * 4
    text = start + 16 * len(pairs)
    table, at = [], 0
    for key, _ in pairs:
        table += [len(key), text + at]
        at += len(key) + 1
    for _, value in pairs:
        table += [len(value), text + at]
        at += len(value) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), start, start + 8 * len(pairs), 0, 0)
    return head + struct.pack(f"<{len(table)}I", *table) + keys + values
