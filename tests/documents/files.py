"""Files made in code: honest scans, and things that only pretend to be scans."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

PAYLOAD = b"<script>alert(document.domain)</script>"


def upload(name: str, data: bytes, content_type: str = "image/jpeg") -> SimpleUploadedFile:
    """A file as the browser sends it; the name is set afterwards because Django would tidy it."""
    file = SimpleUploadedFile("x", data, content_type)
    file._name = name
    return file


def picture(size: tuple[int, int] = (120, 160), mode: str = "RGB", mark: str = "1") -> Image.Image:
    image = Image.new(mode, size, "white" if mode != "1" else 1)
    ImageDraw.Draw(image).text((10, 10), mark, fill=0 if mode in ("1", "L", "P") else "black")
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(mark: str = "1", **options: Any) -> bytes:
    return saved(picture(mark=mark), "JPEG", **options)


def png(mark: str = "1") -> bytes:
    return saved(picture(mark=mark), "PNG")


def tiff(pages: int = 3, mode: str = "1") -> bytes:
    frames = [picture(mode=mode, mark=str(n)) for n in range(pages)]
    options = {"compression": "group4"} if mode == "1" else {}
    return saved(frames[0], "TIFF", save_all=True, append_images=frames[1:], **options)


def pdf(pages: int = 2, catalog: str = "", page: str = "", box: str = "0 0 200 300", stream: bytes = b"") -> bytes:
    """A small PDF written by hand, so that anything may be put into it."""
    kids = " ".join(f"{10 + n} 0 R" for n in range(pages))
    body = stream or b"BT /F1 20 Tf 20 200 Td (scan) Tj ET"
    objects = {
        1: f"<</Type/Catalog/Pages 2 0 R {catalog}>>".encode(),
        2: f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        4: b"<</Length %d>>stream\n%s\nendstream" % (len(body), body),
    }
    for n in range(pages):
        objects[10 + n] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R/Resources<</Font<</F1 3 0 R>>>> {page}>>"
        ).encode()
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, content in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, start)
    return bytes(out)


def encrypted_pdf() -> bytes:
    """Names a security handler whose password nobody has."""
    handler = "/Filter/Standard/V 1/R 2/P -4/O<" + "41" * 32 + ">/U<" + "42" * 32 + ">"
    return pdf().replace(b"trailer<<", f"trailer<</ID[<01><01>]/Encrypt<<{handler}>>".encode())


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int, data: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def png_text_bomb() -> bytes:
    """60 MB of text packed into a few kilobytes."""
    head, tail = png()[:33], png()[33:]
    return head + chunk(b"zTXt", b"c\x00\x00" + zlib.compress(b"A" * 60_000_000, 9)) + tail


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def tiff_claiming(width: int, height: int) -> bytes:
    data = bytearray(tiff(1, "L"))
    start = struct.unpack_from("<I", data, 4)[0]
    for n in range(struct.unpack_from("<H", data, start)[0]):
        at = start + 2 + 12 * n
        tag = struct.unpack_from("<H", data, at)[0]
        if tag in (256, 257):
            struct.pack_into("<HHII", data, at, tag, 4, 1, width if tag == 256 else height)
    return bytes(data)


def endless_tiff() -> bytes:
    """A directory whose next directory is itself."""
    data = bytearray(tiff(1, "L"))
    start = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, start)[0]
    struct.pack_into("<I", data, start + 2 + 12 * entries, start)
    return bytes(data)


def zipped(name: str = "a.txt", data: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def pdf_bomb() -> bytes:
    """A page whose picture unpacks to far more than its size."""
    raw = zlib.compress(zlib.compress(b"0" * 300_000_000, 9), 9)
    image = (
        b"<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceGray"
        b"/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n" % len(raw)
    )
    base = pdf(1, stream=b"q 200 0 0 300 0 0 cm /I Do Q")
    place = len(base)
    base = base.replace(b"/F1 3 0 R>>", b"/F1 3 0 R>>/XObject<</I 50 0 R>>")
    extra = b"50 0 obj\n" + image + raw + b"\nendstream\nendobj\n"
    # the table of objects is broken on purpose: readers rebuild it by looking through the file
    return base.replace(b"startxref", b"startxxxx") + extra + (b"%d" % place)


#: name → (file name, content, words of the refusal). None: taken, and harmless.
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str | None]] = {
    "empty": ("a.jpg", lambda: b"", "空的"),
    "one byte": ("a.jpg", lambda: b"\xff", "不能识别"),
    "null bytes": ("a.jpg", lambda: b"\x00" * 4096, "不能识别"),
    "text called jpg": ("a.jpg", lambda: b"just words " * 50, "不能识别"),
    "html called jpg": ("a.jpg", lambda: b"<!DOCTYPE html><html>" + PAYLOAD, "网页"),
    "html after a byte order mark": ("a.png", lambda: b"\xef\xbb\xbf  <HTML><body>" + PAYLOAD, "网页"),
    "svg with script": ("a.svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg">' + PAYLOAD + b"</svg>", "SVG"),
    "svg called png": ("a.png", lambda: b'<?xml version="1.0"?><svg onload="x()"/>', "SVG"),
    "xml with entities": ("a.pdf", lambda: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "XML"),
    "php": ("a.php.jpg", lambda: b"<?php system($_GET['c']); ?>", "脚本"),
    "shell script": ("a.jpg", lambda: b"#!/bin/sh\nrm -rf /\n", "脚本"),
    "windows program": ("a.pdf", lambda: b"MZ\x90\x00" + b"\x00" * 200, "可执行"),
    "linux program": ("a.tif", lambda: b"\x7fELF" + b"\x00" * 200, "可执行"),
    "java class": ("a.jpg", lambda: b"\xca\xfe\xba\xbe" + b"\x00" * 100, "可执行"),
    "zip": ("a.zip", zipped, "压缩包"),
    "zip bomb called pdf": ("a.pdf", lambda: zipped("a", b"0" * 50_000_000), "压缩包"),
    "gzip": ("a.jpg", lambda: b"\x1f\x8b\x08" + b"\x00" * 50, "压缩"),
    "rar": ("a.jpg", lambda: b"Rar!\x1a\x07\x00" + b"\x00" * 50, "压缩包"),
    "office document": ("a.docx", lambda: zipped("word/document.xml", b"<w/>"), "Office"),
    "old office document": ("a.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "Office"),
    "gif": ("a.gif", lambda: saved(picture(mode="P"), "GIF"), "GIF"),
    "gif that is also a script": ("a.jpg", lambda: b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)//", "GIF"),
    "bmp": ("a.bmp", lambda: saved(picture(), "BMP"), "BMP"),
    "webp": ("a.webp", lambda: saved(picture(), "WEBP"), "WebP"),
    "heic": ("a.heic", lambda: b"\x00\x00\x00\x18ftypheic" + b"\x00" * 60, "HEIC"),
    "postscript": ("a.pdf", lambda: b"%!PS-Adobe-3.0\n(x) run", "PostScript"),
    "jpeg and pdf in one": ("a.jpg", lambda: jpeg()[:20] + b"%PDF-1.4 " + jpeg()[20:], "两种格式"),
    "jpeg carrying a zip": ("a.jpg", lambda: jpeg() + zipped(), "压缩包"),
    "pdf carrying a zip": ("a.pdf", lambda: pdf() + zipped(), "压缩包"),
    "png carrying a java archive": ("a.png", lambda: png() + zipped("META-INF/MANIFEST.MF"), "压缩包"),
    "truncated jpeg": ("a.jpg", lambda: saved(picture((900, 900)), "JPEG")[:3000], "损坏"),
    "jpeg magic alone": ("a.jpg", lambda: b"\xff\xd8\xff\xe0", "损坏"),
    "truncated png": ("a.png", lambda: png()[:-40], "损坏"),
    "png with a wrong checksum": ("a.png", lambda: png()[:40] + b"\x00" + png()[41:], "损坏"),
    "png of no size": ("a.png", lambda: png_claiming(0, 0), "损坏"),
    "truncated tiff": ("a.tif", lambda: tiff()[:60], "损坏"),
    "png of 50000 by 50000": ("a.png", lambda: png_claiming(50_000, 50_000), "6000 万像素"),
    "png bomb": ("a.png", lambda: png_claiming(30_000, 30_000, b"\x00" * 30_000_000), "6000 万像素"),
    "png of the largest header": ("a.png", lambda: png_claiming(2**31 - 1, 2**31 - 1), "6000 万像素"),
    "jpeg of 65000 by 65000": ("a.jpg", lambda: jpeg_claiming(65_000, 65_000), "6000 万像素"),
    "tiff of 100000 by 100000": ("a.tif", lambda: tiff_claiming(100_000, 100_000), "6000 万像素"),
    "png with 60 MB of text": ("a.png", png_text_bomb, "损坏"),
    "pdf magic alone": ("a.pdf", lambda: b"%PDF-1.7\n", "损坏"),
    "truncated pdf": ("a.pdf", lambda: pdf()[:120], "损坏"),
    "pdf without pages": ("a.pdf", lambda: pdf(0), "损坏"),
    "pdf of 201 pages": ("a.pdf", lambda: pdf(201), "200 页"),
    "tiff of 201 pages": ("a.tif", lambda: tiff(201), "200 页"),
    "encrypted pdf": ("a.pdf", encrypted_pdf, "加密"),
    "pdf whose picture unpacks to gigabytes": ("a.pdf", pdf_bomb, None),
    "pdf that runs a script on opening": (
        "a.pdf", lambda: pdf(catalog="/OpenAction<</S/JavaScript/JS(app.alert\\(1\\);)>>"), None,
    ),
    "pdf that starts a program": (
        "a.pdf", lambda: pdf(catalog="/OpenAction<</S/Launch/F(calc.exe)>>", page="/AA<</O<</S/URI/URI(file:///etc/passwd)>>>>"),
        None,
    ),
    "pdf with an html trailer": ("a.pdf", lambda: pdf() + PAYLOAD, None),
    "jpeg with html at its end": ("a.html", lambda: jpeg() + PAYLOAD, None),
    "jpeg with a script in its comment": ("a.jpg", lambda: jpeg(comment=PAYLOAD), None),
    "endless tiff": ("a.tif", endless_tiff, None),
}  # fmt: skip
