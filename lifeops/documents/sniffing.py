"""What a file is, told by its bytes and never by its name or by what the browser claims."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

JPEG, PNG, TIFF, PDF = "jpeg", "png", "tiff", "pdf"
MEDIA_TYPES = {JPEG: "image/jpeg", PNG: "image/png", TIFF: "image/tiff", PDF: "application/pdf"}
ACCEPTED = "只接收 JPEG、PNG、TIFF 图片和 PDF"

_MAGIC = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"%PDF-", PDF),
)
#: What else people try, and what to tell them.
_OTHERS = (
    (b"PK\x03\x04", "这是压缩包或 Office 文档"),
    (b"PK\x05\x06", "这是压缩包"),
    (b"Rar!", "这是压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "这是压缩包"),
    (b"\x1f\x8b", "这是压缩文件"),
    (b"BZh", "这是压缩文件"),
    (b"MZ", "这是可执行程序"),
    (b"\x7fELF", "这是可执行程序"),
    (b"\xca\xfe\xba\xbe", "这是可执行程序"),
    (b"#!", "这是脚本程序"),
    (b"\xd0\xcf\x11\xe0", "这是 Office 文档，请另存为 PDF"),
    (b"GIF8", "这是 GIF 图片"),
    (b"BM", "这是 BMP 图片，请另存为 JPEG 或 PNG"),
    (b"%!PS", "这是 PostScript 文件，请另存为 PDF"),
)
_TEXT = ((b"<svg", "这是 SVG 矢量图"), (b"<html", "这是网页"), (b"<!doctype html", "这是网页"), (b"<script", "这是网页脚本"),
         (b"<?php", "这是脚本程序"), (b"<?xml", "这是 XML 文件"))  # fmt: skip


@dataclass(frozen=True)
class Sniffed:
    """The format, or the reason why the file is not taken."""

    kind: str = ""
    refusal: str = ""


def sniff(data: bytes) -> Sniffed:
    """Tell the format from the content. A file that is two things at once is refused: one of them is a disguise."""
    if not data:
        return Sniffed(refusal="文件是空的（0 字节），请重新扫描")
    kind = next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")
    if not kind:
        return Sniffed(refusal=f"{_named(data)}，{ACCEPTED}")
    if kind != PDF and b"%PDF-" in data[:1024]:
        return Sniffed(refusal="文件同时含有两种格式，不予接收，请重新扫描")
    if zipfile.is_zipfile(io.BytesIO(data)):
        return Sniffed(refusal="文件中夹带压缩包，不予接收，请重新扫描")
    return Sniffed(kind=kind)


def _named(data: bytes) -> str:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, words in _TEXT:
        if mark in head:
            return words
    if data[8:12] == b"WEBP":
        return "这是 WebP 图片，请另存为 JPEG"
    if data[4:8] == b"ftyp":
        return "这是手机高效图片（HEIC）或视频，请另存为 JPEG"
    return next((words for magic, words in _OTHERS if data.startswith(magic)), "不能识别的文件格式")
